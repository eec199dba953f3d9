//! Values that carry their type.

use core::ptr;

use super::hash_word;
use super::missing::{uncomparable, unhashable};
use super::process_key::init_and_call;
use crate::{Alg, HASH_MIGHT_PANIC, Kind, NEED_KEY_UPDATE, Type};

const WORD: usize = size_of::<usize>();

/// A value with its type: Go's `interface{}`, except that the value is always behind the pointer.
///
/// Two of them are equal when their types are the same (one address) and their values are equal
/// under that type. The type need not be hashable: a key of such a type makes hashing panic.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Interface {
    /// The dynamic type; null in the nil interface.
    pub ty: *const Type,
    /// The value.
    pub data: *const u8,
}

// SAFETY: null and null are the nil interface.
unsafe impl bytemuck::Zeroable for Interface {}

impl Interface {
    /// The interface that holds nothing.
    pub const NIL: Interface = Interface {
        ty: ptr::null(),
        data: ptr::null(),
    };

    /// The value at `data` as a `ty`, to be used no longer than both live.
    ///
    /// # Examples
    /// ```
    /// use maptype::alg::{INT64, INTERFACE, Interface, UINT64};
    ///
    /// let seven = 7u64;
    /// let data = (&raw const seven).cast();
    /// let [signed, unsigned] = [&INT64, &UINT64].map(|ty| Interface::new(ty, data));
    /// let equal = INTERFACE.alg.equal.unwrap();
    /// // SAFETY: both are interfaces of live values.
    /// unsafe {
    ///     assert!(equal(signed.as_key(), signed.as_key(), &INTERFACE));
    ///     assert!(!equal(signed.as_key(), unsigned.as_key(), &INTERFACE));
    /// }
    /// ```
    #[inline]
    pub const fn new(ty: &Type, data: *const u8) -> Interface {
        Interface { ty, data }
    }

    /// Address of the pair, as the map functions take a key.
    #[inline]
    pub const fn as_key(&self) -> *const u8 {
        (&raw const *self).cast()
    }
}

/// Go's `interface{}` as a key. Hashing panics with `runtime error: hash of unhashable type T` when
/// the dynamic type has no hash; comparing two values of one type without equality panics with
/// `runtime error: comparing uncomparable type T`. The type takes part in the hash.
pub static INTERFACE: Type = {
    let alg = Alg {
        hash: Some(hash),
        equal: Some(equal),
    };
    Type::plain("interface {}", 2 * WORD, align_of::<usize>() as u32)
        .with_pointers(2 * WORD)
        .with_default_hash(Kind::Interface, alg)
        .with_key_flags(NEED_KEY_UPDATE | HASH_MIGHT_PANIC)
};

/// The type and the value at `key`.
///
/// # Safety
/// `key` points to an [`Interface`]; its type, if it has one, is alive for `'a`.
pub(super) unsafe fn parts<'a>(key: *const u8) -> Option<(&'a Type, *const u8)> {
    // SAFETY: `key` points to an interface.
    unsafe {
        let value = key.cast::<Interface>().read_unaligned();
        value.ty.as_ref().map(|ty| (ty, value.data))
    }
}

unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash(key, seed, ty));
    // SAFETY: the key is an interface, and its type and value are alive as long as it is in use.
    let Some((ty, data)) = (unsafe { parts(key) }) else {
        return hash_word(0, seed);
    };
    let hash = ty.alg.hash.unwrap_or_else(|| unhashable(ty));
    let seed = hash_word(ptr::from_ref(ty).addr() as u64, seed);
    // SAFETY: the value is one of the type whose function this is.
    unsafe { hash(data, seed, ty) }
}

/// Equality of interfaces, whatever their hash.
pub(super) unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: both keys are interfaces, alive as long as they are in use.
    let (a, b) = unsafe { (parts(a), parts(b)) };
    let (Some((a_type, a_data)), Some((b_type, b_data))) = (a, b) else {
        return a.is_none() && b.is_none();
    };
    if !ptr::eq(a_type, b_type) {
        return false;
    }
    let equal = a_type.alg.equal.unwrap_or_else(|| uncomparable(a_type));
    // SAFETY: both values are of the type whose function this is.
    unsafe { equal(a_data, b_data, a_type) }
}
