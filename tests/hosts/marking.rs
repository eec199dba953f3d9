//! A host whose collector moves nothing. It marks while the machine runs, a few buckets at each
//! safepoint, with write barriers for what is written meanwhile; or, where maps free their own
//! memory, all at once.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ptr;

use gomap::heap::Host;
use gomap::maptype::{Era, Type};
use gomap::raw::mapfree_contents;
use gomap::scan::{Allocation, Scan, Visitor};

use crate::kinds::Rng;
use crate::machine::{self, Iteration, Machine, OPERATIONS, VmMap, World};
use crate::schedule::Schedule;

#[derive(Clone, Copy)]
enum Kind {
    /// Memory of a map that only a scan of the map can read.
    Raw,
    /// A key or an elem on its own.
    Boxed(*const Type),
    Leaf,
    Map,
}

struct Object {
    start: *mut u8,
    layout: Layout,
    kind: Kind,
    marked: bool,
}

impl Object {
    fn contains(&self, address: usize) -> bool {
        (self.start.addr()..self.start.addr() + self.layout.size()).contains(&address)
    }
}

struct Marking<const OWNED: bool> {
    objects: RefCell<BTreeMap<usize, Object>>,
    /// Whether a collection is under way. What is allocated meanwhile survives it.
    active: Cell<bool>,
    /// Map objects that were marked and not scanned.
    grey: RefCell<Vec<*mut VmMap>>,
    scan: RefCell<Option<Scan>>,
    schedule: Schedule,
    freed: Cell<usize>,
}

// SAFETY: memory is zeroed, and is freed between operations, when no map refers to it.
unsafe impl<const OWNED: bool> Host for Marking<OWNED> {
    const OWNED: bool = OWNED;
    const BARRIERS: bool = true;

    fn allocate(&self, layout: Layout, ty: &Type) -> *mut u8 {
        if OWNED {
            // SAFETY: maps ask for no empty memory.
            return unsafe { alloc_zeroed(layout) };
        }
        // Bucket types and those of the map's own structs are none of the machine's.
        let kind = match ty.name() {
            "large key" | "large elem" => Kind::Boxed(ty),
            _ => Kind::Raw,
        };
        self.object(layout, kind)
    }

    unsafe fn free(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { dealloc(memory, layout) }
    }

    fn random(&self) -> u64 {
        self.schedule.random()
    }

    unsafe fn typedmemmove(&self, ty: &Type, dst: *mut u8, src: *const u8) {
        // SAFETY: the caller's promise.
        unsafe {
            ptr::copy_nonoverlapping(src, dst, ty.size);
            self.mark_words(ty, dst);
        }
    }

    unsafe fn store_pointer(&self, slot: *mut *mut u8, value: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe { *slot = value };
        self.mark(value);
    }
}

impl<const OWNED: bool> Marking<OWNED> {
    fn new() -> Self {
        Marking {
            objects: RefCell::default(),
            active: Cell::new(false),
            grey: RefCell::default(),
            scan: RefCell::default(),
            schedule: Schedule::every(40),
            freed: Cell::new(0),
        }
    }

    fn object(&self, layout: Layout, kind: Kind) -> *mut u8 {
        self.schedule.count();
        // SAFETY: the layout is not empty.
        let start = unsafe { alloc_zeroed(layout) };
        let object = Object {
            start,
            layout,
            kind,
            marked: self.active.get(),
        };
        self.objects.borrow_mut().insert(start.addr(), object);
        start
    }

    /// Marks the object that an address is in, if it is the machine's, while a collection is under
    /// way.
    fn mark(&self, address: *mut u8) {
        if !self.active.get() {
            return;
        }
        let mut objects = self.objects.borrow_mut();
        let object = objects.range_mut(..=address.addr()).next_back();
        let Some((_, object)) = object.filter(|(_, object)| object.contains(address.addr())) else {
            return;
        };
        let kind = object.kind;
        if matches!(kind, Kind::Raw) || object.marked {
            return;
        }
        object.marked = true;
        let start = object.start;
        drop(objects);
        match kind {
            Kind::Map => self.grey.borrow_mut().push(start.cast()),
            // SAFETY: the object is a value of its type, and the type is static.
            Kind::Boxed(ty) => unsafe { self.mark_words(&*ty, start) },
            Kind::Leaf | Kind::Raw => {}
        }
    }

    unsafe fn mark_words(&self, ty: &Type, value: *mut u8) {
        for word in 0..ty.ptrdata / size_of::<usize>() {
            // SAFETY: the words and bits that a type has.
            unsafe {
                if ty.gcdata.is_null() || *ty.gcdata.add(word / 8) >> (word % 8) & 1 != 0 {
                    self.mark(*value.cast::<*mut u8>().add(word));
                }
            }
        }
    }

    fn mark_roots(&self, roots: &[*mut u8], iterations: &[Iteration]) {
        roots.iter().for_each(|&root| self.mark(root));
        iterations
            .iter()
            .for_each(|iteration| self.mark(iteration.map));
    }

    /// A small part of a collection; says whether it was the last.
    fn step(&self, roots: &[*mut u8], iterations: &mut [Iteration], rng: &mut Rng) -> bool {
        let mut scan = self.scan.borrow_mut();
        if let Some(current) = &mut *scan {
            // SAFETY: the map is alive until this collection has ended, and nothing else runs.
            unsafe {
                if current.step(&mut Marker(self), 1 + rng.below(3)) {
                    let of_map = |it: &&mut Iteration| !OWNED && ptr::eq(it.it.it.h, current.map());
                    if let Some(next) = iterations.iter_mut().filter(of_map).find(|it| !it.added) {
                        next.added = true;
                        current.add_iterator(&mut next.it, &mut Marker(self));
                    } else {
                        iterations.iter_mut().for_each(|it| it.added = false);
                        *scan = None;
                    }
                }
            }
            return false;
        }
        if self.grey.borrow().is_empty() {
            // Roots may have changed since they were marked.
            self.mark_roots(roots, iterations);
        }
        let Some(vm) = self.grey.borrow_mut().pop() else {
            self.sweep();
            return true;
        };
        // SAFETY: a map object that is marked.
        *scan = Some(unsafe { Scan::new((*vm).t, &raw mut (*vm).h) });
        false
    }

