//! Several values of a map at once.

use core::array;
use core::hash::{BuildHasher, Hash};

use equivalent::Equivalent;

use super::{Map, Memory};

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// Mutable references to the values of several keys at once; `None` for each key that is
    /// absent.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
    /// if let [Some(apples), Some(pears)] = stock.get_disjoint_mut(["apples", "pears"]) {
    ///     std::mem::swap(apples, pears);
    /// }
    /// assert_eq!(stock["apples"], 7);
    /// ```
    ///
    /// # Panics
    /// If two of the keys find the same entry.
    pub fn get_disjoint_mut<Q, const N: usize>(&mut self, keys: [&Q; N]) -> [Option<&mut V>; N]
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.disjoint_entries(keys)
            .map(|entry| entry.map(|(_, value)| value))
    }

    /// [`Map::get_disjoint_mut`], with the stored keys.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
    /// let [apples, plums] = stock.get_disjoint_key_value_mut(["apples", "plums"]);
    /// assert_eq!(apples, Some((&"apples", &mut 3)));
    /// assert_eq!(plums, None);
    /// ```
    ///
    /// # Panics
    /// If two of the keys find the same entry.
    pub fn get_disjoint_key_value_mut<Q, const N: usize>(
        &mut self,
        keys: [&Q; N],
    ) -> [Option<(&K, &mut V)>; N]
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.disjoint_entries(keys)
    }

    /// [`Map::get_disjoint_mut`] without the check that the entries differ.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
    /// // SAFETY: the keys differ.
    /// let values = unsafe { stock.get_disjoint_unchecked_mut(["apples", "pears"]) };
    /// assert_eq!(values, [Some(&mut 3), Some(&mut 7)]);
    /// ```
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
        // SAFETY: `cell` is an entry of this map, borrowed mutably; no two keys are equal (this
        // fn's contract), so each is borrowed once.
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
            // SAFETY: the cells are entries of this map, borrowed mutably, and differ (checked
            // above).
            cells[i].map(|cell| unsafe { (&*s.key_of(cell), &mut *s.value_of(cell)) })
        })
    }
}
