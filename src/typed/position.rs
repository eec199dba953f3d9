//! Iteration by positions that are plain data.

use core::hash::{BuildHasher, Hash};

use equivalent::Equivalent;

use super::shape::{hash_of, unhashed};
use super::{Map, Memory};
use crate::bucket::Cell;
use crate::position::Position;

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// The next entry from a position, which moves on; `None` at the end.
    ///
    /// A [`Position`] is two words of plain data that borrow nothing: it may be kept anywhere while
    /// the map changes. An entry that is in the map throughout is visited exactly once, unless
    /// several keys have the very same hash: [its module](crate::position) says what holds then,
    /// and what a step costs.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::position::Position;
    ///
    /// let mut map: Map<u32, u32> = (0..10).map(|i| (i, 0)).collect();
    /// let mut position = Position::START;
    /// let mut visited = 0;
    /// while let Some((&key, _)) = map.next_entry(&mut position) {
    ///     map.remove(&key);
    ///     visited += 1;
    /// }
    /// assert_eq!(visited, 10);
    /// ```
    pub fn next_entry(&self, position: &mut Position) -> Option<(&K, &V)> {
        // SAFETY: `h` is this map's header, which is borrowed; `advance` returns a cell with an
        // entry.
        unsafe {
            let cell = position.advance(self.shape(), self.table.h())?;
            Some(self.entry_at(cell))
        }
    }

    /// The entry after that of `key`, like Lua's `next`: `None` asks for the first entry, and is
    /// returned after the last. Order and guarantees are those of [`Map::next_entry`]; the key may
    /// have been removed.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let map: Map<u32, u32> = (0..10).map(|i| (i, i)).collect();
    /// let mut sum = 0;
    /// let mut key = None;
    /// while let Some((&next, &value)) = map.next_after(key.as_ref()) {
    ///     sum += value;
    ///     key = Some(next);
    /// }
    /// assert_eq!(sum, 45);
    /// ```
    pub fn next_after<Q>(&self, key: Option<&Q>) -> Option<(&K, &V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        if self.is_empty() {
            return None;
        }
        let mut position = key.map_or(Position::START, |key| {
            let hash = hash_of(&self.hash_builder, key);
            // SAFETY: `h` is this map's header, which is borrowed; it has entries, and their keys
            // are initialised.
            unsafe {
                Position::of_key(self.shape(), self.table.h(), hash, |slot| {
                    key.equivalent(&*slot.cast())
                })
            }
        });
        self.next_entry(&mut position)
    }

    /// # Safety
    /// `cell` holds an entry of this map.
    unsafe fn entry_at(&self, cell: Cell) -> (&K, &V) {
        let s = unhashed::<K, V>();
        // SAFETY: `cell` holds an entry of this map (this fn's contract), which is borrowed.
        unsafe { (&*s.key_of(cell), &*s.value_of(cell)) }
    }
}
