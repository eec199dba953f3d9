//! User bytes: pointers can be followed wherever the map has moved them, and padding need never
//! have been initialised.
//!
//! What breaks these rules shows under Miri alone, where the tests of this file are run as well.

use std::mem::MaybeUninit;
use std::ptr;

use gomap::inspect::check;
use gomap::layout::{Hiter, Hmap};
use gomap::position::Position;
use gomap::raw::*;
use maptype::alg::{self, Aggregate, GoString, Interface};
use maptype::{Era, MapType, Type};

use crate::common::heap::{Memory, TestHeap};
use crate::common::scan::scan;

/// Entries of a full map: it has grown twice, and is growing.
const ENTRIES: usize = 27;

const WORD: usize = size_of::<usize>();

/// What pointers point to.
static NUMBERS: [u64; ENTRIES] = {
    let mut numbers = [0; ENTRIES];
    let mut n = 0;
    while n < ENTRIES {
        numbers[n] = n as u64;
        n += 1;
    }
    numbers
};

static TEXT: [u8; 64] = [b'x'; 64];

/// A value that stands for a number. To read it is to follow its pointers.
trait Value: Copy {
    fn of(n: usize) -> Self;
    fn number(self) -> usize;
}

type Pointer = *const u64;

impl Value for u64 {
    fn of(n: usize) -> Self {
        n as u64
    }
    fn number(self) -> usize {
        self as usize
    }
}

impl Value for u32 {
    fn of(n: usize) -> Self {
        n as u32
    }
    fn number(self) -> usize {
        self as usize
    }
}

impl Value for Pointer {
    fn of(n: usize) -> Self {
        &raw const NUMBERS[n]
    }
    fn number(self) -> usize {
        // SAFETY: a pointer to one of the numbers (`of`).
        unsafe { *self as usize }
    }
}

impl Value for GoString {
    fn of(n: usize) -> Self {
        GoString::new(&TEXT[..n])
    }
    fn number(self) -> usize {
        // SAFETY: a part of a static text (`of`).
        unsafe { self.as_bytes().iter().filter(|&&byte| byte == b'x').count() }
    }
}

impl Value for Interface {
    fn of(n: usize) -> Self {
        Interface::new(&alg::UINT64, Pointer::of(n).cast())
    }
    fn number(self) -> usize {
        self.data.cast::<u64>().number()
    }
}

/// Values that are one number twice.
macro_rules! pairs {
    ($($(#[$layout:meta])* $pair:ident($first:ty, $second:ty);)+) => {
        $(
            #[repr(C)]
            #[derive(Clone, Copy)]
            $(#[$layout])*
            struct $pair($first, $second);

            impl Value for $pair {
                fn of(n: usize) -> Self {
                    $pair(Value::of(n), Value::of(n))
                }
                fn number(self) -> usize {
                    assert_eq!(self.0.number(), self.1.number());
                    self.0.number()
                }
            }
        )+
    };
}

/// A number before as much padding as its alignment asks for.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Narrow(u32);

impl Value for Narrow {
    fn of(n: usize) -> Self {
        Narrow(Value::of(n))
    }
    fn number(self) -> usize {
        self.0.number()
    }
}

/// Two pointers with nothing between them but uninitialised bytes: too large for a slot.
#[repr(C)]
#[derive(Clone, Copy)]
struct Large(Pointer, MaybeUninit<[usize; 40]>, Pointer);

impl Value for Large {
    fn of(n: usize) -> Self {
        Large(Value::of(n), MaybeUninit::uninit(), Value::of(n))
    }
    fn number(self) -> usize {
        assert_eq!(self.0.number(), self.2.number());
        self.0.number()
    }
}

pairs! {
    Padded(Pointer, Narrow);
    Pointed(usize, Pointer);
    Pointers(Pointer, Pointer);
    Three(Narrow, Interface);
    Four(Padded, Padded);
    Five(Four, Pointer);
}

impl Value for usize {
    fn of(n: usize) -> Self {
        n
    }
    fn number(self) -> usize {
        self
    }
}

/// A type, and how its values are made and read.
struct Kind<'a> {
    ty: &'a Type,
    write: unsafe fn(*mut u8, usize),
    read: unsafe fn(*const u8) -> usize,
}

fn kind<T: Value>(ty: &Type) -> Kind<'_> {
    assert_eq!(ty.size, size_of::<T>());
    unsafe fn write<T: Value>(place: *mut u8, n: usize) {
        // SAFETY: room for a `T` (callers).
        unsafe { place.cast::<T>().write_unaligned(T::of(n)) }
    }
    unsafe fn read<T: Value>(place: *const u8) -> usize {
        // SAFETY: a `T` (callers).
        unsafe { place.cast::<T>().read_unaligned() }.number()
    }
    Kind {
        ty,
        write: write::<T>,
        read: read::<T>,
    }
}

fn struct_of<'a, T: Value>(fields: &[(usize, &'a Type)]) -> Aggregate<'a> {
    Aggregate::with_layout("struct", fields, size_of::<T>(), align_of::<T>() as u32).unwrap()
}

