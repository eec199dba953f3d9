//! Runs traces on the map.

mod encode;
mod hash;
pub mod random;
mod runtime_type;
mod verbs;
mod world;

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::ptr;
use std::sync::Once;

use gomap::layout::{Hiter, Hmap};
use gomap::raw;
use maptype::{Heap, MAX_ZERO, MapType, Type};

use crate::trace::{Header, IterId, MapTy, Op, Path, Trace, Value};
use hash::Hashing;
use verbs::Verbs;
use world::{MapPanic, MapThrow};

pub use encode::{Encoder, pointer_number};
pub use hash::{hash_value, load_bits};
pub use world::World;

/// The result of an operation. Pointers are to a key and an elem of the map, and valid until the next operation.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Ok,
    Found(*const u8),
    Missing,
    Entry(*const u8, *const u8),
    End,
    Panic(String),
}

/// The map threw, and cannot be used any more.
#[derive(Debug)]
pub struct Thrown(pub String);

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fatal error: {}", self.0)
    }
}

/// A map, its spare, and the iterators over them, during a trace.
pub struct Machine {
    // Fields are dropped in this order: the world, which has the memory, last.
    current: *mut Hmap,
    spare: *mut Hmap,
    /// Every map made, but once each.
    maps: Vec<*mut Hmap>,
    iterators: Vec<Live>,
    map: MapTy,
    t: Box<MapType>,
    verbs: &'static Verbs,
    encoder: Encoder,
    key: Vec<u64>,
    elem: Vec<u64>,
    fat_zero: Vec<u64>,
    hashing: Box<Hashing>,
    _key_type: Box<Type>,
    _heap: Box<Heap>,
    world: Box<World>,
}

/// An iterator in use.
pub struct Live {
    pub id: IterId,
    pub state: Box<Hiter>,
}

