//! The typed map and set, as their users see them.

use std::sync::Mutex;
use std::sync::atomic::AtomicPtr;

#[cfg(feature = "allocator-api2")]
mod allocators;
mod auto_traits;
mod bridge;
mod damaged;
#[cfg(feature = "allocator-api2")]
mod lack;
mod map;
mod model;
#[cfg(all(target_os = "linux", feature = "std"))]
mod pages;
mod panics;
#[cfg(feature = "rayon")]
mod rayon;
#[cfg(feature = "serde")]
mod serde;
mod set;
mod sizes;
mod walk;

/// Forgets a value in memory that leak checkers can reach.
fn forget<T>(value: T) {
    static KEPT: Mutex<Vec<AtomicPtr<()>>> = Mutex::new(Vec::new());
    let kept = Box::into_raw(Box::new(value)).cast();
    KEPT.lock().unwrap().push(AtomicPtr::new(kept));
}
