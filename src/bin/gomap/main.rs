//! The program `gomap`: the map on the command line.

mod commands;
mod coverage;
mod diff;
mod generate;
mod machine;
mod run;
mod snapshot;
mod trace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::Failure;

/// Go's classic runtime map, byte for byte
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Replay(commands::replay::Args),
    Diff(commands::diff::Args),
    #[command(subcommand)]
    Trace(TraceCommand),
}

/// Make traces
#[derive(Debug, Subcommand)]
enum TraceCommand {
    Gen(commands::trace_gen::Args),
}

/// The exit status of a command that could not do its work.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    match run(&Arguments::parse().command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("gomap: {failure}");
            ExitCode::from(FAILED)
        }
    }
}

fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Replay(args) => commands::replay::run(args),
        Command::Diff(args) => commands::diff::run(args),
        Command::Trace(TraceCommand::Gen(args)) => {
            commands::trace_gen::run(args).map(|()| ExitCode::SUCCESS)
        }
    }
}
