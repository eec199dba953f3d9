//! One map, several threads: readers and iterators may share it, a writer may not. Meant to be run
//! under ThreadSanitizer.

mod pairs;
mod typed;

use std::ptr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gomap::heap::SYSTEM;
use gomap::inspect::check;
use gomap::layout::{Hiter, Hmap};
use gomap::raw::*;
use maptype::{Heap, MapType, alg};

const THREADS: usize = 4;

/// A map that threads share.
#[derive(Clone, Copy)]
struct Shared(*const MapType, *mut Hmap);

// SAFETY: the tests say what the threads may do with it.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

fn key(id: &u64) -> *const u8 {
    ptr::from_ref(id).cast()
}

/// Reads every key, and walks the map, several times; every walk ends here or there.
unsafe fn read_all(Shared(t, h): Shared, n: u64) {
    // SAFETY: the map is not written to (caller).
    unsafe {
        for round in 0..8 {
            for id in 0..n {
                assert_eq!(mapaccess1(t, h, key(&id)).cast::<u64>().read(), !id);
            }
            let mut it = Hiter::zeroed();
            mapiterinit(t, h, &mut it);
            let mut seen = 0;
            while !it.key.is_null() && (round % 2 == 0 || seen < n / 2) {
                assert_eq!(it.elem.cast::<u64>().read(), !it.key.cast::<u64>().read());
                seen += 1;
                mapiternext(&mut it);
            }
            assert!(round % 2 == 1 || seen == n);
            mapiterdone(&mut it);
        }
    }
}

/// Readers and iterators of one map do not disturb each other: at rest, in the middle of a growth,
/// and with arrays kept for iterators that came before.
#[test]
fn readers_and_iterators_share_a_map() {
    let t = MapType::new(&alg::UINT64, &alg::UINT64, &SYSTEM).unwrap();
    for n in [1, 8, 100, 105, 420, 840] {
        // SAFETY: written to by one thread before the others begin and after they have ended.
        unsafe {
            let h = makemap_small(&t);
            let mut early = Hiter::zeroed();
            for id in 0..n {
                mapassign(&t, h, key(&id)).cast::<u64>().write(!id);
                if id == n / 2 {
                    mapiterinit(&t, h, &mut early);
                }
            }
            let shared = Shared(&raw const t, h);
            let start = Barrier::new(THREADS);
            thread::scope(|scope| {
                let reader = || {
                    start.wait();
                    read_all(shared, n);
                };
                let readers = [(); THREADS].map(|()| scope.spawn(reader));
                for reader in readers {
                    reader.join().expect("a reader that is left in peace");
                }
            });
            mapiterdone(&mut early);
            assert_eq!(check(&t, h), Ok(()));
            mapfree(&t, h);
        }
    }
}

static THROWN: AtomicUsize = AtomicUsize::new(0);

/// What a thread that misuses the map dies of.
struct Thrown(String);

unsafe extern "C-unwind" fn throw(_: *const Heap, message: *const u8, len: usize) {
    THROWN.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the hook's contract.
    let message = unsafe { std::slice::from_raw_parts(message, len) };
    let message = String::from_utf8_lossy(message).into_owned();
    std::panic::resume_unwind(Box::new(Thrown(message)));
}

/// Holds a write open until somebody else has run into it.
unsafe extern "C-unwind" fn slow_equal(
    a: *const u8,
    b: *const u8,
    _: *const maptype::Type,
) -> bool {
    let until = Instant::now() + Duration::from_secs(20);
    IN_WRITE.store(true, Ordering::Release);
    while THROWN.load(Ordering::Relaxed) == 0 && Instant::now() < until {
        thread::yield_now();
    }
    // SAFETY: keys of eight bytes.
    unsafe { a.cast::<u64>().read() == b.cast::<u64>().read() }
}

static IN_WRITE: AtomicBool = AtomicBool::new(false);

/// A second writer is reported as in Go, for sure if the first is in the middle of its write.
#[test]
fn a_concurrent_writer_is_reported() {
    let heap = Heap { throw, ..SYSTEM };
    let keys = alg::UINT64.duplicate().with_kind(maptype::Kind::Opaque);
    let keys = keys.with_equal(slow_equal);
    let t = MapType::new(&keys, &alg::UINT64, &heap).unwrap();
    // SAFETY: the second writer is turned away before it touches anything but the flags.
    unsafe {
        let h = makemap_small(&t);
        mapassign(&t, h, key(&1));
        let shared = Shared(&raw const t, h);
        thread::scope(|scope| {
            let first = scope.spawn(move || {
                let Shared(t, h) = { shared };
                mapassign(t, h, key(&1));
            });
            let second = scope.spawn(move || {
                let Shared(t, h) = { shared };
                while !IN_WRITE.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                mapassign(t, h, key(&2));
            });
            let payload = second.join().expect_err("the second writer is turned away");
            let Thrown(message) = *payload.downcast::<Thrown>().expect("a throw");
            assert_eq!(message, "concurrent map writes");
            first.join().expect("the first writer is left in peace");
        });
        assert_eq!((*h).count, 1);
        assert_eq!(check(&t, h), Ok(()));
        mapfree(&t, h);
    }
}
