//! The commands of the program.

pub mod diff;
pub mod replay;
pub mod trace_gen;

use std::fmt;
use std::fs;
use std::io::Read;
use std::path::Path;

use maptype::Era;

use crate::machine::Ownership;
use crate::trace::{Trace, parse_all};

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure(error.to_string())
    }
}

/// The era to follow, as an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum EraName {
    Go112,
    Go119,
    Go123,
}

impl From<EraName> for Era {
    fn from(name: EraName) -> Era {
        match name {
            EraName::Go112 => Era::Go112,
            EraName::Go119 => Era::Go119,
            EraName::Go123 => Era::Go123,
        }
    }
}

/// Who frees memory, as an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum HeapName {
    /// Nobody, as if there were a collector
    Traced,
    /// The map
    Owned,
}

impl From<HeapName> for Ownership {
    fn from(name: HeapName) -> Ownership {
        match name {
            HeapName::Traced => Ownership::Traced,
            HeapName::Owned => Ownership::Owned,
        }
    }
}

/// The traces in a file; `-` is standard input.
pub fn read_traces(file: &Path) -> Result<Vec<Trace>, Failure> {
    let mut text = Vec::new();
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().read_to_end(&mut text).map(|_| ()),
        false => fs::read(file).map(|bytes| text = bytes),
    };
    let name = file.display();
    read.map_err(|error| Failure(format!("{name}: {error}")))?;
    parse_all(&text).map_err(|malformed| Failure(format!("{name}:{malformed}")))
}
