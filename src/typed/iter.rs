//! Iterators that borrow the map.

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;

use super::cells::Cells;
use super::{Map, Memory};

/// An iterator over the entries of a [`Map`], in memory order: see [`Map::iter`].
///
/// ```
/// use gomap::Map;
///
/// let squares: Map<u32, u32> = (0..10).map(|i| (i, i * i)).collect();
/// let mut entries = squares.iter();
/// entries.next();
/// // A clone goes on from where the iterator is.
/// assert_eq!(entries.clone().count(), entries.len());
/// ```
pub struct Iter<'a, K, V> {
    pub(super) cells: Cells<K, V>,
    pub(super) map: PhantomData<(&'a K, &'a V)>,
}

/// An iterator over the entries of a [`Map`], with mutable values: see [`Map::iter_mut`].
///
/// ```
/// use gomap::Map;
///
/// let mut stock = Map::from([("apples", 3)]);
/// let mut entries = stock.iter_mut();
/// assert_eq!(entries.next(), Some((&"apples", &mut 3)));
/// assert_eq!(entries.len(), 0);
/// ```
pub struct IterMut<'a, K, V> {
    pub(super) cells: Cells<K, V>,
    pub(super) map: PhantomData<(&'a K, &'a mut V)>,
}

/// An iterator over the keys of a [`Map`]: see [`Map::keys`].
///
/// ```
/// use gomap::Map;
///
/// let stock = Map::from([("apples", 3)]);
/// let keys = stock.keys();
/// assert_eq!(keys.len(), 1);
/// assert!(keys.eq(["apples"].iter()));
/// ```
pub struct Keys<'a, K, V>(pub(super) Iter<'a, K, V>);

/// An iterator over the values of a [`Map`]: see [`Map::values`].
///
/// ```
/// use gomap::Map;
///
/// let stock = Map::from([("apples", 3)]);
/// let values = stock.values();
/// assert_eq!(format!("{values:?}"), "[3]");
/// assert!(values.eq(&[3]));
/// ```
pub struct Values<'a, K, V>(pub(super) Iter<'a, K, V>);

/// An iterator over the values of a [`Map`], mutable: see [`Map::values_mut`].
///
/// ```
/// use gomap::Map;
///
/// let mut stock = Map::from([("apples", 3)]);
/// let mut values = stock.values_mut();
/// assert_eq!(values.next(), Some(&mut 3));
/// assert_eq!(values.next(), None);
/// ```
pub struct ValuesMut<'a, K, V>(pub(super) IterMut<'a, K, V>);

// SAFETY: `Iter` is a shared borrow of the entries.
unsafe impl<K: Sync, V: Sync> Send for Iter<'_, K, V> {}
// SAFETY: `Iter` is a shared borrow of the entries.
unsafe impl<K: Sync, V: Sync> Sync for Iter<'_, K, V> {}
// SAFETY: `IterMut` borrows the map mutably, and is the only reference to the entries to come.
unsafe impl<K: Send, V: Send> Send for IterMut<'_, K, V> {}
// SAFETY: a shared `IterMut` only gives shared access to keys and values.
unsafe impl<K: Sync, V: Sync> Sync for IterMut<'_, K, V> {}

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// All entries, in no particular order.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// assert_eq!(stock.iter().map(|(_, count)| count).sum::<i32>(), 10);
    /// ```
    #[inline]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter {
            // SAFETY: `h` heads a map of this shape, which the iterator borrows.
            cells: unsafe { Cells::new(self.table.h()) },
            map: PhantomData,
        }
    }

    /// All entries, in no particular order, with mutable values.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut lengths = Map::from([("apples", 0), ("pears", 0)]);
    /// for (name, length) in lengths.iter_mut() {
    ///     *length = name.len();
    /// }
    /// assert_eq!(lengths["pears"], 5);
    /// ```
    #[inline]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut {
            // SAFETY: `h` heads a map of this shape, which the iterator borrows mutably.
            cells: unsafe { Cells::new(self.table.h_mut()) },
            map: PhantomData,
        }
    }

    /// All keys, in no particular order.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// let mut names: Vec<_> = stock.keys().copied().collect();
    /// names.sort();
    /// assert_eq!(names, ["apples", "pears"]);
    /// ```
    #[inline]
    pub fn keys(&self) -> Keys<'_, K, V> {
        Keys(self.iter())
    }

    /// All values, in no particular order.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// assert_eq!(stock.values().max(), Some(&7));
    /// ```
    #[inline]
    pub fn values(&self) -> Values<'_, K, V> {
        Values(self.iter())
    }

    /// All values, in no particular order, mutable.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
    /// stock.values_mut().for_each(|count| *count *= 2);
    /// assert_eq!(stock["pears"], 14);
    /// ```
    #[inline]
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        ValuesMut(self.iter_mut())
    }
}

