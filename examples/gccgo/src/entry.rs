//! The symbols that take the place of libgo's.
//!
//! Go code runs on small stacks that grow when a function finds them too short. Rust code does not
//! look, so each entry point looks for it: if less than [`FRAME`] is left, libgcc's `__morestack`
//! provides a new piece of stack, and releases it when the function returns or unwinds.

use core::arch::naked_asm;

use crate::map;

/// More stack than any map function uses, the allocator's included; Go functions called from there
/// look for themselves.
const FRAME: usize = 0x4000;

/// Declares the entry point of symbol `runtime.…`, which checks the stack and jumps to the
/// function.
macro_rules! entry_points {
    ($($symbol:literal $name:ident $function:path;)+) => {$(
        #[unsafe(export_name = concat!("runtime.", $symbol))]
        #[unsafe(naked)]
        unsafe extern "C-unwind" fn $name() {
            naked_asm!(
                ".cfi_startproc",
                "lea r11, [rsp - {frame}]",
                "cmp r11, fs:[0x70]",
                "jb 2f",
                "1: jmp {function}",
                // The bytes of stack to find, and those of arguments on it. `__morestack` calls
                // what follows the `ret`.
                "2: mov r10d, {frame}",
                "xor r11d, r11d",
                "call __morestack",
                "ret",
                "jmp 1b",
                ".cfi_endproc",
                frame = const FRAME,
                function = sym $function,
            )
        }
    )+};
}

entry_points! {
    "makemap" makemap map::makemap;
    "makemap64" makemap64 map::makemap;
    "makemap__small" makemap_small map::makemap_small;
    "mapaccess1" mapaccess1 map::mapaccess1;
    "mapaccess1__fat" mapaccess1_fat map::mapaccess1_fat;
    "mapaccess1__fast32" mapaccess1_fast32 map::mapaccess1_fast32;
    "mapaccess1__fast64" mapaccess1_fast64 map::mapaccess1_fast64;
    "mapaccess1__faststr" mapaccess1_faststr map::mapaccess1_faststr;
    "mapaccess2" mapaccess2 map::mapaccess2;
    "mapaccess2__fat" mapaccess2_fat map::mapaccess2_fat;
    "mapaccess2__fast32" mapaccess2_fast32 map::mapaccess2_fast32;
    "mapaccess2__fast64" mapaccess2_fast64 map::mapaccess2_fast64;
    "mapaccess2__faststr" mapaccess2_faststr map::mapaccess2_faststr;
    "mapassign" mapassign map::mapassign;
    "mapassign__fast32" mapassign_fast32 map::mapassign_fast32;
    "mapassign__fast32ptr" mapassign_fast32ptr map::mapassign_fast32;
    "mapassign__fast64" mapassign_fast64 map::mapassign_fast64;
    "mapassign__fast64ptr" mapassign_fast64ptr map::mapassign_fast64ptr;
    "mapassign__faststr" mapassign_faststr map::mapassign_faststr;
    "mapdelete" mapdelete map::mapdelete;
    "mapdelete__fast32" mapdelete_fast32 map::mapdelete_fast32;
    "mapdelete__fast64" mapdelete_fast64 map::mapdelete_fast64;
    "mapdelete__faststr" mapdelete_faststr map::mapdelete_faststr;
    "mapclear" mapclear map::mapclear;
    "mapiterinit" mapiterinit map::mapiterinit;
    "mapiternext" mapiternext map::mapiternext;
}
