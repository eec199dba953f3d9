//! Intersection, union and differences of two sets.

use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::iter::{Chain, FusedIterator};
use core::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Sub, SubAssign};

use super::{DefaultHashBuilder, Iter, Memory, Set, SystemHeap};

/// The elements of one set that are, or are not, in another.
struct Sifted<'a, T, S, A: Memory, const IN_OTHER: bool> {
    iter: Iter<'a, T>,
    other: &'a Set<T, S, A>,
}

/// An iterator over the elements that are in both sets: see [`Set::intersection`].
///
/// ```
/// use gomap::Set;
///
/// let (a, b) = (Set::from([1, 2]), Set::from([2, 3]));
/// let mut both = a.intersection(&b);
/// assert_eq!(both.next(), Some(&2));
/// assert_eq!(both.next(), None);
/// ```
pub struct Intersection<'a, T, S = DefaultHashBuilder, A: Memory = SystemHeap>(
    Sifted<'a, T, S, A, true>,
);

/// An iterator over the elements that are only in the first set: see [`Set::difference`].
///
/// ```
/// use gomap::Set;
///
/// let (a, b) = (Set::from([1, 2]), Set::from([2, 3]));
/// let mut first = a.difference(&b);
/// assert_eq!(first.next(), Some(&1));
/// assert_eq!(first.next(), None);
/// ```
pub struct Difference<'a, T, S = DefaultHashBuilder, A: Memory = SystemHeap>(
    Sifted<'a, T, S, A, false>,
);

/// An iterator over the elements that are in exactly one of the sets: see
/// [`Set::symmetric_difference`].
///
/// ```
/// use gomap::Set;
///
/// let (a, b) = (Set::from([1, 2]), Set::from([2, 3]));
/// let one = a.symmetric_difference(&b);
/// assert_eq!(one.clone().count(), 2);
/// assert_eq!(one.sum::<u32>(), 4);
/// ```
pub struct SymmetricDifference<'a, T, S = DefaultHashBuilder, A: Memory = SystemHeap>(
    Chain<Difference<'a, T, S, A>, Difference<'a, T, S, A>>,
);

/// An iterator over the elements that are in either set: see [`Set::union`].
///
/// ```
/// use gomap::Set;
///
/// let (a, b) = (Set::from([1, 2]), Set::from([2, 3]));
/// let either = a.union(&b);
/// assert_eq!(either.clone().count(), 3);
/// assert_eq!(either.sum::<u32>(), 6);
/// ```
pub struct Union<'a, T, S = DefaultHashBuilder, A: Memory = SystemHeap>(
    Chain<Iter<'a, T>, Difference<'a, T, S, A>>,
);

impl<T: Eq + Hash, S: BuildHasher, A: Memory> Set<T, S, A> {
    /// The elements that are in both sets, each once, in no particular order.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let (a, b) = (Set::from([1, 2, 3]), Set::from([2, 3, 4]));
    /// assert_eq!(a.intersection(&b).copied().collect::<Set<u32>>(), Set::from([2, 3]));
    /// ```
    pub fn intersection<'a>(&'a self, other: &'a Self) -> Intersection<'a, T, S, A> {
        let (small, large) = self.by_size(other);
        Intersection(Sifted {
            iter: small.iter(),
            other: large,
        })
    }

    /// The elements that are in this set but not in `other`, in no particular order.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let (a, b) = (Set::from([1, 2, 3]), Set::from([2, 3, 4]));
    /// assert!(a.difference(&b).eq(&[1]));
    /// ```
    pub fn difference<'a>(&'a self, other: &'a Self) -> Difference<'a, T, S, A> {
        Difference(Sifted {
            iter: self.iter(),
            other,
        })
    }

    /// The elements that are in exactly one of the sets, in no particular order.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let (a, b) = (Set::from([1, 2, 3]), Set::from([2, 3, 4]));
    /// let one: Set<u32> = a.symmetric_difference(&b).copied().collect();
    /// assert_eq!(one, Set::from([1, 4]));
    /// ```
    pub fn symmetric_difference<'a>(&'a self, other: &'a Self) -> SymmetricDifference<'a, T, S, A> {
        SymmetricDifference(self.difference(other).chain(other.difference(self)))
    }

