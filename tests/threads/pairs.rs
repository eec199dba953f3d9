//! Every function that reads a map beside every other, on one map: none of them races with any,
//! in every state of the map and every kind of heap.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr;
use std::sync::Barrier;
use std::thread;

use gomap::heap::{Host, SYSTEM, host_heap};
use gomap::inspect::{anatomy, check};
use gomap::layout::{Hiter, Hmap, sameSizeGrow};
use gomap::position::{Position, mapnext};
use gomap::raw::*;
use maptype::{Heap, MapType, Type, alg};

use super::{Shared, key};

/// A map that is read, and what is known of it.
struct Subject {
    t: MapType,
    h: *mut Hmap,
    /// The ids of its entries.
    ids: Vec<u64>,
    /// Iterations that began before a growth, one for each thread that ends some.
    early: [Hiter; 2],
}

/// What a thread reads: the map, and the iteration that is its own.
struct Reader<'a> {
    map: Shared,
    ids: &'a [u64],
    early: *mut Hiter,
}

// SAFETY: threads only read the map, and each has its own iteration.
unsafe impl Send for Reader<'_> {}

type Read = unsafe fn(&Reader<'_>);

/// A table of readers.
macro_rules! reads {
    ($($name:literal: |$r:ident| $read:expr,)+) => {
        &[$(($name, |$r| {
            // SAFETY: nothing writes to the map, and what it shows are its entries.
            unsafe { $read }
        }),)+]
    };
}

/// Every function that may run while others read. (A scan may not.)
const READS: &[(&str, Read)] = reads! {
    "mapaccess1": |r| lookup(r, |t, h, id| mapaccess1(t, h, key(&id))),
    "mapaccess2": |r| lookup(r, |t, h, id| mapaccess2(t, h, key(&id)).0),
    "mapaccessK": |r| lookup(r, |t, h, id| mapaccessK(t, h, key(&id)).1),
    "mapaccess1_fast64": |r| lookup(r, |t, h, id| mapaccess1_fast64(t, h, id)),
    "mapaccess2_fast64": |r| lookup(r, |t, h, id| mapaccess2_fast64(t, h, id).0),
    "mapaccess_many": |r| lookup_many(r),
    "an iteration": |r| iterate(r, r.ids.len()),
    "an iteration left early": |r| iterate(r, r.ids.len() / 2),
    "the end of an earlier iteration": |r| mapiterdone(r.early),
    "for_each": |r| {
        let mut shown = 0;
        for_each(r.map.0, r.map.1, |key, elem| shown += same(key, elem));
        assert_eq!(shown, r.ids.len());
    },
    "positions": |r| {
        let (mut position, mut shown) = (Position::START, 0);
        while let Some((key, elem)) = position.next(r.map.0, r.map.1) {
            shown += same(key, elem);
        }
        assert_eq!(shown, r.ids.len());
    },
    "mapnext": |r| {
        let (mut last, mut shown) = (ptr::null(), 0);
        while let Some((key, elem)) = mapnext(r.map.0, r.map.1, last) {
            shown += same(key, elem);
            last = key.cast_const();
        }
        assert_eq!(shown, r.ids.len());
    },
    "mapclone": |r| {
        let clone = mapclone(r.map.0, r.map.1);
        assert_eq!((*clone).count as usize, r.ids.len());
        mapfree(r.map.0, clone);
    },
    "check": |r| assert_eq!(check(r.map.0, r.map.1), Ok(())),
    "anatomy": |r| assert_eq!(anatomy(r.map.0, r.map.1).count, r.ids.len()),
};

/// 1, where the elem is that of the key.
unsafe fn same(key: *const u8, elem: *const u8) -> usize {
    // SAFETY: an entry (caller).
    unsafe { (elem.cast::<u64>().read() == !key.cast::<u64>().read()).into() }
}

unsafe fn lookup(r: &Reader<'_>, get: impl Fn(*const MapType, *mut Hmap, u64) -> *mut u8) {
    for &id in r.ids {
        // SAFETY: the elem of an entry.
        let elem = unsafe { get(r.map.0, r.map.1, id).cast::<u64>().read() };
        assert_eq!(elem, !id);
    }
}

unsafe fn lookup_many(r: &Reader<'_>) {
    let Shared(t, h) = r.map;
    let mut elems = vec![ptr::null_mut(); r.ids.len()];
    // SAFETY: as many keys as pointers; the map is not written to (caller).
    unsafe { mapaccess_many(t, h, r.ids.as_ptr().cast(), r.ids.len(), elems.as_mut_ptr()) }
    for (elem, id) in elems.into_iter().zip(r.ids) {
        // SAFETY: the elem of an entry.
        assert_eq!(unsafe { elem.cast::<u64>().read() }, !id);
    }
}

/// Walks as far as `steps` entries, and ends there.
unsafe fn iterate(r: &Reader<'_>, steps: usize) {
    let mut it = Hiter::zeroed();
    // SAFETY: the map is not written to.
    unsafe {
        mapiterinit(r.map.0, r.map.1, &mut it);
        for _ in 0..steps {
            assert_eq!(same(it.key, it.elem), 1);
            mapiternext(&mut it);
        }
        mapiterdone(&mut it);
    }
}

/// A host whose hooks share nothing: a lock or a counter in them would put the threads in order.
struct Plain<const OWNED: bool, const BARRIERS: bool>;

// SAFETY: memory comes from the global allocator, and goes back to it or nowhere.
unsafe impl<const OWNED: bool, const BARRIERS: bool> Host for Plain<OWNED, BARRIERS> {
    const OWNED: bool = OWNED;
    const BARRIERS: bool = BARRIERS;

    fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
        // SAFETY: the size is not zero.
        unsafe { alloc_zeroed(layout) }
    }

    unsafe fn free(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: it came from `allocate` with this layout (caller).
        unsafe { dealloc(memory, layout) }
    }
}

