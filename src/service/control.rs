//! The control socket: how the command line reaches the service.
//!
//! It is a Unix socket beside the database, for the service's own user and root. A connection
//! brings one [`Wish`] as a line of JSON, and behind it what belongs to it, and gets [`Reply`]s, a
//! line each. Whoever brings something else, or nothing, or does not read, loses the connection and
//! disturbs nobody.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use super::operate::CommandRunner;
use super::places::{Busy, Places};
use crate::command::{self, Asker, AttachmentWriter, Reply, Told, Wish};

/// Where the control socket of a database is.
pub fn socket_path(database: &Path) -> PathBuf {
    let true_name = fs::canonicalize(database);
    let mut name = true_name
        .unwrap_or_else(|_| database.to_owned())
        .into_os_string();
    name.push("-sock");
    PathBuf::from(name)
}

/// A socket's name for the system, which takes no long ones; it holds as long as the folder is
/// open.
pub struct SocketName {
    /// What to bind or connect to.
    pub short: PathBuf,
    _folder: File,
}

impl SocketName {
    /// The name for a path.
    ///
    /// # Errors
    /// The folder can't be opened.
    pub fn of(path: &Path) -> io::Result<Self> {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")))?;
        let name = path.file_name().unwrap_or_default();
        let short = Path::new("/proc/self/fd")
            .join(folder.as_raw_fd().to_string())
            .join(name);
        Ok(Self {
            short,
            _folder: folder,
        })
    }
}

/// The open socket. It is removed when this is dropped.
#[derive(Debug)]
pub(super) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Opens the socket of a database whose lock is held, so that one which is there already is
    /// left from before.
    ///
    /// # Errors
    /// The system's.
    pub fn open(database: &Path) -> io::Result<Self> {
        let path = socket_path(database);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.file_type().is_socket() => fs::remove_file(&path)?,
            // Whatever else has that name is somebody's; then binding fails and tells so.
            Ok(_) | Err(_) => {}
        }
        let name = SocketName::of(&path)?;
        let listener = UnixListener::bind(&name.short)?;
        let socket = Self { listener, path };
        // Whoever came before that is looked at as everybody is, by their user.
        fs::set_permissions(&socket.path, Permissions::from_mode(0o600))?;
        Ok(socket)
    }

    /// Takes commands to the runner until it is dropped.
    pub async fn serve(self, runner: CommandRunner) {
        let commands = Arc::new(Semaphore::new(COMMANDS_MAX));
        let mut places = Places::new(CONNECTIONS_MAX);
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let (runner, commands) = (runner.clone(), commands.clone());
                    // Never refused: fewer commands are carried out than there are places.
                    places.admit(|busy| async move {
                        converse(stream, &runner, &commands, &busy).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the command line can't be heard for a moment");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the control socket stays");
        }
    }
}

/// One connection, from the command to the last reply.
async fn converse(stream: UnixStream, runner: &CommandRunner, commands: &Semaphore, busy: &Busy) {
    if !is_trusted(&stream) {
        return;
    }
    let (reading, mut stream) = stream.into_split();
    let mut reading = BufReader::new(reading);
    let wish = match timeout(COMMAND_WITHIN, read_wish(&mut reading)).await {
        Ok(Ok(wish)) => wish,
        Ok(Err(why)) => return fail(&mut stream, &why).await,
        Err(_) => return,
    };
    let Ok(_turn) = commands.try_acquire() else {
        let why = "too many commands are being carried out; try again later";
        return fail(&mut stream, why).await;
    };
    busy.begin();
    tracing::info!(command = wish.name(), "an operator's command");
    tracing::debug!(?wish, "in full");
    let (sender, mut replies) = mpsc::channel(REPLIES_MAX);
    let (writer, attachment) = command::attachment();
    runner.start(Asker::Operator, wish, attachment, sender);
    let answered = async {
        while let Some(reply) = replies.recv().await {
            if let Reply::Failed { why } = &reply {
                tracing::warn!(why, "an operator's command failed");
            }
            if !write(&mut stream, &reply).await {
                return;
            }
        }
    };
    tokio::select! {
        () = answered => {}
        () = pass_on(reading, writer) => {}
    }
}

/// Passes on what follows the command, as fast as it is wanted, to its end. It doesn't end itself:
/// the answer may still be on the way.
async fn pass_on(mut reading: BufReader<OwnedReadHalf>, attachment: AttachmentWriter) {
    loop {
        match reading.fill_buf().await {
            Ok(bytes) if !bytes.is_empty() => {
                let (piece, length) = (bytes.to_vec(), bytes.len());
                reading.consume(length);
                if !attachment.put(piece).await {
                    break;
                }
            }
            Ok(_) | Err(_) => break,
        }
    }
    drop(attachment);
    std::future::pending().await
}

/// The mode of the socket keeps others away, but for the moment before it is set.
fn is_trusted(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == own || peer.uid() == 0)
}

async fn read_wish(stream: &mut BufReader<OwnedReadHalf>) -> Result<Wish, String> {
    let mut line = Vec::new();
    let mut reader = stream.take(COMMAND_BYTES_MAX);
    let read = reader.read_until(b'\n', &mut line).await;
    read.map_err(|error| error.to_string())?;
    if line.pop() != Some(b'\n') {
        return Err(format!(
            "a command is one line of at most {COMMAND_BYTES_MAX} bytes"
        ));
    }
    serde_json::from_slice(&line).map_err(|error| {
        format!("the service doesn't understand this; it may run another version: {error}")
    })
}

async fn fail(stream: &mut OwnedWriteHalf, why: &str) {
    let why = why.to_owned();
    write(stream, &Reply::Failed { why }).await;
}

/// Writes one reply; tells whether there is still somebody who reads.
async fn write(stream: &mut OwnedWriteHalf, reply: &Reply) -> bool {
    let mut line = serde_json::to_vec(reply).expect("texts and numbers always have a form in JSON");
    line.push(b'\n');
    let written = timeout(READ_WITHIN, stream.write_all(&line)).await;
    matches!(written, Ok(Ok(())))
}

/// Maximum number of commands that are carried out at a time.
const COMMANDS_MAX: usize = 16;
/// Maximum number of open connections; beyond these the oldest goes that has brought no command
/// yet.
const CONNECTIONS_MAX: usize = 256;
/// Maximum size of a command.
pub const COMMAND_BYTES_MAX: u64 = 1024 * 1024;
/// How long the socket waits for it.
const COMMAND_WITHIN: Duration = Duration::from_secs(10);
/// How long the socket waits for somebody to take a reply.
const READ_WITHIN: Duration = Duration::from_secs(60);
/// How long the socket waits when the system could not give a connection.
const PAUSE: Duration = Duration::from_millis(100);
/// Maximum number of replies that wait to be written.
const REPLIES_MAX: usize = 64;
