//! A walk through a map that may change between its steps.
//!
//! Go's iterators look up the keys that they read in evacuated buckets. Rust forbids that: such a
//! copy of a key is dead, and may refer to freed memory. So a cursor follows cells, not keys. It
//! pins the array that it began on, which also keeps the tophash rows of all later arrays, and
//! those tell where each cell went: an evacuation marks every cell of a chain as moved to the low
//! half, moved to the high half, or empty, and fills the new chains in that order. The cells of an
//! old chain that a cursor had passed are therefore the first cells of the new ones, and it
//! continues behind them.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use maptype::BUCKET_CNT;

use super::memory::Sealed;
use super::shape::{Described, Typed, Unhashed, unhashed};
use super::{Map, Memory, SystemHeap};
use crate::bucket::{Bucket, Cell};
use crate::header::bucketEvacuated;
use crate::header::sizes::{bucketMask, bucketShift};
use crate::heap::{self, next_random};
use crate::layout::{Bmap, Hmap, evacuatedX, evacuatedY};
use crate::owned;
use crate::shape::Shape;

/// A cursor in a [`Map`], which may change in every way between its steps: see [`Map::walk`].
///
/// ```
/// use gomap::Map;
///
/// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
/// let mut cursor = stock.walk();
/// let first = cursor.next(&mut stock).map(|(&name, _)| name);
/// let other = if first == Some("pears") { "apples" } else { "pears" };
/// stock.remove(other);
/// assert_eq!(cursor.next(&mut stock), None);
/// ```
pub struct Cursor<K, V, A: Memory = SystemHeap> {
    walk: Option<Walk<A>>,
    types: PhantomData<fn() -> (K, V)>,
}

/// A walk that has not ended.
struct Walk<A: Memory> {
    /// The array that the walk began on, and the binary logarithm of its buckets.
    began: Pinned<A>,
    b: u8,
    /// Its chains below this index were evacuated before the walk began, and their pages may have
    /// been released since.
    evacuated: usize,
    /// The first chain, and the next one to start.
    start: usize,
    next: usize,
    wrapped: bool,
    /// What is left of the chain that was started last. The next piece to visit is the last.
    pending: Vec<Chain>,
}

/// A chain, and how much of it was visited.
struct Chain {
    array: *mut Bmap,
    b: u8,
    index: usize,
    /// The number of its cells that were visited.
    passed: usize,
}

/// A pinned array, and the memory that frees it, since the map may be gone by then.
struct Pinned<A: Memory> {
    array: *mut Bmap,
    /// The handle of a copy of the map's memory, for maps of `()`.
    handle: A::Handle,
}

// SAFETY: a cursor reads the memory of a map only in `next`, which borrows that map mutably; pins
// are counted atomically.
unsafe impl<A: Memory + Send> Send for Walk<A> {}
// SAFETY: a shared cursor gives access to nothing.
unsafe impl<A: Memory> Sync for Walk<A> {}

impl<A: Memory> Pinned<A> {
    /// # Safety
    /// `array` is an array of a map in `memory`.
    unsafe fn new(array: *mut Bmap, memory: A) -> Self {
        let Ok(handle) = memory.hold::<(), ()>(Sealed::HERE) else {
            heap::out_of_memory(Described::<(), ()>::MAP)
        };
        // SAFETY: `array` is an array of a map in `memory` (this fn's contract).
        unsafe { owned::pin(A::map_type::<(), ()>(&handle), array) };
        Pinned { array, handle }
    }
}

