//! The way of a command to where it is carried out: the running service, or the database when that
//! is stopped.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;

use anyhow::{Context, anyhow};

use super::{ConfigFile, Failure};
use crate::command::{self, AttachmentWriter, Conclusion, Reply, RoomName, Wish};
use crate::config::{Config, Pool};
use crate::service::{SocketName, operate, socket_path};
use crate::store;

/// Takes the replies before the last, as they come.
pub(super) type Listener<'a> = &'a mut dyn FnMut(Reply) -> anyhow::Result<()>;

/// Reads the configuration, and picks the pool that is meant: the one that was named, the one of
/// the room, the only one.
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
    let of_room = room.and_then(RoomName::domain).map(str::to_owned);
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

/// Has a command carried out, and returns its conclusion.
///
/// # Errors
/// [`Failure::Other`]: why it was not carried out, or not to its end.
pub(super) fn carry_out(
    pool: &Pool,
    wish: &Wish,
    listener: Listener<'_>,
) -> Result<Conclusion, Failure> {
    carry_out_with(pool, wish, |_| (), listener).1
}

/// The same for a command that something belongs to. `send` puts it in, on a thread of its own;
/// what it gives comes back, unless there was nobody to send it to. When the command ends before,
/// writing fails.
///
/// # Errors
/// As [`carry_out`].
pub(super) fn carry_out_with<T: Send>(
    pool: &Pool,
    wish: &Wish,
    send: impl FnOnce(&mut dyn Write) -> T + Send,
    listener: Listener<'_>,
) -> (Option<T>, Result<Conclusion, Failure>) {
    let road = match find(pool, wish) {
        Ok(road) => road,
        Err(failure) => return (None, Err(failure)),
    };
    thread::scope(|scope| {
        let (mut attachment, road) = match road {
            Road::Service(service) => match service.try_clone() {
                Ok(writing) => (AttachmentRoad::Service(writing), Road::Service(service)),
                Err(error) => return (None, Err(anyhow::Error::new(error).into())),
            },
            Road::Offline(offline, writer) => (
                AttachmentRoad::Offline(writer.clone()),
                Road::Offline(offline, writer),
            ),
        };
        let sent = scope.spawn(move || {
            let sent = send(attachment.as_write());
            attachment.finish();
            sent
        });
        let conclusion = match road {
            Road::Service(service) => listen(&service, listener),
            Road::Offline(offline, writer) => {
                drop(writer);
                listen_offline(offline, listener)
            }
        };
        (sent.join().ok(), conclusion)
    })
}

/// Where a command is carried out that has begun.
enum Road {
    Service(UnixStream),
    Offline(operate::Offline, AttachmentWriter),
}

/// Where what belongs to a command is put in.
enum AttachmentRoad {
    Service(UnixStream),
    Offline(AttachmentWriter),
}

impl AttachmentRoad {
    fn as_write(&mut self) -> &mut dyn Write {
        match self {
            Self::Service(stream) => stream,
            Self::Offline(writer) => writer,
        }
    }

    fn finish(self) {
        match self {
            // When the service has closed it before, that is as good.
            Self::Service(stream) => drop(stream.shutdown(Shutdown::Write)),
            Self::Offline(writer) => drop(writer),
        }
    }
}

fn find(pool: &Pool, wish: &Wish) -> Result<Road, Failure> {
    if let Some(service) = connect(pool)? {
        return ask(service, wish);
    }
    if !pool.database.exists() {
        let told = format!(
            "the database {} doesn't exist yet; it is made at the first start of the service",
            pool.database.display()
        );
        return Err(anyhow!(told).into());
    }
    let (writer, attachment) = command::attachment();
    match operate::offline(pool, wish.clone(), attachment) {
        Ok(offline) => Ok(Road::Offline(offline, writer)),
        // The service may have just been starting.
        Err(error @ store::Error::InUse { .. }) => match connect(pool)? {
            Some(service) => ask(service, wish),
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

fn ask(mut service: UnixStream, wish: &Wish) -> Result<Road, Failure> {
    let mut line = serde_json::to_vec(wish).context("the command has no form in JSON")?;
    line.push(b'\n');
    service
        .write_all(&line)
        .context("the service doesn't take the command")?;
    Ok(Road::Service(service))
}

fn listen(service: &UnixStream, listener: Listener<'_>) -> Result<Conclusion, Failure> {
    let conclusion = listen_to_the_end(service, listener);
    // Whoever is still sending is to notice; when the service has noticed it before, that is as
    // good.
    let _ = service.shutdown(Shutdown::Both);
    conclusion
}

fn listen_to_the_end(service: &UnixStream, listener: Listener<'_>) -> Result<Conclusion, Failure> {
    for line in BufReader::new(service).lines() {
        let line = line.context("the service's answer breaks off")?;
        let reply = serde_json::from_str(&line)
            .context("the service's answer is not understood; it may run another version")?;
        if let Some(conclusion) = take(reply, listener) {
            return conclusion;
        }
    }
    Err(anyhow!("the service ended before the answer; what it had done by then stays done").into())
}

fn listen_offline(
    mut offline: operate::Offline,
    listener: Listener<'_>,
) -> Result<Conclusion, Failure> {
    let mut conclusion = None;
    while conclusion.is_none()
        && let Some(reply) = offline.replies.blocking_recv()
    {
        conclusion = take(reply, listener);
    }
    offline.finish();
    conclusion.unwrap_or_else(|| Err(anyhow!("a mistake in this program ended the command").into()))
}

/// Takes a reply; returns the conclusion if it is the last.
fn take(reply: Reply, listener: Listener<'_>) -> Option<Result<Conclusion, Failure>> {
    match reply {
        Reply::Done(conclusion) => Some(Ok(conclusion)),
        Reply::Failed { why } => Some(Err(anyhow!(why).into())),
        Reply::Row(_) | Reply::Progress { .. } => {
            listener(reply).err().map(|error| Err(error.into()))
        }
    }
}