/// `T` with pointers in the words that `mask` has bits for.
fn plain<T: Value>(mask: &'static [u8; 1]) -> Type {
    let ty = Type::plain("plain", size_of::<T>(), align_of::<T>() as u32);
    let words = u8::BITS - mask[0].leading_zeros();
    ty.with_pointer_mask(words as usize * WORD, mask)
}

/// A map, and what its entries are made of.
struct Subject<'a> {
    heap: TestHeap,
    t: MapType,
    h: *mut Hmap,
    key: &'a Kind<'a>,
    elem: &'a Kind<'a>,
}

/// Room for a key, none of whose bytes are initialised before it is.
#[repr(C, align(16))]
struct Room(MaybeUninit<Large>);

impl<'a> Subject<'a> {
    fn new(memory: Memory, key: &'a Kind<'a>, elem: &'a Kind<'a>) -> Self {
        let heap = TestHeap::new(memory, Era::Go119);
        let t = heap.map_type(key.ty, elem.ty);
        // SAFETY: a valid descriptor, on a heap at an address that stays.
        let h = unsafe { makemap_small(&t) };
        Subject {
            heap,
            t,
            h,
            key,
            elem,
        }
    }

    fn key(&self, n: usize) -> Room {
        let mut room = Room(MaybeUninit::uninit());
        // SAFETY: no kind of key is larger.
        unsafe { (self.key.write)(room.0.as_mut_ptr().cast(), n) };
        room
    }

    unsafe fn assign(&self, n: usize, elem: usize) {
        let key = self.key(n);
        let key: *const u8 = key.0.as_ptr().cast();
        let by_value = !self.t.indirectelem() && n % 2 == 1;
        // SAFETY: a key of the map's type, whose address tells which function it suits; an elem.
        unsafe {
            let place = if by_value && ptr::eq(self.key.ty, &alg::POINTER) {
                mapassign_fast64ptr(&self.t, self.h, key.cast::<*mut u8>().read())
            } else if by_value && ptr::eq(self.key.ty, &alg::STRING) {
                mapassign_faststr(&self.t, self.h, key.cast::<GoString>().read())
            } else {
                mapassign(&self.t, self.h, key)
            };
            (self.elem.write)(place, elem);
        }
    }

    unsafe fn delete(&self, n: usize) {
        let key = self.key(n);
        // SAFETY: a key of the map's type.
        unsafe { mapdelete(&self.t, self.h, key.0.as_ptr().cast()) }
    }

    /// Every entry, by every way of reading, of which there are so many.
    unsafe fn read(&self, h: *mut Hmap, count: usize) {
        let t = &raw const self.t;
        let entry = |key: *const u8, elem: *const u8| {
            // SAFETY: an entry of the map.
            unsafe { assert_eq!((self.key.read)(key), (self.elem.read)(elem)) }
        };
        // SAFETY: a map of this descriptor.
        unsafe {
            assert_eq!(check(t, h), Ok(()));
            let mut found = 0;
            for n in 0..ENTRIES {
                let key = self.key(n);
                let (stored, elem) = mapaccessK(t, h, key.0.as_ptr().cast());
                if !stored.is_null() {
                    entry(stored, elem);
                    found += 1;
                }
            }
            assert_eq!(found, count);
            let mut shown = 0;
            for_each(t, h, |key, elem| {
                entry(key, elem);
                shown += 1;
            });
            assert_eq!(shown, count);
            let mut position = Position::START;
            while let Some((key, elem)) = position.next(t, h) {
                entry(key, elem);
            }
            self.iterate(h, || {});
        }
    }

