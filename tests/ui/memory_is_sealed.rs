//! What a map does with its memory is not for others to do: they would leak an allocator.

use gomap::typed::{Memory, SystemHeap};

fn leak<A: Memory>(memory: A) -> bool {
    memory.hold::<u8, u8>().is_ok()
}

fn main() {
    println!("{}", leak(SystemHeap));
}
