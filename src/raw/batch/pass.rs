//! A pipeline fed by an array of keys.

use core::ops::Range;

use super::LARGE_GROUP;

/// Groups in the pipeline, at most.
const GROUPS: usize = 4;

/// Takes the keys of these numbers through a map in groups: each takes a step while the others'
/// cache misses are under way. A key enters, and prefetches its row; looks at the row, which says
/// what else to prefetch; looks at that, where it leads further; and leaves. The oldest group goes
/// first, so that the newest one's prefetches delay no one.
///
/// # Errors
/// The first of `leave`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn pass<T: Copy + Default, E>(
    keys: Range<usize>,
    group: usize,
    mut enter: impl FnMut(usize) -> T,
    mut look: impl FnMut(&mut T),
    mut look_twice: Option<impl FnMut(&mut T)>,
    mut leave: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    debug_assert!((1..=LARGE_GROUP).contains(&group));
    let mut ring = [[T::default(); LARGE_GROUP]; GROUPS];
    let groups = keys.len().div_ceil(group);
    let keys_of = |n: usize| {
        let first = keys.start + n * group;
        first..keys.end.min(first + group)
    };
    let last = if look_twice.is_some() { 3 } else { 2 };
    for now in 0..groups + last {
        let entered = |steps_ago: usize| now.checked_sub(steps_ago).filter(|&n| n < groups);
        if let Some(n) = entered(last) {
            for (key, &known) in keys_of(n).zip(&ring[n % GROUPS]) {
                leave(key, known)?;
            }
        }
        if let (Some(n), Some(look_twice)) = (entered(2), &mut look_twice) {
            let known = &mut ring[n % GROUPS][..keys_of(n).len()];
            known.iter_mut().for_each(look_twice);
        }
        if let Some(n) = entered(1) {
            let known = &mut ring[n % GROUPS][..keys_of(n).len()];
            known.iter_mut().for_each(&mut look);
        }
        if let Some(n) = entered(0) {
            for (key, known) in keys_of(n).zip(&mut ring[n % GROUPS]) {
                *known = enter(key);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::raw::batch::GROUP;
    use crate::raw::batch::tests::assert_in_turn;
    use core::cell::RefCell;
    use std::vec::Vec;

    #[test]
    fn keys_take_every_step_in_turn() {
        for n in [0, 1, 7, 8, 9, 15, 16, 17, 32, 33, 100] {
            for (group, twice) in [(GROUP, true), (LARGE_GROUP, true), (LARGE_GROUP, false)] {
                let taken = RefCell::new(Vec::new());
                let take = |step, key| taken.borrow_mut().push((step, key));
                let enter = |number| {
                    take("enter", number - 5);
                    number - 5
                };
                let look = |key: &mut usize| take("look", *key);
                let look_twice = twice.then_some(|key: &mut usize| take("twice", *key));
                let leave = |number, key| {
                    assert_eq!(number, key + 5);
                    take("leave", key);
                    Ok::<(), ()>(())
                };
                pass(5..5 + n, group, enter, look, look_twice, leave).unwrap();
                let steps: &[_] = match twice {
                    true => &["enter", "look", "twice", "leave"],
                    false => &["enter", "look", "leave"],
                };
                assert_in_turn(&taken.into_inner(), steps, n, group);
            }
        }
    }

    #[test]
    fn an_error_ends_the_passage() {
        let mut left = Vec::new();
        let leave = |key, _| {
            left.push(key);
            if key == 20 { Err("enough") } else { Ok(()) }
        };
        let nothing = |_: &mut usize| ();
        assert_eq!(
            pass(0..100, GROUP, |key| key, nothing, Some(nothing), leave),
            Err("enough")
        );
        assert_eq!(left, (0..=20).collect::<Vec<_>>());
    }
}
