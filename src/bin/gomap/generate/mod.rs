//! Generates traces that reach cases which hand-written and uniformly random ones seldom do.

mod keys;
mod model;
mod phases;
mod suite;

use maptype::Era;

use crate::trace::{Hash, Header, IterId, MapTy, Op, Path, Trace};
use keys::Keys;
use model::Model;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

pub use suite::Suite;

/// The kind of operations of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mix {
    /// Everything below but `large`, in turn.
    All,
    /// All operations at random on few keys.
    Random,
    /// Growth: up to many keys, with clears, clones and deletions in the middle of it.
    Grow,
    /// Chains filled and emptied one after the other, until the map grows to its own size (with the hashes
    /// `few` and `identity`).
    Churn,
    /// Several long iterations at a time, among all other operations.
    Iterate,
    /// Maps made for hundreds of thousands of entries, B up to 16.
    Large,
}

/// The parameters of a generated trace.
#[derive(Debug, Clone)]
pub struct Plan {
    pub map: MapTy,
    pub hash: Hash,
    pub path: Path,
    pub era: Era,
    pub mix: Mix,
    pub ops: usize,
    pub seed: u64,
}

/// Makes a trace; always the same for the same plan.
pub fn generate(plan: &Plan) -> Trace {
    let mut header = Header::new(plan.map.clone());
    header.seed = plan.seed;
    header.hash = plan.hash;
    header.path = plan.path;
    header.era = plan.era;
    let mut generator = Generator {
        rng: Rng(Xoshiro256PlusPlus::seed_from_u64(plan.seed)),
        keys: Keys::new(&plan.map.key, plan.hash),
        model: Model::nil(),
        spare: Model::nil(),
        clones: plan.era == Era::Go123,
        room: 0,
        alive: Vec::new(),
        trace: Trace {
            header,
            ops: Vec::with_capacity(plan.ops),
            iterators: ["a", "b", "c", "d"].map(String::from).to_vec(),
        },
    };
    while generator.trace.ops.len() < plan.ops {
        generator.phase(plan.mix, plan.ops);
    }
    generator.trace
}

/// A trace being generated.
struct Generator {
    rng: Rng,
    keys: Keys,
    model: Model,
    spare: Model,
    /// Whether the release has clones.
    clones: bool,
    /// Operations that the current phase may still add.
    room: usize,
    /// The iterators in use.
    alive: Vec<IterId>,
    trace: Trace,
}

impl Generator {
    fn push(&mut self, op: Op) {
        self.trace.ops.push(op);
        self.room = self.room.saturating_sub(1);
    }
}

/// The generator's random numbers, separate from those of the trace.
struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// From 0 to `limit` − 1.
    fn below(&mut self, limit: u64) -> u64 {
        self.0.random_range(0..limit)
    }

    fn chance(&mut self, in_a_thousand: u64) -> bool {
        self.below(1000) < in_a_thousand
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}
