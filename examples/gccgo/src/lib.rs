//! The map of gccgo-12's Go runtime, replaced by gomap: preloaded into a Go program, this library
//! takes the place of libgo's 26 map functions. `docs/gccgo.md` tells how it works.
#![warn(missing_docs)]

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
compile_error!(
    "the static chain register, the stack check and the offsets are those of gccgo-12 on x86-64 Linux"
);

mod abi;
mod adapter;
mod closure;
mod entry;
mod heap;
mod load;
mod map;
mod preempt;
mod runtime;
mod stats;
