//! The operator's commands: what there is to type, and what is done then.
//!
//! [`CommandLine`] is the table of what can be typed, from which the help is made. Most of it is
//! the vocabulary of [`command`](crate::command), which [`TypedCommand`] reads and has carried out
//! by the service; what this program does itself, on its own side, has a file for each here. What a
//! command prints is its result and goes to standard output; what happens meanwhile is logged, to
//! standard error.
//!
//! The exit code is 0 when all went well, 1 when something failed or was found wrong, and 2 when
//! the command line or the configuration is wrong, so that starting again is of no use.

mod backup;
mod compliance;
mod confirm;
mod diagnosis;
mod export;
mod groups_check;
mod http;
mod import;
mod log_fields;
mod manual;
mod operate;
mod output;
mod print;
mod road;
mod serve;
mod service_user;
mod table;
mod text;

pub mod check;
pub mod logging;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::cause;
use crate::command::RoomName;
use crate::config::{self, Pool};

pub use backup::BackupCommand;
pub use compliance::ComplianceCommand;
pub use export::Export;
pub use manual::{Completion, ManualPage};
pub use operate::TypedCommand;
pub use print::failure as tell;

/// Persistent group chat beside any XMPP server.
#[derive(Debug, Parser)]
#[command(name = "lyceum", version, about, after_help = AFTER_HELP, max_term_width = 100)]
pub struct CommandLine {
    /// What to log: a level (error, warn, info, debug, trace), or levels by part, such as
    /// "info,lyceum::wire=debug"
    #[arg(long, global = true, value_name = "FILTER")]
    #[arg(env = logging::VARIABLE, default_value = logging::DEFAULT)]
    pub log: logging::LogFilter,

    /// What to do.
    #[command(subcommand)]
    pub command: Task,
}

/// What there is to be done.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Run the service until it is told to stop (SIGTERM, SIGINT)
    Serve(ConfigFile),
    /// Look at the configuration, the databases and the XMPP server, and tell what is wrong
    ///
    /// While the service runs, the server is left alone: a second connection might end that of the
    /// service, or get part of its stanzas.
    Check {
        #[command(flatten)]
        #[allow(missing_docs, reason = "the type's documentation says it")]
        file: ConfigFile,
        /// Print the findings as a JSON array
        #[arg(long)]
        json: bool,
    },
    #[command(flatten)]
    Operate(Box<TypedCommand>),
    /// Write rooms with their archives as JSON Lines
    ///
    /// They are written as they were at the moment when it began, also while the service runs.
    Export(Export),
    /// Copy the database of a pool, as it is at this moment, to a file; the service may be running
    Backup(BackupCommand),
    /// Read the log of who was where, said, read and changed what
    #[command(subcommand)]
    Compliance(ComplianceCommand),
    Completion(Completion),
    Man(ManualPage),
}

/// Where the rooms are that a command is about, and how it answers.
#[derive(Debug, Args)]
pub struct Where {
    #[command(flatten)]
    #[allow(missing_docs, reason = "the type's documentation says it")]
    pub file: ConfigFile,
    /// The pool, by its domain; needed only when there are several, and no room's full address says
    /// it
    #[arg(long, value_name = "DOMAIN")]
    pub pool: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl Where {
    /// The pool that is meant.
    fn pool(&self, room: Option<&RoomName>) -> Result<Pool, Failure> {
        road::pool(&self.file, self.pool.as_deref(), room)
    }
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigFile {
    /// The configuration file; lyceum.example.toml documents all of it
    ///
    /// Without it, lyceum.toml in this directory is read, and if there is none,
    /// /etc/lyceum/lyceum.toml.
    #[arg(long = "config", short = 'c', value_name = "FILE")]
    pub named: Option<PathBuf>,
}

impl ConfigFile {
    /// The file that is named, or else that of the usual places which is there.
    fn path(&self) -> Result<PathBuf, config::Error> {
        match &self.named {
            Some(path) => Ok(path.clone()),
            None => config::find(&config::USUAL_PATHS.map(Path::new)),
        }
    }
}

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration is wrong.
    #[error(transparent)]
    Configuration(#[from] config::Error),
    /// The command line makes no sense with this configuration.
    #[error("{0}")]
    CommandLine(String),
    /// `check` found the configuration wrong, and has said so.
    #[error("the configuration is wrong")]
    FoundInConfiguration,
    /// `check` found something else wrong, and has said so.
    #[error("something is wrong")]
    Found,
    /// Something else went wrong.
    #[error("{}", cause::told(.0.as_ref()))]
    Other(#[from] anyhow::Error),
}

const AFTER_HELP: &str = "\
Exit code: 0 all went well; 1 something failed or was found wrong; 2 the command line or the \
configuration is wrong.";

/// Does what the command line says.
///
/// # Errors
/// [`Failure`], whose text is for the operator, and whose [`Failure::exit_code`] is for their
/// scripts.
pub fn run(command: &Task) -> Result<(), Failure> {
    match command {
        Task::Serve(file) => serve::run(&file.path()?),
        Task::Check { file, json } => diagnosis::run(file, *json),
        Task::Operate(command) => operate::run(command),
        Task::Export(export) => export::run(export),
        Task::Backup(command) => backup::run(command),
        Task::Compliance(command) => compliance::run(command),
        Task::Completion(wanted) => manual::complete(wanted),
        Task::Man(wanted) => manual::manual(wanted),
    }
}

impl Failure {
    /// What the program ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) | Self::CommandLine(_) | Self::FoundInConfiguration => {
                ExitCode::from(2)
            }
            Self::Found | Self::Other(_) => ExitCode::FAILURE,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_table_of_commands_is_sound() {
        CommandLine::command().debug_assert();
    }

    /// Every command, and what it is called as a whole.
    fn commands(command: &clap::Command, name: &str) -> Vec<(String, clap::Command)> {
        let inner = command.get_subcommands();
        let inner =
            inner.flat_map(|inner| commands(inner, &format!("{name} {}", inner.get_name())));
        let own = (!command.has_subcommands()).then(|| (name.trim().to_owned(), command.clone()));
        own.into_iter().chain(inner).collect()
    }

    #[test]
    fn every_command_answers_in_json_but_those_that_have_a_form_of_their_own() {
        let has_json = |command: &clap::Command| {
            let mut flags = command.get_arguments().filter_map(|flag| flag.get_long());
            flags.any(|flag| flag == "json")
        };
        let without: Vec<_> = commands(&CommandLine::command(), "")
            .into_iter()
            .filter(|(_, command)| !has_json(command))
            .map(|(name, _)| name)
            .collect();
        // The service answers to no one, and the others write JSON Lines, or what is for a shell
        // or for `man`.
        let expected = ["serve", "export", "compliance export", "completion", "man"];
        assert_eq!(without, expected);
    }

    #[test]
    fn the_configuration_is_the_one_that_is_named() {
        let line = CommandLine::try_parse_from(["lyceum", "check", "--config", "x"]).unwrap();
        let Task::Check { file, .. } = line.command else {
            panic!("it was not asked for");
        };
        assert_eq!(file.path().unwrap(), PathBuf::from("x"));
    }

    #[test]
    fn a_wrong_filter_is_a_wrong_command_line() {
        let error = CommandLine::try_parse_from(["lyceum", "serve", "--log", "a=b=c"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
    }
}
