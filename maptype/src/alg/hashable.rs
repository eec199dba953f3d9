//! Whether a key can be hashed, found out without hashing it.

use super::aggregate::{elements, fields};
use super::interface;
use super::missing::unhashable;
use crate::{Kind, Type};

/// Panics when hashing the value at `key` would, with the same message, and draws no random number.
///
/// Go 1.22 and later use it for lookups in empty maps. A type of [`Kind::Opaque`] that admits that
/// its hash might panic can only be asked by calling that hash.
///
/// # Safety
/// `key` points to a value of `ty`.
///
/// # Panics
/// With `runtime error: hash of unhashable type T`, where `T` is the outermost type without a hash.
///
/// # Examples
/// ```should_panic
/// use maptype::{Type, alg};
///
/// static PLAIN: Type = Type::plain("[]int", 24, 8);
/// // SAFETY: a type without a hash panics before the value is read.
/// unsafe { alg::hashable([0u64; 3].as_ptr().cast(), &PLAIN) }
/// ```
pub unsafe fn hashable(key: *const u8, ty: &Type) {
    let hash = ty.alg.hash.unwrap_or_else(|| unhashable(ty));
    if !ty.hash_might_panic() {
        return;
    }
    // SAFETY: the value is of this type, whose kind says what `context` points to and what the
    // value is made of.
    unsafe {
        match ty.kind {
            Kind::Interface => {
                if let Some((dynamic, data)) = interface::parts(key) {
                    hashable(data, dynamic);
                }
            }
            Kind::Array => {
                elements(ty).for_each(|(elem, offset)| hashable(key.add(offset), elem));
            }
            Kind::Struct => {
                fields(ty).for_each(|(field, offset)| hashable(key.add(offset), field));
            }
            _ => {
                hash(key, 0, ty);
            }
        }
    }
}
