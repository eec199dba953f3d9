//! All entries of a typed map, in memory order.

use core::mem::needs_drop;
use core::ptr;

use super::Memory;
use super::shape::{Typed, Unhashed, unhashed};
use crate::layout::Hmap;
use crate::owned::{LiveCell, LiveCells};
use crate::shape::Shape;

/// A walk over the cells of a map that hold entries, which counts those to come.
///
/// It has the same layout for all types: see [`Cells::typed`].
#[repr(C)]
pub(super) struct Cells<K, V> {
    entries: LiveCells<Typed<K, V, Unhashed>>,
    /// The number of entries to come.
    left: usize,
}

impl<K, V> Clone for Cells<K, V> {
    fn clone(&self) -> Self {
        Cells {
            entries: self.entries.clone(),
            left: self.left,
        }
    }
}

impl<K, V> Cells<K, V> {
    /// A walk over nothing.
    pub(super) const fn none() -> Self {
        Cells {
            entries: LiveCells::none(unhashed()),
            left: 0,
        }
    }

    /// # Safety
    /// `h` heads a map of this shape. Until the walk has ended, the map gains no entry, and loses
    /// only entries that the walk has passed.
    #[inline]
    pub(super) unsafe fn new(h: *const Hmap) -> Self {
        // SAFETY: `h` heads a map of this shape that keeps the entries to come (this fn's
        // contract).
        unsafe {
            let left = (*h).count.cast_unsigned();
            if left == 0 {
                return Cells::none();
            }
            let entries = LiveCells::new(unhashed(), h);
            Cells { entries, left }
        }
    }

    /// [`Cells::new`], of a map whose header will not stay where it is.
    ///
    /// # Safety
    /// As [`Cells::new`], of what the header leads to.
    pub(super) unsafe fn begun(h: *const Hmap) -> Self {
        // SAFETY: `h` heads a map of this shape that keeps the entries to come (this fn's
        // contract).
        unsafe {
            match (*h).count.cast_unsigned() {
                0 => Cells::none(),
                left => Cells {
                    entries: LiveCells::begun(unhashed(), h),
                    left,
                },
            }
        }
    }

    /// The number of entries to come.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn len(&self) -> usize {
        self.left
    }

    /// The walk, without the count.
    #[cfg(feature = "rayon")]
    pub(super) fn uncounted(self) -> LiveCells<Typed<K, V, Unhashed>> {
        self.entries
    }

    /// Splits off half of the buckets, unless there is only one. Neither half knows its count of
    /// entries then: its length is the most that there can be.
    #[cfg(feature = "rayon")]
    pub(super) fn split_off(&mut self) -> Option<Self> {
        let entries = self.entries.split_off()?;
        self.left = usize::MAX;
        Some(Cells {
            entries,
            left: usize::MAX,
        })
    }

    /// Moves out and drops all entries to come, even if the drop of one unwinds.
    ///
    /// # Safety
    /// `s` is the shape of the map. The entries are not used again.
    pub(super) unsafe fn drop_entries<A: Memory>(&mut self, s: Typed<K, V, Unhashed, A>) {
        if !needs_drop::<K>() && !needs_drop::<V>() && !s.indirectkey() && !s.indirectelem() {
            *self = Cells::none();
            return;
        }
        let mut rest = Rest(self, s);
        rest.drop_all();
    }
}

/// A walk whose owner must not name the types of the map.
impl Cells<(), ()> {
    pub(super) fn untyped<K, V>(cells: Cells<K, V>) -> Self {
        // SAFETY: `Cells` has the same layout for all types (`repr(C)`, zero-sized shapes).
        unsafe { ptr::from_ref(&cells).cast::<Self>().read() }
    }

    /// The walk with the types that it was made with.
    ///
    /// # Safety
    /// `K` and `V` are the types of the map.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn typed<K, V>(&mut self) -> &mut Cells<K, V> {
        // SAFETY: `Cells` has the same layout for all types; these are the right ones (this fn's
        // contract).
        unsafe { &mut *ptr::from_mut(self).cast() }
    }
}

impl<K, V> Iterator for Cells<K, V> {
    type Item = LiveCell<Typed<K, V, Unhashed>>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let place = self.entries.next()?;
        self.left -= 1;
        Some(place)
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, f: F) -> B {
        self.entries.fold(init, f)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

/// The entries to come, dropped even if the drop of one of them unwinds.
struct Rest<'c, K, V, A: Memory>(&'c mut Cells<K, V>, Typed<K, V, Unhashed, A>);

impl<K, V, A: Memory> Rest<'_, K, V, A> {
    fn drop_all(&mut self) {
        for place in self.0.by_ref() {
            // SAFETY: the walk visits each entry once, and none is used again (`drop_entries`'
            // contract).
            drop(unsafe { self.1.take(place.cell()) });
        }
    }
}

impl<K, V, A: Memory> Drop for Rest<'_, K, V, A> {
    fn drop(&mut self) {
        self.drop_all();
    }
}
