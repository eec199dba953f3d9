//! Maps in an arena of `gc_arena`, which marks while the program runs.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use gc_arena::lock::RefLock;
use gc_arena::{Arena, Collect, Gc, Mutation, Rootable};
use gomap::position::Position;
use gomap::typed::{Cursor, Map, Set};

use crate::kinds::Rng;

/// A value that counts those alive.
#[derive(Collect)]
#[collect(require_static)]
struct Counted {
    id: u64,
    alive: Rc<Cell<usize>>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.update(|n| n - 1);
        self.id = u64::MAX;
    }
}

/// A pointer to a value, compared by what it points to: a map that hashed a dead one would show it.
#[derive(Clone, Copy, Collect)]
#[collect(no_drop)]
struct Pointer<'gc>(Gc<'gc, Counted>);

impl<'gc> Pointer<'gc> {
    fn new(mc: &Mutation<'gc>, id: u64, alive: &Rc<Cell<usize>>) -> Self {
        alive.update(|n| n + 1);
        let alive = alive.clone();
        Pointer(Gc::new(mc, Counted { id, alive }))
    }

    fn id(self) -> u64 {
        assert_ne!(self.0.id, u64::MAX, "a dead value");
        self.0.id
    }
}

impl PartialEq for Pointer<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Pointer<'_> {}

impl Hash for Pointer<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

type Entries<'gc> = Map<Pointer<'gc>, Pointer<'gc>>;

#[derive(Collect)]
#[collect(no_drop)]
struct Root<'gc> {
    map: Gc<'gc, RefLock<Entries<'gc>>>,
    set: Gc<'gc, RefLock<Set<Pointer<'gc>>>>,
    cursor: Option<Cursor<Pointer<'gc>, Pointer<'gc>>>,
    position: Position,
}

/// One random change, or one step of a walk.
fn change<'gc>(
    mc: &Mutation<'gc>,
    root: &mut Root<'gc>,
    model: &mut BTreeMap<u64, u64>,
    rng: &mut Rng,
    alive: &Rc<Cell<usize>>,
) {
    let mut map = root.map.borrow_mut(mc);
    let key = Pointer::new(mc, rng.below(500) as u64, alive);
    match rng.below(10) {
        0..4 => {
            let value = rng.next() >> 1;
            map.insert(key, Pointer::new(mc, value, alive));
            root.set.borrow_mut(mc).insert(key);
            model.insert(key.id(), value);
        }
        4..6 => {
            map.remove(&key);
            root.set.borrow_mut(mc).remove(&key);
            model.remove(&key.id());
        }
        6 => root.cursor = Some(map.walk()),
        7..9 => {
            if let Some((key, value)) = root
                .cursor
                .as_mut()
                .and_then(|cursor| cursor.next(&mut map))
            {
                assert_eq!(model.get(&key.id()), Some(&value.id()));
            }
        }
        _ => match map.next_entry(&mut root.position) {
            Some((key, value)) => assert_eq!(model.get(&key.id()), Some(&value.id())),
            None => root.position = Position::START,
        },
    }
}

#[test]
fn the_arena_keeps_what_maps_hold_and_nothing_else() {
    let alive = Rc::new(Cell::new(0));
    let mut rng = Rng::new(1);
    let mut model = BTreeMap::new();
    let mut arena = Arena::<Rootable![Root<'_>]>::new(|mc| Root {
        map: Gc::new(mc, RefLock::new(Map::new())),
        set: Gc::new(mc, RefLock::new(Set::new())),
        cursor: None,
        position: Position::START,
    });
    for operation in 0..if cfg!(miri) { 500 } else { 20_000 } {
        arena.mutate_root(|mc, root| change(mc, root, &mut model, &mut rng, &alive));
        match operation % 1000 {
            999 => arena.finish_cycle(),
            n if n % 3 == 0 => arena.collect_debt(),
            _ => {}
        }
    }
    arena.finish_cycle();
    arena.finish_cycle();
    arena.mutate(|_, root| {
        let map = root.map.borrow();
        let entries: BTreeMap<u64, u64> = map.iter().map(|(k, v)| (k.id(), v.id())).collect();
        assert_eq!(entries, model);
        let set = root.set.borrow();
        assert!(set.iter().all(|key| model.contains_key(&key.id())));
        // A key that was overwritten stays in the map; the set may hold another one that is equal.
        let shared = set.iter().filter(|&&key| {
            map.get_key_value(&key)
                .is_some_and(|(k, _)| Gc::ptr_eq(k.0, key.0))
        });
        assert_eq!(alive.get(), 2 * map.len() + set.len() - shared.count());
    });
    drop(arena);
    assert_eq!(alive.get(), 0);
}
