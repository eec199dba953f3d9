//! Iterators that borrow the map.

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;

use super::cells::Cells;
use super::{Map, Memory};

/// The entries of a [`Map`], in the order in which they lie: see [`Map::iter`].
pub struct Iter<'a, K, V> {
    pub(super) cells: Cells<K, V>,
    pub(super) map: PhantomData<(&'a K, &'a V)>,
}

/// The entries of a [`Map`], values to change: see [`Map::iter_mut`].
pub struct IterMut<'a, K, V> {
    pub(super) cells: Cells<K, V>,
    pub(super) map: PhantomData<(&'a K, &'a mut V)>,
}

/// The keys of a [`Map`]: see [`Map::keys`].
pub struct Keys<'a, K, V>(pub(super) Iter<'a, K, V>);

/// The values of a [`Map`]: see [`Map::values`].
pub struct Values<'a, K, V>(pub(super) Iter<'a, K, V>);

/// The values of a [`Map`], to change: see [`Map::values_mut`].
pub struct ValuesMut<'a, K, V>(pub(super) IterMut<'a, K, V>);

// SAFETY: it is a shared borrow of the entries.
unsafe impl<K: Sync, V: Sync> Send for Iter<'_, K, V> {}
// SAFETY: as above.
unsafe impl<K: Sync, V: Sync> Sync for Iter<'_, K, V> {}
// SAFETY: it has the map borrowed mutably, and nobody else has a reference to a key or a value that
// is to come.
unsafe impl<K: Send, V: Send> Send for IterMut<'_, K, V> {}
// SAFETY: a shared one only shows keys and values.
unsafe impl<K: Sync, V: Sync> Sync for IterMut<'_, K, V> {}

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// All entries, in no particular order.
    #[inline]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter {
            // SAFETY: the map cannot change while the iterator borrows it.
            cells: unsafe { Cells::new(self.table.h()) },
            map: PhantomData,
        }
    }

    /// All entries, in no particular order, with values that can be changed.
    #[inline]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut {
            // SAFETY: the map cannot change while the iterator borrows it.
            cells: unsafe { Cells::new(self.table.h_mut()) },
            map: PhantomData,
        }
    }

    /// All keys, in no particular order.
    #[inline]
    pub fn keys(&self) -> Keys<'_, K, V> {
        Keys(self.iter())
    }

    /// All values, in no particular order.
    #[inline]
    pub fn values(&self) -> Values<'_, K, V> {
        Values(self.iter())
    }

    /// All values, in no particular order, to change.
    #[inline]
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        ValuesMut(self.iter_mut())
    }
}

/// Implements what every iterator over a map has, by way of the iterator inside.
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

// The cells hold entries of a map that is borrowed for `'a`, each of which comes up once.
iterator!(Iter<'a>, (&'a K, &'a V), self => self.cells, place => {
    // SAFETY: see above.
    unsafe { (&*place.key().cast::<K>(), &*place.elem().cast::<V>()) }
});
iterator!(IterMut<'a>, (&'a K, &'a mut V), self => self.cells, place => {
    // SAFETY: see above.
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
