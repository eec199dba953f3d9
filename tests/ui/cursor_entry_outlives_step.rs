//! What a cursor came to is borrowed until the map is changed.

fn main() {
    let mut map = gomap::Map::from([(1, 1), (2, 2)]);
    let mut cursor = map.walk();
    let first = cursor.next(&mut map);
    let second = cursor.next(&mut map);
    println!("{first:?} {second:?}");
}
