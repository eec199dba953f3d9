//! Entries that are moved out of a map.

use core::marker::PhantomData;

use super::cells::Cells;
use super::shape::{Typed, Unhashed};
use super::table::Table;
use super::{Iter, Memory};

/// The entries of a table, each moved out once. Those that are left are dropped with this.
pub(super) struct Entries<K, V, A: Memory> {
    rest: Rest<A>,
    types: PhantomData<(K, V)>,
}

/// The entries to come. They are dropped through a function pointer for the sake of the drop check:
/// see [`Table`].
struct Rest<A: Memory> {
    cells: Cells<(), ()>,
    handle: A::Handle,
    end: unsafe fn(&mut Rest<A>),
}

// SAFETY: it owns the entries, and frees their boxes to the memory.
unsafe impl<K: Send, V: Send, A: Memory + Send> Send for Entries<K, V, A> {}
// SAFETY: a shared `Entries` only gives shared access to keys and values.
unsafe impl<K: Sync, V: Sync, A: Memory + Sync> Sync for Entries<K, V, A> {}

impl<K, V, A: Memory> Entries<K, V, A> {
    /// # Safety
    /// This is a table of `K` and `V`. The memory that its header leads to outlives the entries,
    /// and nothing else uses them.
    #[inline]
    pub(super) unsafe fn new(table: &Table<A>) -> Self {
        // SAFETY: a table of `K` and `V` whose entries nothing else uses (this fn's contract).
        unsafe {
            Entries {
                rest: Rest {
                    cells: Cells::untyped(Cells::<K, V>::begun(table.h())),
                    handle: table.handle(),
                    end: end::<K, V, A>,
                },
                types: PhantomData,
            }
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn len(&self) -> usize {
        self.rest.cells.len()
    }

    /// The entries to come, borrowed.
    pub(super) fn to_come(&self) -> Iter<'_, K, V> {
        let mut cells = self.rest.cells.clone();
        Iter {
            // SAFETY: `K` and `V` are the types of the table (`new`).
            cells: unsafe { cells.typed::<K, V>() }.clone(),
            map: PhantomData,
        }
    }
}

#[cfg(feature = "rayon")]
impl<K, V, A: Memory + Sync> Entries<K, V, A> {
    /// Splits off the entries of half of the buckets, unless there is only one. From then on, both
    /// halves have entries until `next` finds none.
    pub(super) fn split_off(&mut self) -> Option<Self> {
        // SAFETY: the types of the table (`new`).
        let cells = unsafe { self.rest.cells.typed::<K, V>() }.split_off()?;
        Some(Entries {
            rest: Rest {
                cells: Cells::untyped(cells),
                handle: self.rest.handle,
                end: self.rest.end,
            },
            types: PhantomData,
        })
    }
}

impl<K, V, A: Memory> Iterator for Entries<K, V, A> {
    type Item = (K, V);

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<(K, V)> {
        // SAFETY: `K` and `V` are the types of the table (`new`); the walk visits each entry once.
        unsafe {
            let s = Typed::<K, V, _, A>::new(Unhashed, self.rest.handle);
            let place = self.rest.cells.typed::<K, V>().next()?;
            Some(s.take(place.cell()))
        }
    }
}

impl<A: Memory> Drop for Rest<A> {
    #[inline]
    fn drop(&mut self) {
        if self.cells.len() != 0 {
            // SAFETY: `end` is for the types of the table (`Entries::new`).
            unsafe { (self.end)(self) }
        }
    }
}

/// Drops the entries that are to come.
///
/// # Safety
/// The entries are of these types.
unsafe fn end<K, V, A: Memory>(rest: &mut Rest<A>) {
    // SAFETY: the entries are of these types (this fn's contract), and nothing else uses them
    // (`Entries::new`).
    unsafe {
        let s = Typed::new(Unhashed, rest.handle);
        rest.cells.typed::<K, V>().drop_entries::<A>(s);
    }
}
