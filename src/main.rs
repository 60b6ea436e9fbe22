//! The program: arguments, logging, exit code. What the commands do is in [`lyceum::admin`].

use std::process::ExitCode;

use clap::Parser;
use lyceum::admin::{self, CommandLine, logging};

fn main() -> ExitCode {
    // Ends with code 2 when the command line is wrong.
    let line = CommandLine::parse();
    logging::start(&line.log);
    match admin::run(&line.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            admin::tell(&failure);
            failure.exit_code()
        }
    }
}