impl<A: Memory> Drop for Pinned<A> {
    fn drop(&mut self) {
        // SAFETY: `new` pinned the array, and `handle` leads to a copy of the memory that it came
        // from.
        unsafe {
            owned::unpin(A::map_type::<(), ()>(&self.handle), self.array);
            A::release(self.handle);
        }
    }
}

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// Starts a walk through the entries, from a random bucket, that tolerates changes of the map
    /// between its steps: insertions, removals, growth, [`Map::clear`].
    ///
    /// An entry that is in the map from here to the end is visited exactly once; one that is
    /// removed before the cursor reaches it, not at all; one that is inserted meanwhile, at most
    /// once. (An entry that is removed and inserted again counts as another.) These are the
    /// guarantees of Go's `range` over a map.
    ///
    /// While the cursor exists, the map keeps the arrays that it has outgrown since, and
    /// [`Map::shrink_to_fit`] does nothing. The cursor may outlive the map.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut map: Map<u32, u32> = (0..10).map(|i| (i, 0)).collect();
    /// let mut cursor = map.walk();
    /// while let Some((&key, visits)) = cursor.next(&mut map) {
    ///     *visits += 1;
    ///     map.insert(key + 1000, 1);
    ///     map.remove(&(key + 500));
    /// }
    /// assert!((0..10).all(|i| map[&i] == 1));
    /// ```
    #[must_use = "a cursor does nothing until `next` is called"]
    pub fn walk(&mut self) -> Cursor<K, V, A>
    where
        A: Clone,
    {
        let h = self.table.header();
        let walk = (h.count != 0).then(|| {
            // Entries that a growth has not moved yet are in the old array, and the others can be
            // found from there.
            let (array, b, evacuated) = if h.oldbuckets.is_null() {
                (h.buckets, h.B, 0)
            } else {
                (h.oldbuckets, old_b(h), h.nevacuate)
            };
            // SAFETY: `array` is an array of this map, in its memory.
            let began = unsafe { Pinned::new(array, self.table.memory().clone()) };
            let start = next_random() as usize & bucketMask(b);
            Walk {
                began,
                b,
                evacuated,
                start,
                next: start,
                wrapped: false,
                pending: Vec::new(),
            }
        });
        Cursor {
            walk,
            types: PhantomData,
        }
    }
}

/// The binary logarithm of the buckets of the old array.
fn old_b(h: &Hmap) -> u8 {
    // SAFETY: `h` has an old array, checked by the caller.
    let same_size = unsafe { owned::same_size(h.buckets, h.oldbuckets) };
    h.B - !same_size as u8
}

impl<K, V, A: Memory> Cursor<K, V, A> {
    /// Moves to the next entry; `None` at the end, and on every later call.
    ///
    /// If the map has no memory for entries, the walk ends.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut counts = Map::from([("a", 1), ("b", 2)]);
    /// let mut cursor = counts.walk();
    /// while let Some((&word, count)) = cursor.next(&mut counts) {
    ///     *count += 10;
    ///     if word == "a" {
    ///         counts.remove("a");
    ///     }
    /// }
    /// assert_eq!(counts, Map::from([("b", 12)]));
    /// ```
    ///
    /// # Panics
    /// If the walk has not ended, and `map` has memory but is not the map that the walk began on.
    /// (A map that was moved is still the same; one whose [`Drain`](super::Drain) was forgotten is
    /// not, and has no memory until an entry is inserted.)
    pub fn next<'m, S>(&mut self, map: &'m mut Map<K, V, S, A>) -> Option<(&'m K, &'m mut V)> {
        let h = map.table.h_mut();
        if map.table.header().buckets.is_null() {
            self.walk = None;
        }
        let walk = self.walk.as_mut()?;
        // SAFETY: `h` heads a map of this shape, borrowed mutably, with buckets; the walk's array
        // is one of its arrays where `next_cell` is called, which returns a cell with an entry.
        unsafe {
            let s = map.table.unhashed::<K, V>();
            assert!(
                owned::arrays(h).any(|array| array == walk.began.array),
                "the cursor began on another map, or on this one before its `Drain` was forgotten"
            );
            match walk.next_cell(unhashed::<K, V>(), h) {
                Some(cell) => Some((&*s.key_of(cell), &mut *s.value_of(cell))),
                None => {
                    self.walk = None;
                    owned::reclaim(s.t(), h);
                    None
                }
            }
        }
    }
}

