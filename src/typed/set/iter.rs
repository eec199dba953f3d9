//! Iterators over one set.

use core::fmt;
use core::iter::FusedIterator;

use super::Set;
use crate::typed::remove_if::Picked;
use crate::typed::{self, Memory, SystemHeap};

/// An iterator over the elements of a [`Set`], in memory order: see [`Set::iter`].
///
/// ```
/// use gomap::Set;
///
/// let primes = Set::from([2, 3, 5, 7]);
/// let mut elements = primes.iter();
/// elements.next();
/// assert_eq!(elements.len(), 3);
/// ```
pub struct Iter<'a, T>(pub(super) typed::Keys<'a, T, ()>);

/// An iterator that owns the elements of a set: see `Set::into_iter`.
///
/// ```
/// use gomap::Set;
///
/// let names = Set::from(["apples".to_string()]);
/// let mut elements = names.into_iter();
/// assert_eq!(elements.next(), Some("apples".to_string()));
/// assert_eq!(elements.next(), None);
/// ```
pub struct IntoIter<T, A: Memory = SystemHeap>(pub(super) typed::IntoKeys<T, (), A>);

/// An iterator that empties a set: see [`Set::drain`].
///
/// ```
/// use gomap::Set;
///
/// let mut names = Set::from(["apples"]);
/// let mut drain = names.drain();
/// assert_eq!(format!("{drain:?}"), r#"["apples"]"#);
/// assert_eq!(drain.next(), Some("apples"));
/// ```
pub struct Drain<'a, T, A: Memory = SystemHeap>(typed::Drain<'a, T, (), A>);

/// An iterator that moves the elements that a closure picks out of a set: see [`Set::extract_if`].
///
/// ```
/// use gomap::Set;
///
/// let mut numbers: Set<u32> = (0..10).collect();
/// let mut even = numbers.extract_if(|n| n % 2 == 0);
/// assert!(even.next().is_some());
/// assert_eq!(numbers.len(), 9);
/// ```
#[must_use = "iterators do nothing unless consumed; to drop the elements, use `retain`"]
pub struct ExtractIf<'a, T, F, A: Memory = SystemHeap> {
    pick: F,
    picked: Picked<'a, T, (), A>,
}

/// A cursor in a [`Set`], which may change in every way between its steps: see [`Set::walk`].
///
/// ```
/// use gomap::Set;
///
/// let mut names = Set::from(["apples", "pears"]);
/// let mut cursor = names.walk();
/// assert!(cursor.next(&mut names).is_some());
/// names.clear();
/// assert_eq!(cursor.next(&mut names), None);
/// ```
#[derive(Debug)]
pub struct Cursor<T, A: Memory = SystemHeap>(typed::Cursor<T, (), A>);

impl<T, S, A: Memory> Set<T, S, A> {
    /// All elements, in no particular order.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert_eq!(primes.iter().sum::<u32>(), 17);
    /// ```
    #[inline]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self.map.keys())
    }

    /// Moves all elements out, in no particular order. The set keeps its memory for new ones.
    ///
    /// Elements that the iterator does not return are dropped with it.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut primes = Set::from([2, 3, 5, 7]);
    /// assert_eq!(primes.drain().sum::<u32>(), 17);
    /// assert!(primes.is_empty() && primes.capacity() != 0);
    /// ```
    #[inline]
    pub fn drain(&mut self) -> Drain<'_, T, A> {
        Drain(self.map.drain())
    }

    /// Moves the elements for which `pick` returns `true` out of the set, in no particular order.
    /// Elements that the iterator does not reach stay in the set.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut numbers: Set<u32> = (0..10).collect();
    /// let even: Set<u32> = numbers.extract_if(|n| n % 2 == 0).collect();
    /// assert_eq!(even, Set::from([0, 2, 4, 6, 8]));
    /// assert_eq!(numbers.len(), 5);
    /// ```
    #[inline]
    pub fn extract_if<F: FnMut(&T) -> bool>(&mut self, pick: F) -> ExtractIf<'_, T, F, A> {
        ExtractIf {
            pick,
            picked: self.map.picked(),
        }
    }

    /// Starts a walk through the elements that tolerates changes of the set between its steps: see
    /// [`Map::walk`](super::Map::walk).
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut numbers: Set<u32> = (0..10).collect();
    /// let mut cursor = numbers.walk();
    /// while let Some(&n) = cursor.next(&mut numbers) {
    ///     if n < 10 {
    ///         numbers.remove(&n);
    ///         numbers.insert(n + 10);
    ///     }
    /// }
    /// assert_eq!(numbers, (10..20).collect());
    /// ```
    #[must_use = "a cursor does nothing until `next` is called"]
    pub fn walk(&mut self) -> Cursor<T, A>
    where
        A: Clone,
    {
        Cursor(self.map.walk())
    }
}

impl<T, A: Memory> Cursor<T, A> {
    /// Moves to the next element; `None` at the end, and on every later call.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut primes = Set::from([2, 3, 5, 7]);
    /// let mut cursor = primes.walk();
    /// let mut sum = 0;
    /// while let Some(&prime) = cursor.next(&mut primes) {
    ///     sum += prime;
    /// }
    /// assert_eq!(sum, 17);
    /// ```
    ///
    /// # Panics
    /// If `set` has memory but is not the set that the walk began on: see
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

/// Implements an iterator through the one inside.
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