    fn sweep(&self) {
        self.active.set(false);
        self.objects.borrow_mut().retain(|_, object| {
            if !object.marked {
                self.freed.update(|n| n + 1);
                // SAFETY: allocated with this layout; nothing refers to it.
                unsafe {
                    if let Kind::Map = object.kind {
                        end_map::<OWNED>(object.start.cast());
                    }
                    object.start.write_bytes(0xdb, object.layout.size());
                    dealloc(object.start, object.layout);
                }
            }
            std::mem::replace(&mut object.marked, false)
        });
    }
}

impl<const OWNED: bool> Drop for Marking<OWNED> {
    fn drop(&mut self) {
        for object in self.objects.get_mut().values() {
            // SAFETY: allocated with this layout, and not freed before.
            unsafe { dealloc(object.start, object.layout) }
        }
    }
}

/// Lets a map of an owned heap free its memory.
unsafe fn end_map<const OWNED: bool>(vm: *mut VmMap) {
    if OWNED {
        // SAFETY: the map is alive, and it is not used again.
        unsafe { mapfree_contents((*vm).t, &raw mut (*vm).h) }
    }
}

struct Marker<'a, const OWNED: bool>(&'a Marking<OWNED>);

// SAFETY: nothing is moved; what is allocated meanwhile survives, and barriers mark what is
// written.
unsafe impl<const OWNED: bool> Visitor for Marker<'_, OWNED> {
    unsafe fn memory(&mut self, slot: *mut *mut u8, memory: Allocation) -> Option<*mut u8> {
        assert!(!OWNED, "the map's own memory is its own");
        // SAFETY: the caller's promise.
        let start = unsafe { *slot };
        let mut objects = self.0.objects.borrow_mut();
        let object = objects
            .get_mut(&start.addr())
            .expect("the start of an object");
        assert_eq!(object.layout.size(), memory.size);
        object.marked = true;
        Some(start)
    }

    unsafe fn pointer(&mut self, slot: *mut *mut u8) {
        // SAFETY: the caller's promise.
        self.0.mark(unsafe { *slot });
    }
}

impl<const OWNED: bool> World for Marking<OWNED> {
    fn leaf(&self, number: u64) -> *mut u8 {
        let leaf = self.object(Layout::new::<u64>(), Kind::Leaf);
        // SAFETY: a leaf is a number.
        unsafe { leaf.cast::<u64>().write(number) }
        leaf
    }

    fn map_object(&self, layout: Layout) -> *mut u8 {
        self.object(layout, Kind::Map)
    }

    fn stored(&self, pointer: *mut u8) {
        self.mark(pointer);
    }

    fn contains(&self, address: usize) -> bool {
        let objects = self.objects.borrow();
        let object = objects.range(..=address).next_back();
        object.is_some_and(|(_, object)| object.contains(address))
    }

    fn end(&self) {
        for object in self.objects.borrow().values() {
            if let Kind::Map = object.kind {
                // SAFETY: the machine has ended.
                unsafe { end_map::<OWNED>(object.start.cast()) }
            }
        }
    }

    fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    fn safepoint(
        &self,
        roots: &mut [*mut u8],
        iterations: &mut [Iteration],
        rng: &mut Rng,
    ) -> bool {
        if self.active.get() {
            return self.step(roots, iterations, rng);
        }
        if self.schedule.take_due() {
            self.active.set(true);
            self.mark_roots(roots, iterations);
            if OWNED {
                while !self.step(roots, iterations, rng) {}
                return true;
            }
        }
        false
    }
}

fn run<const OWNED: bool>(era: Era, seed: u64, work: &dyn Fn(&mut Machine<Marking<OWNED>>)) {
    let world = Marking::<OWNED>::new();
    machine::run(&world, era, seed, work);
    assert_ne!(world.freed.get(), 0);
}

fn run_at_random<const OWNED: bool>() {
    for seed in 1..=4 {
        for era in [Era::Go119, Era::Go123] {
            run::<OWNED>(era, seed, &|machine| machine.run(5 * OPERATIONS));
        }
    }
}

fn run_packed_anew<const OWNED: bool>() {
    machine::pack_anew(run::<OWNED>);
}

fn run_through_growth<const OWNED: bool>() {
    for kind in 0..5 {
        let maps = if cfg!(miri) { 1 } else { 20 };
        run::<OWNED>(Era::Go119, kind as u64, &|machine| machine.fill(kind, maps));
    }
}

#[test]
fn maps_survive_a_collector_that_marks_while_they_change() {
    run_at_random::<false>();
}

#[test]
fn maps_survive_being_marked_while_they_are_packed_anew() {
    run_packed_anew::<false>();
}

#[test]
fn maps_survive_being_marked_while_they_grow() {
    run_through_growth::<false>();
}

/// Here the collector owns what the entries point to, and the maps their own memory; iterators read
/// what maps keep for them, which only a scan can show.
#[test]
fn maps_that_free_their_memory_show_what_they_keep_for_iterators() {
    run_at_random::<true>();
    run_packed_anew::<true>();
    run_through_growth::<true>();
}
