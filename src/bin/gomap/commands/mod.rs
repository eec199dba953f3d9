//! The commands of the program.

mod diff;
mod generate;
mod replay;

use std::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use maptype::Era;

use crate::trace::{Memory, Trace, parse_all};

pub use diff::Diff;
pub use generate::Gen;
pub use replay::Replay;

/// Why a command failed.
type Failure = Box<dyn Error>;

/// A closed pipe (`gomap count … | head`) is no failure.
pub fn ignore_closed_pipe(failure: Failure) -> Result<ExitCode, Failure> {
    match failure.downcast_ref::<io::Error>() {
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        _ => Err(failure),
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

/// The treatment of discarded memory, as an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum MemoryName {
    /// It is never freed, as if the collector did not run.
    Lasting,
    /// The map frees it.
    Reused,
}

impl From<MemoryName> for Memory {
    fn from(name: MemoryName) -> Memory {
        match name {
            MemoryName::Lasting => Memory::Lasting,
            MemoryName::Reused => Memory::Reused,
        }
    }
}

/// The traces in a file; `-` is standard input.
pub fn read_traces(file: &Path) -> Result<Vec<Trace>, Failure> {
    let mut text = Vec::new();
    let read = match file.as_os_str() == "-" {
        true => io::stdin().read_to_end(&mut text).map(|_| ()),
        false => fs::read(file).map(|bytes| text = bytes),
    };
    let name = file.display();
    read.map_err(|error| format!("{name}: {error}"))?;
    Ok(parse_all(&text).map_err(|malformed| format!("{name}:{malformed}"))?)
}
