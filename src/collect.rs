//! Maps in an arena of `gc_arena` (feature `gc-arena`).
//!
//! A [`Map`] can hold `Gc` pointers in keys and values, and be a field of an arena's objects: behind
//! `RefLock`, as all mutable data there. Discarded entries are never read again, not even by a
//! [`Cursor`] created before; so only the map's entries are traced.

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

// SAFETY: all values are traced; a `Set` is a map whose keys they are.
unsafe impl<'gc, T: Collect<'gc>, S: 'static> Collect<'gc> for Set<T, S> {
    const NEEDS_TRACE: bool = T::NEEDS_TRACE;

    fn trace<C: Trace<'gc>>(&self, cc: &mut C) {
        for value in self {
            cc.trace(value);
        }
    }
}

// SAFETY: a cursor holds a position, no keys or values.
unsafe impl<'gc, K, V> Collect<'gc> for Cursor<K, V> {
    const NEEDS_TRACE: bool = false;
}

// SAFETY: a position holds numbers.
unsafe impl<'gc> Collect<'gc> for Position {
    const NEEDS_TRACE: bool = false;
}
