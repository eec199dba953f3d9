//! Keys on their way: while the memory of some is waited for, that of the next is asked for.

use core::array;
use core::ops::Range;

/// Keys that take a step together. Fewer would not overlap where they wait all the same, for the bytes of their own that are
/// hashed; more would ask for more memory at once than a core can take requests for.
pub(crate) const GROUP: usize = 8;

/// Groups on their way.
const GROUPS: usize = 4;

/// Keys, or what is known of them, on their way through a map: a key enters, and has its bucket asked for; looks at the tophash
/// row, which tells what else to ask for; looks at that, which may lead on; and leaves.
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

    /// Lets each key take its next step. Those that might leave have left.
    #[inline(always)]
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
    #[inline(always)]
    pub(crate) fn leave(&mut self) -> Option<T> {
        let n = self.left;
        if n == self.made[3] {
            return None;
        }
        self.left += 1;
        self.at(n).take()
    }

    #[inline(always)]
    fn each(&mut self, keys: Range<usize>, mut step: impl FnMut(&mut T)) {
        for n in keys {
            if let Some(key) = self.at(n) {
                step(key);
            }
        }
    }

    #[inline(always)]
    fn at(&mut self, n: usize) -> &mut Option<T> {
        &mut self.ring[n % (GROUPS * GROUP)]
    }
}

/// Takes all keys through a window.
///
/// # Errors
/// The first of `last`; the keys in the window then, and those that did not enter, are dropped.
#[inline(always)]
pub(crate) fn pass<T, E>(
    mut keys: impl Iterator<Item = T>,
    mut look: impl FnMut(&mut T),
    mut look_twice: impl FnMut(&mut T),
    mut last: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let mut window = Window::new();
    loop {
        window.step(&mut keys, &mut look, &mut look_twice);
        if window.len() == 0 {
            return Ok(());
        }
        while let Some(key) = window.leave() {
            last(key)?;
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use core::cell::RefCell;
    use std::vec::Vec;

    /// Each key takes each step once, in order, and a group later than the step before.
    #[test]
    fn keys_take_every_step_in_turn() {
        for n in [0, 1, 7, 8, 9, 32, 33, 100] {
            let steps = RefCell::new(Vec::new());
            let step = |what, key| steps.borrow_mut().push((what, key));
            let keys = (0..n).inspect(|&key| step("enter", key));
            let last = |key| {
                step("leave", key);
                Ok::<(), ()>(())
            };
            pass(
                keys,
                |key| step("look", *key),
                |key| step("twice", *key),
                last,
            )
            .unwrap();
            let steps = steps.into_inner();
            assert_eq!(steps.len(), 4 * n);
            let mut before: Option<Vec<usize>> = None;
            for what in ["enter", "look", "twice", "leave"] {
                let at = |key| steps.iter().position(|&step| step == (what, key)).unwrap();
                let times: Vec<_> = (0..n).map(at).collect();
                assert!(times.is_sorted());
                for (key, time) in times.iter().enumerate() {
                    let last_of_group = (key | (GROUP - 1)).min(n - 1);
                    assert!(
                        before
                            .as_ref()
                            .is_none_or(|before| before[last_of_group] < *time)
                    );
                }
                before = Some(times);
            }
        }
    }

    #[test]
    fn an_error_ends_the_passage() {
        let mut left = Vec::new();
        let last = |key| {
            left.push(key);
            if key == 20 { Err("enough") } else { Ok(()) }
        };
        assert_eq!(pass(0..100, |_| (), |_| (), last), Err("enough"));
        assert_eq!(left, (0..=20).collect::<Vec<_>>());
    }
}
