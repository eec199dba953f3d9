//! Many keys at once: cache misses of several keys overlap.

pub(crate) mod assign;
pub(crate) mod lookup;
mod pass;
pub(crate) mod window;

use crate::header::sizes::bucketShift;
use crate::layout::Hmap;
use crate::shape::Shape;

/// Keys per group. Fewer leave misses unoverlapped; more exceed the core's line-fill buffers.
pub(crate) const GROUP: usize = 8;

/// Keys per group of lookups that follow no slots: each waits for buckets only.
const LARGE_GROUP: usize = 2 * GROUP;

/// Bytes of buckets that fit in the L2 cache, on most machines. Fewer in builds with debug
/// assertions, so that tests reach larger maps.
const CACHES: usize = if cfg!(debug_assertions) {
    1 << 12
} else {
    1 << 20
};

/// Whether the map is so large that prefetching pays.
///
/// # Safety
/// `s` *fits* `h`.
pub(crate) unsafe fn outgrew_caches<S: Shape>(s: S, h: *const Hmap) -> bool {
    // SAFETY: `s` fits `h`.
    unsafe { !(*h).buckets.is_null() && bucketShift((*h).B) * s.bucketsize() > CACHES }
}

/// Key `i` of an array of keys.
///
/// # Safety
/// There are more than `i`.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn key<S: Shape>(s: S, keys: *const u8, i: usize) -> *const u8 {
    // SAFETY: there are more than `i` keys.
    unsafe { keys.add(i * s.key_type_size()) }
}

#[cfg(test)]
pub(crate) mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::GROUP;

    /// Asserts that each of `n` keys took each of `steps` once, in order, and only when its whole
    /// group had taken the one before. `taken` is in the order of time.
    pub(crate) fn assert_in_turn(
        taken: &[(&'static str, usize)],
        steps: &[&'static str],
        n: usize,
        group: usize,
    ) {
        assert_eq!(taken.len(), steps.len() * n);
        let times = |step| {
            let time = |key| taken.iter().position(|&it| it == (step, key)).unwrap();
            (0..n).map(time).collect::<Vec<_>>()
        };
        for step in steps {
            assert!(times(*step).is_sorted());
        }
        for two in steps.windows(2) {
            let (before, after) = (times(two[0]), times(two[1]));
            for (key, after) in after.into_iter().enumerate() {
                let last_of_group = (key | (group - 1)).min(n - 1);
                assert!(before[last_of_group] < after, "{two:?}, key {key}");
            }
        }
    }

    #[test]
    #[should_panic = "key 0"]
    fn a_step_too_early_is_noticed() {
        let taken = [("enter", 0), ("leave", 0), ("enter", 1), ("leave", 1)];
        assert_in_turn(&taken, &["enter", "leave"], 2, GROUP);
    }
}
