//! The program `gomap`: the map on the command line.

mod machine;
mod run;
mod snapshot;
mod trace;

fn main() {
    let text = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let own = match std::env::args().nth(2) {
        None => machine::Ownership::Traced,
        _ => machine::Ownership::Owned,
    };
    use std::io::Write;
    let mut out = std::io::BufWriter::new(std::io::stdout());
    match trace::parse_all(&text) {
        Ok(t) => {
            for t in &t {
                let mut run = run::Run::new(t, own);
                while let Some(o) = run.step() {
                    let r = run.report(&o.unwrap());
                    writeln!(out, "{r}").unwrap();
                }
                let e = run.end();
                writeln!(out, "{e}").unwrap();
                eprintln!("left {}", run.close());
            }
        }
        Err(e) => eprintln!("{e}"),
    }
}
