//! Faults on purpose: the n-th call of a kind of hook fails. Everything is per thread.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Which hook fails, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The allocator returns null.
    NoMemory,
    /// The allocator unwinds.
    Allocate,
    /// The random stream unwinds.
    Random,
    /// The hash function unwinds.
    Hash,
    /// The equality unwinds.
    Equal,
    /// Drop glue unwinds, having done its work.
    Drop,
    /// Copy glue unwinds, before it has copied.
    Copy,
    /// A write barrier unwinds, before it has written.
    Barrier,
    /// A visitor unwinds.
    Visit,
}

pub const ALL: [Fault; 9] = [
    Fault::NoMemory,
    Fault::Allocate,
    Fault::Random,
    Fault::Hash,
    Fault::Equal,
    Fault::Drop,
    Fault::Copy,
    Fault::Barrier,
    Fault::Visit,
];

thread_local! {
    /// The fault to come, and how many calls pass before it.
    static ARMED: Cell<Option<(Fault, u64)>> = const { Cell::new(None) };
    /// How many allocations are left before all fail.
    static SUPPLY: Cell<Option<u64>> = const { Cell::new(None) };
    /// Allocations that have failed.
    static LACKS: Cell<u64> = const { Cell::new(0) };
    /// Whether some keys cannot be hashed.
    static UNHASHABLE: Cell<bool> = const { Cell::new(false) };
}

/// Lets the hook fail once, after `calls` calls that do not.
pub fn arm(fault: Fault, calls: u64) {
    ARMED.set(Some((fault, calls)));
}

/// Calls the fault off; says whether it was still to come.
pub fn disarm() -> bool {
    ARMED.take().is_some()
}

/// Lets every allocation fail after the next `allocations`, until [`feed`] is called.
pub fn starve(allocations: u64) {
    SUPPLY.set(Some(allocations));
}

/// Ends a lack of memory.
pub fn feed() {
    SUPPLY.set(None);
}

/// Counts an allocation, and says whether it fails: it is the one to fail, or there is nothing
/// left.
pub fn no_memory() -> bool {
    let fails = match SUPPLY.get() {
        Some(0) => true,
        left => {
            SUPPLY.set(left.map(|left| left - 1));
            due(Fault::NoMemory)
        }
    };
    LACKS.set(LACKS.get() + fails as u64);
    fails
}

/// How many allocations have failed.
pub fn lacks() -> u64 {
    LACKS.get()
}

/// Counts a call of a hook, and says whether it is the one to fail. While a thread unwinds, none
/// is.
pub fn due(fault: Fault) -> bool {
    match ARMED.get() {
        Some((armed, calls)) if armed == fault && !std::thread::panicking() => {
            ARMED.set((calls > 0).then(|| (fault, calls - 1)));
            calls == 0
        }
        _ => false,
    }
}

/// Lets the hash of every eighth key unwind, or of none any more.
pub fn make_unhashable(unhashable: bool) {
    UNHASHABLE.set(unhashable);
}

/// Unwinds from the hash of a key that cannot be hashed now.
pub fn unwind_if_unhashable(id: u32) {
    if UNHASHABLE.get() && id % 8 == 3 {
        resume_unwind(Box::new(Fault::Hash));
    }
}

/// Runs `f` while no hook fails and none is counted.
pub fn spared<R>(f: impl FnOnce() -> R) -> R {
    let (armed, unhashable) = (ARMED.take(), UNHASHABLE.take());
    let supply = SUPPLY.take();
    let result = f();
    ARMED.set(armed);
    SUPPLY.set(supply);
    UNHASHABLE.set(unhashable);
    result
}

/// Counts a call of a hook that fails by unwinding.
pub fn unwind_if_due(fault: Fault) {
    if due(fault) {
        resume_unwind(Box::new(fault));
    }
}

/// Counts a call of a hash or an equality. What failed is put back without them: they may be what
/// failed.
pub fn unwind_callback_if_due(fault: Fault) {
    assert!(!std::thread::panicking(), "{fault:?} while unwinding");
    unwind_if_due(fault);
}

/// What the heap's `throw` or `panic` hook was told.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    Throw(String),
    Panic(String),
}

/// Runs `f`, and catches what unwinds with a `T`; panics of the tests themselves go on.
pub fn catch<T: Any, R>(f: impl FnOnce() -> R) -> Result<R, T> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| match payload.downcast::<T>() {
        Ok(caught) => *caught,
        Err(other) => resume_unwind(other),
    })
}
