//! The program `gomap`: the map on the command line.

mod count;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Go's classic runtime map, at work and laid open.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Count(count::Count),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Count(count) => count.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gomap: {error}");
            ExitCode::FAILURE
        }
    }
}