/// Implements the traits of an iterator over a map through the iterator inside.
macro_rules! iterator {
    (
        $name:ident <$($lifetime:lifetime)? $(; $memory:ident)?>, $item:ty,
        $self:ident => $inner:expr, $entry:pat => $result:expr
    ) => {
        impl<$($lifetime,)? K, V $(, $memory: Memory)?> Iterator
            for $name<$($lifetime,)? K, V $(, $memory)?>
        {
            type Item = $item;

            #[inline]
            fn next(&mut $self) -> Option<$item> {
                $inner.next().map(|$entry| $result)
            }

            #[inline]
            fn size_hint(&$self) -> (usize, Option<usize>) {
                ($inner.len(), Some($inner.len()))
            }

            #[inline]
            fn count($self) -> usize {
                $inner.len()
            }

            #[inline]
            fn fold<B, F: FnMut(B, $item) -> B>($self, init: B, mut f: F) -> B {
                $inner.fold(init, |b, $entry| f(b, $result))
            }
        }

        impl<$($lifetime,)? K, V $(, $memory: Memory)?> ExactSizeIterator
            for $name<$($lifetime,)? K, V $(, $memory)?>
        {
            #[inline]
            fn len(&$self) -> usize {
                $inner.len()
            }
        }

        impl<$($lifetime,)? K, V $(, $memory: Memory)?> FusedIterator
            for $name<$($lifetime,)? K, V $(, $memory)?>
        {
        }
    };
}
pub(super) use iterator;

iterator!(Iter<'a>, (&'a K, &'a V), self => self.cells, place => {
    // SAFETY: the cell holds an entry of a map of these types that is borrowed for `'a`.
    unsafe { (&*place.key().cast::<K>(), &*place.elem().cast::<V>()) }
});
iterator!(IterMut<'a>, (&'a K, &'a mut V), self => self.cells, place => {
    // SAFETY: the cell holds an entry of a map of these types that is borrowed mutably for `'a`;
    // each comes up once.
    unsafe { (&*place.key().cast::<K>(), &mut *place.elem().cast::<V>()) }
});
iterator!(Keys<'a>, &'a K, self => self.0, (key, _) => key);
iterator!(Values<'a>, &'a V, self => self.0, (_, value) => value);
iterator!(ValuesMut<'a>, &'a mut V, self => self.0, (_, value) => value);

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter {
            cells: self.cells.clone(),
            map: PhantomData,
        }
    }
}

impl<K, V> Clone for Keys<'_, K, V> {
    fn clone(&self) -> Self {
        Keys(self.0.clone())
    }
}

impl<K, V> Clone for Values<'_, K, V> {
    fn clone(&self) -> Self {
        Values(self.0.clone())
    }
}

impl<K, V> Default for Iter<'_, K, V> {
    fn default() -> Self {
        Iter {
            cells: Cells::none(),
            map: PhantomData,
        }
    }
}

impl<K, V> Default for IterMut<'_, K, V> {
    fn default() -> Self {
        IterMut {
            cells: Cells::none(),
            map: PhantomData,
        }
    }
}

impl<K, V> Default for Keys<'_, K, V> {
    fn default() -> Self {
        Keys(Iter::default())
    }
}

impl<K, V> Default for Values<'_, K, V> {
    fn default() -> Self {
        Values(Iter::default())
    }
}

impl<K, V> Default for ValuesMut<'_, K, V> {
    fn default() -> Self {
        ValuesMut(IterMut::default())
    }
}

impl<K, V> IterMut<'_, K, V> {
    fn to_come(&self) -> Iter<'_, K, V> {
        Iter {
            cells: self.cells.clone(),
            map: PhantomData,
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for IterMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_come()).finish()
    }
}

impl<K: fmt::Debug, V> fmt::Debug for Keys<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<K, V: fmt::Debug> fmt::Debug for Values<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<K, V: fmt::Debug> fmt::Debug for ValuesMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.0.to_come().map(|(_, value)| value);
        f.debug_list().entries(values).finish()
    }
}
