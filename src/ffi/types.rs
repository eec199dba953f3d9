//! Ready-made types, and functions that make others.

use core::ffi::c_void;

use maptype::{EqualFn, HashFn, Type, alg};

use super::check;
use super::status::Status;

#[allow(non_upper_case_globals, reason = "the names are C's")]
mod ready_made {
    use core::ffi::{c_int, c_uint};

    use super::{Type, alg};

    /// The type of a `T`, of which all bytes count.
    const fn memory_of<T>(name: &'static str) -> Type {
        alg::memory(name, size_of::<T>(), align_of::<T>() as u32)
    }

    /// `bool`.
    #[unsafe(no_mangle)]
    pub static gomap_type_bool: Type = alg::BOOL.duplicate();
    /// `int8_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_int8: Type = alg::INT8.duplicate();
    /// `uint8_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_uint8: Type = alg::UINT8.duplicate();
    /// `int16_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_int16: Type = alg::INT16.duplicate();
    /// `uint16_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_uint16: Type = alg::UINT16.duplicate();
    /// `int32_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_int32: Type = alg::INT32.duplicate();
    /// `uint32_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_uint32: Type = alg::UINT32.duplicate();
    /// `int64_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_int64: Type = alg::INT64.duplicate();
    /// `uint64_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_uint64: Type = alg::UINT64.duplicate();
    /// 16 bytes, aligned to the word.
    #[unsafe(no_mangle)]
    pub static gomap_type_uint128: Type = alg::UINT128.duplicate();
    /// `int`.
    #[unsafe(no_mangle)]
    pub static gomap_type_int: Type = memory_of::<c_int>("int");
    /// `unsigned`.
    #[unsafe(no_mangle)]
    pub static gomap_type_uint: Type = memory_of::<c_uint>("unsigned");
    /// Go's `int`, as long as a pointer: `ptrdiff_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_go_int: Type = alg::INT.duplicate();
    /// Go's `uint`, as long as a pointer: `size_t`.
    #[unsafe(no_mangle)]
    pub static gomap_type_go_uint: Type = alg::UINT.duplicate();
    /// `uintptr_t`: an address that no collector follows.
    #[unsafe(no_mangle)]
    pub static gomap_type_uintptr: Type = alg::UINTPTR.duplicate();
    /// `void *`, compared by address.
    #[unsafe(no_mangle)]
    pub static gomap_type_pointer: Type = alg::POINTER.duplicate();
    /// `float`: zeroes of both signs are one key, no NaN equals another.
    #[unsafe(no_mangle)]
    pub static gomap_type_float32: Type = alg::FLOAT32.duplicate();
    /// `double`: zeroes of both signs are one key, no NaN equals another.
    #[unsafe(no_mangle)]
    pub static gomap_type_float64: Type = alg::FLOAT64.duplicate();
    /// `float _Complex`.
    #[unsafe(no_mangle)]
    pub static gomap_type_complex64: Type = alg::COMPLEX64.duplicate();
    /// `double _Complex`.
    #[unsafe(no_mangle)]
    pub static gomap_type_complex128: Type = alg::COMPLEX128.duplicate();
    /// `gomap_string`: pointer and length, equal when the bytes are. The map does not own the
    /// bytes: they must live as long as the entry, and as an iteration that began before the entry
    /// was removed. Overwriting an entry stores the new pointer.
    #[unsafe(no_mangle)]
    pub static gomap_type_string: Type = alg::STRING.duplicate();
    /// `gomap_slice`: as `gomap_type_string`, with a capacity that takes no part in equality.
    #[unsafe(no_mangle)]
    pub static gomap_type_slice: Type = alg::BYTES.duplicate();
}

/// A type of `size` bytes that are all hashed and compared: fixed-size identifiers, structs without
/// padding. Every byte of a key must be initialised.
///
/// # Safety
/// `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_type_init_memory(
    size: usize,
    align: usize,
    out: *mut Type,
) -> Status {
    // SAFETY: `out` is checked by `init`.
    unsafe {
        init(out, size, align, || {
            Ok(alg::memory("memory", size, align as u32))
        })
    }
}

/// A type of `size` bytes without hash and equality: good for elems.
///
/// # Safety
/// `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_type_init_plain(
    size: usize,
    align: usize,
    out: *mut Type,
) -> Status {
    // SAFETY: `out` is checked by `init`.
    unsafe {
        init(out, size, align, || {
            Ok(Type::plain("plain", size, align as u32))
        })
    }
}

/// A key type with the caller's hash and equality. Both find `context` in the type that they are
/// passed. Set `key_flags` afterwards if a key may differ from itself, or from an equal one in ways
/// that matter.
///
/// # Safety
/// The functions, and what they need, outlive every map of this key type; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_type_init_opaque(
    size: usize,
    align: usize,
    hash: Option<HashFn>,
    equal: Option<EqualFn>,
    context: *const c_void,
    out: *mut Type,
) -> Status {
    // SAFETY: `out` is checked by `init`.
    unsafe {
        init(out, size, align, || match (hash, equal) {
            (Some(hash), Some(equal)) => {
                let ty = Type::opaque("opaque", size, align as u32, hash, equal);
                Ok(ty.with_context(context))
            }
            _ => Err(Status::GOMAP_NULL),
        })
    }
}

/// Stores the type that `make` returns, if `align` is an alignment and divides `size`. Nothing is
/// stored after an error.
///
/// # Safety
/// `out` is NULL or misaligned, or may be written.
pub(crate) unsafe fn init(
    out: *mut Type,
    size: usize,
    align: usize,
    make: impl FnOnce() -> Result<Type, Status>,
) -> Status {
    let made = check::pointer(out).and_then(|()| {
        let fits = align.is_power_of_two() && align <= u32::MAX as usize;
        if !fits || !size.is_multiple_of(align) || size > isize::MAX as usize {
            return Err(Status::GOMAP_BAD_TYPE);
        }
        make()
    });
    match made {
        Ok(ty) => {
            // SAFETY: `out` is checked, and may be written.
            unsafe { out.write(ty) }
            Status::GOMAP_OK
        }
        Err(status) => status,
    }
}
