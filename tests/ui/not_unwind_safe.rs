//! A map of values that can be left broken by a panic does not count as unwind safe.

fn unwind_safe<T: std::panic::UnwindSafe>(_: T) {}

fn main() {
    let mut number = 1;
    unwind_safe(gomap::Map::from([(1, &mut number)]));
}
