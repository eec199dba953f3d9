//! `gomap trace gen`.

use std::io::{Write, stdout};

use clap::Args;

use super::{EraName, Failure};
use crate::generate::{Mix, Plan, generate};
use crate::trace::{Hash, NO_DEFAULT_HASH, Path, Types, parse_hash, parse_map};

/// Write a generated trace to standard output; always the same for the same options.
#[derive(Args)]
pub struct Gen {
    /// The map's type, in Go's notation.
    #[arg(long, default_value = "map[string]int64")]
    map: String,
    /// The hash function: default, good, few, identity, or "const N".
    #[arg(long, default_value = "good")]
    hash: String,
    /// Call the fast functions that Go's compiler would call for the type.
    #[arg(long)]
    fast: bool,
    /// The release of Go that the trace is for: it decides whether there are clones.
    #[arg(long, value_enum, default_value = "go119")]
    era: EraName,
    /// What the trace is made of.
    #[arg(long, value_enum, default_value = "all")]
    mix: Mix,
    /// How many operations.
    #[arg(long, default_value_t = 1000)]
    ops: usize,
    /// Where the random choices start.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl Gen {
    pub fn run(&self) -> Result<(), Failure> {
        let mut types = Types::default();
        let map = parse_map(&self.map, &mut types).map_err(|why| format!("--map: {why}"))?;
        let hash = parse_hash(&self.hash).map_err(|why| format!("--hash: {why}"))?;
        if hash == Hash::Default && !map.has_default_hash() {
            return Err(format!("--hash: {NO_DEFAULT_HASH}").into());
        }
        if self.fast && map.fast().is_none() {
            return Err(format!("--fast: Go has no fast functions for {map}").into());
        }
        let trace = generate(&Plan {
            map,
            hash,
            path: if self.fast { Path::Fast } else { Path::Generic },
            era: self.era.into(),
            mix: self.mix,
            ops: self.ops,
            seed: self.seed,
        });
        stdout().lock().write_all(trace.to_string().as_bytes())?;
        Ok(())
    }
}