    /// The elements that are in this set or in `other`, each once, in no particular order. Of two
    /// equal elements, that of the larger set is returned; if the sets have the same size, that of
    /// this set.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let (a, b) = (Set::from([1, 2, 3]), Set::from([2, 3, 4]));
    /// assert_eq!(a.union(&b).count(), 4);
    /// ```
    pub fn union<'a>(&'a self, other: &'a Self) -> Union<'a, T, S, A> {
        let (small, large) = other.by_size(self);
        Union(large.iter().chain(small.difference(large)))
    }
}

impl<'a, T: Eq + Hash, S: BuildHasher, A: Memory, const IN_OTHER: bool> Iterator
    for Sifted<'a, T, S, A, IN_OTHER>
{
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        let other = self.other;
        self.iter
            .find(|&element| other.contains(element) == IN_OTHER)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.iter.len()))
    }
}

impl<T, S, A: Memory, const IN_OTHER: bool> Clone for Sifted<'_, T, S, A, IN_OTHER> {
    fn clone(&self) -> Self {
        Sifted {
            iter: self.iter.clone(),
            other: self.other,
        }
    }
}

macro_rules! iterators {
    ($($name:ident)*) => {
        $(
            impl<'a, T: Eq + Hash, S: BuildHasher, A: Memory> Iterator for $name<'a, T, S, A> {
                type Item = &'a T;

                #[inline]
                fn next(&mut self) -> Option<&'a T> {
                    self.0.next()
                }

                #[inline]
                fn size_hint(&self) -> (usize, Option<usize>) {
                    self.0.size_hint()
                }

                #[inline]
                fn fold<B, F: FnMut(B, &'a T) -> B>(self, init: B, f: F) -> B {
                    self.0.fold(init, f)
                }
            }

            impl<T: Eq + Hash, S: BuildHasher, A: Memory> FusedIterator for $name<'_, T, S, A> {}

            impl<T, S, A: Memory> Clone for $name<'_, T, S, A> {
                fn clone(&self) -> Self {
                    $name(self.0.clone())
                }
            }

            impl<T, S, A> fmt::Debug for $name<'_, T, S, A>
            where
                T: fmt::Debug + Eq + Hash,
                S: BuildHasher,
                A: Memory,
            {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_list().entries(self.clone()).finish()
                }
            }
        )*
    };
}

iterators!(Intersection Difference SymmetricDifference Union);

/// Implements an operator on references, which makes a new set, and its assigning form, which
/// changes the left one.
macro_rules! operator {
    (
        $op:ident::$call:ident $assign:ident::$call_assign:ident $iterator:ident, $doc:literal,
        $self:ident $other:ident => $change:expr
    ) => {
        impl<T, S, A> $op<&Set<T, S, A>> for &Set<T, S, A>
        where
            T: Eq + Hash + Clone,
            S: BuildHasher + Default,
            A: Memory + Default,
        {
            type Output = Set<T, S, A>;

            #[doc = $doc]
            fn $call(self, other: &Set<T, S, A>) -> Set<T, S, A> {
                self.$iterator(other).cloned().collect()
            }
        }

        impl<T, S, A> $assign<&Set<T, S, A>> for Set<T, S, A>
        where
            T: Eq + Hash + Clone,
            S: BuildHasher,
            A: Memory,
        {
            #[doc = $doc]
            fn $call_assign(&mut $self, $other: &Set<T, S, A>) {
                $change
            }
        }
    };
}

operator!(BitAnd::bitand BitAndAssign::bitand_assign intersection, "What is in both sets.",
    self other => self.retain(|element| other.contains(element)));
operator!(BitOr::bitor BitOrAssign::bitor_assign union, "What is in either set.",
self other => for element in other {
    if !self.contains(element) {
        self.insert(element.clone());
    }
});
operator!(Sub::sub SubAssign::sub_assign difference, "What is in the first set alone.",
    self other => self.retain(|element| !other.contains(element)));
operator!(BitXor::bitxor BitXorAssign::bitxor_assign symmetric_difference, "What is in one of the sets alone.",
self other => for element in other {
    if !self.remove(element) {
        self.insert(element.clone());
    }
});
