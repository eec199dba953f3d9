//! When a collection is due: after so many allocations, or on request.

use std::cell::Cell;

pub struct Schedule {
    every: usize,
    allocations: Cell<usize>,
    due: Cell<bool>,
}

impl Schedule {
    pub fn every(allocations: usize) -> Schedule {
        Schedule {
            every: allocations,
            allocations: Cell::new(0),
            due: Cell::new(false),
        }
    }

    /// Counts an allocation.
    pub fn count(&self) {
        self.allocations.update(|n| n + 1);
        if self.allocations.get().is_multiple_of(self.every) {
            self.request();
        }
    }

    pub fn request(&self) {
        self.due.set(true);
    }

    /// Whether a collection was due; it is not any more.
    pub fn take_due(&self) -> bool {
        self.due.replace(false)
    }

    /// A number that changes with the allocations, and is the same in each run.
    pub fn random(&self) -> u64 {
        (self.allocations.get() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}
