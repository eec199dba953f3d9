//! Panics, with Go's messages, for types that lack a hash or an equality.

use crate::Type;

#[cold]
#[inline(never)]
pub(super) fn unhashable(ty: &Type) -> ! {
    panic!("runtime error: hash of unhashable type {}", ty.name())
}

#[cold]
#[inline(never)]
pub(super) fn uncomparable(ty: &Type) -> ! {
    panic!("runtime error: comparing uncomparable type {}", ty.name())
}
