//! A host with a moving collector: two spaces, everything copied at each collection, what was left
//! behind poisoned.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::RefCell;
use std::ptr;

use gomap::heap::Host;
use gomap::maptype::{Era, Type};
use gomap::scan::{Allocation, Scan, Visitor};

use crate::kinds::Rng;
use crate::machine::{self, Iteration, Machine, OPERATIONS, Seen, VmMap, World};
use crate::schedule::Schedule;

// ---- the heap
// -------------------------------------------------------------------------------------------------------

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Memory that a map asked for.
    Raw,
    /// A number.
    Leaf,
    Map,
}

/// Stands in front of each object.
#[repr(C, align(16))]
struct Header {
    magic: u64,
    size: usize,
    kind: Kind,
    /// Where the object was copied to; a copy names itself.
    forward: *mut u8,
}

const MAGIC: u64 = 0x6f62_6a65_6374;
const POISON: u8 = 0xdb;

/// Objects, one allocation each, so that tools see every stray access.
#[derive(Default)]
struct Space(Vec<(*mut Header, Layout)>);

impl Space {
    fn allocate(&mut self, layout: Layout, kind: Kind) -> *mut u8 {
        let (whole, offset) = Layout::new::<Header>().extend(layout).unwrap();
        assert_eq!(offset, size_of::<Header>());
        // SAFETY: the layout is not empty, and the header is its first part.
        unsafe {
            let head: *mut Header = alloc_zeroed(whole).cast();
            head.write(Header {
                magic: MAGIC,
                size: layout.size(),
                kind,
                forward: ptr::null_mut(),
            });
            self.0.push((head, whole));
            head.add(1).cast()
        }
    }

    fn poison(&self) {
        for &(head, layout) in &self.0 {
            // SAFETY: the memory is this space's own.
            unsafe { head.cast::<u8>().write_bytes(POISON, layout.size()) }
        }
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        for &(head, layout) in &self.0 {
            // SAFETY: allocated above, with this layout.
            unsafe { dealloc(head.cast(), layout) }
        }
    }
}

struct Arena {
    space: RefCell<Space>,
    /// What the last collection left behind: poisoned, and not reused before the next.
    grave: RefCell<Space>,
    schedule: Schedule,
}

// SAFETY: memory is zeroed, and stays until a collection, which runs between operations.
unsafe impl Host for Arena {
    const OWNED: bool = false;

    fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
        self.object(layout, Kind::Raw)
    }

    fn random(&self) -> u64 {
        self.schedule.random()
    }
}

impl Arena {
    fn new(every: usize) -> Arena {
        Arena {
            space: RefCell::default(),
            grave: RefCell::default(),
            schedule: Schedule::every(every),
        }
    }

    fn object(&self, layout: Layout, kind: Kind) -> *mut u8 {
        self.schedule.count();
        self.space.borrow_mut().allocate(layout, kind)
    }
}

// ---- the collector
// --------------------------------------------------------------------------------------------------

/// Copies what it is shown; map objects wait to be scanned.
#[derive(Default)]
struct Copier {
    to: Space,
    maps: Vec<*mut VmMap>,
}

impl Copier {
    /// Copies an object unless that was done; says what it is, and whether it was copied now.
    unsafe fn forward(&mut self, slot: *mut *mut u8, align: usize) -> (Kind, bool) {
        // SAFETY: slots hold pointers to objects, as the magic number shows.
        unsafe {
            let head = (*slot).cast::<Header>().sub(1);
            assert_eq!((*head).magic, MAGIC, "not a pointer to an object");
            let fresh = (*head).forward.is_null();
            if fresh {
                let layout = Layout::from_size_align((*head).size, align).unwrap();
                let copy = self.to.allocate(layout, (*head).kind);
                ptr::copy_nonoverlapping(*slot, copy, (*head).size);
                (*head).forward = copy;
                (*copy.cast::<Header>().sub(1)).forward = copy;
            }
            *slot = (*head).forward;
            ((*head).kind, fresh)
        }
    }