impl<A: Memory> Walk<A> {
    /// # Safety
    /// `h` heads a map of this shape that has the array that the walk began on.
    unsafe fn next_cell<K, V>(&mut self, s: Typed<K, V, Unhashed>, h: *mut Hmap) -> Option<Cell> {
        loop {
            let Some(chain) = self.pending.last_mut() else {
                self.start_chain()?;
                continue;
            };
            // SAFETY: the chains to visit are in arrays that the pin keeps; `h` is as this fn's
            // contract says.
            unsafe {
                let head = Bucket::at(s, chain.array, chain.index);
                let current = chain.array == (*h).buckets;
                let old = chain.array == (*h).oldbuckets;
                if current || old && !bucketEvacuated(s, h, chain.index) {
                    match next_entry(s, head, &mut chain.passed) {
                        Some(cell) => return Some(cell),
                        None => drop(self.pending.pop()),
                    }
                } else {
                    self.follow(s, h);
                }
            }
        }
    }

    /// Starts the next chain of the array that the walk began on; `None` if there is none.
    fn start_chain(&mut self) -> Option<()> {
        if self.wrapped && self.next == self.start {
            return None;
        }
        self.pending.push(Chain {
            array: self.began.array,
            b: self.b,
            index: self.next,
            passed: 0,
        });
        self.next = (self.next + 1) & bucketMask(self.b);
        self.wrapped |= self.next == 0;
        Some(())
    }

    /// Replaces the last chain by those that its entries were moved to: by none if the map was
    /// cleared meanwhile.
    ///
    /// # Safety
    /// As [`Walk::next_cell`]; there is a chain to visit, in an array that was replaced.
    unsafe fn follow<K, V>(&mut self, s: Typed<K, V, Unhashed>, h: *mut Hmap) {
        // SAFETY: the last chain is in a replaced array that the pin keeps (this fn's contract);
        // the next array has the chains that it was split into.
        unsafe {
            let Some(chain) = self.pending.pop() else {
                return;
            };
            let head = Bucket::at(s, chain.array, chain.index);
            let Some(array) = owned::arrays(h).take_while(|&a| a != chain.array).last() else {
                return;
            };
            let before = chain.array == self.began.array && chain.index < self.evacuated;
            let [low, high] = if before {
                [0; 2]
            } else if head.evacuated() {
                moved(s, head, chain.passed)
            } else {
                return;
            };
            let grown = !owned::same_size(array, chain.array);
            let b = chain.b + grown as u8;
            if grown {
                self.pending.push(Chain {
                    array,
                    b,
                    index: chain.index + bucketShift(chain.b),
                    passed: high,
                });
            }
            self.pending.push(Chain {
                array,
                b,
                index: chain.index,
                passed: low,
            });
        }
    }
}

/// The first entry of a chain behind the visited cells, which then counts as visited.
///
/// # Safety
/// `head` starts a chain of a map of this shape.
unsafe fn next_entry<K, V>(
    s: Typed<K, V, Unhashed>,
    head: Bucket,
    passed: &mut usize,
) -> Option<Cell> {
    let (link, first) = (*passed / BUCKET_CNT, *passed % BUCKET_CNT);
    let mut before = link * BUCKET_CNT;
    let mut first = first;
    // SAFETY: `head` starts a chain of a map of this shape (this fn's contract).
    unsafe {
        for bucket in head.chain(s).skip(link) {
            if let Some(i) = bucket.row().live().find(|&i| i >= first) {
                *passed = before + i + 1;
                return Some(Cell { bucket, i });
            }
            before += BUCKET_CNT;
            first = 0;
        }
    }
    None
}

/// How many of the first `cells` of an evacuated chain were moved to the low and to the high half.
///
/// # Safety
/// `head` starts a chain of a map of this shape.
unsafe fn moved<K, V>(s: Typed<K, V, Unhashed>, head: Bucket, cells: usize) -> [usize; 2] {
    let mut halves = [0; 2];
    // SAFETY: `head` starts a chain of a map of this shape (this fn's contract).
    unsafe {
        for (link, bucket) in head.chain(s).enumerate() {
            for i in 0..BUCKET_CNT.min(cells.saturating_sub(link * BUCKET_CNT)) {
                match bucket.tophash(i) {
                    top if top == evacuatedX => halves[0] += 1,
                    top if top == evacuatedY => halves[1] += 1,
                    _ => {}
                }
            }
        }
    }
    halves
}

impl<K, V, A: Memory> fmt::Debug for Cursor<K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").finish_non_exhaustive()
    }
}
