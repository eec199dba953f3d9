//! A map is sent to another thread only if its keys, values and hash builder may be.

use std::rc::Rc;

fn main() {
    let map = gomap::Map::from([(1, Rc::new(2))]);
    std::thread::spawn(move || drop(map));
}
