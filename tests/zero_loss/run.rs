//! One life of the program: it is started, talked to by a crowd, and killed.

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::StdRng;
use tempfile::TempDir;

use super::crowd::{Crowd, Seen, Sight};
use super::disk::FILES;
use crate::support::configuration::SECRET;
use crate::support::connection::{Connection, PATIENCE};
use crate::support::program::Program;
use crate::support::scenario::SERVICE;
use crate::support::server_side;
use crate::support::xml::Piece;

/// A folder with a database, in which the program can be started.
pub struct Home {
    folder: TempDir,
    durability: &'static str,
    /// Stands between the program and the system, and takes down what the disk is told.
    noted_by: Option<PathBuf>,
}

/// What came of a life.
pub struct Life {
    pub seen: Vec<Sight>,
    /// Messages that had been sent and not been seen by their authors when the end came.
    pub under_way: usize,
}

impl Home {
    pub fn new(durability: &'static str, noted_by: Option<&Path>) -> Result<Self, String> {
        Ok(Self {
            folder: TempDir::new().map_err(told)?,
            durability,
            noted_by: noted_by.map(Path::to_owned),
        })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves everything where it is, to be looked at.
    pub fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    /// What the disk was told in the last life.
    pub fn notes(&self) -> Result<Vec<u8>, String> {
        fs::read(self.noted_in()).map_err(told)
    }

    fn noted_in(&self) -> PathBuf {
        self.folder().join("notes")
    }

    /// So many bytes of notes there are.
    fn noted(&self) -> usize {
        let length = fs::metadata(self.noted_in()).map_or(0, |metadata| metadata.len());
        usize::try_from(length).expect("a usize has 64 bits")
    }

    /// Starts the program, lets the crowd talk, and kills it at some moment: often in the middle of the talk,
    /// sometimes while it is still starting.
    ///
    /// # Errors
    /// What went wrong before the kill.
    pub fn live(&self, crowd: &mut Crowd, random: &mut StdRng) -> Result<Life, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(told)?;
        self.configure(&listener).map_err(told)?;
        let mut program = Program::start(self.folder(), "info", &self.environment())?;
        if random.random_ratio(1, 8) {
            thread::sleep(Duration::from_micros(
                random.random_range(0..STARTING_MICROS),
            ));
            killed(&mut program)?;
            return Ok(Life {
                seen: Vec::new(),
                under_way: 0,
            });
        }
        let told_why = |reason| {
            format!(
                "the service does not connect: {reason}{}",
                program.last_words()
            )
        };
        let connection = server_side::accept(&listener).map_err(told_why)?;
        let delay = Duration::from_micros(random.random_range(0..TALKING_MICROS));
        let mut talk = Talk {
            home: self,
            connection,
            crowd,
            seen: Vec::new(),
            under_way: 0,
        };
        thread::scope(|scope| {
            let kill = scope.spawn(move || {
                thread::sleep(delay);
                let at = Instant::now();
                killed(&mut program).map(|()| at)
            });
            let ended = talk.until_cut_off(random).map(|()| Instant::now());
            let killed_at = kill.join().expect("nothing there panics")?;
            match ended? < killed_at {
                true => Err("the service has closed the connection".to_owned()),
                false => Ok(Life {
                    seen: talk.seen,
                    under_way: talk.under_way,
                }),
            }
        })
    }

    fn configure(&self, listener: &TcpListener) -> std::io::Result<()> {
        let (address, durability) = (listener.local_addr()?, self.durability);
        let text = format!(
            "[[pool]]\ndomain = '{SERVICE}'\nsecret = '{SECRET}'\nserver = '{address}'\n\
             database = '{}'\ndurability = '{durability}'\n[pool.limits]\n\
             messages_per_second = 0\npresences_per_second = 0\niqs_per_second = 0\n",
            FILES[0]
        );
        fs::write(self.folder().join("lyceum.toml"), text)?;
        fs::write(self.noted_in(), "")
    }

    fn environment(&self) -> Vec<(&'static str, OsString)> {
        match &self.noted_by {
            Some(library) => vec![
                ("LD_PRELOAD", library.into()),
                ("LYCEUM_TEST_DISK_LOG", self.noted_in().into()),
            ],
            None => Vec::new(),
        }
    }
}

/// The server's side while a crowd talks.
struct Talk<'a> {
    home: &'a Home,
    connection: Connection,
    crowd: &'a mut Crowd,
    seen: Vec<Sight>,
    under_way: usize,
}

impl Talk<'_> {
    /// Talks until the connection is cut, and takes what has still come.
    fn until_cut_off(&mut self, random: &mut StdRng) -> Result<(), String> {
        let under_way_max = random.random_range(1..UNDER_WAY_MAX);
        let mut heard = self.connection.write(&self.crowd.opening()).is_ok();
        loop {
            while heard && self.under_way < under_way_max {
                let (stanza, is_message) = self.crowd.next(random);
                heard = self.connection.write(&stanza).is_ok();
                self.under_way += usize::from(is_message);
            }
            match self.connection.piece_within(PATIENCE) {
                Ok(Some(Piece::Whole(stanza))) => {
                    let sight = self.crowd.see(stanza, self.home.noted())?;
                    self.seen
                        .extend(sight.inspect(|sight| self.under_way -= returned(sight)));
                }
                Ok(Some(Piece::Head(_) | Piece::End)) => return Err("the stream ended".to_owned()),
                Ok(None) => return Err("nothing comes any more".to_owned()),
                Err(_) => return Ok(()),
            }
        }
    }
}

/// 1 when it is an author who sees what he has said.
fn returned(sight: &Sight) -> usize {
    match &sight.what {
        Seen::Live(message) => usize::from(message.seat == sight.seat),
        Seen::Past(_) | Seen::Place(_) => 0,
    }
}

/// Kills the program, which must have run until then.
fn killed(program: &mut Program) -> Result<(), String> {
    match program.kill()? {
        status if status.signal() == Some(libc::SIGKILL) => Ok(()),
        status => Err(format!(
            "the service ended by itself, {status}:{}",
            program.last_words()
        )),
    }
}

fn told(error: std::io::Error) -> String {
    error.to_string()
}

/// At most so many messages are under way at a time.
const UNDER_WAY_MAX: usize = 300;

/// The talk lasts at most so long, and a start about so long.
const TALKING_MICROS: u64 = 120_000;
const STARTING_MICROS: u64 = 60_000;
