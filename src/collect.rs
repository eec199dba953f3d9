//! Maps in an arena of `gc_arena` (feature `gc-arena`).
//!
//! A [`Map`] can hold `Gc` pointers in keys and values, and lie in an arena's objects: behind `RefLock`, as everything
//! there that changes. Nothing that a map has discarded is read again, also not by a [`Cursor`] that was begun before;
//! so its entries are all that there is to trace.

use gc_arena::Collect;
use gc_arena::collect::Trace;

use crate::position::Position;
use crate::typed::{Cursor, Map, Set};

// SAFETY: all keys and values are traced. Adopting a pointer takes a mutable borrow of the map. Dropping a map only
// drops its keys and values.
unsafe impl<'gc, K: Collect<'gc>, V: Collect<'gc>, S: 'static> Collect<'gc> for Map<K, V, S> {
    const NEEDS_TRACE: bool = K::NEEDS_TRACE || V::NEEDS_TRACE;

    fn trace<T: Trace<'gc>>(&self, cc: &mut T) {
        for (key, value) in self {
            cc.trace(key);
            cc.trace(value);
        }
    }
}

// SAFETY: as for the map that it is.
unsafe impl<'gc, T: Collect<'gc>, S: 'static> Collect<'gc> for Set<T, S> {
    const NEEDS_TRACE: bool = T::NEEDS_TRACE;

    fn trace<C: Trace<'gc>>(&self, cc: &mut C) {
        for value in self {
            cc.trace(value);
        }
    }
}

// SAFETY: a cursor holds places, no keys or values.
unsafe impl<'gc, K, V> Collect<'gc> for Cursor<K, V> {
    const NEEDS_TRACE: bool = false;
}

// SAFETY: a position holds numbers.
unsafe impl<'gc> Collect<'gc> for Position {
    const NEEDS_TRACE: bool = false;
}
