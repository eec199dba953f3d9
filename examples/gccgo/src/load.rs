//! What happens when the library is loaded, before any Go code runs, and when the program ends.

use std::hint::black_box;
use std::process::abort;
use std::{env, panic};

use crate::abi::GoType;
use crate::{runtime, stats};

/// Bytes of the `g` of libgo 12.2, which stands for all the facts that this library relies on.
const SIZE_OF_G: usize = 2432;

#[used]
#[unsafe(link_section = ".init_array")]
static ON_LOAD: extern "C" fn() = on_load;

#[used]
#[unsafe(link_section = ".fini_array")]
static ON_EXIT: extern "C" fn() = on_exit;

extern "C" fn on_load() {
    let g = size_of_type(&raw const runtime::G);
    let hmap = size_of_type(&raw const runtime::HMAP);
    let hiter = size_of_type(&raw const runtime::HITER);
    match (g, hmap, hiter) {
        (None, _, _) => return,
        (Some(SIZE_OF_G), Some(48), Some(96)) => {}
        _ => {
            eprintln!("gomap: this is not the libgo of gccgo 12.2, whose map it can replace");
            abort();
        }
    }
    // A Rust panic must not unwind into Go. There is no reason for one.
    panic::set_hook(Box::new(|info| {
        eprintln!("gomap: {info}");
        abort();
    }));
    if env::var_os(stats::VARIABLE).is_some() {
        stats::enable();
    }
}

/// The size of a type of libgo; `None` in a process without libgo.
fn size_of_type(symbol: *const GoType) -> Option<usize> {
    // The compiler takes the address of a symbol for not null; that of a weak one may be.
    let ty = black_box(symbol);
    // SAFETY: the address is null, or that of a type.
    unsafe { ty.as_ref() }.map(|ty| ty.size)
}

extern "C" fn on_exit() {
    if stats::enabled() {
        stats::print();
    }
}
