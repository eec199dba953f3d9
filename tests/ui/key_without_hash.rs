//! A key has `Hash` and `Eq`.

#[derive(PartialEq)]
struct Key(f64);

fn main() {
    let mut map = gomap::Map::new();
    map.insert(Key(1.0), ());
}
