//! The shape of a map of two Rust types: sizes and flags are constants, hash and equality are
//! inlined.

use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::mem::needs_drop;
use core::ptr;

use maptype::{BUCKET_CNT, Heap, MapType, Type};

use super::{Memory, SystemHeap};
use crate::bucket::{Cell, SlotOffsets};
use crate::heap::{self, SYSTEM};
use crate::shape::Shape;

/// The descriptor of maps from `K` to `V` in the system heap, without hash and equality, which only
/// the shape knows.
pub(super) struct Described<K, V>(PhantomData<(K, V)>);

impl<K, V> Described<K, V> {
    pub(super) const KEY: &'static Type = &plain::<K>();
    pub(super) const ELEM: &'static Type = &plain::<V>();
    pub(super) const MAP: &'static MapType = &Self::on(&SYSTEM);

    /// The descriptor of maps in another heap. Elems are always stored whole, so cells may be
    /// dirty, unless their slots hold pointers to boxes.
    pub(super) const fn on(heap: *const Heap) -> MapType {
        MapType::new_unchecked(Self::KEY, Self::ELEM, heap, ptr::null()).with_dirty_cells()
    }

    const OFFSETS: &'static SlotOffsets = &SlotOffsets::of(Self::MAP);
}

/// `T` as the map sees it. No collector looks for pointers in Rust values, so they count as none.
pub(super) const fn plain<T>() -> Type {
    assert!(align_of::<T>() <= u32::MAX as usize);
    let ty = Type::plain("", size_of::<T>(), align_of::<T>() as u32);
    if needs_drop::<T>() {
        ty.with_drop(drop_value::<T>)
    } else {
        ty
    }
}

unsafe extern "C-unwind" fn drop_value<T>(value: *mut u8, _: *const Type) {
    // SAFETY: `value` is a `T` that is not used again (hook's contract).
    unsafe { value.cast::<T>().drop_in_place() }
}

/// How keys are hashed and compared.
pub(crate) trait Keyed<K>: Copy {
    fn hash(self, key: &K) -> usize;
    fn equal(a: &K, b: &K) -> bool;
}

/// By the key type's `Hash` and `Eq`. The hash builder has its own secret: the map's seed is not
/// used.
pub(crate) struct HashedBy<'s, S>(pub(super) &'s S);

impl<S> Clone for HashedBy<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for HashedBy<'_, S> {}

impl<K: Hash + Eq, S: BuildHasher> Keyed<K> for HashedBy<'_, S> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn hash(self, key: &K) -> usize {
        hash_of(self.0, key)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn equal(a: &K, b: &K) -> bool {
        a == b
    }
}

/// The hash of a key, or of an equivalent of one, as the map takes it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn hash_of<Q: Hash + ?Sized, S: BuildHasher>(hash_builder: &S, key: &Q) -> usize {
    let hash = hash_builder.hash_one(key);
    if usize::BITS == 64 {
        hash as usize
    } else {
        (hash ^ hash >> 32) as usize
    }
}

/// No hashing: for operations that need only the cells of entries.
#[derive(Clone, Copy)]
pub(crate) struct Unhashed;

impl<K> Keyed<K> for Unhashed {
    fn hash(self, _: &K) -> usize {
        unreachable!("no verb that hashes is called with this shape")
    }

    fn equal(_: &K, _: &K) -> bool {
        unreachable!("no verb that compares keys is called with this shape")
    }
}

/// A map from `K` to `V`.
pub(crate) struct Typed<K, V, H, A: Memory = SystemHeap> {
    keyed: H,
    handle: A::Handle,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K, V, H: Copy, A: Memory> Clone for Typed<K, V, H, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, H: Copy, A: Memory> Copy for Typed<K, V, H, A> {}

impl<K, V, H: Keyed<K>, A: Memory> Typed<K, V, H, A> {
    /// # Safety
    /// The handle was made for these types, and is not released while the shape is used.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn new(keyed: H, handle: A::Handle) -> Self {
        Typed {
            keyed,
            handle,
            types: PhantomData,
        }
    }
}

/// The shape for operations that neither hash nor allocate nor free. It serves maps in any memory.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) const fn unhashed<K, V>() -> Typed<K, V, Unhashed> {
    Typed {
        keyed: Unhashed,
        handle: SystemHeap,
        types: PhantomData,
    }
}

