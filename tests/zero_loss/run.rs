//! One life of the program: it is started, talked to by a crowd, and ended.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::StdRng;
use tempfile::TempDir;

use super::crowd::Crowd;
use super::disk::Disk;
use super::notes::{FILES, NoteTaker};
use super::sight::{Seen, Sight};
use super::trial::Durability;
use crate::support::configuration::SECRET;
use crate::support::connection::{Connection, PATIENCE};
use crate::support::program::Program;
use crate::support::scenario::SERVICE;
use crate::support::server_side;
use crate::support::xml::Piece;

/// A folder with a database, in which the program can be started.
pub struct Home<'a> {
    folder: TempDir,
    durability: Durability,
    note_taker: Option<&'a NoteTaker>,
}

/// What came of a life.
#[derive(Default)]
pub struct Life {
    pub seen: Vec<Sight>,
    /// Messages that had been sent and not been seen by their authors when the end came.
    pub under_way: usize,
}

/// How a life ends.
#[derive(Clone, Copy)]
enum End {
    /// With signal 9.
    Kill,
    /// As the operator ends it; then it tidies its database up.
    Stop,
}

impl<'a> Home<'a> {
    pub fn new(durability: Durability, note_taker: Option<&'a NoteTaker>) -> Result<Self, String> {
        Ok(Self {
            folder: TempDir::new().map_err(told)?,
            durability,
            note_taker,
        })
    }

    /// Leaves everything to be looked at, also what the disk was like before the last life.
    pub fn keep(&mut self, before: &Disk) -> &Path {
        self.folder.disable_cleanup(true);
        let folder = self.folder.path().join("before");
        if let Err(error) = fs::create_dir(&folder).and_then(|()| before.write(&folder)) {
            eprintln!("what was there before is lost: {error}");
        }
        self.folder.path()
    }

    /// What is there.
    pub fn disk(&self) -> Result<Disk, String> {
        Disk::read(self.folder.path()).map_err(told)
    }

    /// Puts in the place of what is there what a loss of power has left.
    pub fn replace(&self, disk: &Disk) -> Result<(), String> {
        match self.note_taker {
            Some(_) => disk.write(self.folder.path()).map_err(told),
            None => Ok(()),
        }
    }

    /// What the disk was told in the last life, if that was noted.
    pub fn notes(&self) -> Result<Option<Vec<u8>>, String> {
        let notes = self.note_taker.map(|_| fs::read(self.noted_in()));
        notes.transpose().map_err(told)
    }

    fn noted_in(&self) -> PathBuf {
        self.folder.path().join("notes")
    }

    /// Size of the notes, in bytes.
    fn noted(&self) -> usize {
        let length = fs::metadata(self.noted_in()).map_or(0, |metadata| metadata.len());
        usize::try_from(length).expect("a usize has 64 bits")
    }

    /// Starts the program, lets the crowd talk, and ends it at some moment: mostly in the middle of
    /// the talk, sometimes while it is still starting.
    ///
    /// # Errors
    /// What went wrong before the end.
    pub fn live(&self, crowd: &mut Crowd, random: &mut StdRng) -> Result<Life, String> {
        let (mut program, listener) = self.start()?;
        if random.random_ratio(1, 8) {
            let delay = random.random_range(0..STARTING_MICROS);
            thread::sleep(Duration::from_micros(delay));
            return End::Kill.bring(&mut program).map(|()| Life::default());
        }
        let talk = Talk {
            home: self,
            connection: accept(&listener, &program)?,
            crowd,
            life: Life::default(),
        };
        talk.until_the_end(program, random)
    }

    /// Starts the program, and ends it as soon as it is ready to serve.
    ///
    /// # Errors
    /// What went wrong before the end.
    pub fn only_open(&self) -> Result<Life, String> {
        let (mut program, listener) = self.start()?;
        accept(&listener, &program)?;
        End::Kill.bring(&mut program).map(|()| Life::default())
    }

    fn start(&self) -> Result<(Program, TcpListener), String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(told)?;
        self.configure(&listener).map_err(told)?;
        let environment = self
            .note_taker
            .map(|taker| taker.environment(&self.noted_in()));
        let environment = environment.unwrap_or_default();
        let program = Program::start(self.folder.path(), "info", &environment)?;
        Ok((program, listener))
    }

    fn configure(&self, listener: &TcpListener) -> std::io::Result<()> {
        let address = listener.local_addr()?;
        let durability = match self.durability {
            Durability::Full => "full",
            Durability::Relaxed => "relaxed",
        };
        let text = format!(
            "[[pool]]\ndomain = '{SERVICE}'\nsecret = '{SECRET}'\nserver = '{address}'\n\
             database = '{}'\ndurability = '{durability}'\n[pool.limits]\n\
             messages_per_second = 0\npresences_per_second = 0\niqs_per_second = 0\nbytes_per_second = 0\n",
            FILES[0]
        );
        fs::write(self.folder.path().join("lyceum.toml"), text)?;
        fs::write(self.noted_in(), "")
    }
}

