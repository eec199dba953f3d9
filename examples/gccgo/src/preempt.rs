//! Letting others run. libgo cannot interrupt a goroutine: it must ask now and then, and map
//! operations are among the places where it does.

use core::ptr;

use crate::runtime::{getg, mallocgc};

/// Where libgo 12.2's `g` has the byte `preempt`.
const PREEMPT: usize = 0x51;

/// Lets the scheduler have the thread, if it has asked for it.
#[inline(always)]
pub(crate) fn checkpoint() {
    // SAFETY: a Go program, whose `g` was checked to be the known one.
    if unsafe { *getg().add(PREEMPT) } != 0 {
        give_way();
    }
}

/// libgo's `checkPreempt`, which it does not export: the allocator ends with it.
#[cold]
#[inline(never)]
fn give_way() {
    // SAFETY: a Go program.
    unsafe { mallocgc(1, ptr::null(), false) };
}
