//! Keys whose hash and equality can fail: those of an interpreter, which runs its users' code for
//! them.

use core::ffi::{c_int, c_void};
use std::boxed::Box;
use std::panic::resume_unwind;

use maptype::{HASH_MIGHT_PANIC, REFLEXIVE_KEY, Type};

use super::status::{CallbackFailed, Status};
use super::{check, types};

/// Hash and equality that can report failure. The plain style turns it into `GOMAP_FAILED` and
/// leaves the map as it was. In the runtime style such keys have no place: failure would unwind as
/// a Rust panic.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Fallible {
    /// Stores the hash of the key under `seed` in `hash` and returns 0; anything else is a failure.
    pub hash: Option<
        unsafe extern "C" fn(
            key: *const u8,
            seed: usize,
            context: *mut c_void,
            hash: *mut usize,
        ) -> c_int,
    >,
    /// 1 where the keys are equal, 0 where they are not; negative: a failure.
    pub equal:
        Option<unsafe extern "C" fn(a: *const u8, b: *const u8, context: *mut c_void) -> c_int>,
    /// Passed to both functions.
    pub context: *mut c_void,
}

/// A key type whose hash and equality can fail. The hash is called even when the map is empty, so
/// that an unhashable key is always reported.
///
/// # Safety
/// The struct at `callbacks` is not copied: it, and what its functions need, outlive every map of
/// this key type; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_type_init_fallible(
    size: usize,
    align: usize,
    callbacks: *const Fallible,
    out: *mut Type,
) -> Status {
    // SAFETY: `out` is checked by `init`; `callbacks` before it is read.
    unsafe {
        types::init(out, size, align, || {
            check::pointer(callbacks)?;
            if (*callbacks).hash.is_none() || (*callbacks).equal.is_none() {
                return Err(Status::GOMAP_NULL);
            }
            let ty = Type::opaque("fallible", size, align as u32, hash, equal)
                .with_key_flags(REFLEXIVE_KEY | HASH_MIGHT_PANIC);
            Ok(ty.with_context(callbacks.cast()))
        })
    }
}

unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, ty: *const Type) -> usize {
    let mut hash = 0;
    // SAFETY: the type was made by `gomap_type_init_fallible`; the key is one of the map's.
    unsafe {
        let callbacks = Type::context_of::<Fallible>(ty);
        match callbacks.hash {
            Some(call) if call(key, seed, callbacks.context, &mut hash) == 0 => hash,
            _ => fail(),
        }
    }
}

unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, ty: *const Type) -> bool {
    // SAFETY: the type was made by `gomap_type_init_fallible`; the keys are the map's.
    unsafe {
        let callbacks = Type::context_of::<Fallible>(ty);
        match callbacks.equal.map(|call| call(a, b, callbacks.context)) {
            Some(answer) if answer >= 0 => answer != 0,
            _ => fail(),
        }
    }
}

#[cold]
fn fail() -> ! {
    // Without the panic hook: this is no fault of the program.
    resume_unwind(Box::new(CallbackFailed))
}
