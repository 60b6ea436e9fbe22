//! Those who only want to talk while somebody attacks, and how long they wait.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::address;
use crate::component::Meter;
use crate::figures::Histogram;
use crate::link::{Progress, Writer};
use crate::scanner::Stanza;
use crate::scenarios::Run;
use crate::stanzas;

/// How many there are. Each speaks ten times a second, as often as the default limit lets them for
/// good.
pub const BYSTANDERS: usize = 10;
/// One of them speaks so often.
const INTERVAL: Duration = Duration::from_millis(10);
/// Number of turns between two messages of those in the attacked room.
const INSIDE_EVERY: usize = 20;
/// The number of whoever is in the attacked room.
pub const INSIDER: usize = 900;
/// The attacked room.
pub const ROOM: usize = 100;

/// How it went.
pub struct Heard {
    /// From the time at which somebody was to speak until they heard it.
    pub took: Histogram,
    /// The same in the attacked room.
    pub inside: Histogram,
    pub count: usize,
    pub refused: usize,
    /// Bytes that the attacker has sent.
    pub struck: u64,
    /// How long that took, in seconds.
    pub took_s: f64,
    /// Bytes that came meanwhile.
    pub received: u64,
    /// The most memory that was seen, in bytes.
    pub peak: u64,
}

/// What the bystanders do.
#[derive(Clone, Copy)]
pub struct Conduct {
    /// They talk at least for so long.
    pub duration: Duration,
    /// Whether one of them is in the attacked room.
    pub inside: bool,
    /// Whether they say nothing until the attack is over.
    pub silent: bool,
}

/// What an attacker has at hand.
pub struct Striker {
    writer: Writer,
    /// The database, which somebody else may use too.
    pub database: PathBuf,
    written: u64,
}

impl Striker {
    /// Writes whole stanzas, so that others may write between them.
    pub fn write(&mut self, stanzas: &str) -> Result<()> {
        self.written += stanzas.len() as u64;
        self.writer.write(stanzas.as_bytes())
    }
}

/// Lets the bystanders talk for so long, and until the attack is over and all of them are heard.
pub fn watch(
    run: &mut Run<'_>,
    conduct: Conduct,
    strike: impl FnOnce(&mut Striker) -> Result<()> + Send,
) -> Result<Heard> {
    let talk = Talk {
        writer: run.link.writer()?,
        meter: run.component.meter(),
        start: Instant::now(),
        conduct,
    };
    let mut striker = Striker {
        writer: run.link.writer()?,
        database: run.component.database(),
        written: 0,
    };
    let state = State::new();
    let (start, received) = (talk.start, run.link.received().0);
    thread::scope(|scope| {
        let speaking = scope.spawn(|| talk.run(&state));
        let striking = scope.spawn(|| {
            let struck = strike(&mut striker);
            state.struck.store(true, Ordering::Release);
            struck.map(|()| (striker.written, start.elapsed()))
        });
        let listened = listen(run, start, &state);
        // Or the others would wait for the end of an attack that nobody listens to.
        state.struck.store(true, Ordering::Release);
        let spoken = speaking.join().map_err(|_| anyhow!("a bystander panicked"));
        let struck = striking
            .join()
            .map_err(|_| anyhow!("the attacker panicked"));
        let mut heard = listened?;
        spoken?.context("a bystander")?;
        let (written, took) = struck?.context("the attacker")?;
        heard.struck = written;
        heard.took_s = took.as_secs_f64();
        heard.received = run.link.received().0 - received;
        heard.peak = state.peak.load(Ordering::Relaxed);
        Ok(heard)
    })
}

/// What the threads tell each other.
struct State {
    struck: AtomicBool,
    /// How many messages are to be heard, once no more are sent; before that, a number that is
    /// never reached.
    expected: AtomicUsize,
    peak: AtomicU64,
}

impl State {
    fn new() -> Self {
        Self {
            struck: AtomicBool::new(false),
            expected: AtomicUsize::new(usize::MAX),
            peak: AtomicU64::new(0),
        }
    }
}

struct Talk {
    writer: Writer,
    meter: Meter,
    start: Instant,
    conduct: Conduct,
}

impl Talk {
    fn run(mut self, state: &State) -> Result<()> {
        let mut sent = 0;
        let mut out = Vec::new();
        for number in 0.. {
            let at = self.start + moment(number);
            thread::sleep(at.saturating_duration_since(Instant::now()));
            let enough =
                state.struck.load(Ordering::Acquire) && moment(number) >= self.conduct.duration;
            if self.conduct.silent && !enough {
                state
                    .peak
                    .fetch_max(self.meter.anonymous()?, Ordering::Relaxed);
                continue;
            }
            if enough {
                // Whoever listens looks at it with the next message that comes.
                state.expected.store(sent + 1, Ordering::Release);
            }
            out.clear();
            let user = number % BYSTANDERS;
            stanzas::say(&mut out, user, user, number);
            sent += 1;
            if self.conduct.inside && number % INSIDE_EVERY == 0 && !enough {
                stanzas::say(&mut out, ROOM, INSIDER, number);
                sent += 1;
            }
            self.writer.write(&out)?;
            state
                .peak
                .fetch_max(self.meter.anonymous()?, Ordering::Relaxed);
            if enough {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// When that message is to be sent.
fn moment(number: usize) -> Duration {
    INTERVAL * u32::try_from(number).unwrap_or(u32::MAX)
}

fn listen(run: &mut Run<'_>, start: Instant, state: &State) -> Result<Heard> {
    let mut heard = Heard {
        took: Histogram::default(),
        inside: Histogram::default(),
        count: 0,
        refused: 0,
        struck: 0,
        took_s: 0.0,
        received: 0,
        peak: 0,
    };
    run.link.run(|stanza, now, _| {
        if let Some((user, number)) = echo(stanza) {
            heard.count += 1;
            let took = now.saturating_duration_since(start + moment(number));
            match (stanza.type_, user) {
                (b"error", _) => heard.refused += 1,
                (_, INSIDER) => heard.inside.add(took),
                _ => heard.took.add(took),
            }
        }
        let all = heard.count >= state.expected.load(Ordering::Acquire);
        Ok(if all {
            Progress::Done
        } else {
            Progress::Waiting
        })
    })?;
    Ok(heard)
}

/// Who hears their own message, or that it was refused, and the number of that.
fn echo(stanza: &Stanza<'_>) -> Option<(usize, usize)> {
    if stanza.name != b"message" {
        return None;
    }
    let user = address::user(stanza.to).filter(|user| *user < BYSTANDERS || *user == INSIDER)?;
    let (_, from) = address::occupant(stanza.from)?;
    if stanza.type_ != b"error" && from != Some(user) {
        return None;
    }
    Some((user, address::number(b'm', stanza.id)?))
}
