//! A map is shared with another thread only if its values may be.

use std::cell::Cell;

fn main() {
    let map = gomap::Map::from([(1, Cell::new(2))]);
    std::thread::scope(|scope| {
        scope.spawn(|| map.get(&1).map(|cell| cell.set(3)));
    });
}
