//! What one attacker does to everybody else, at the limits that the program has by default.
//!
//! Ten users, each alone in a room, say something ten times a second each: not when the last was
//! heard but when its time has come, so that nobody who waits is left out of the figures. Meanwhile
//! somebody attacks. Each attack is described where it is made; they are those that the service has
//! been found to suffer from.

mod attacks;
mod bystanders;
mod crafted;

use std::time::Duration;

use anyhow::{Context, Result};

use super::{PACED, Run, Scenario};
use crate::component::Limits;
use crate::cost::mib;
use crate::crowd::{Crowd, Plan};
use crate::figures::{Figure, Target};
use crate::link::Link;
use bystanders::{BYSTANDERS, Conduct, Heard, watch};

pub use attacks::ATTACKS;

/// Something that somebody does to all.
struct Attack {
    /// What it needs, done before there are any limits.
    prepare: fn(&mut Link) -> Result<()>,
    /// The attack itself.
    strike: fn(&mut bystanders::Striker) -> Result<()>,
    /// Whether one of the others is in the attacked room.
    inside: bool,
    /// Whether others can be expected to be heard meanwhile.
    others: Others,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    /// They are heard within [`WAIT_MAX_MS`].
    AreHeard,
    /// Nobody is heard while the disk does nothing, and much is ignored; so they wait with what
    /// they say.
    WaitForTheDisk,
}

/// How long another user's message may wait, for 99 of 100, in milliseconds.
const WAIT_MAX_MS: f64 = 250.0;

/// Prepares, attacks, and tells what it did to others.
fn attacked(run: &mut Run<'_>, attack: &Attack) -> Result<Vec<Figure>> {
    let plan = Plan::new(BYSTANDERS, 1);
    Crowd::new(plan).create(run.link, PACED)?;
    (attack.prepare)(run.link).context("preparing the attack")?;
    *run.link = run.component.start_again(Limits::ByDefault)?;
    run.link.be_patient(PATIENCE)?;
    let conduct = Conduct {
        duration: Duration::from_secs(2),
        inside: attack.inside,
        silent: false,
    };
    let quiet = watch(run, conduct, |_| Ok(()))?;
    let before = run.component.usage()?.anonymous;
    let conduct = Conduct {
        duration: run.duration,
        silent: attack.others == Others::WaitForTheDisk,
        ..conduct
    };
    let during = watch(run, conduct, attack.strike)?;
    run.link.drain(QUIET)?;
    std::thread::sleep(QUIET);
    let after = run.component.usage()?.anonymous;
    Ok(figures(attack, &quiet, &during, [before, after]))
}

fn figures(
    attack: &Attack,
    quiet: &Heard,
    during: &Heard,
    [before, after]: [u64; 2],
) -> Vec<Figure> {
    let percentile = |name: &str, heard: &Heard, part| {
        Figure::new(format!("{name}, ms"), heard.took.percentile_ms(part))
    };
    let mut p99 = percentile("wait p99", during, 0.99);
    if attack.others == Others::AreHeard {
        p99 = p99.with_target(Target::AtMost(WAIT_MAX_MS));
    }
    let mut figures = vec![
        percentile("quiet wait p50", quiet, 0.5),
        percentile("quiet wait p99", quiet, 0.99),
        percentile("wait p50", during, 0.5),
        p99,
        percentile("wait max", during, 1.0),
    ];
    if attack.inside {
        figures.push(Figure::new(
            "wait inside the attacked room p50, ms",
            during.inside.percentile_ms(0.5),
        ));
        figures.push(Figure::new(
            "wait inside the attacked room p99, ms",
            during.inside.percentile_ms(0.99),
        ));
    }
    figures.extend([
        Figure::new("others' messages", during.count as f64),
        Figure::new("others' messages refused", during.refused as f64),
        Figure::new("attack sent, MiB", mib(during.struck)),
        Figure::new("attack took, s", during.took_s),
        Figure::new("sent because of it, MiB", mib(during.received)),
        Figure::new("memory before, MiB", mib(before)),
        Figure::new("memory at the peak, MiB", mib(during.peak)),
        Figure::new("memory after, MiB", mib(after)),
    ]);
    figures
}

/// A component is given up that says nothing for so long.
const PATIENCE: Duration = Duration::from_secs(180);

/// All is over when nothing has come for so long; the service gives memory back after half of that.
const QUIET: Duration = Duration::from_secs(2);

/// An attack as a scenario.
const fn scenario(
    name: &'static str,
    about: &'static str,
    run: fn(&mut Run<'_>) -> Result<Vec<Figure>>,
) -> Scenario {
    Scenario {
        name,
        about,
        by_default: false,
        for_copier: false,
        run,
    }
}
