//! gomap's descriptor for each of Go's map types, made when the type is first used.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use gomap::maptype::{HASH_MIGHT_PANIC, MapType, NEED_KEY_UPDATE, Path, REFLEXIVE_KEY, Type};

use crate::abi::{Func, GoMapType, GoType};
use crate::closure::{self, Component};
use crate::heap::HEAP;
use crate::runtime;

/// A descriptor, with what it points to. Adapters are never freed, nor are the types that they
/// stand for: the compiler's are static, and those that `reflect` makes stay in a cache of its own.
#[repr(C)]
struct Adapter {
    map: MapType,
    go: *const GoMapType,
    /// The next adapter in the same slot of the table.
    next: *mut Adapter,
    key: Type,
    elem: Type,
    key_component: Component,
    elem_component: Component,
    bucket_component: Component,
}

/// Adapters by the address of their Go type: a hash table of lists that only grow, at the front.
static TABLE: [AtomicPtr<Adapter>; 1 << TABLE_BITS] =
    [const { AtomicPtr::new(ptr::null_mut()) }; 1 << TABLE_BITS];
const TABLE_BITS: u32 = 12;

/// The descriptor of `go`.
///
/// # Safety
/// `go` points to a map type of a Go program.
#[inline(always)]
pub(crate) unsafe fn descriptor(go: *const GoMapType) -> *const MapType {
    let slot = slot_of(go);
    let first = slot.load(Ordering::Acquire);
    // SAFETY: adapters in the table live for ever.
    unsafe {
        if !first.is_null() && ptr::eq((*first).go, go) {
            return &raw const (*first).map;
        }
        find_or_make(slot, first, go)
    }
}

#[inline(always)]
fn slot_of(go: *const GoMapType) -> &'static AtomicPtr<Adapter> {
    const FIBONACCI: u64 = 0x9e37_79b9_7f4a_7c15;
    let index = (go.addr() as u64).wrapping_mul(FIBONACCI) >> (u64::BITS - TABLE_BITS);
    &TABLE[index as usize]
}

/// # Safety
/// As [`descriptor`]; `first` was loaded from `slot`, which is that of `go`.
#[cold]
#[inline(never)]
unsafe fn find_or_make(
    slot: &AtomicPtr<Adapter>,
    mut first: *mut Adapter,
    go: *const GoMapType,
) -> *const MapType {
    // SAFETY: adapters in the table live for ever and are not changed; `made` is not in it yet.
    unsafe {
        if let Some(found) = find(first, go) {
            return found;
        }
        let made = make(go);
        loop {
            (*made).next = first;
            match slot.compare_exchange(first, made, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return &raw const (*made).map,
                Err(newer) => first = newer,
            }
            if let Some(found) = find(first, go) {
                drop(Box::from_raw(made));
                return found;
            }
        }
    }
}

/// # Safety
/// `list` is null or an adapter in the table.
unsafe fn find(list: *mut Adapter, go: *const GoMapType) -> Option<*const MapType> {
    let mut next = list;
    // SAFETY: adapters in the table live for ever.
    unsafe {
        while !next.is_null() {
            if ptr::eq((*next).go, go) {
                return Some(&raw const (*next).map);
            }
            next = (*next).next;
        }
    }
    None
}

/// # Safety
/// As [`descriptor`].
unsafe fn make(go: *const GoMapType) -> *mut Adapter {
    // SAFETY: a Go map type, whose own fields and types are readable (caller). The adapter's inner
    // pointers are set at its final address.
    unsafe {
        let GoMapType {
            key,
            elem,
            bucket,
            hasher,
            ..
        } = *go;
        let adapter = Box::into_raw(Box::new(Adapter {
            map: map_type(&*go),
            go,
            next: ptr::null_mut(),
            key: key_type(&*key, (*go).flags),
            elem: plain("elem", &*elem),
            key_component: Component {
                go: key,
                hasher,
                equal: (*key).equal,
            },
            elem_component: component(elem),
            bucket_component: component(bucket),
        }));
        set_context(&raw mut (*adapter).key, &raw const (*adapter).key_component);
        set_context(
            &raw mut (*adapter).elem,
            &raw const (*adapter).elem_component,
        );
        (*adapter).map.bucket.context = (&raw const (*adapter).bucket_component).cast();
        (*adapter).map.key = &raw const (*adapter).key;
        (*adapter).map.elem = &raw const (*adapter).elem;
        adapter
    }
}

/// # Safety
/// `ty` points to a type that no other code uses yet.
unsafe fn set_context(ty: *mut Type, component: *const Component) {
    // SAFETY: `ty` points to a type that no other code uses yet.
    unsafe { ty.write(ty.read().with_context(component.cast())) }
}

/// The descriptor, but for the pointers to its types. The compiler's numbers are taken as they are.
fn map_type(go: &GoMapType) -> MapType {
    MapType {
        key: ptr::null(),
        elem: ptr::null(),
        heap: &raw const HEAP,
        zero: (&raw const runtime::ZERO_VAL).cast(),
        // SAFETY: the bucket type of a map type is a type.
        bucket: *plain("bucket", unsafe { &*go.bucket }).as_raw(),
        keysize: go.keysize,
        elemsize: go.elemsize,
        bucketsize: go.bucketsize,
        flags: go.flags,
        path: path(go),
    }
}

/// Nobody need be told of copies of what holds no pointers.
fn path(go: &GoMapType) -> Path {
    // SAFETY: the key, the elem and the bucket of a map type are types.
    let pointers = unsafe { [&*go.key, &*go.elem, &*go.bucket] }
        .iter()
        .any(|ty| ty.ptrdata != 0);
    if pointers || usize::from(go.elemsize) != size_of::<usize>() {
        Path::Generic
    } else {
        Path::GenericToWord
    }
}

fn key_type(go: &GoType, flags: u32) -> Type {
    plain("key", go)
        .with_hash(closure::hash)
        .with_equal(closure::equal)
        .with_key_flags(flags & (REFLEXIVE_KEY | NEED_KEY_UPDATE | HASH_MIGHT_PANIC))
}

/// Size and alignment of a Go type; which of its words are pointers is for Go to know.
fn plain(name: &'static str, go: &GoType) -> Type {
    Type::plain(name, go.size, u32::from(go.align)).with_pointers(go.ptrdata)
}

fn component(go: *const GoType) -> Component {
    const NONE: Func = ptr::null();
    Component {
        go,
        hasher: NONE,
        equal: NONE,
    }
}