impl Machine {
    /// A machine before the first operation of `trace`.
    pub fn new(trace: &Trace) -> Machine {
        silence_outcomes();
        hash::fix_default_hash();
        let header = &trace.header;
        let mut encoder = Encoder::new();
        let area = trace
            .ops
            .iter()
            .map(|op| area_needed(&encoder, header, op))
            .sum();
        let world = Box::new(World::new(header.seed, area));
        let heap = Box::new(world.heap(header.era, header.memory));
        let MapTy { key, elem } = &header.map;
        let key_type = Box::new(Hashing::key_type(encoder.runtime_type(key), header.hash));
        let t = MapType::new(&key_type, encoder.runtime_type(elem), &heap)
            .expect("the types of traces are well formed");
        let fast = (header.path == Path::Fast)
            .then(|| header.map.fast())
            .flatten();
        Machine {
            current: ptr::null_mut(),
            spare: ptr::null_mut(),
            maps: Vec::new(),
            iterators: Vec::new(),
            map: header.map.clone(),
            t: Box::new(t),
            verbs: Verbs::of(fast),
            encoder,
            key: vec![0; key.size / 8 + 1],
            elem: vec![0; elem.size / 8 + 1],
            fat_zero: vec![0; elem.size / 8 + 1],
            hashing: Box::new(Hashing::new(key.clone(), header.hash, &world)),
            _key_type: key_type,
            _heap: heap,
            world,
        }
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    pub fn descriptor(&self) -> &MapType {
        &self.t
    }

    /// The current map and the spare one.
    pub fn maps(&self) -> [*mut Hmap; 2] {
        [self.current, self.spare]
    }

    /// The iterators, oldest first.
    pub fn iterators(&self) -> &[Live] {
        &self.iterators
    }

    /// Runs an operation.
    ///
    /// # Errors
    /// The map threw.
    pub fn run(&mut self, op: &Op) -> Result<Outcome, Thrown> {
        // SAFETY: a trace ends with a throw, so none was before; the machine is not moved meanwhile.
        let run = AssertUnwindSafe(|| unsafe {
            self.hashing.make_current();
            self.attempt(op)
        });
        IN_OPERATION.set(true);
        let attempted = catch_unwind(run);
        IN_OPERATION.set(false);
        attempted.or_else(panic_outcome)
    }

    /// # Safety
    /// The map has not thrown.
    unsafe fn attempt(&mut self, op: &Op) -> Outcome {
        // SAFETY: the descriptor, the maps and the iterators are this machine's own, so *exclusive*; no map has thrown.
        unsafe {
            match op {
                Op::Make(hint) => self.make(*hint),
                Op::Insert(key, elem) => self.insert(key, elem),
                Op::Delete(key) => {
                    let key = self.encode_key(key);
                    (self.verbs.delete)(&*self.t, self.current, key);
                    Outcome::Ok
                }
                Op::Get(key) => {
                    let key = self.encode_key(key);
                    match (self.verbs.access2)(&*self.t, self.current, key) {
                        (elem, true) => Outcome::Found(elem),
                        (_, false) => Outcome::Missing,
                    }
                }
                Op::Read(key) => self.read(key),
                Op::Clear => {
                    raw::mapclear(&*self.t, self.current);
                    Outcome::Ok
                }
                Op::Iter(id) => self.begin(*id),
                Op::Next(id) => self.step(*id),
                Op::Drop(id) => {
                    self.drop_iterator(*id);
                    Outcome::Ok
                }
                Op::Clone => self.clone(),
                Op::Swap => {
                    std::mem::swap(&mut self.current, &mut self.spare);
                    Outcome::Ok
                }
            }
        }
    }

    /// # Safety
    /// As [`Machine::attempt`].
    unsafe fn make(&mut self, hint: Option<i64>) -> Outcome {
        // SAFETY: `t` is valid.
        self.current = unsafe {
            match hint {
                None => raw::makemap_small(&*self.t),
                Some(hint) => raw::makemap64(&*self.t, hint, ptr::null_mut()),
            }
        };
        self.maps.push(self.current);
        Outcome::Ok
    }

    /// # Safety
    /// As [`Machine::attempt`].
    unsafe fn insert(&mut self, key: &Value, elem: &Value) -> Outcome {
        let key = self.encode_key(key);
        self.elem.fill(0);
        let dst = self.elem.as_mut_ptr().cast();
        // SAFETY: the buffer has room for an elem, and so has the slot that `assign` returns.
        unsafe {
            self.encoder.encode(&self.world, &self.map.elem, elem, dst);
            let slot = (self.verbs.assign)(&*self.t, self.current, key);
            ptr::copy_nonoverlapping(dst, slot, self.map.elem.size);
        }
        Outcome::Ok
    }

    /// # Safety
    /// As [`Machine::attempt`].
    unsafe fn read(&mut self, key: &Value) -> Outcome {
        let key = self.encode_key(key);
        let (t, zero) = (&*self.t, self.fat_zero.as_mut_ptr().cast());
        // SAFETY: `key` is a key of this map; `zero` has the size of an elem.
        Outcome::Found(unsafe {
            if self.map.elem.size > MAX_ZERO {
                raw::mapaccess1_fat(t, self.current, key, zero)
            } else {
                (self.verbs.access1)(t, self.current, key)
            }
        })
    }

    fn encode_key(&mut self, key: &Value) -> *const u8 {
        self.key.fill(0);
        let dst = self.key.as_mut_ptr().cast();
        // SAFETY: the buffer has room for a key, zeroed and aligned.
        unsafe { self.encoder.encode(&self.world, &self.map.key, key, dst) };
        dst
    }

    /// # Safety
    /// As [`Machine::attempt`].
    unsafe fn clone(&mut self) -> Outcome {
        self.spare = ptr::null_mut();
        if !self.current.is_null() {
            // SAFETY: `t` is valid, and `current` is a map of it.
            self.spare = unsafe { raw::mapclone(&*self.t, self.current) };
            self.maps.push(self.spare);
        }
        Outcome::Ok
    }

    /// # Safety
    /// As [`Machine::attempt`].
    unsafe fn begin(&mut self, id: IterId) -> Outcome {
        self.drop_iterator(id);
        self.iterators.push(Live {
            id,
            state: Box::new(Hiter::zeroed()),
        });
        let it = self.iterators.last_mut().expect("the new one");
        // SAFETY: `current` is null or a map of `t`; the iterator stays in its box until it is done.
        unsafe { raw::mapiterinit(&*self.t, self.current, &mut *it.state) };
        it.outcome()
    }

    /// # Safety
    /// As [`Machine::attempt`].
    unsafe fn step(&mut self, id: IterId) -> Outcome {
        let Some(it) = self.iterators.iter_mut().find(|it| it.id == id) else {
            return Outcome::End;
        };
        // SAFETY: `mapiterinit` began the iterator; its map is alive as long as the machine.
        unsafe { raw::mapiternext(&mut *it.state) };
        it.outcome()
    }

    fn drop_iterator(&mut self, id: IterId) {
        if let Some(index) = self.iterators.iter().position(|it| it.id == id) {
            let mut it = self.iterators.remove(index);
            // SAFETY: `mapiterinit` began the iterator; its map is alive as long as the machine.
            unsafe { raw::mapiterdone(&mut *it.state) };
        }
    }

    /// Ends all iterators and maps, and returns how many allocations are left (none if the map frees memory).
    pub fn close(mut self) -> usize {
        while let Some(it) = self.iterators.first() {
            self.drop_iterator(it.id);
        }
        for map in self.maps.drain(..) {
            // SAFETY: `makemap` or `mapclone` made the map; it is in the list once, and has no iterators.
            unsafe { raw::mapfree(&*self.t, map) };
        }
        self.world.outstanding()
    }
}

impl Live {
    fn outcome(&self) -> Outcome {
        if self.state.key.is_null() {
            Outcome::End
        } else {
            Outcome::Entry(self.state.key, self.state.elem)
        }
    }
}

/// The most bytes of the area that an operation's values take.
fn area_needed(encoder: &Encoder, header: &Header, op: &Op) -> usize {
    let MapTy { key, elem } = &header.map;
    match op {
        Op::Insert(k, v) => encoder.area_needed(key, k) + encoder.area_needed(elem, v),
        Op::Delete(k) | Op::Get(k) | Op::Read(k) => encoder.area_needed(key, k),
        _ => 0,
    }
}

/// The outcome of an operation that unwound.
fn panic_outcome(payload: Box<dyn Any + Send>) -> Result<Outcome, Thrown> {
    if let Some(thrown) = payload.downcast_ref::<MapThrow>() {
        return Err(Thrown(thrown.0.clone()));
    }
    let panic = payload
        .downcast_ref::<MapPanic>()
        .map(|panic| panic.0.clone());
    let message = panic
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string()));
    match message {
        Some(message) => Ok(Outcome::Panic(message)),
        None => resume_unwind(payload),
    }
}

thread_local! {
    /// Whether a panic on this thread is an outcome.
    static IN_OPERATION: Cell<bool> = const { Cell::new(false) };
}

/// Prints no message for panics that are outcomes.
fn silence_outcomes() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |info| {
            if !IN_OPERATION.get() {
                usual(info);
            }
        }));
    });
}
