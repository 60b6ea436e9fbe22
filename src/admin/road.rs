//! The way of a command to where it is carried out: the running service, or the database when that is stopped.

use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;

use anyhow::{Context, anyhow};
use jid::BareJid;

use super::print::Printer;
use super::{ConfigFile, Failure};
use crate::command::{self, AttachmentWriter, Command, Outcome, Reply};
use crate::config::{Config, Pool};
use crate::room::text::address;
use crate::service::{SocketName, operate, socket_path};
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
            true => address::parse_bare(text),
            false => address::parse_bare(&format!("{text}@example")),
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

    /// The address in any service's domain, if it does not tell its own.
    pub fn at(&self, domain: &BareJid) -> BareJid {
        match self.names_a_pool() {
            true => self.jid.clone(),
            false => BareJid::from_parts(self.jid.node(), domain.domain()),
        }
    }

    /// Sees that a full address is one of the pool.
    ///
    /// # Errors
    /// [`Failure::CommandLine`]: it isn't.
    pub(super) fn expect_in(&self, pool: &Pool) -> Result<(), Failure> {
        if self.names_a_pool() && self.jid.domain() != &*pool.domain {
            return Err(Failure::CommandLine(format!(
                "the room {} is not in the pool {}",
                self.jid, pool.domain
            )));
        }
        Ok(())
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
    config: &ConfigFile,
    domain: Option<&str>,
    room: Option<&RoomName>,
) -> Result<Pool, Failure> {
    let mut pools = Config::load(&config.path()?)?.pools;
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
    carry_out_with(pool, command, |_| (), listener).1
}

/// The same for a command that something belongs to. `send` puts it in, on a thread of its own; what it gives comes back,
/// unless there was nobody to send it to. When the command ends before, writing fails.
///
/// # Errors
/// As above.
pub(super) fn carry_out_with<T: Send>(
    pool: &Pool,
    command: &Command,
    send: impl FnOnce(&mut dyn Write) -> T + Send,
    listener: Listener<'_>,
) -> (Option<T>, Result<Outcome, Failure>) {
    let road = match find(pool, command) {
        Ok(road) => road,
        Err(failure) => return (None, Err(failure)),
    };
    thread::scope(|scope| {
        let (mut supplier, road) = match road {
            Road::Service(service) => match service.try_clone() {
                Ok(writing) => (Supplier::Service(writing), Road::Service(service)),
                Err(error) => return (None, Err(anyhow::Error::new(error).into())),
            },
            Road::Alone(alone, supplier) => (
                Supplier::Alone(supplier.clone()),
                Road::Alone(alone, supplier),
            ),
        };
        let sent = scope.spawn(move || {
            let sent = send(supplier.as_write());
            supplier.finish();
            sent
        });
        let outcome = match road {
            Road::Service(service) => listen(&service, listener),
            Road::Alone(alone, supplier) => {
                drop(supplier);
                listen_alone(alone, listener)
            }
        };
        (sent.join().ok(), outcome)
    })
}

/// Where a command is carried out that has begun.
enum Road {
    Service(UnixStream),
    Alone(operate::Offline, AttachmentWriter),
}

/// Where that is put in what belongs to a command.
enum Supplier {
    Service(UnixStream),
    Alone(AttachmentWriter),
}

impl Supplier {
    fn as_write(&mut self) -> &mut dyn Write {
        match self {
            Self::Service(stream) => stream,
            Self::Alone(supplier) => supplier,
        }
    }

    fn finish(self) {
        match self {
            // When the service has closed it before, that is as good.
            Self::Service(stream) => drop(stream.shutdown(Shutdown::Write)),
            Self::Alone(supplier) => drop(supplier),
        }
    }
}

fn find(pool: &Pool, command: &Command) -> Result<Road, Failure> {
    if let Some(service) = connect(pool)? {
        return ask(service, command);
    }
    if !pool.database.exists() {
        let told = format!(
            "the database {} doesn't exist yet; it is made at the first start of the service",
            pool.database.display()
        );
        return Err(anyhow!(told).into());
    }
    let (writer, attachment) = command::attachment();
    match operate::offline(pool, command.clone(), attachment) {
        Ok(alone) => Ok(Road::Alone(alone, writer)),
        // The service may have just been starting.
        Err(error @ store::Error::InUse { .. }) => match connect(pool)? {
            Some(service) => ask(service, command),
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
pub(super) fn outcome(pool: &Pool, command: &command::Command) -> Result<Outcome, Failure> {
    let mut printer = Printer::quiet();
    let outcome = carry_out(pool, command, &mut |reply| {
        printer.take(&reply, |_| Vec::new())
    });
    printer.finish("")?;
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

fn ask(mut service: UnixStream, command: &Command) -> Result<Road, Failure> {
    let mut line = serde_json::to_vec(command).context("the command has no form in JSON")?;
    line.push(b'\n');
    service
        .write_all(&line)
        .context("the service doesn't take the command")?;
    Ok(Road::Service(service))
}

fn listen(service: &UnixStream, listener: Listener<'_>) -> Result<Outcome, Failure> {
    let outcome = listen_to_the_end(service, listener);
    // Whoever is still sending is to notice; when the service has noticed it before, that is as good.
    let _ = service.shutdown(Shutdown::Both);
    outcome
}

fn listen_to_the_end(service: &UnixStream, listener: Listener<'_>) -> Result<Outcome, Failure> {
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

fn listen_alone(mut alone: operate::Offline, listener: Listener<'_>) -> Result<Outcome, Failure> {
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