    /// Copies what a root or a map leads to.
    unsafe fn object(&mut self, slot: *mut *mut u8) {
        // SAFETY: as for `forward`.
        unsafe {
            match self.forward(slot, align_of::<VmMap>()) {
                (Kind::Raw, _) => panic!("a pointer of the machine's to memory of a map"),
                (Kind::Map, true) => self.maps.push((*slot).cast()),
                _ => {}
            }
        }
    }
}

// SAFETY: objects are copied to memory that does not overlap, and nothing else runs meanwhile.
unsafe impl Visitor for Copier {
    unsafe fn memory(&mut self, slot: *mut *mut u8, memory: Allocation) -> Option<*mut u8> {
        // SAFETY: as for `forward`.
        unsafe {
            let head = (*slot).cast::<Header>().sub(1);
            assert_eq!(
                ((*head).magic, (*head).size, (*head).kind),
                (MAGIC, memory.size, Kind::Raw)
            );
            let (_, fresh) = self.forward(slot, memory.align);
            fresh.then_some(*slot)
        }
    }

    unsafe fn pointer(&mut self, slot: *mut *mut u8) {
        // SAFETY: the machine's pointers are to its objects.
        unsafe { self.object(slot) }
    }
}

impl World for Arena {
    fn leaf(&self, number: u64) -> *mut u8 {
        let leaf = self.object(Layout::new::<u64>(), Kind::Leaf);
        // SAFETY: a leaf is a number.
        unsafe { leaf.cast::<u64>().write(number) }
        leaf
    }

    fn map_object(&self, layout: Layout) -> *mut u8 {
        self.object(layout, Kind::Map)
    }

    fn stored(&self, _: *mut u8) {}

    fn contains(&self, address: usize) -> bool {
        let holds = |&(head, layout): &(*mut Header, Layout)| {
            (head.addr()..head.addr() + layout.size()).contains(&address)
        };
        self.space.borrow().0.iter().any(holds)
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
        let due = self.schedule.take_due();
        if due {
            self.collect(roots, iterations, rng);
        }
        due
    }
}

impl Arena {
    fn collect(&self, roots: &mut [*mut u8], iterations: &mut [Iteration], rng: &mut Rng) {
        let mut copier = Copier::default();
        // SAFETY: between operations; roots hold pointers to objects.
        unsafe {
            for root in roots {
                copier.object(root);
            }
            for iteration in &mut *iterations {
                copier.object(&raw mut iteration.map);
            }
            while let Some(vm) = copier.maps.pop() {
                let mut scan = Scan::new((*vm).t, &raw mut (*vm).h);
                while !scan.step(&mut copier, 1 + rng.below(20)) {}
                for iteration in iterations.iter_mut().filter(|it| it.map == vm.cast()) {
                    scan.add_iterator(&mut iteration.it, &mut copier);
                    while !scan.step(&mut copier, 1 + rng.below(20)) {}
                }
            }
            for &(head, _) in &copier.to.0 {
                (*head).forward = ptr::null_mut();
            }
        }
        let from = self.space.replace(copier.to);
        from.poison();
        self.grave.replace(from);
    }
}

fn run(every: usize, era: Era, seed: u64, work: impl Fn(&mut Machine<Arena>)) -> Seen {
    machine::run(&Arena::new(every), era, seed, work)
}

#[test]
fn maps_survive_a_moving_collection_at_every_allocation() {
    let mut in_dropped_array = 0;
    for seed in 1..=3 {
        for era in [Era::Go119, Era::Go123] {
            let seen = run(1, era, seed, |machine| machine.run(OPERATIONS));
            in_dropped_array += seen.in_dropped_array;
        }
    }
    assert!(in_dropped_array > 20 || cfg!(miri), "{in_dropped_array}");
}

#[test]
fn maps_survive_a_moving_collection_at_every_nth_allocation() {
    for every in [2, 3, 7, 30, 101] {
        run(every, Era::Go119, every as u64, |machine| {
            machine.run(OPERATIONS)
        });
    }
}

#[test]
fn maps_survive_a_moving_collection_while_they_are_packed_anew() {
    machine::pack_anew(|era, seed, work| {
        let seen = run(1, era, seed, work);
        assert!(seen.in_same_size_growth > 20 || cfg!(miri), "{seen:?}");
    });
}
