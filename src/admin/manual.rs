//! `completion` and `man`: what shells and manual pages know of the command line.
//!
//! Both are made from the same table as the help, so that neither can lack a command.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::text::Text;
use super::{CommandLine, Failure, print};

/// Print what a shell needs to complete the commands and their options
///
/// In ~/.bashrc: eval "$(lyceum completion bash)". `make install` puts it where bash, zsh and fish
/// look for it.
#[derive(Debug, Args)]
pub struct Completion {
    /// The shell that is to read it
    shell: Shell,
}

/// Print a manual page: of the program, or of one command, such as `man room list`
#[derive(Debug, Args)]
pub struct ManualPage {
    /// The command, word by word
    command: Vec<String>,
    /// Write the pages of the program and of all its commands into this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    all: Option<PathBuf>,
}

/// Prints what a shell is to read.
pub(super) fn complete(wanted: &Completion) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(wanted.shell, &mut CommandLine::command(), NAME, &mut script);
    Ok(print::text(&text(&script))?)
}

/// Prints a manual page, or writes all of them.
pub(super) fn manual(wanted: &ManualPage) -> Result<(), Failure> {
    let program = built();
    if let Some(folder) = &wanted.all {
        return Ok(write_all(&program, folder)?);
    }
    let mut command = &program;
    for word in &wanted.command {
        command = command.find_subcommand(word).ok_or_else(|| {
            Failure::CommandLine(format!("there is no command {}", wanted.command.join(" ")))
        })?;
    }
    Ok(print::text(&text(&page(command)?))?)
}

/// The program with all its commands, which know what they are called as a whole.
fn built() -> Command {
    // Of each command there is a page, and of `help` there need not be.
    let mut program = CommandLine::command().disable_help_subcommand(true);
    program.build();
    program
}

/// The page of a command and of every one in it, in a file each.
fn write_all(command: &Command, folder: &Path) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or(NAME);
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page(command)?)
        .with_context(|| format!("{} can't be written", path.display()))?;
    let mut inner = command.get_subcommands();
    inner.try_for_each(|command| write_all(command, folder))
}

fn page(command: &Command) -> anyhow::Result<Vec<u8>> {
    let source = concat!("Lyceum ", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    Man::new(command.clone())
        .source(source)
        .render(&mut page)
        .context("the page can't be made")?;
    Ok(page)
}

fn text(bytes: &[u8]) -> Text {
    Text::lines(String::from_utf8_lossy(bytes).lines())
}

const NAME: &str = "lyceum";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::form;

    fn script(shell: Shell) -> String {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut CommandLine::command(), NAME, &mut script);
        String::from_utf8(script).unwrap()
    }

    /// All commands that have no others in them, as they are typed.
    fn commands(command: &Command, name: &[&str]) -> Vec<(String, Command)> {
        if !command.has_subcommands() {
            return vec![(name.join(" "), command.clone())];
        }
        let inner = command.get_subcommands();
        inner
            .flat_map(|inner| commands(inner, &[name, &[inner.get_name()]].concat()))
            .collect()
    }

    #[test]
    fn every_shell_knows_every_command_and_its_flags() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell);
            for (name, command) in commands(&built(), &[]) {
                let verb = name.rsplit(' ').next().unwrap();
                assert!(script.contains(verb), "{shell}: {name}");
                for flag in command.get_arguments().filter_map(|flag| flag.get_long()) {
                    let flag = match shell {
                        Shell::Fish => format!("-l {flag}"),
                        _ => format!("--{flag}"),
                    };
                    assert!(script.contains(&flag), "{shell}: {name} {flag}");
                }
            }
        }
    }

    #[test]
    fn every_command_has_a_page_in_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        write_all(&built(), folder.path()).unwrap();
        let commands = commands(&built(), &[]);
        assert!(commands.len() > form::all().len());
        for (name, _) in commands {
            let file = format!("lyceum-{}.1", name.replace(' ', "-"));
            let page = fs::read_to_string(folder.path().join(&file)).expect(&file);
            assert!(page.contains(".SH OPTIONS"), "{name}: {page}");
        }
        let page = fs::read_to_string(folder.path().join("lyceum.1")).unwrap();
        assert!(page.contains("lyceum\\-room(1)"), "{page}");
        assert!(!folder.path().join("lyceum-help.1").exists());
    }
}
