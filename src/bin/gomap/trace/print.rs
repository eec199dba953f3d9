//! Writes traces as text.

use std::fmt;

use maptype::Era;

use super::value::Shown;
use super::{Check, Hash, Header, IterId, MapTy, Memory, Op, Path, Trace};

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.header)?;
        for op in &self.ops {
            writeln!(f, "{}", self.op(op))?;
        }
        Ok(())
    }
}

impl Trace {
    /// An operation of this trace, to be printed.
    pub fn op<'a>(&'a self, op: &'a Op) -> ShownOp<'a> {
        ShownOp {
            op,
            map: &self.header.map,
            iterators: &self.iterators,
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "gomap trace 1\n{}", self.map)?;
        writeln!(f, "seed {}", self.seed)?;
        writeln!(f, "hash {}", self.hash)?;
        writeln!(f, "path {}", self.path)?;
        writeln!(f, "era {}", era_name(self.era))?;
        writeln!(f, "check {}", self.check)?;
        writeln!(f, "memory {}", self.memory)?;
        if self.show.all {
            writeln!(f, "show all")?;
        }
        if self.show.end {
            writeln!(f, "show end")?;
        }
        self.show
            .after
            .iter()
            .try_for_each(|number| writeln!(f, "show {number}"))
    }
}

/// As the directive names it.
pub fn era_name(era: Era) -> &'static str {
    match era {
        Era::Go112 => "go112",
        Era::Go119 => "go119",
        Era::Go123 => "go123",
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hash::Default => f.write_str("default"),
            Hash::Good => f.write_str("good"),
            Hash::Few => f.write_str("few"),
            Hash::Identity => f.write_str("identity"),
            Hash::Const(value) => write!(f, "const {value:#x}"),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Path::Generic => "generic",
            Path::Fast => "fast",
        })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Check::Auto(words) => write!(f, "auto {words}"),
            Check::Every(interval) => write!(f, "every {interval}"),
            Check::From(number) => write!(f, "from {number}"),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Memory::Lasting => "lasting",
            Memory::Reused => "reused",
        })
    }
}

/// Prints an operation as its line.
pub struct ShownOp<'a> {
    op: &'a Op,
    map: &'a MapTy,
    iterators: &'a [String],
}

impl fmt::Display for ShownOp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MapTy { key, elem } = self.map;
        let name = |id: &IterId| self.iterators[id.0 as usize].as_str();
        match self.op {
            Op::Make(None) => f.write_str("make"),
            Op::Make(Some(hint)) => write!(f, "make {hint}"),
            Op::Insert(k, v) => write!(f, "insert {} {}", Shown(k, key), Shown(v, elem)),
            Op::Delete(k) => write!(f, "delete {}", Shown(k, key)),
            Op::Get(k) => write!(f, "get {}", Shown(k, key)),
            Op::Read(k) => write!(f, "read {}", Shown(k, key)),
            Op::Clear => f.write_str("clear"),
            Op::Iter(id) => write!(f, "iter {}", name(id)),
            Op::Next(id) => write!(f, "next {}", name(id)),
            Op::Drop(id) => write!(f, "drop {}", name(id)),
            Op::Clone => f.write_str("clone"),
            Op::Swap => f.write_str("swap"),
        }
    }
}
