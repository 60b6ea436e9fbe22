//! The program: arguments, logging, exit code. What the commands do is in [`lyceum::admin`].

use std::process::ExitCode;

use clap::Parser;
use lyceum::admin::{self, CommandLine, Failure, logging};

fn main() -> ExitCode {
    // Ends with code 2 when the command line is wrong.
    let line = CommandLine::parse();
    logging::start(&line.log);
    match admin::run(&line.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            failure.exit_code()
        }
    }
}

/// Says on standard error why the command failed; one line for each thing wrong.
fn tell(failure: &Failure) {
    match failure {
        // `check` has printed its findings, to standard output.
        Failure::Found | Failure::FoundInConfiguration => {}
        Failure::Configuration(error) => eprintln!("{error}"),
        Failure::Other(_) | Failure::CommandLine(_) => eprintln!("lyceum: {failure}"),
    }
}
