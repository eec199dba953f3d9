//! An ordinary iterator does not tolerate changes of the map; a cursor does.

fn main() {
    let mut map = gomap::Map::from([(1, 1)]);
    for (key, value) in &map {
        map.insert(key + 1, *value);
    }
}
