//! `gomap trace gen`.

use std::io::{Write, stdout};

use super::{EraName, Failure};
use crate::generate::{Mix, Plan, generate};
use crate::trace::{Path, Types, parse_hash, parse_map};

/// Write a generated trace to standard output; always the same for the same options
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The map's type, in Go's notation
    #[arg(long, default_value = "map[string]int64")]
    map: String,
    /// The hash function: good, few, identity, or "const N"
    #[arg(long, default_value = "good")]
    hash: String,
    /// Call the fast functions that Go's compiler would call for the type
    #[arg(long)]
    fast: bool,
    #[arg(long, value_enum, default_value = "go119")]
    era: EraName,
    /// What the trace is made of
    #[arg(long, value_enum, default_value = "all")]
    mix: Mix,
    /// How many operations
    #[arg(long, default_value_t = 1000)]
    ops: usize,
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let mut types = Types::default();
    let bad = |option: &str, why| Failure(format!("--{option}: {why}"));
    let map = parse_map(&args.map, &mut types).map_err(|why| bad("map", why))?;
    let hash = parse_hash(&args.hash).map_err(|why| bad("hash", why))?;
    if args.fast && map.fast().is_none() {
        return Err(Failure(format!(
            "--fast: Go has no fast functions for {map}"
        )));
    }
    let trace = generate(&Plan {
        map,
        hash,
        path: if args.fast { Path::Fast } else { Path::Generic },
        era: args.era.into(),
        mix: args.mix,
        ops: args.ops,
        seed: args.seed,
    });
    stdout().lock().write_all(trace.to_string().as_bytes())?;
    Ok(())
}
