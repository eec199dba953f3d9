//! A reference to a value does not outlive a change of the map.

fn main() {
    let mut map = gomap::Map::from([(1, "one")]);
    let one = map.get(&1);
    map.insert(2, "two");
    println!("{one:?}");
}
