//! A large archive: what finding something in it takes while a busy room is served, what a message
//! takes on disk, and what writing to it costs.
//!
//! ```text
//! cargo bench --bench archive                          10 million messages, everything
//! cargo bench --bench archive -- --messages 1000000    fewer
//! cargo bench --bench archive -- find                  only that; also: make, size, write
//! cargo bench --bench archive -- --samples 2000 find   more questions of each kind
//! cargo bench --bench archive -- --seconds 6 write     shorter
//! ```
//!
//! The messages are made by the real code, the same ones on every machine, and kept: in the
//! directory that `LYCEUM_ARCHIVES` names, else in the target directory. Ten million take some ten
//! minutes and 3.5 GB; as much again is needed for the copy that is measured. 5,000 people belong
//! to 20 rooms each of 1,000, the rooms' sizes and the frequency of their 100,000 words follow
//! Zipf's law: the largest room has an eighth of all messages, and the most common word stands in
//! every third. See [`history`], [`words`], [`population`].
//!
//! # Reading the figures
//!
//! - **find** starts `lyceum serve` and plays the server's side of its link: 200 are in a room
//!   where 300 messages a second are said, and one question after the other is asked (XEP-0313),
//!   from the stanza's sending to the end of its answer, in milliseconds. `found` is the mean
//!   number of messages in an answer, CPU what the service took for one answer beyond what the busy
//!   room takes, `room` what deliveries in the busy room took meanwhile. PASS is a median below 5
//!   ms with a 99th percentile below 20 ms.
//! - **write** submits every message as a batch of its own and keeps some under way, in one
//!   process: what is told is the time until a batch is on the disk, and the CPU time of the thread
//!   that writes. What the service around it costs is measured by
//!   `cargo bench --bench load -- commit`.

#[path = "../load/address.rs"]
mod address;
#[path = "../load/admission.rs"]
#[expect(dead_code, reason = "how long entering takes is measured elsewhere")]
mod admission;
mod busy;
mod chance;
#[path = "../load/component.rs"]
#[expect(dead_code, reason = "memory is measured elsewhere")]
mod component;
#[path = "../load/copier.rs"]
#[expect(dead_code, reason = "nothing is compared with it here")]
mod copier;
#[path = "../load/crowd.rs"]
#[expect(dead_code, reason = "nobody leaves here")]
mod crowd;
mod database;
mod facts;
#[path = "../load/figures.rs"]
#[expect(dead_code, reason = "these figures are told in tables of their own")]
mod figures;
mod finding;
mod history;
#[path = "../load/link.rs"]
#[expect(dead_code, reason = "bytes are counted elsewhere")]
mod link;
mod names;
mod population;
mod questions;
#[path = "../load/scanner.rs"]
#[expect(dead_code, reason = "the load benchmark checks it")]
mod scanner;
mod size;
#[path = "../load/stanzas.rs"]
#[expect(dead_code, reason = "nobody leaves here")]
mod stanzas;
mod words;
mod writing;

use std::env;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let Some(wanted) = Wanted::read(env::args().skip(1))? else {
        println!("only `cargo bench` runs it: it takes minutes and gigabytes");
        return Ok(());
    };
    let directory = env::var("LYCEUM_ARCHIVES");
    let directory = directory.unwrap_or_else(|_| env!("CARGO_TARGET_TMPDIR").to_owned());
    let database = database::find_or_make(Path::new(&directory), wanted.messages)?;
    if wanted.wants("size") {
        size::tell(&database)?;
    }
    if wanted.wants("find") {
        finding::measure(&database, wanted.samples)?;
    }
    if wanted.wants("write") {
        writing::measure(&database, wanted.duration)?;
    }
    Ok(())
}

/// What the command line asks for.
struct Wanted {
    messages: usize,
    samples: usize,
    duration: Duration,
    /// The parts to be measured; all of them when it is empty.
    parts: Vec<String>,
}

impl Wanted {
    /// `None` when it is not Cargo's `bench` that runs this.
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>> {
        let mut wanted = Self {
            messages: 10_000_000,
            samples: 500,
            duration: Duration::from_secs(60),
            parts: Vec::new(),
        };
        let mut is_bench = false;
        while let Some(argument) = arguments.next() {
            let mut number = || -> Result<usize> {
                let value = arguments.next();
                let value = value.with_context(|| format!("{argument} needs a value"))?;
                value.parse().with_context(|| argument.clone())
            };
            match argument.as_str() {
                "--bench" => is_bench = true,
                "--messages" => wanted.messages = number()?,
                "--samples" => wanted.samples = number()?,
                "--seconds" => wanted.duration = Duration::from_secs(number()? as u64),
                "make" | "size" | "find" | "write" => wanted.parts.push(argument),
                _ => bail!(
                    "{argument} is unknown; options are --messages N, --samples N, --seconds N, \
                     make, size, find, write"
                ),
            }
        }
        Ok(is_bench.then_some(wanted))
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }
}
