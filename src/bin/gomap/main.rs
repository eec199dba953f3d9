//! The program `gomap`: the map on the command line.

mod commands;
mod count;
mod coverage;
mod diff;
mod generate;
mod machine;
mod run;
mod snapshot;
mod trace;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{Diff, Gen, Replay, ignore_closed_pipe};

/// Go's classic runtime map: use it, inspect it, and compare it with real Go.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Count(count::Count),
    Replay(Replay),
    Diff(Diff),
    #[command(subcommand)]
    Trace(TraceCommand),
}

/// Make traces of operations.
#[derive(Subcommand)]
enum TraceCommand {
    Gen(Gen),
}

/// The exit status of a command that failed; 1 means that a comparison found a difference.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    run(Cli::parse().command)
        .or_else(ignore_closed_pipe)
        .unwrap_or_else(|error| {
            eprintln!("gomap: {error}");
            ExitCode::from(FAILED)
        })
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Count(count) => count.run().map(|()| ExitCode::SUCCESS),
        Command::Replay(replay) => replay.run().map(|()| ExitCode::SUCCESS),
        Command::Diff(diff) => diff.run(),
        Command::Trace(TraceCommand::Gen(generate)) => generate.run().map(|()| ExitCode::SUCCESS),
    }
}
