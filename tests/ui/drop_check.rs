//! A map whose values look at a reference when they are dropped must not outlive what it refers to.

struct Prints<'a>(&'a String);

impl Drop for Prints<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let mut map = gomap::Map::new();
    let text = String::from("gone");
    map.insert(1, Prints(&text));
}