/// Keys of which thirty-two in a row belong to one chain.
static GROUPED: Type = Type::opaque("grouped", 8, align_of::<usize>() as u32, group, equal);

unsafe extern "C-unwind" fn group(key: *const u8, _: usize, _: *const Type) -> usize {
    // SAFETY: a key of eight bytes.
    let id = unsafe { key.cast::<u64>().read() };
    (id as usize / 32) | ((id as usize) << (usize::BITS - 8))
}

unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: keys of eight bytes.
    unsafe { a.cast::<u64>().read() == b.cast::<u64>().read() }
}

/// Where a map may stand when it is read.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    OneBucket,
    AtRest,
    Doubling,
    SameSize,
}

const STATES: [State; 4] = [
    State::OneBucket,
    State::AtRest,
    State::Doubling,
    State::SameSize,
];

impl Subject {
    /// A map that stands there, on this heap. Where its elems are pointers it keeps no list of
    /// overflow buckets.
    fn new(state: State, heap: &Heap, elems: &Type) -> Subject {
        let keys = if state == State::SameSize {
            &GROUPED
        } else {
            &alg::UINT64
        };
        let t = MapType::new(keys, elems, heap).unwrap();
        // SAFETY: the types and the heap are static.
        let h = unsafe { makemap(&t, 0, ptr::null_mut()) };
        let early = [Hiter::zeroed(), Hiter::zeroed()];
        let mut subject = Subject {
            t,
            h,
            ids: Vec::new(),
            early,
        };
        // SAFETY: this thread alone has the map.
        unsafe {
            match state {
                State::OneBucket => subject.insert(0..8),
                State::AtRest => subject.insert(0..100),
                State::Doubling => subject.insert(0..105),
                State::SameSize => subject.insert_and_delete(),
            }
            let (growing, flags) = (!(*h).oldbuckets.is_null(), (*h).flags);
            let same_size = flags & sameSizeGrow != 0;
            assert_eq!(growing, matches!(state, State::Doubling | State::SameSize));
            assert_eq!(same_size, state == State::SameSize);
        }
        subject
    }

    unsafe fn insert(&mut self, ids: std::ops::Range<u64>) {
        for id in ids {
            // SAFETY: this thread alone has the map (caller).
            unsafe {
                mapassign(&self.t, self.h, key(&id))
                    .cast::<u64>()
                    .write(!id);
            }
            self.ids.push(id);
            if self.ids.len() == 9 && self.early[0].h.is_null() {
                let [first, second] = &mut self.early;
                // SAFETY: a map with entries; its iterators are ended before it is freed (`drop`).
                unsafe {
                    mapiterinit(&self.t, self.h, first);
                    mapiterinit(&self.t, self.h, second);
                }
            }
        }
    }

    /// Fills chain after chain, and leaves one entry in each, until the map grows to the same size.
    unsafe fn insert_and_delete(&mut self) {
        // SAFETY: this thread alone has the map (caller).
        unsafe {
            for group in 0.. {
                let first = 32 * group;
                self.insert(first..first + 32);
                if (*self.h).flags & sameSizeGrow != 0 {
                    return;
                }
                for id in first + 1..first + 32 {
                    mapdelete(&self.t, self.h, key(&id));
                }
                self.ids.truncate(group as usize + 1);
            }
        }
    }

    /// Lets two threads read at once.
    fn read_by(&mut self, reads: [Read; 2]) {
        let start = &Barrier::new(reads.len());
        let early = self.early.each_mut().map(ptr::from_mut);
        let map = Shared(&raw const self.t, self.h);
        let ids = &self.ids;
        thread::scope(|scope| {
            let readers = [0, 1].map(|i| {
                let reader = Reader {
                    map,
                    ids,
                    early: early[i],
                };
                scope.spawn(move || {
                    let reader = reader;
                    start.wait();
                    // SAFETY: nothing writes to the map.
                    unsafe { reads[i](&reader) }
                })
            });
            for reader in readers {
                reader.join().expect("a reader that is left in peace");
            }
        });
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // SAFETY: the threads have ended.
        unsafe {
            self.early.iter_mut().for_each(|it| mapiterdone(it));
            mapfree(&self.t, self.h);
        }
    }
}

/// Every pair, those of one with itself included.
pub fn pairs<T: Copy>(all: &[T]) -> impl Iterator<Item = [T; 2]> {
    let from = |(i, &first)| all[i..].iter().map(move |&second| [first, second]);
    all.iter().enumerate().flat_map(from)
}

/// Every pair of functions reads maps that have not been read before.
fn every_pair(heap: &Heap) {
    for [(_, first), (_, second)] in pairs(READS) {
        for state in STATES {
            for elems in [&alg::UINT64, &alg::POINTER] {
                Subject::new(state, heap, elems).read_by([first, second]);
            }
        }
    }
}

#[test]
fn readers_of_the_systems_memory() {
    every_pair(&SYSTEM);
}

#[test]
fn readers_of_owned_memory() {
    every_pair(&host_heap(&Plain::<true, false>));
}

#[test]
fn readers_of_owned_memory_with_barriers() {
    every_pair(&host_heap(&Plain::<true, true>));
}

#[test]
fn readers_of_traced_memory() {
    every_pair(&host_heap(&Plain::<false, false>));
}

#[test]
fn readers_of_traced_memory_with_barriers() {
    every_pair(&host_heap(&Plain::<false, true>));
}
