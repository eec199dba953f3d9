//! Several values of a map at once.

use core::array;
use core::hash::{BuildHasher, Hash};

use equivalent::Equivalent;

use super::{Map, Memory};

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// The values of several keys, to change; `None` for a key that is not there.
    ///
    /// # Panics
    /// If two of the keys lead to the same value.
    pub fn get_disjoint_mut<Q, const N: usize>(&mut self, keys: [&Q; N]) -> [Option<&mut V>; N]
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.disjoint_entries(keys)
            .map(|entry| entry.map(|(_, value)| value))
    }

    /// The stored keys and the values of several keys, to change; `None` for a key that is not there.
    ///
    /// # Panics
    /// If two of the keys lead to the same value.
    pub fn get_disjoint_key_value_mut<Q, const N: usize>(
        &mut self,
        keys: [&Q; N],
    ) -> [Option<(&K, &mut V)>; N]
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.disjoint_entries(keys)
    }

    /// [`Map::get_disjoint_mut`], without looking whether keys lead to the same value.
    ///
    /// # Safety
    /// No two keys are equal.
    pub unsafe fn get_disjoint_unchecked_mut<Q, const N: usize>(
        &mut self,
        keys: [&Q; N],
    ) -> [Option<&mut V>; N]
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let s = self.shape();
        // SAFETY: entries of the map, which is borrowed mutably, each at most once (caller).
        keys.map(|key| self.find(key).map(|cell| unsafe { &mut *s.value_of(cell) }))
    }

    fn disjoint_entries<Q, const N: usize>(&mut self, keys: [&Q; N]) -> [Option<(&K, &mut V)>; N]
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cells = keys.map(|key| self.find(key));
        for (i, cell) in cells.iter().enumerate() {
            if cell.is_some() && cells[..i].contains(cell) {
                panic!("duplicate keys found");
            }
        }
        let s = self.shape();
        array::from_fn(|i| {
            // SAFETY: entries of the map, which is borrowed mutably, each at most once.
            cells[i].map(|cell| unsafe { (&*s.key_of(cell), &mut *s.value_of(cell)) })
        })
    }
}
