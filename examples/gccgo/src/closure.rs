//! Calls of Go closures as the map's hash and equality.
//!
//! A closure finds its variables through r10, which no Rust function can set. These functions do,
//! and then jump: they leave no frame, so that a panicking closure unwinds as if the map had called
//! it itself.

use core::arch::naked_asm;
use core::mem::offset_of;

use gomap::maptype::{RawType, Type};

use crate::abi::{Func, GoType};

/// What [`RawType::context`] points to.
#[repr(C)]
pub(crate) struct Component {
    pub(crate) go: *const GoType,
    /// Hash and equality, of key types.
    pub(crate) hasher: Func,
    pub(crate) equal: Func,
}

/// The type's `hasher`, as a [`HashFn`](gomap::maptype::HashFn).
///
/// # Safety
/// As a hash of keys of `ty`, whose context is a [`Component`] with a hasher.
#[unsafe(naked)]
pub(crate) unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, ty: *const Type) -> usize {
    naked_asm!(
        "mov r10, [rdx + {context}]",
        "mov r10, [r10 + {hasher}]",
        "jmp [r10]",
        context = const offset_of!(RawType, context),
        hasher = const offset_of!(Component, hasher),
    )
}

/// The type's `equal`, as an [`EqualFn`](gomap::maptype::EqualFn).
///
/// # Safety
/// As an equality of keys of `ty`, whose context is a [`Component`] with one.
#[unsafe(naked)]
pub(crate) unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, ty: *const Type) -> bool {
    naked_asm!(
        "mov r10, [rdx + {context}]",
        "mov r10, [r10 + {equal}]",
        "jmp [r10]",
        context = const offset_of!(RawType, context),
        equal = const offset_of!(Component, equal),
    )
}
