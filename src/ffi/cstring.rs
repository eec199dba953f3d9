//! Keys that point to NUL-terminated strings.

use core::ffi::{CStr, c_char};

use maptype::{NEED_KEY_UPDATE, REFLEXIVE_KEY, Type, alg};

/// A `const char *`, never NULL, equal when the strings are. The bytes stay the caller's: they must
/// live as long as the entry, and as an iteration that began before the entry went. Overwriting an
/// entry takes the new pointer.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name is C's")]
pub static gomap_type_cstring: Type = {
    let size = size_of::<*const c_char>();
    Type::opaque("cstring", size, size as u32, hash, equal)
        .with_key_flags(REFLEXIVE_KEY | NEED_KEY_UPDATE)
        .with_pointers(size)
};

unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, _: *const Type) -> usize {
    alg::init();
    // SAFETY: the key is a pointer to a NUL-terminated string.
    alg::hash_bytes(unsafe { string(key) }.to_bytes(), seed)
}

unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: both keys are pointers to NUL-terminated strings.
    unsafe { string(a) == string(b) }
}

unsafe fn string<'a>(key: *const u8) -> &'a CStr {
    // SAFETY: the callers' promise.
    unsafe { CStr::from_ptr(*key.cast::<*const c_char>()) }
}
