//! How long it takes to find something, from the question on the wire to the end of the answer.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use rustix::fs::{Advice, fadvise};

use crate::busy::{Busy, MESSAGES_PER_SECOND, OCCUPANTS};
use crate::chance::Chance;
use crate::component::{Component, Usage};
use crate::facts::Facts;
use crate::figures::Histogram;
use crate::link::{Link, Progress, text};
use crate::questions::{KINDS, Kind, Question};

/// Serves a copy of a database, with a busy room in it, and asks each kind of question so often.
pub fn measure(database: &Path, samples: usize) -> Result<()> {
    let facts = Facts::gather(database, 11)?;
    let (mut component, mut link) = Component::start_with(database)?;
    let mut finding = match Finding::start(&component, &mut link, &facts) {
        Ok(finding) => finding,
        Err(error) => return Err(component.explain(error)),
    };
    if let Err(error) = finding.run(samples) {
        drop(finding);
        return Err(component.explain(error));
    }
    drop(finding);
    component.stop()
}

struct Finding<'a> {
    component: &'a Component,
    link: &'a mut Link,
    facts: &'a Facts,
    busy: Busy,
    chance: Chance,
    asked: usize,
    /// Cores that the busy room alone takes.
    cores_idle: f64,
}

/// What came back to questions of a kind.
#[derive(Default)]
struct Answers {
    took: Histogram,
    messages: usize,
    /// How many questions took too long and ended with an error.
    given_up: usize,
}

impl<'a> Finding<'a> {
    fn start(component: &'a Component, link: &'a mut Link, facts: &'a Facts) -> Result<Self> {
        let busy = Busy::start(link)?;
        Ok(Self {
            component,
            link,
            facts,
            busy,
            chance: Chance::new(12),
            asked: 0,
            cores_idle: 0.0,
        })
    }

    fn run(&mut self, samples: usize) -> Result<()> {
        self.listen(WARM_UP)?;
        let before = self.component.usage()?;
        self.busy.latency = Histogram::default();
        self.listen(QUIET)?;
        self.cores_idle = cores(&before, &self.component.usage()?);
        println!(
            "{OCCUPANTS} in a room where {MESSAGES_PER_SECOND} messages a second are said; without \
             questions: {:.2} cores, a delivery takes p50 {:.2} ms, p99 {:.2} ms, max {:.1} ms",
            self.cores_idle,
            self.busy.latency.percentile_ms(0.5),
            self.busy.latency.percentile_ms(0.99),
            self.busy.latency.percentile_ms(1.0),
        );
        println!(
            "{:<46}{:>8}{:>9}{:>9}{:>9}{:>9}  {:<9}{:>9}{:>9}",
            "", "median", "p99", "max", "CPU", "found", "", "room p50", "room p99"
        );
        for kind in KINDS {
            self.measure(kind, samples)?;
        }
        println!("the same with nothing of the database in the system's cache, 20 of each:");
        for kind in KINDS {
            self.measure_cold(kind)?;
        }
        self.busy.stop()
    }

    fn measure(&mut self, kind: &Kind, samples: usize) -> Result<()> {
        self.busy.latency = Histogram::default();
        let before = self.component.usage()?;
        let mut answers = Answers::default();
        for _ in 0..samples {
            let question = (kind.make)(self.facts, &mut self.chance);
            self.ask(kind, &question, &mut answers)?;
        }
        let after = self.component.usage()?;
        let seconds = (after.at - before.at).as_secs_f64();
        let cpu = (cores(&before, &after) - self.cores_idle) * seconds / samples as f64;
        let verdict = match (kind.targeted, answers.is_quick()) {
            _ if answers.given_up > 0 => format!("{} LOST", answers.given_up),
            (false, _) => String::new(),
            (true, true) => "PASS".to_owned(),
            (true, false) => "MISSED".to_owned(),
        };
        println!(
            "{:<46}{:>8.2}{:>9.2}{:>9.2}{:>9.2}{:>9.1}  {verdict:<9}{:>9.2}{:>9.2}",
            kind.name,
            answers.took.percentile_ms(0.5),
            answers.took.percentile_ms(0.99),
            answers.took.percentile_ms(1.0),
            cpu * 1e3,
            answers.messages as f64 / samples as f64,
            self.busy.latency.percentile_ms(0.5),
            self.busy.latency.percentile_ms(0.99),
        );
        Ok(())
    }

    fn measure_cold(&mut self, kind: &Kind) -> Result<()> {
        let mut answers = Answers::default();
        for _ in 0..COLD_SAMPLES {
            let database = File::open(self.component.database())?;
            fadvise(&database, 0, None, Advice::DontNeed)?;
            let question = (kind.make)(self.facts, &mut self.chance);
            self.ask(kind, &question, &mut answers)?;
        }
        println!(
            "{:<46}{:>8.2}{:>18.2}",
            kind.name,
            answers.took.percentile_ms(0.5),
            answers.took.percentile_ms(1.0),
        );
        Ok(())
    }

    /// Hears only the busy room for so long.
    fn listen(&mut self, duration: Duration) -> Result<()> {
        let deadline = Instant::now() + duration;
        let busy = &mut self.busy;
        self.link.run(|stanza, now, _| {
            ensure!(
                busy.hear(stanza, now)?,
                "unasked came {}",
                text(stanza.bytes)
            );
            Ok(match now < deadline {
                true => Progress::Waiting,
                false => Progress::Done,
            })
        })
    }

    fn ask(&mut self, kind: &Kind, question: &Question, answers: &mut Answers) -> Result<()> {
        self.asked += 1;
        let id = format!("f{}", self.asked);
        let type_ = match question.query.starts_with("<unread") {
            true => "get",
            false => "set",
        };
        let (from, to, query) = (&question.from, &question.to, &question.query);
        let iq = format!("<iq type='{type_}' id='{id}' from='{from}' to='{to}'>{query}</iq>");
        let mut writer = self.link.writer()?;
        let busy = &mut self.busy;
        let asked = Instant::now();
        writer.write(iq.as_bytes())?;
        self.link.run(|stanza, now, _| {
            if busy.hear(stanza, now)? {
                return Ok(Progress::Waiting);
            }
            if stanza.name == b"message" && stanza.contains("urn:xmpp:mam:2") {
                answers.messages += 1;
                return Ok(Progress::Waiting);
            }
            if stanza.id == id.as_bytes() && stanza.contains("policy-violation") {
                answers.given_up += 1;
                answers.took.add(now - asked);
                return Ok(Progress::Done);
            }
            if stanza.id != id.as_bytes() || stanza.type_ != b"result" {
                bail!("{}: to {iq} came {}", kind.name, text(stanza.bytes));
            }
            answers.took.add(now - asked);
            Ok(Progress::Done)
        })
    }
}

impl Answers {
    fn is_quick(&self) -> bool {
        self.took.percentile_ms(0.5) < MEDIAN_MS_MAX && self.took.percentile_ms(0.99) < P99_MS_MAX
    }
}

fn cores(before: &Usage, after: &Usage) -> f64 {
    let (user, system) = after.cpu_us_since(before);
    (user + system) / 1e6 / (after.at - before.at).as_secs_f64()
}

/// What the project wants.
const MEDIAN_MS_MAX: f64 = 5.0;
const P99_MS_MAX: f64 = 20.0;

const WARM_UP: Duration = Duration::from_secs(2);
const QUIET: Duration = Duration::from_secs(5);
const COLD_SAMPLES: usize = 20;
