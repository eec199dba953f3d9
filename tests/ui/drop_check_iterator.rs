//! Entries on their way out that look at a reference when they are dropped must not outlive what it refers to.

struct Prints<'a>(&'a String);

impl Drop for Prints<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let mut entries;
    let text = String::from("gone");
    entries = gomap::Map::from([(1, Prints(&text))]).into_iter();
    entries.next();
}
