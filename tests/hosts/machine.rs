//! A virtual machine of maps, some of them in other maps, with iterators alive: random operations,
//! against a model.

use std::alloc::Layout;
use std::collections::{BTreeMap, BTreeSet};

use gomap::heap::{Host, host_heap};
use gomap::inspect::check;
use gomap::layout::{Hmap, MapExtra, noCheck, sameSizeGrow};
use gomap::maptype::{Era, Heap, MapType};
use gomap::raw::{makemap, mapaccess2, mapassign, mapclear, mapdelete, mapiterdone};
use gomap::scan::TracedIter;

use crate::kinds::{KINDS, Kind, Rng};
use crate::schedule::Schedule;

/// A heap with a collector.
pub trait World: Host {
    /// A new object that holds a number.
    fn leaf(&self, number: u64) -> *mut u8;

    /// A new object for a map.
    fn map_object(&self, layout: Layout) -> *mut u8;

    /// A pointer was stored in an elem by the machine itself.
    fn stored(&self, pointer: *mut u8);

    /// Whether an address is in memory that is in use.
    fn contains(&self, address: usize) -> bool;

    /// The machine has ended.
    fn end(&self) {}

    /// When it collects.
    fn schedule(&self) -> &Schedule;

    /// Collects, or a part of it, if that is due; says whether a collection was completed.
    fn safepoint(&self, roots: &mut [*mut u8], iterations: &mut [Iteration], rng: &mut Rng)
    -> bool;
}

/// A map object of the virtual machine; the map's header is part of it.
pub struct VmMap {
    pub kind: &'static Kind,
    pub t: *const MapType,
    /// The index of its model.
    model: usize,
    /// How many insertions there were.
    inserted: usize,
    pub h: Hmap,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Value {
    Number(u64),
    Map(usize),
}

type Model = BTreeMap<u64, Value>;

pub struct Iteration {
    pub it: TracedIter,
    /// A root.
    pub map: *mut u8,
    model: usize,
    /// Entries that were there from the start, and have not been seen.
    missing: BTreeSet<u64>,
    /// Entries seen since they were last inserted.
    seen: BTreeSet<u64>,
    /// Under the rules of Go 1.19, an iterator may still see what was cleared.
    cleared: bool,
    /// Whether the scan of its map has come to it.
    pub added: bool,
}

pub struct Machine<'a, W> {
    world: &'a W,
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
pub struct Seen {
    pub in_dropped_array: usize,
    pub in_same_size_growth: usize,
}

impl<'a, W: World> Machine<'a, W> {
    fn new(world: &'a W, types: &'a [MapType], era: Era, seed: u64) -> Self {
        let mut machine = Machine {
            world,
            era,
            types,
            roots: Vec::new(),
            iterations: Vec::new(),
            models: Vec::new(),
            rng: Rng::new(seed),
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
        let object = self.world.map_object(Layout::new::<VmMap>());
        // SAFETY: the object is large enough, and it is not shared yet.
        unsafe {
            let vm: *mut VmMap = object.cast();
            vm.write(VmMap {
                kind: &KINDS[kind],
                t: &self.types[kind],
                model: self.models.len() - 1,
                inserted: 0,
                h: Hmap::zeroed(),
            });
            makemap((*vm).t, hint, &raw mut (*vm).h);
        }
        object
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
            let key = (*vm).kind.key(id, || self.world.leaf(id));
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
                (Value::Number(number), self.world.leaf(number))
            };
            let key = (*vm).kind.key(id, || self.world.leaf(id));
            let elem = mapassign((*vm).t, &raw mut (*vm).h, key.as_ptr().cast());
            let number = match value {
                Value::Number(number) => number,
                Value::Map(_) => 0,
            };
            (*vm).kind.store_elem(elem, number, pointer);
            self.world.stored(pointer);
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
            let key = (*vm).kind.key(id, || self.world.leaf(id));
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

    /// Replaces a root by a small map. Iterators may still be on the old one.
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
                added: false,
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
        } else {
            end_iteration::<W>(&mut iteration);
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
        self.look_around();
        let world = self.world;
        if world.safepoint(&mut self.roots, &mut self.iterations, &mut self.rng) {
            self.collections += 1;
            if self.collections.is_multiple_of(7) {
                self.check_all();
            }
        }
    }

    /// Counts the iterators in places that are hard for a collector.
    fn look_around(&mut self) {
        for iteration in self.iterations.iter().filter(|it| !it.it.has_ended()) {
            // SAFETY: the map is a root.
            let h = unsafe { &(*iteration.map.cast::<VmMap>()).h };
            let in_old_chain = iteration.it.it.checkBucket != noCheck;
            let same_size = in_old_chain && h.flags & sameSizeGrow != 0;
            self.seen.in_dropped_array += (in_old_chain && h.oldbuckets.is_null()) as usize;
            self.seen.in_same_size_growth += same_size as usize;
        }
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
        for i in 0..list.map_or(0, |list| list.len) {
            // SAFETY: the list has that many pointers.
            let bucket = unsafe { list.map(|list| *list.array.add(i)) };
            assert!(W::OWNED || bucket.is_some_and(|bucket| self.world.contains(bucket.addr())));
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

    /// Fills chains one after the other and nearly empties them again, until a same-size growth
    /// packs the map; with iterators that begin just then.
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

    /// Fills new maps, with no iterators on them.
    pub fn fill(&mut self, kind: usize, maps: usize) {
        for _ in 0..maps {
            self.roots[kind] = self.new_map(kind);
            for id in 0..200 {
                // SAFETY: the root is alive.
                unsafe { self.insert_key(self.roots[kind].cast(), id, false) }
                self.safepoint();
            }
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
            self.world.schedule().request();
            self.safepoint();
            self.step_iteration();
        }
    }

    pub fn run(&mut self, operations: usize) {
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

/// Where maps free their memory, they must know.
fn end_iteration<W: World>(iteration: &mut Iteration) {
    if W::OWNED {
        // SAFETY: the map is alive, since the iteration was a root.
        unsafe { mapiterdone(&raw mut iteration.it.it) }
    }
}

/// Has a machine work in a world.
pub fn run<W: World>(world: &W, era: Era, seed: u64, work: impl Fn(&mut Machine<W>)) -> Seen {
    let mut heap: Heap = host_heap(world);
    heap.era = era;
    heap.roundupsize = None;
    let types: Vec<MapType> = KINDS.iter().map(|kind| kind.map_type(&heap)).collect();
    let mut machine = Machine::new(world, &types, era, seed);
    work(&mut machine);
    assert_ne!(machine.collections, 0);
    for mut iteration in machine.iterations.drain(..) {
        end_iteration::<W>(&mut iteration);
    }
    world.end();
    machine.seen
}

/// Runs machines whose maps are packed by same-size growths, and cleared, under iterators.
pub fn pack_anew<W: World>(run: impl Fn(Era, u64, &dyn Fn(&mut Machine<W>))) {
    let chains = if cfg!(miri) { 6 } else { 60 };
    for kind in [1, 3, 4] {
        for era in [Era::Go119, Era::Go123] {
            run(era, kind as u64, &|machine| {
                machine.crowd(kind, chains);
                machine.clear_under_iterators(kind);
            });
        }
    }
}

/// How long a machine runs.
pub const OPERATIONS: usize = if cfg!(miri) { 150 } else { 4000 };
