//! Measures one face, with one type of keys, in one process. The driver, `benches/run`, starts it.
//!
//! ```text
//! worker FACE TYPE SIZE OPS SAMPLES
//! ```
//!
//! Each sample is printed as a line, its fields separated by blanks:
//! - `OP ops ns checksum` for the operations of a workload;
//! - `latency worst checksum bin:inserts…` for the single inserts of a growing map, by the wall
//!   clock; `running` is the same by the time that the thread ran, which is dearer to ask for, but
//!   knows nothing of other programs;
//! - `repeated worst checksum`, of as many growths as there are samples, see
//!   [`gomap_bench::latency::repeated`];
//! - `memory live peak checksum` for the resident bytes of a grown map.
//!
//! The last four are for `u64` only. `-small` after a face's name does not ask for huge pages.
//! Where the variable `FIXED` is set, nothing of a raw face is random, so that instructions can be
//! counted.
//!
//! The face `floor` is no map: `way-lines looks ns checksum` is what looks at random memory take,
//! see [`gomap_bench::floor`]; its `latency` is that of nothing.

use std::env;
use std::process::ExitCode;

use gomap::heap::{Pages, system_heap};
use gomap::maptype::alg::{GoString, set_process_key};
use gomap::maptype::{Era, Heap};
use gomap_bench::faces::{
    Called, Default, Face, Fast, Griddle, Hashbrown, Raw, Std, Typed, TypedSmall, use_heap,
};
use gomap_bench::floor::floor;
use gomap_bench::keys::{Key, Keys, Wide};
use gomap_bench::latency::{Histogram, idle, latency, repeated};
use gomap_bench::memory::memory;
use gomap_bench::timing::{ClockId, Sample};
use gomap_bench::workload::{Op, Workload};

struct Request<'a> {
    size: usize,
    ops: &'a str,
    samples: usize,
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Some(()) => ExitCode::SUCCESS,
        None => {
            eprintln!("usage: worker FACE u64|str|wide SIZE OP,… SAMPLES; see benches/run --help");
            ExitCode::from(2)
        }
    }
}

fn run(args: &[&str]) -> Option<()> {
    let &[face, ty, size, ops, samples] = args else {
        return None;
    };
    let request = Request {
        size: size.parse().ok().filter(|size| *size > 0)?,
        ops,
        samples: samples.parse().ok()?,
    };
    let (face, pages) = match face.strip_suffix("-small") {
        Some(raw) if raw != "gomap-typed" => (raw, Pages::Small),
        _ => (face, Pages::Huge),
    };
    let mut heap = system_heap(Era::default(), pages);
    if env::var_os("FIXED").is_some() {
        set_process_key(FIXED);
        heap.random = fixed;
    }
    use_heap(heap);
    match (ty, ops) {
        (_, "latency" | "running") if face == "floor" => print_idle(&request),
        _ if face == "floor" => print_floor(&request),
        _ => return measure(face, ty, &request),
    }
    Some(())
}

fn measure(face: &str, ty: &str, request: &Request<'_>) -> Option<()> {
    match (ty, request.ops) {
        ("u64", "latency") => select!(face, u64, F => print_latency::<F>(request)),
        ("u64", "running") => select!(face, u64, F => print_latency::<F>(request)),
        ("u64", "repeated") => select!(face, u64, F => print_repeated::<F>(request)),
        ("u64", "memory") => select!(face, u64, F => print_memory::<F>(request)),
        ("u64", _) => select!(face, u64, F => workload::<u64, F>(request)),
        ("str", _) => {
            select!(face, &'static str, GoString, F => workload::<_, F>(request))
        }
        ("wide", _) => select!(face, Wide, F => workload::<Wide, F>(request)),
        _ => None,
    }
}

const FIXED: u64 = 0x9e37_79b9_7f4a_7c15;

unsafe extern "C-unwind" fn fixed(_: *const Heap) -> u64 {
    FIXED
}

/// Evaluates an expression with `$face_type` for the face of this name. Raw faces may have another
/// type of keys.
macro_rules! select {
    ($face:expr, $key:ty, $face_type:ident => $call:expr) => {
        select!($face, $key, $key, $face_type => $call)
    };
    ($face:expr, $key:ty, $raw_key:ty, $face_type:ident => $call:expr) => {
        select!(@ $face, $face_type, $call,
            "gomap-typed" = Typed<$key>,
            "gomap-typed-small" = TypedSmall<$key>,
            "gomap-erased" = Raw<$raw_key, Default>,
            "gomap-called" = Raw<$raw_key, Called>,
            "gomap-fast" = Raw<$raw_key, Fast>,
            "hashbrown" = Hashbrown<$key>,
            "griddle" = Griddle<$key>,
            "std" = Std<$key>)
    };
    (@ $face:expr, $face_type:ident, $call:expr, $($name:literal = $type:ty),*) => {
        match $face {
            $($name => {
                type $face_type = $type;
                $call
            })*
            _ => None,
        }
    };
}
use select;

fn workload<K: Key, F: Face<K>>(request: &Request<'_>) -> Option<()> {
    let op = |name| Op::ALL.into_iter().find(|op| op.name() == name);
    let ops: Vec<Op> = request.ops.split(',').map(op).collect::<Option<_>>()?;
    let keys = Keys::<K>::new(request.size);
    let mut workload = Workload::<K, F>::new(&keys);
    for op in ops {
        for _ in 0..request.samples {
            let sample = workload.measure(op);
            println!("{} {} {} {}", op.name(), sample.ops, sample.ns, sample.sum);
        }
    }
    Some(())
}

fn print_latency<F: Face<u64>>(request: &Request<'_>) -> Option<()> {
    let (histogram, map) = latency::<F>(request.size, clock(request.ops));
    print_histogram(request.ops, &histogram, map.count());
    Some(())
}

fn print_idle(request: &Request<'_>) {
    let histogram = idle(request.size, clock(request.ops));
    print_histogram(request.ops, &histogram, request.size);
}

fn clock(op: &str) -> ClockId {
    match op {
        "running" => ClockId::ThreadCPUTime,
        _ => ClockId::Monotonic,
    }
}

fn print_histogram(op: &str, histogram: &Histogram, count: usize) {
    print!("{op} {} {count}", histogram.worst);
    for (bin, inserts) in histogram
        .bins
        .iter()
        .enumerate()
        .filter(|(_, inserts)| **inserts > 0)
    {
        print!(" {bin}:{inserts}");
    }
    println!();
}

fn print_repeated<F: Face<u64>>(request: &Request<'_>) -> Option<()> {
    let (worst, map) = repeated::<F>(request.size, request.samples);
    println!("repeated {worst} {}", map.count());
    Some(())
}

fn print_floor(request: &Request) {
    const LOOKS: usize = 2_000_000;
    for (how, ahead) in [("loop", false), ("ahead", true)] {
        for lines in 1..=3 {
            for _ in 0..request.samples {
                let Sample { ops, ns, sum } = floor(request.size, lines, ahead, LOOKS);
                println!("{how}-{lines} {ops} {ns} {sum}");
            }
        }
    }
}

fn print_memory<F: Face<u64>>(request: &Request<'_>) -> Option<()> {
    let memory = memory::<F>(request.size);
    println!("memory {} {} {}", memory.live, memory.peak, memory.len);
    Some(())
}