// SAFETY: the answers are those of `Described::MAP`, except for the heap. Hash and equality of a
// key do not change while it is in a map, if `K` and `S` follow their contracts; otherwise lookups
// may miss entries, no more.
unsafe impl<K, V, H: Keyed<K>, A: Memory> Shape for Typed<K, V, H, A> {
    const EXCLUSIVE: bool = true;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn t(&self) -> &MapType {
        // SAFETY: the handle was made for these types, and is alive (`new`).
        unsafe { A::map_type::<K, V>(&self.handle) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn keysize(&self) -> usize {
        const { Described::<K, V>::MAP.keysize as usize }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elemsize(&self) -> usize {
        const { Described::<K, V>::MAP.elemsize as usize }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn bucketsize(&self) -> usize {
        const { Described::<K, V>::MAP.bucketsize as usize }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn key_offset(&self, cell: usize) -> usize {
        Described::<K, V>::OFFSETS.key[cell].into()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elem_offset(&self, cell: usize) -> usize {
        // If both parts have the same size, those of one cell are always the same distance apart,
        // which saves a look at a table.
        if const { Described::<K, V>::MAP.keysize == Described::<K, V>::MAP.elemsize } {
            return self.key_offset(cell) + BUCKET_CNT * self.keysize();
        }
        Described::<K, V>::OFFSETS.elem[cell].into()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn indirectkey(&self) -> bool {
        const { Described::<K, V>::MAP.indirectkey() }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn indirectelem(&self) -> bool {
        const { Described::<K, V>::MAP.indirectelem() }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn reflexivekey(&self) -> bool {
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn needkeyupdate(&self) -> bool {
        false
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn hash_might_panic(&self) -> bool {
        false
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dirtycells(&self) -> bool {
        const { Described::<K, V>::MAP.dirtycells() }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pointers(&self) -> bool {
        const { Described::<K, V>::MAP.bucket.ptrdata != 0 }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn key_type(&self) -> &Type {
        Described::<K, V>::KEY
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elem_type(&self) -> &Type {
        Described::<K, V>::ELEM
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hash(self, key: *const u8, _: u32) -> usize {
        // SAFETY: `key` is an initialised key (this fn's contract).
        self.keyed.hash(unsafe { &*key.cast::<K>() })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
        // SAFETY: `a` and `b` are initialised keys (this fn's contract).
        unsafe { H::equal(&*a.cast(), &*b.cast()) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_key(self, dst: *mut u8, src: *const u8) {
        // SAFETY: `dst` and `src` are slots for a key, and do not overlap (this fn's contract).
        unsafe { ptr::copy_nonoverlapping(src.cast::<K>(), dst.cast::<K>(), 1) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_elem(self, dst: *mut u8, src: *const u8) {
        // SAFETY: `dst` and `src` are slots for an elem, and do not overlap (this fn's contract).
        unsafe { ptr::copy_nonoverlapping(src.cast::<V>(), dst.cast::<V>(), 1) }
    }
}

impl<K, V, H: Keyed<K>, A: Memory> Typed<K, V, H, A> {
    /// The key of an entry.
    ///
    /// # Safety
    /// `cell` holds an entry of a map of this shape.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn key_of(self, cell: Cell) -> *mut K {
        // SAFETY: `cell` holds an entry of a map of this shape (this fn's contract).
        unsafe { cell.key(self).cast() }
    }

    /// The value of an entry.
    ///
    /// # Safety
    /// As [`Typed::key_of`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn value_of(self, cell: Cell) -> *mut V {
        // SAFETY: `cell` holds an entry of a map of this shape (this fn's contract).
        unsafe { cell.elem(self).cast() }
    }

    /// Moves an entry out of its cell, and frees its boxes. The bytes of the cell stay.
    ///
    /// # Safety
    /// `cell` holds an entry of a map of this shape, and counts as empty from now on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn take(self, cell: Cell) -> (K, V) {
        // SAFETY: `cell` holds an entry (this fn's contract), whose value is moved out before its
        // box is freed.
        unsafe {
            let value = self.value_of(cell).read();
            (self.take_key(cell), value)
        }
    }

    /// [`Typed::take`] of an entry whose value was moved out.
    ///
    /// # Safety
    /// `cell` holds such an entry of a map of this shape, and counts as empty from now on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn take_key(self, cell: Cell) -> K {
        // SAFETY: `cell` holds an entry (this fn's contract), whose boxes came from `newobject`.
        unsafe {
            let (key, value) = (self.key_of(cell), self.value_of(cell));
            let taken = key.read();
            if self.indirectkey() {
                heap::free_object(self.t(), self.key_type(), key.cast());
            }
            if self.indirectelem() {
                heap::free_object(self.t(), self.elem_type(), value.cast());
            }
            taken
        }
    }
}
