//! The way of a command to where it is carried out: the running service, or the database when that is stopped.

use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, anyhow};
use jid::BareJid;

use super::Failure;
use super::print::Printer;
use crate::config::{Config, Pool};
use crate::service::operate::{self, Command, Outcome, Reply};
use crate::service::{SocketName, socket_path};
use crate::store;

/// Takes the replies before the last, as they come.
pub(super) type Listener<'a> = &'a mut dyn FnMut(Reply) -> anyhow::Result<()>;

/// A room as it is named on the command line: its address, or what stands before the `@`.
#[derive(Clone, Debug)]
pub struct RoomName {
    text: String,
    jid: BareJid,
}

impl std::str::FromStr for RoomName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let jid = match text.contains('@') {
            true => BareJid::new(text),
            false => BareJid::new(&format!("{text}@example")),
        };
        let jid = jid.map_err(|error| format!("this is no address of a room: {error}"))?;
        let text = text.to_owned();
        Ok(Self { text, jid })
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl RoomName {
    /// The address in a pool.
    pub fn of(&self, pool: &Pool) -> BareJid {
        BareJid::from_parts(self.jid.node(), &pool.domain)
    }

    fn names_a_pool(&self) -> bool {
        self.text.contains('@')
    }
}

/// Reads the configuration, and picks the pool that is meant: the one that was named, the one of the room, the only one.
///
/// # Errors
/// - [`Failure::Configuration`]
/// - [`Failure::CommandLine`]: it isn't clear which one is meant, or there is no such pool.
pub(super) fn pool(
    config: &Path,
    domain: Option<&str>,
    room: Option<&RoomName>,
) -> Result<Pool, Failure> {
    let mut pools = Config::load(config)?.pools;
    let of_room = room.filter(|room| room.names_a_pool());
    let of_room = of_room.map(|room| room.jid.domain().to_string());
    let named = domain.map(str::to_lowercase);
    if let (Some(named), Some(of_room)) = (&named, &of_room)
        && named != of_room
    {
        return Err(Failure::CommandLine(format!(
            "the room is in the pool {of_room}, not in {named}"
        )));
    }
    let all: Vec<_> = pools.iter().map(|pool| pool.domain.to_string()).collect();
    let all = all.join(", ");
    match named.or(of_room) {
        Some(wanted) => {
            let found = pools.iter().position(|pool| pool.domain.as_str() == wanted);
            let found = found.map(|index| pools.swap_remove(index));
            found.ok_or_else(|| {
                Failure::CommandLine(format!("there is no pool {wanted}; there is {all}"))
            })
        }
        None => {
            let only = pools.pop().filter(|_| pools.is_empty());
            only.ok_or_else(|| {
                Failure::CommandLine(format!("say which pool is meant with --pool: {all}"))
            })
        }
    }
}

/// Has a command carried out, and tells its outcome.
///
/// # Errors
/// [`Failure::Other`]: why it was not carried out, or not to its end.
pub(super) fn carry_out(
    pool: &Pool,
    command: &Command,
    listener: Listener<'_>,
) -> Result<Outcome, Failure> {
    if let Some(service) = connect(pool)? {
        return ask(service, command, listener);
    }
    if !pool.database.exists() {
        let told = format!(
            "the database {} doesn't exist yet; it is made at the first start of the service",
            pool.database.display()
        );
        return Err(anyhow!(told).into());
    }
    match operate::alone(pool, command.clone()) {
        Ok(alone) => listen_alone(alone, listener),
        // The service may have just been starting.
        Err(error @ store::Error::InUse { .. }) => match connect(pool)? {
            Some(service) => ask(service, command, listener),
            None => Err(anyhow::Error::new(error)
                .context(format!(
                    "a service that can't be reached through {} has the database",
                    socket_path(&pool.database).display()
                ))
                .into()),
        },
        Err(error) => Err(anyhow!(store::explain(&error)).into()),
    }
}

/// Has a command carried out that gives no rows.
///
/// # Errors
/// As [`carry_out`].
pub(super) fn outcome(pool: &Pool, command: &operate::Command) -> Result<Outcome, Failure> {
    let mut printer = Printer::quiet();
    let outcome = carry_out(pool, command, &mut |reply| {
        printer.take(&reply, |_| String::new())
    });
    printer.finish()?;
    outcome
}

/// Connects to the service; `None`: it doesn't run.
fn connect(pool: &Pool) -> anyhow::Result<Option<UnixStream>> {
    let path = socket_path(&pool.database);
    let connected = SocketName::of(&path).and_then(|name| UnixStream::connect(&name.short));
    match connected {
        Ok(stream) => Ok(Some(stream)),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| {
            format!(
                "the service can't be reached through {}; only its own user and root may",
                path.display()
            )
        }),
    }
}

fn ask(
    mut service: UnixStream,
    command: &Command,
    listener: Listener<'_>,
) -> Result<Outcome, Failure> {
    let mut line = serde_json::to_vec(command).context("the command has no form in JSON")?;
    line.push(b'\n');
    service
        .write_all(&line)
        .context("the service doesn't take the command")?;
    for line in BufReader::new(service).lines() {
        let line = line.context("the service's answer breaks off")?;
        let reply = serde_json::from_str(&line)
            .context("the service's answer is not understood; it may run another version")?;
        if let Some(outcome) = take(reply, listener) {
            return outcome;
        }
    }
    Err(anyhow!("the service ended before the answer; what it had done by then stays done").into())
}

fn listen_alone(mut alone: operate::Alone, listener: Listener<'_>) -> Result<Outcome, Failure> {
    let mut outcome = None;
    while outcome.is_none()
        && let Some(reply) = alone.replies.blocking_recv()
    {
        outcome = take(reply, listener);
    }
    alone.finish();
    outcome.unwrap_or_else(|| Err(anyhow!("a mistake in this program ended the command").into()))
}

/// Takes a reply; tells the outcome if it is the last.
fn take(reply: Reply, listener: Listener<'_>) -> Option<Result<Outcome, Failure>> {
    match reply {
        Reply::Done(outcome) => Some(Ok(outcome)),
        Reply::Failed { why } => Some(Err(anyhow!(why).into())),
        Reply::Row(_) | Reply::Progress { .. } => {
            listener(reply).err().map(|error| Err(error.into()))
        }
    }
}
