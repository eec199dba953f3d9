//! A pipeline fed by an iterator: keys enter in groups, take one step per call, and are pulled out
//! one by one.

use core::array;
use core::ops::Range;

use super::GROUP;

/// Groups in the pipeline.
const GROUPS: usize = 4;

/// Keys, or what is known of them. A key enters, and prefetches its row; looks at the row, which
/// says what else to prefetch; looks at that, which may lead further; and leaves.
pub(crate) struct Window<T> {
    /// Key `n` is at `n` modulo the length.
    ring: [Option<T>; GROUPS * GROUP],
    /// How many keys have entered, have looked, have looked twice, and may leave.
    made: [usize; GROUPS],
    /// How many have left.
    left: usize,
}

impl<T> Window<T> {
    #[inline]
    pub(crate) fn new() -> Self {
        Window {
            ring: array::from_fn(|_| None),
            made: [0; GROUPS],
            left: 0,
        }
    }

    /// The keys in it.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.made[0] - self.left
    }

    /// Makes each key take its next step. Those that may leave must have left.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn step(
        &mut self,
        keys: impl Iterator<Item = T>,
        look: impl FnMut(&mut T),
        look_twice: impl FnMut(&mut T),
    ) {
        let [entered, looked, looked_twice, may_leave] = self.made;
        debug_assert!(self.left == may_leave);
        let mut next = entered;
        for key in keys.take(GROUP) {
            *self.at(next) = Some(key);
            next += 1;
        }
        self.each(looked..entered, look);
        self.each(looked_twice..looked, look_twice);
        self.made = [next, entered, looked, looked_twice];
    }

    /// The next key that may leave.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn leave(&mut self) -> Option<T> {
        let n = self.left;
        if n == self.made[3] {
            return None;
        }
        self.left += 1;
        self.at(n).take()
    }

    /// All keys in it, in order, also after a panic in the middle of a step. The window cannot be
    /// used any more.
    pub(crate) fn rest(&mut self) -> impl Iterator<Item = T> {
        let keys = self.left..self.left + self.ring.len();
        keys.map_while(|n| self.at(n).take())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn each(&mut self, keys: Range<usize>, mut step: impl FnMut(&mut T)) {
        for n in keys {
            if let Some(key) = self.at(n) {
                step(key);
            }
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn at(&mut self, n: usize) -> &mut Option<T> {
        &mut self.ring[n % (GROUPS * GROUP)]
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::raw::batch::tests::assert_in_turn;
    use core::cell::RefCell;
    use std::vec::Vec;

    /// Each key takes each step once, in order, and a group later than the step before.
    #[test]
    fn keys_take_every_step_in_turn() {
        for n in [0, 1, 7, 8, 9, 32, 33, 100] {
            let taken = RefCell::new(Vec::new());
            let take = |step, key| taken.borrow_mut().push((step, key));
            let mut keys = (0..n).inspect(|&key| take("enter", key));
            let mut window = Window::new();
            loop {
                window.step(
                    &mut keys,
                    |key| take("look", *key),
                    |key| take("twice", *key),
                );
                if window.len() == 0 {
                    break;
                }
                while let Some(key) = window.leave() {
                    take("leave", key);
                }
            }
            let steps = ["enter", "look", "twice", "leave"];
            assert_in_turn(&taken.into_inner(), &steps, n, GROUP);
        }
    }
}
