//! Counts of what the maps did, printed at exit if the environment asks for it.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gomap::layout::Hmap;

/// The variable that asks for it.
pub(crate) const VARIABLE: &str = "GOMAP_STATS";

static ENABLED: AtomicBool = AtomicBool::new(false);
static COUNTS: [AtomicU64; NAMES.len()] = [const { AtomicU64::new(0) }; NAMES.len()];
static LARGEST: AtomicU64 = AtomicU64::new(0);

/// What is counted.
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Make,
    Access,
    Assign,
    Delete,
    Clear,
    IterInit,
    IterNext,
    Growth,
}

/// The counters' names, in order.
const NAMES: [&str; 8] = [
    "make", "access", "assign", "delete", "clear", "iterinit", "iternext", "growths",
];

pub(crate) fn enable() {
    ENABLED.store(true, Ordering::Relaxed);
}

#[inline(always)]
pub(crate) fn enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// Counts an operation.
#[inline(always)]
pub(crate) fn count(counter: Counter) {
    if enabled() {
        add(counter);
    }
}

#[cold]
fn add(counter: Counter) {
    COUNTS[counter as usize].fetch_add(1, Ordering::Relaxed);
}

/// Counts an assignment, done by `assign`, and the growth that it began.
///
/// # Safety
/// `h` is null or points to a map.
#[inline(always)]
pub(crate) unsafe fn count_assign(h: *mut Hmap, assign: impl FnOnce() -> *mut u8) -> *mut u8 {
    if !enabled() {
        return assign();
    }
    // SAFETY: `h` is null or points to a map.
    unsafe { observe_assign(h, assign) }
}

/// # Safety
/// `h` is null or points to a map.
#[cold]
unsafe fn observe_assign(h: *mut Hmap, assign: impl FnOnce() -> *mut u8) -> *mut u8 {
    add(Counter::Assign);
    // SAFETY: `h` is null or points to a map, and `assign` panics if it is null.
    unsafe {
        let before = h.as_ref().map(|h| h.buckets);
        let elem = assign();
        if before.is_some_and(|before| !before.is_null() && before != (*h).buckets) {
            add(Counter::Growth);
        }
        LARGEST.fetch_max((*h).count as u64, Ordering::Relaxed);
        elem
    }
}

/// Prints the counts to standard error.
pub(crate) fn print() {
    let mut line = String::from("gomap:");
    for (name, count) in NAMES.iter().zip(&COUNTS) {
        line += &format!(" {name} {}", count.load(Ordering::Relaxed));
    }
    eprintln!("{line} largest {}", LARGEST.load(Ordering::Relaxed));
}