fn accept(listener: &TcpListener, program: &Program) -> Result<Connection, String> {
    server_side::accept(listener).map_err(|reason| {
        let log = program.last_words();
        format!("the service does not connect: {reason}; its log ends:{log}")
    })
}

impl Life {
    /// Takes a sight, and tells whether it is an author who sees their own message.
    fn add(&mut self, sight: Option<Sight>) -> bool {
        let Some(sight) = sight else { return false };
        let returned = match &sight.what {
            Seen::Live(message) => message.seat == sight.seat,
            Seen::Past(_) | Seen::Missed(_) | Seen::CaughtUp(_) | Seen::Place(_) => false,
        };
        self.under_way -= usize::from(returned);
        self.seen.push(sight);
        returned
    }
}

impl End {
    /// Ends the program, which must have run until then.
    fn bring(self, program: &mut Program) -> Result<(), String> {
        let status = match self {
            Self::Kill => program.kill()?,
            Self::Stop => program.stop()?,
        };
        let expected = match self {
            Self::Kill => status.signal() == Some(libc::SIGKILL),
            Self::Stop => status.success(),
        };
        match expected {
            true => Ok(()),
            false => {
                let log = program.last_words();
                Err(format!("it ended otherwise, {status}; its log ends:{log}"))
            }
        }
    }
}

/// The server's side while a crowd talks.
struct Talk<'a> {
    home: &'a Home<'a>,
    connection: Connection,
    crowd: &'a mut Crowd,
    life: Life,
}

impl Talk<'_> {
    fn until_the_end(mut self, mut program: Program, random: &mut StdRng) -> Result<Life, String> {
        let delay = Duration::from_micros(random.random_range(0..TALKING_MICROS));
        // A busy machine may take long to let everybody in.
        let entering = match random.random_ratio(1, 6) {
            true => Duration::ZERO,
            false => ENTERING_MAX,
        };
        let (begun, talking) = mpsc::channel();
        // Only where the power is lost is it of interest what a tidy end leaves to the disk.
        let end = match self.home.note_taker.is_some() && random.random_ratio(1, 6) {
            true => End::Stop,
            false => End::Kill,
        };
        thread::scope(|scope| {
            let ending = scope.spawn(move || {
                // When nobody says anything, the end comes all the same.
                let _ = talking.recv_timeout(entering);
                thread::sleep(delay);
                let at = Instant::now();
                end.bring(&mut program).map(|()| at)
            });
            let fell_silent = self.until_cut_off(begun, random).map(|()| Instant::now());
            let ended = ending.join().expect("nothing there panics")?;
            match fell_silent? < ended {
                true => Err("the connection broke, and the service lived on".to_owned()),
                false => Ok(self.life),
            }
        })
    }

    /// Talks until the connection is cut, and takes what has still come.
    fn until_cut_off(&mut self, begun: Sender<()>, random: &mut StdRng) -> Result<(), String> {
        let under_way_max = random.random_range(1..UNDER_WAY_MAX);
        let mut heard = self.connection.write(&self.crowd.opening()).is_ok();
        loop {
            while heard && self.life.under_way < under_way_max {
                let (stanza, is_message) = self.crowd.next(random);
                heard = self.connection.write(&stanza).is_ok();
                self.life.under_way += usize::from(is_message);
            }
            match self.connection.piece_within(PATIENCE) {
                Ok(Some(Piece::Whole(stanza))) => {
                    let sight = self.crowd.see(stanza, self.home.noted())?;
                    if self.life.add(sight) {
                        // It is waited for only once.
                        let _ = begun.send(());
                    }
                }
                // Only a service that is stopped takes leave. It need not wait for the answer.
                Ok(Some(Piece::End)) => {
                    heard = false;
                    let _ = self.connection.write("</stream:stream>");
                }
                Ok(Some(Piece::Head(_))) => return Err("a second stream".to_owned()),
                Ok(None) => return Err("nothing comes any more".to_owned()),
                Err(_) => return Ok(()),
            }
        }
    }
}

fn told(error: std::io::Error) -> String {
    error.to_string()
}

/// Maximum number of messages under way at a time.
const UNDER_WAY_MAX: usize = 300;

/// The talk lasts at most so long, and a start about so long.
const TALKING_MICROS: u64 = 300_000;
const STARTING_MICROS: u64 = 60_000;

/// So long the end waits for the talk to begin.
const ENTERING_MAX: Duration = Duration::from_secs(2);
