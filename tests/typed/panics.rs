//! User code that panics: in hash, equality, clone and drop. The map stays whole, and nothing is
//! dropped twice or lost.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use gomap::{Map, inspect};

use crate::model::Random;

thread_local! {
    /// Calls of user code until one panics; never if it is `None`.
    static FUSE: Cell<Option<u32>> = const { Cell::new(None) };
    /// How many values of each number are alive.
    static ALIVE: RefCell<HashMap<u64, i32>> = RefCell::new(HashMap::new());
}

fn burn() {
    let Some(left) = FUSE.get() else { return };
    FUSE.set(left.checked_sub(1));
    if left == 0 {
        panic!("fuse");
    }
}

/// A key or a value, each of which is counted.
#[derive(Debug)]
struct Counted<const SIZE: usize>(u64, [u8; SIZE]);

impl<const SIZE: usize> Counted<SIZE> {
    fn new(number: u64) -> Self {
        ALIVE.with_borrow_mut(|alive| *alive.entry(number).or_insert(0) += 1);
        Counted(number, [0; SIZE])
    }
}

impl<const SIZE: usize> Drop for Counted<SIZE> {
    fn drop(&mut self) {
        ALIVE.with_borrow_mut(|alive| {
            let count = alive.get_mut(&self.0).expect("it was made");
            *count -= 1;
            assert!(*count >= 0, "dropped twice");
        });
        if !std::thread::panicking() {
            burn();
        }
    }
}

impl<const SIZE: usize> Clone for Counted<SIZE> {
    fn clone(&self) -> Self {
        burn();
        Counted::new(self.0)
    }
}

impl<const SIZE: usize> Hash for Counted<SIZE> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        burn();
        (self.0 % 300).hash(state);
    }
}

impl<const SIZE: usize> PartialEq for Counted<SIZE> {
    fn eq(&self, other: &Self) -> bool {
        burn();
        self.0 == other.0
    }
}

impl<const SIZE: usize> Eq for Counted<SIZE> {}

fn alive() -> i32 {
    ALIVE.with_borrow(|alive| alive.values().sum())
}

fn check<const SIZE: usize>(map: &mut Map<Counted<SIZE>, Counted<SIZE>>) {
    assert_eq!(
        alive(),
        2 * map.len() as i32,
        "nothing is lost, nothing is left"
    );
    let mut lent = map.as_raw();
    // SAFETY: the map's own descriptor and header.
    unsafe { inspect::check(lent.descriptor(), lent.header()).unwrap() }
}

fn change<const SIZE: usize>(
    map: &mut Map<Counted<SIZE>, Counted<SIZE>>,
    operation: u64,
    number: u64,
) {
    let key = Counted::new(number);
    match operation {
        0..=9 => drop(map.insert(key, Counted::new(number))),
        10..=13 => drop(map.remove(&key)),
        14..=16 => drop(map.entry(key).or_insert_with(|| Counted::new(number)).0),
        17 => drop(map.get(&key).is_some()),
        18 => map.retain(|k, _| k.0 % 3 != number % 3),
        19 => drop(map.clone()),
        20 => drop(map.extract_if(|k, _| k.0 % 2 == 0).take(3).count()),
        21 => map.reserve(number as usize),
        22 => map.shrink_to_fit(),
        23 if number.is_multiple_of(8) => map.clear(),
        24 if number.is_multiple_of(8) => drop(map.drain().take(2).count()),
        25 if number.is_multiple_of(8) => drop(std::mem::take(map).into_iter().take(2).count()),
        26 => drop(map.entry(key).and_modify(burn_and)),
        27 => drop(std::mem::take(map)),
        28..=30 => drop(map.entry(key).and_replace_entry_with(|_, value| {
            burn();
            (operation != 28).then_some(value)
        })),
        _ => {}
    }
}

fn burn_and<T>(_: &mut T) {
    burn();
}

fn run<const SIZE: usize>(seed: u64) {
    ALIVE.with_borrow_mut(HashMap::clear);
    let mut random = Random::new(seed);
    let mut map: Map<Counted<SIZE>, Counted<SIZE>> = Map::new();
    let mut unwound = 0;
    for _ in 0..1500 {
        let (operation, number) = (random.below(31), random.below(700));
        if operation == 27 && random.below(20) != 0 {
            continue;
        }
        FUSE.set((random.below(3) == 0).then(|| random.below(12) as u32));
        let result = catch_unwind(AssertUnwindSafe(|| change(&mut map, operation, number)));
        FUSE.set(None);
        unwound += result.is_err() as u32;
        check(&mut map);
    }
    assert!(unwound > 50, "the fuse burned {unwound} times");
    drop(map);
    assert_eq!(alive(), 0);
}

#[test]
fn the_map_survives_panics_of_user_code() {
    std::panic::set_hook(Box::new(|info| {
        if info.payload_as_str() != Some("fuse") {
            eprintln!("{info}");
        }
    }));
    for seed in 0..8 {
        run::<0>(seed);
        run::<40>(seed);
        run::<200>(seed);
    }
    let _ = std::panic::take_hook();
}
