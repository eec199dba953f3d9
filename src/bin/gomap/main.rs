//! The program `gomap`: the map on the command line.

mod trace;

fn main() {
    let text = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    match trace::parse_all(&text) {
        Ok(t) => t.iter().for_each(|t| print!("{t}")),
        Err(e) => eprintln!("{e}"),
    }
}
