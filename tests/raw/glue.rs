//! Drop glue that uses the map which drops it.

use std::cell::Cell;
use std::ptr;

use gomap::heap::{Pages, system_heap};
use gomap::layout::{Hiter, Hmap};
use gomap::maptype::{Era, MapType, Type, alg};
use gomap::raw::{
    makemap_small, mapassign, mapclear, mapfree, mapiterdone, mapiterinit, mapiternext,
};

/// What glue does the next time that it runs.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    Nothing,
    Insert,
    Step,
    InsertAndStep,
}

thread_local! {
    static MAP: Cell<(*const MapType, *mut Hmap, *mut Hiter)> =
        const { Cell::new((ptr::null(), ptr::null_mut(), ptr::null_mut())) };
    static ACT: Cell<Act> = const { Cell::new(Act::Nothing) };
}

unsafe extern "C-unwind" fn act(_: *mut u8, _: *const Type) {
    let (t, h, it) = MAP.get();
    let act = ACT.replace(Act::Nothing);
    // SAFETY: the map and the iterator of the test that set them.
    unsafe {
        if matches!(act, Act::Insert | Act::InsertAndStep) {
            insert(&*t, h, 7777);
        }
        if matches!(act, Act::Step | Act::InsertAndStep) && !(*it).key.is_null() {
            mapiternext(it);
        }
    }
}

/// # Safety
/// `h` is a map of `t`, from words to words.
unsafe fn insert(t: &MapType, h: *mut Hmap, id: u64) {
    // SAFETY: keys and elems are words.
    unsafe {
        mapassign(t, h, (&raw const id).cast())
            .cast::<u64>()
            .write(id)
    }
}

/// A clear whose glue uses the map, under an iteration that goes on afterwards: it ends, whatever
/// arrays the map has by then.
fn clear_under_an_iterator(act_in_glue: Act, entries: u64, steps: usize, era: Era) {
    let elem = Type::plain("elem", 8, 8).with_drop(act);
    let heap = system_heap(era, Pages::Small);
    let t = MapType::new(&alg::UINT64, &elem, &heap).unwrap();
    // SAFETY: keys and elems are words; the map is this test's own.
    unsafe {
        let h = makemap_small(&t);
        (0..entries).for_each(|id| insert(&t, h, id));
        let mut it = Hiter::zeroed();
        let it = &raw mut it;
        mapiterinit(&t, h, it);
        for _ in 0..steps {
            mapiternext(it);
        }
        MAP.set((&t, h, it));
        ACT.set(act_in_glue);
        mapclear(&t, h);
        assert!(ACT.get() == Act::Nothing, "glue ran");
        for _ in 0..=entries {
            mapiternext(it);
        }
        assert!((*it).key.is_null());
        mapiterdone(it);
        mapfree(&t, h);
    }
}

#[test]
fn an_iteration_survives_a_clear_whose_glue_uses_the_map() {
    for era in [Era::Go112, Era::Go119, Era::Go123] {
        for act in [Act::Insert, Act::Step, Act::InsertAndStep] {
            for entries in [5, 9, 50, 1000] {
                for steps in [0, 3] {
                    clear_under_an_iterator(act, entries, steps, era);
                }
            }
        }
    }
}
