//! Prefetches: hints that a cache line will be read soon. They never fault.

/// Bytes of a cache line, on most machines.
pub(crate) const LINE: usize = 64;

/// Prefetches a line to all caches.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn prefetch<T>(p: *const T) {
    hint::<FIRST_LEVEL>(p.cast());
}

/// Prefetches a line to the L2 cache: a core has more misses under way to L2 than to L1.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn prefetch_far(p: *const u8) {
    hint::<SECOND_LEVEL>(p);
}

// The locality hints of x86.
const FIRST_LEVEL: i32 = 3;
const SECOND_LEVEL: i32 = 2;

/// Prefetches a line to the cache of this level.
#[cfg(all(target_arch = "x86_64", target_feature = "sse", not(miri)))]
#[cfg_attr(not(debug_assertions), inline(always))]
fn hint<const LEVEL: i32>(p: *const u8) {
    // SAFETY: a prefetch does not fault.
    unsafe { core::arch::x86_64::_mm_prefetch::<LEVEL>(p.cast()) }
}

/// Prefetches a line to the cache of this level. Stable Rust has no function for it.
#[cfg(all(target_arch = "aarch64", not(miri)))]
#[cfg_attr(not(debug_assertions), inline(always))]
fn hint<const LEVEL: i32>(p: *const u8) {
    // SAFETY: a prefetch does not fault, and changes nothing that a program sees.
    unsafe {
        match LEVEL {
            SECOND_LEVEL => {
                core::arch::asm!("prfm pldl2keep, [{}]", in(reg) p, options(nomem, nostack, preserves_flags));
            }
            _ => {
                core::arch::asm!("prfm pldl1keep, [{}]", in(reg) p, options(nomem, nostack, preserves_flags));
            }
        }
    }
}

/// No target-independent prefetch exists.
#[cfg(not(any(
    all(target_arch = "x86_64", target_feature = "sse", not(miri)),
    all(target_arch = "aarch64", not(miri))
)))]
#[cfg_attr(not(debug_assertions), inline(always))]
fn hint<const LEVEL: i32>(_: *const u8) {}
