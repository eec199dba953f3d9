//! Lookups of one key.

use core::hash::{BuildHasher, Hash};

use equivalent::Equivalent;

use super::shape::hash_of;
use super::{Map, Memory};
use crate::bucket::Cell;
use crate::raw::find::find;

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn find<Q>(&self, key: &Q) -> Option<Cell>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        if self.is_empty() {
            return None;
        }
        let hash = hash_of(&self.hash_builder, key);
        // SAFETY: `h` is this map's header, which is borrowed; it has buckets, and their keys are
        // initialised.
        unsafe {
            find(self.shape(), self.table.h(), hash, |slot| {
                key.equivalent(&*slot.cast())
            })
        }
    }

    /// The value of a key. The key may be given in any form that is [`Equivalent`] to a stored one.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples".to_string(), 3)]);
    /// assert_eq!(stock.get("apples"), Some(&3));
    /// assert_eq!(stock.get("pears"), None);
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cell = self.find(key)?;
        // SAFETY: `cell` is an entry of this map, which is borrowed.
        Some(unsafe { &*self.shape().value_of(cell) })
    }

    /// A mutable reference to the value of a key.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples", 3)]);
    /// if let Some(apples) = stock.get_mut("apples") {
    ///     *apples -= 1;
    /// }
    /// assert_eq!(stock["apples"], 2);
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cell = self.find(key)?;
        // SAFETY: `cell` is an entry of this map, which is borrowed mutably.
        Some(unsafe { &mut *self.shape().value_of(cell) })
    }

    /// The stored key and its value.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples".to_string(), 3)]);
    /// let (name, _) = stock.get_key_value("apples").unwrap();
    /// assert_eq!(*name, String::from("apples"));
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get_key_value<Q>(&self, key: &Q) -> Option<(&K, &V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cell = self.find(key)?;
        let s = self.shape();
        // SAFETY: `cell` is an entry of this map, which is borrowed.
        Some(unsafe { (&*s.key_of(cell), &*s.value_of(cell)) })
    }

    /// The stored key and a mutable reference to its value.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut names = Map::from([("apples".to_string(), String::new())]);
    /// if let Some((key, name)) = names.get_key_value_mut("apples") {
    ///     name.push_str(key);
    /// }
    /// assert_eq!(names["apples"], "apples");
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get_key_value_mut<Q>(&mut self, key: &Q) -> Option<(&K, &mut V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cell = self.find(key)?;
        let s = self.shape();
        // SAFETY: `cell` is an entry of this map, which is borrowed mutably.
        Some(unsafe { (&*s.key_of(cell), &mut *s.value_of(cell)) })
    }

    /// Whether a key is in the map.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3)]);
    /// assert!(stock.contains_key("apples"));
    /// assert!(!stock.contains_key("pears"));
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.find(key).is_some()
    }
}
