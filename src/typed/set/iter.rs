//! Iterators over one set.

use core::fmt;
use core::iter::FusedIterator;

use super::Set;
use crate::typed::remove_if::Picked;
use crate::typed::{self, Memory, SystemHeap};

/// The elements of a [`Set`], in the order in which they lie: see [`Set::iter`].
pub struct Iter<'a, T>(pub(super) typed::Keys<'a, T, ()>);

/// The elements of a set that is no more: see `Set::into_iter`.
pub struct IntoIter<T, A: Memory = SystemHeap>(pub(super) typed::IntoKeys<T, (), A>);

/// The elements of a set that will be empty: see [`Set::drain`].
pub struct Drain<'a, T, A: Memory = SystemHeap>(typed::Drain<'a, T, (), A>);

/// Takes the elements out of a set that a closure picks: see [`Set::extract_if`].
#[must_use = "iterators do nothing unless they are used; to drop what is picked, use `retain`"]
pub struct ExtractIf<'a, T, F, A: Memory = SystemHeap> {
    pick: F,
    picked: Picked<'a, T, (), A>,
}

/// A walk through a [`Set`], which may change in every way between the steps: see [`Set::walk`].
#[derive(Debug)]
pub struct Cursor<T, A: Memory = SystemHeap>(typed::Cursor<T, (), A>);

impl<T, S, A: Memory> Set<T, S, A> {
    /// All elements, in no particular order.
    #[inline]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self.map.keys())
    }

    /// Takes all elements out, in no particular order; the memory stays, for reuse.
    ///
    /// Elements that the iterator does not come to are dropped with it.
    #[inline]
    pub fn drain(&mut self) -> Drain<'_, T, A> {
        Drain(self.map.drain())
    }

    /// Takes out the elements for which `pick` says so, in no particular order. Those that the iterator does not come
    /// to stay in the set.
    #[inline]
    pub fn extract_if<F: FnMut(&T) -> bool>(&mut self, pick: F) -> ExtractIf<'_, T, F, A> {
        ExtractIf {
            pick,
            picked: self.map.picked(),
        }
    }

    /// Begins a walk through the elements that tolerates changes of the set between its steps: see
    /// [`Map::walk`](super::Map::walk).
    #[must_use = "a cursor does nothing until `next` is called"]
    pub fn walk(&mut self) -> Cursor<T, A>
    where
        A: Clone,
    {
        Cursor(self.map.walk())
    }
}

impl<T, A: Memory> Cursor<T, A> {
    /// Goes to the next element; `None` at the end, and ever after.
    ///
    /// # Panics
    /// If `set` has memory and is not the set that the walk began on: see
    /// [`Cursor::next`](typed::Cursor::next).
    pub fn next<'s, S>(&mut self, set: &'s mut Set<T, S, A>) -> Option<&'s T> {
        self.0.next(&mut set.map).map(|(element, ())| element)
    }
}

impl<T, S, A: Memory> IntoIterator for Set<T, S, A> {
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    #[inline]
    fn into_iter(self) -> IntoIter<T, A> {
        IntoIter(self.map.into_keys())
    }
}

impl<'a, T, S, A: Memory> IntoIterator for &'a Set<T, S, A> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    #[inline]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// Implements an iterator by way of the one inside.
macro_rules! iterator {
    (
        $name:ident <$($lifetime:lifetime)? $(; $memory:ident)?>, $item:ty,
        $entry:pat => $element:expr, $iter:ident => $elements:expr
    ) => {
        impl<$($lifetime,)? T $(, $memory: Memory)?> Iterator
            for $name<$($lifetime,)? T $(, $memory)?>
        {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                self.0.next().map(|$entry| $element)
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }

            #[inline]
            fn count(self) -> usize {
                self.0.len()
            }

            #[inline]
            fn fold<B, F: FnMut(B, $item) -> B>(self, init: B, mut f: F) -> B {
                self.0.fold(init, |b, $entry| f(b, $element))
            }
        }

        impl<$($lifetime,)? T $(, $memory: Memory)?> ExactSizeIterator
            for $name<$($lifetime,)? T $(, $memory)?>
        {
            #[inline]
            fn len(&self) -> usize {
                self.0.len()
            }
        }

        impl<$($lifetime,)? T $(, $memory: Memory)?> FusedIterator
            for $name<$($lifetime,)? T $(, $memory)?>
        {}

        impl<$($lifetime,)? T: fmt::Debug $(, $memory: Memory)?> fmt::Debug
            for $name<$($lifetime,)? T $(, $memory)?>
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $iter = &self.0;
                f.debug_list().entries($elements).finish()
            }
        }
    };
}

iterator!(Iter<'a>, &'a T, element => element, iter => iter.clone());
iterator!(IntoIter<; A>, T, element => element, iter => iter.to_come());
iterator!(Drain<'a; A>, T, (element, ()) => element, iter => iter.to_come().map(|(element, ())| element));

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

impl<T> Default for Iter<'_, T> {
    fn default() -> Self {
        Iter(typed::Keys::default())
    }
}

impl<T> Default for IntoIter<T> {
    fn default() -> Self {
        IntoIter(typed::IntoKeys::default())
    }
}

impl<T, F: FnMut(&T) -> bool, A: Memory> Iterator for ExtractIf<'_, T, F, A> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let entry = self.picked.next(|element, ()| (self.pick)(element));
        entry.map(|(element, ())| element)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.picked.most()))
    }
}

impl<T, F: FnMut(&T) -> bool, A: Memory> FusedIterator for ExtractIf<'_, T, F, A> {}

impl<T, F, A: Memory> fmt::Debug for ExtractIf<'_, T, F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractIf").finish_non_exhaustive()
    }
}