    /// Reads what an iteration shows, and does something in the middle.
    unsafe fn iterate(&self, h: *mut Hmap, mut halfway: impl FnMut()) {
        // SAFETY: a map of this descriptor.
        unsafe {
            let middle = (*h).count / 2;
            let mut it = Hiter::zeroed();
            mapiterinit(&self.t, h, &mut it);
            let mut seen = 0;
            while !it.key.is_null() {
                assert_eq!((self.key.read)(it.key), (self.elem.read)(it.elem));
                seen += 1;
                if seen == middle {
                    halfway();
                }
                mapiternext(&mut it);
            }
        }
    }

    unsafe fn run(&self) {
        // SAFETY: the map is this subject's own.
        unsafe {
            for n in 0..8 {
                self.assign(n, n);
            }
            // Entries that the iteration has yet to show move from one array to another.
            self.iterate(self.h, || (8..20).for_each(|n| self.assign(n, n)));
            self.read(self.h, 20);
            let updated = if self.key.ty.need_key_update() { 0 } else { 10 };
            (updated..20).for_each(|n| self.assign(n, n));
            (0..20).step_by(3).for_each(|n| self.delete(n));
            (20..ENTRIES).for_each(|n| self.assign(n, n));
            self.read(self.h, ENTRIES - 7);
            scan(&self.heap, &self.t, self.h, 4);
            let clone = mapclone(&self.t, self.h);
            mapclear(&self.t, self.h);
            self.assign(1, 1);
            self.read(self.h, 1);
            self.read(clone, ENTRIES - 7);
            mapfree(&self.t, clone);
            mapfree(&self.t, self.h);
        }
    }
}

/// Every kind of key with every kind of elem, in one kind of memory.
fn all_kinds(memory: Memory) {
    let padded = struct_of::<Padded>(&[(0, &alg::POINTER), (8, &alg::UINT32)]);
    let pointers = Aggregate::array("pointers", &alg::POINTER, 2).unwrap();
    let large = [
        (0, &alg::POINTER),
        (size_of::<Large>() - WORD, &alg::POINTER),
    ];
    let large = struct_of::<Large>(&large);
    let keys = [
        kind::<u32>(&alg::UINT32),
        kind::<u64>(&alg::UINT64),
        kind::<Pointer>(&alg::POINTER),
        kind::<GoString>(&alg::STRING),
        kind::<Interface>(&alg::INTERFACE),
        kind::<Padded>(&padded),
        kind::<Pointers>(&pointers),
        kind::<Large>(&large),
    ];
    let elems = [
        plain::<Narrow>(&[0]),
        plain::<Pointer>(&[0b1]),
        plain::<Padded>(&[0b1]),
        plain::<Pointed>(&[0b10]),
        plain::<Three>(&[0b110]),
        plain::<Four>(&[0b101]),
        plain::<Five>(&[0b10101]),
        plain::<Large>(&[0b1]),
    ];
    let elems = [
        kind::<Narrow>(&elems[0]),
        kind::<Pointer>(&elems[1]),
        kind::<Padded>(&elems[2]),
        kind::<Pointed>(&elems[3]),
        kind::<Three>(&elems[4]),
        kind::<Four>(&elems[5]),
        kind::<Five>(&elems[6]),
        kind::<Large>(&elems[7]),
    ];
    for (i, key) in keys.iter().enumerate() {
        for (j, elem) in elems.iter().enumerate() {
            // Miri takes its time: there each pair comes up in one kind of memory.
            if cfg!(miri) && (i + j) % 4 != memory as usize {
                continue;
            }
            let subject = Subject::new(memory, key, elem);
            // SAFETY: nothing else has the map.
            unsafe { subject.run() }
        }
    }
}

#[test]
fn bytes_in_owned_memory() {
    all_kinds(Memory::Owned);
}

#[test]
fn bytes_in_dirty_cells() {
    all_kinds(Memory::Dirty);
}

#[test]
fn bytes_behind_barriers() {
    all_kinds(Memory::Barriers);
}

#[test]
fn bytes_in_traced_memory() {
    all_kinds(Memory::Traced);
}
