//! A host with a moving collector: two spaces, everything copied at each collection, what was left behind poisoned.
//! Random operations on maps whose keys and elems hold pointers, maps in maps, with iterators alive, against a model.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

use crate::kinds::{KINDS, Kind as MapKind, Rng};
use gomap::heap::{Host, host_heap};
use gomap::inspect::check;
use gomap::layout::{Hmap, MapExtra, noCheck, sameSizeGrow};
use gomap::maptype::{Era, Heap, MapType, Type};
use gomap::raw::{makemap, mapaccess2, mapassign, mapclear, mapdelete};
use gomap::scan::{Memory, Scan, TracedIter, Visitor};

// ---- the heap -------------------------------------------------------------------------------------------------------

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
    allocations: Cell<usize>,
    /// A collection is due after so many allocations.
    every: usize,
    due: Cell<bool>,
}

// SAFETY: memory is zeroed, and stays until a collection, which runs between operations.
unsafe impl Host for Arena {
    const OWNED: bool = false;

    fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
        self.object(layout, Kind::Raw)
    }

    fn random(&self) -> u64 {
        (self.allocations.get() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// A map object of the virtual machine; the map's header lies in it.
struct VmMap {
    kind: &'static MapKind,
    t: *const MapType,
    /// The index of its model.
    model: usize,
    /// How many insertions there were.
    inserted: usize,
    h: Hmap,
}

impl Arena {
    fn new(every: usize) -> Arena {
        Arena {
            space: RefCell::default(),
            grave: RefCell::default(),
            allocations: Cell::new(0),
            every,
            due: Cell::new(false),
        }
    }

    fn object(&self, layout: Layout, kind: Kind) -> *mut u8 {
        self.allocations.update(|n| n + 1);
        if self.allocations.get().is_multiple_of(self.every) {
            self.due.set(true);
        }
        self.space.borrow_mut().allocate(layout, kind)
    }

    fn leaf(&self, id: u64) -> *mut u8 {
        let leaf = self.object(Layout::new::<u64>(), Kind::Leaf);
        // SAFETY: a leaf is a number.
        unsafe { leaf.cast::<u64>().write(id) }
        leaf
    }

    fn map(
        &self,
        kind: &'static MapKind,
        t: *const MapType,
        model: usize,
        hint: isize,
    ) -> *mut VmMap {
        let vm: *mut VmMap = self.object(Layout::new::<VmMap>(), Kind::Map).cast();
        // SAFETY: the object is large enough, and nobody has seen it.
        unsafe {
            vm.write(VmMap {
                kind,
                t,
                model,
                inserted: 0,
                h: Hmap::zeroed(),
            });
            makemap(t, hint, &raw mut (*vm).h);
        }
        vm
    }
}

// ---- the collector --------------------------------------------------------------------------------------------------

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
    unsafe fn memory(&mut self, slot: *mut *mut u8, memory: Memory) -> Option<*mut u8> {
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

// ---- the machine, and its model -------------------------------------------------------------------------------------

#[derive(Clone, Copy, PartialEq, Debug)]
enum Value {
    Number(u64),
    Map(usize),
}

type Model = BTreeMap<u64, Value>;

struct Iteration {
    it: TracedIter,
    map: *mut u8,
    model: usize,
    /// Entries that were there from the start, and have not been seen.
    missing: BTreeSet<u64>,
    /// Entries seen since they were last inserted.
    seen: BTreeSet<u64>,
    /// Under the rules of Go 1.19, an iterator may go on to see what was cleared.
    cleared: bool,
}

struct Machine<'a> {
    arena: &'a Arena,
    era: Era,
    types: &'a [MapType],
    /// The roots are one map of each kind, and the iterators.
    roots: Vec<*mut u8>,
    iterations: Vec<Iteration>,
    models: Vec<Model>,
    rng: Rng,
    collections: usize,
    seen: Seen,
}

/// How often the collector met an iterator in the places that are hard for it.
#[derive(Debug, Default)]
struct Seen {
    in_dropped_array: usize,
    in_same_size_growth: usize,
}

impl<'a> Machine<'a> {
    fn new(arena: &'a Arena, types: &'a [MapType], era: Era, seed: u64) -> Machine<'a> {
        let mut machine = Machine {
            arena,
            era,
            types,
            roots: Vec::new(),
            iterations: Vec::new(),
            models: Vec::new(),
            rng: Rng(seed),
            collections: 0,
            seen: Seen::default(),
        };
        for kind in 0..KINDS.len() {
            let map = machine.new_map(kind);
            machine.roots.push(map);
        }
        machine
    }

    fn new_map(&mut self, kind: usize) -> *mut u8 {
        self.models.push(Model::new());
        let hint = [0, 0, 20, 200][self.rng.below(4)];
        let t: *const MapType = &self.types[kind];
        self.arena
            .map(&KINDS[kind], t, self.models.len() - 1, hint)
            .cast()
    }

    /// A root, or a map in a map.
    fn pick_map(&mut self) -> *mut VmMap {
        let root: *mut VmMap = self.roots[self.rng.below(self.roots.len())].cast();
        // SAFETY: roots are alive.
        let model = unsafe { (*root).model };
        if self.rng.below(4) != 0 {
            return root;
        }
        let inner = self.models[model]
            .iter()
            .find_map(|(&id, value)| match value {
                Value::Map(_) if self.rng.below(2) == 0 => Some(id),
                _ => None,
            });
        match inner {
            // SAFETY: the elem is a map, says the model.
            Some(id) => unsafe {
                let elem = self.lookup(root, id).expect("an entry of the model");
                (*(*root).kind).pointer_of_elem(elem).cast()
            },
            None => root,
        }
    }

    unsafe fn lookup(&self, vm: *mut VmMap, id: u64) -> Option<*mut u8> {
        // SAFETY: a live map (caller).
        unsafe {
            let key = (*vm).kind.key(id, || self.arena.leaf(id));
            let (elem, found) = mapaccess2((*vm).t, &raw const (*vm).h, key.as_ptr().cast());
            found.then_some(elem)
        }
    }

    fn insert(&mut self) {
        // Nested maps: only where elems hold pointers, and not for ever deeper.
        let nested = self.rng.below(30) == 0 && self.models.len() < 200;
        let vm = self.pick_map();
        // SAFETY: the map is alive, and there is no safepoint before the end.
        unsafe {
            // Keys of a window that moves on.
            (*vm).inserted += 1;
            let id = ((*vm).inserted + self.rng.below(60)) as u64;
            self.insert_key(vm, id, nested);
        }
    }

    /// Stores a new value, or a new map, under a key.
    unsafe fn insert_key(&mut self, vm: *mut VmMap, id: u64, nested: bool) {
        // SAFETY: as above.
        unsafe {
            let nested = nested && (*vm).kind.holds_pointers();
            let (value, pointer) = if nested {
                let kind = self.rng.below(KINDS.len());
                let map = self.new_map(kind);
                (Value::Map(self.models.len() - 1), map)
            } else {
                let number = self.rng.next();
                (Value::Number(number), self.arena.leaf(number))
            };
            let key = (*vm).kind.key(id, || self.arena.leaf(id));
            let elem = mapassign((*vm).t, &raw mut (*vm).h, key.as_ptr().cast());
            let number = match value {
                Value::Number(number) => number,
                Value::Map(_) => 0,
            };
            (*vm).kind.store_elem(elem, number, pointer);
            self.models[(*vm).model].insert(id, value);
        }
    }

    fn delete(&mut self) {
        let vm = self.pick_map();
        // SAFETY: as above.
        unsafe {
            let model = (*vm).model;
            let skip = self.rng.below(4);
            if let Some(&id) = self.models[model].keys().nth(skip) {
                self.delete_key(vm, id);
            }
        }
    }

    unsafe fn delete_key(&mut self, vm: *mut VmMap, id: u64) {
        // SAFETY: as above.
        unsafe {
            let model = (*vm).model;
            let key = (*vm).kind.key(id, || self.arena.leaf(id));
            mapdelete((*vm).t, &raw mut (*vm).h, key.as_ptr().cast());
            self.models[model].remove(&id);
            for iteration in self.iterations.iter_mut().filter(|it| it.model == model) {
                iteration.missing.remove(&id);
                iteration.seen.remove(&id);
            }
        }
    }

    fn clear(&mut self) {
        let vm = self.pick_map();
        self.clear_map(vm);
    }

    fn clear_map(&mut self, vm: *mut VmMap) {
        // SAFETY: as above.
        unsafe {
            mapclear((*vm).t, &raw mut (*vm).h);
            let model = (*vm).model;
            self.models[model].clear();
            for iteration in self.iterations.iter_mut().filter(|it| it.model == model) {
                iteration.missing.clear();
                iteration.seen.clear();
                iteration.cleared = self.era != Era::Go123;
            }
        }
    }

    /// Starts a root anew, small. Iterators may still be on the old one.
    fn replace_root(&mut self) {
        let kind = self.rng.below(KINDS.len());
        self.roots[kind] = self.new_map(kind);
    }

    fn begin_iteration(&mut self) {
        let growing = (0..10).map(|_| self.pick_map()).find(|&vm| {
            // SAFETY: a live map.
            unsafe { !(*vm).h.oldbuckets.is_null() }
        });
        let vm = growing.unwrap_or_else(|| self.pick_map());
        self.begin_iteration_of(vm);
    }

    fn begin_iteration_of(&mut self, vm: *mut VmMap) {
        // SAFETY: as above.
        unsafe {
            let model = (*vm).model;
            let mut iteration = Iteration {
                it: TracedIter::zeroed(),
                map: vm.cast(),
                model,
                missing: self.models[model].keys().copied().collect(),
                seen: BTreeSet::new(),
                cleared: false,
            };
            iteration.it.init((*vm).t, &raw mut (*vm).h).unwrap();
            self.observe(&mut iteration);
            self.iterations.push(iteration);
        }
    }

    /// Goes on with an iteration, or forgets it.
    fn step_iteration(&mut self) {
        if self.iterations.is_empty() {
            return;
        }
        let index = self.rng.below(self.iterations.len());
        let mut iteration = self.iterations.swap_remove(index);
        // SAFETY: its map is alive: iterations are roots.
        unsafe { iteration.it.next() };
        self.observe(&mut iteration);
        if !iteration.it.has_ended() && self.rng.below(12) != 0 {
            self.iterations.push(iteration);
        }
    }

    /// Checks what an iterator has come to.
    fn observe(&mut self, iteration: &mut Iteration) {
        if iteration.it.has_ended() {
            assert!(
                iteration.missing.is_empty(),
                "not visited: {:?}",
                iteration.missing
            );
            return;
        }
        let vm: *mut VmMap = iteration.map.cast();
        // SAFETY: the step was just made.
        unsafe {
            let id = (*vm).kind.id_of_key(iteration.it.it.key);
            let present = self.models[iteration.model].get(&id).copied();
            if let Some(value) = present {
                self.check_elem(vm, iteration.it.it.elem, value, iteration.cleared);
            }
            iteration.missing.remove(&id);
            let twice = !iteration.seen.insert(id);
            assert!(
                iteration.cleared || (present.is_some() && !twice),
                "{id}: {present:?} {twice}"
            );
        }
    }

    unsafe fn check_elem(&self, vm: *mut VmMap, elem: *mut u8, value: Value, stale: bool) {
        // SAFETY: an elem of the map (caller).
        unsafe {
            match value {
                _ if stale => {}
                Value::Number(number) => assert_eq!((*vm).kind.number_of_elem(elem), number),
                Value::Map(model) => {
                    let inner: *mut VmMap = (*vm).kind.pointer_of_elem(elem).cast();
                    assert_eq!((*inner).model, model);
                }
            }
        }
    }

    /// Where the machine may collect.
    fn safepoint(&mut self) {
        if self.arena.due.replace(false) {
            self.collect();
            self.collections += 1;
            if self.collections.is_multiple_of(7) {
                self.check_all();
            }
        }
    }

    fn collect(&mut self) {
        let mut copier = Copier::default();
        // SAFETY: between operations; roots hold pointers to objects.
        unsafe {
            for root in &mut self.roots {
                copier.object(root);
            }
            for iteration in &mut self.iterations {
                copier.object(&raw mut iteration.map);
            }
            while let Some(vm) = copier.maps.pop() {
                let mut scan = Scan::new((*vm).t, &raw mut (*vm).h);
                while !scan.step(&mut copier, 1 + self.rng.below(20)) {}
                for iteration in self.iterations.iter_mut().filter(|it| it.map == vm.cast()) {
                    let it = &iteration.it.it;
                    let in_old_chain = !iteration.it.has_ended() && it.checkBucket != noCheck;
                    let dropped = in_old_chain && (*vm).h.oldbuckets.is_null();
                    self.seen.in_dropped_array += dropped as usize;
                    let same_size = in_old_chain && (*vm).h.flags & sameSizeGrow != 0;
                    self.seen.in_same_size_growth += same_size as usize;
                    scan.add_iterator(&mut iteration.it, &mut copier);
                }
            }
            for &(head, _) in &copier.to.0 {
                (*head).forward = ptr::null_mut();
            }
        }
        let from = self.arena.space.replace(copier.to);
        from.poison();
        self.arena.grave.replace(from);
    }

    fn check_all(&self) {
        for &root in &self.roots {
            // SAFETY: roots are alive.
            unsafe { self.check_map(root.cast()) }
        }
    }

    /// The pointers of the list of overflow buckets lead to memory that is in use.
    unsafe fn check_list(&self, extra: *const MapExtra) {
        // SAFETY: null, or what a live map has (caller).
        let list = unsafe { extra.as_ref().and_then(|extra| extra.overflow.as_ref()) };
        let space = self.arena.space.borrow();
        for i in 0..list.map_or(0, |list| list.len) {
            // SAFETY: the list has that many pointers.
            let bucket = unsafe { list.map(|list| *list.array.add(i)) };
            let address = bucket.map_or(0, |bucket| bucket.addr());
            let holds = |&(head, layout): &(*mut Header, Layout)| {
                (head.addr()..head.addr() + layout.size()).contains(&address)
            };
            assert!(space.0.iter().any(holds));
        }
    }

    unsafe fn check_map(&self, vm: *mut VmMap) {
        // SAFETY: a live map (caller), whose elems are what the model says.
        unsafe {
            check((*vm).t, &raw const (*vm).h).unwrap();
            let model = &self.models[(*vm).model];
            assert_eq!((*vm).h.count as usize, model.len());
            self.check_list((*vm).h.extra);
            for (&id, &value) in model {
                let elem = self.lookup(vm, id).expect("an entry of the model");
                self.check_elem(vm, elem, value, false);
                if let Value::Map(_) = value {
                    self.check_map((*vm).kind.pointer_of_elem(elem).cast());
                }
            }
        }
    }

    /// Fills chains one after the other and nearly empties them again, until the map is packed anew; with iterators that
    /// begin just then.
    fn crowd(&mut self, kind: usize, chains: u64) {
        let vm = |machine: &Self| machine.roots[kind].cast::<VmMap>();
        for id in 0..32 * chains {
            // SAFETY: the root is alive.
            unsafe {
                self.insert_key(vm(self), id, false);
                self.safepoint();
                if id >= 32 && id % 32 > 2 {
                    self.delete_key(vm(self), id - 32);
                    self.safepoint();
                }
                if (*vm(self)).h.flags & sameSizeGrow != 0 {
                    self.begin_iteration_of(vm(self));
                }
            }
            self.step_iteration();
        }
        self.check_all();
    }

    /// Clears a map under iterators that are in its overflow buckets.
    fn clear_under_iterators(&mut self, kind: usize) {
        let vm = |machine: &Self| machine.roots[kind].cast::<VmMap>();
        for id in 10_000..10_300 {
            // SAFETY: the root is alive.
            unsafe { self.insert_key(vm(self), id, false) }
        }
        for steps in 0..20 {
            self.begin_iteration_of(vm(self));
            (0..steps).for_each(|_| self.step_iteration());
        }
        self.clear_map(vm(self));
        for _ in 0..300 {
            self.arena.due.set(true);
            self.safepoint();
            self.step_iteration();
        }
    }

    fn run(&mut self, operations: usize) {
        for operation in 0..operations {
            // Times of growth and times of decline.
            let inserts = if operation / 500 % 2 == 1 { 300 } else { 620 };
            match self.rng.below(1000) {
                n if n < inserts => self.insert(),
                n if n < 700 => self.delete(),
                700..703 => self.clear(),
                703..706 => self.replace_root(),
                706..780 if self.iterations.len() < 24 => self.begin_iteration(),
                _ => self.step_iteration(),
            }
            self.safepoint();
        }
        self.check_all();
    }
}

/// Runs a machine that collects at every so many allocations.
fn run(every: usize, era: Era, seed: u64, work: impl Fn(&mut Machine)) -> Seen {
    let arena = Arena::new(every);
    let mut heap: Heap = host_heap(&arena);
    heap.era = era;
    heap.roundupsize = None;
    let types: Vec<MapType> = KINDS.iter().map(|kind| kind.map_type(&heap)).collect();
    let mut machine = Machine::new(&arena, &types, era, seed);
    work(&mut machine);
    assert_ne!(machine.collections, 0);
    machine.seen
}

const OPERATIONS: usize = if cfg!(miri) { 150 } else { 4000 };

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
    for kind in [1, 3, 4] {
        let chains = if cfg!(miri) { 6 } else { 60 };
        for era in [Era::Go119, Era::Go123] {
            let seen = run(1, era, kind as u64, |machine| {
                machine.crowd(kind, chains);
                machine.clear_under_iterators(kind);
            });
            assert!(seen.in_same_size_growth > 20 || cfg!(miri), "{seen:?}");
        }
    }
}
