//! Fan-out: what a delivery costs.

use anyhow::Result;

use super::{PACED, Run};
use crate::cost::{cpu, database, mib, rate};
use crate::crowd::{Crowd, Plan};
use crate::figures::{Figure, Target};
use crate::talk::{Talk, Where};

/// Enters everybody, warms up, and talks.
pub fn fanout(run: &mut Run<'_>, plan: Plan, window: usize) -> Result<Vec<Figure>> {
    let mut crowd = Crowd::new(plan);
    crowd.create(run.link, PACED)?;
    crowd.fill(run.link, PACED)?;
    let mut figures = talk(run, &mut Talk::new(plan, window, Where::SameRoom))?;
    figures.push(Figure::new(
        "peak memory, MiB",
        mib(run.component.usage()?.peak),
    ));
    figures.push(database(run)?);
    Ok(figures)
}

/// What the project wants of its component alone over a real socket.
pub fn targeted(figure: Figure) -> Figure {
    match figure.name.as_str() {
        DELIVERED => figure.with_target(Target::AtLeast(1e6)),
        CPU => figure.with_target(Target::AtMost(0.5)),
        _ => figure,
    }
}

/// Talks, first unmeasured.
pub fn talk(run: &mut Run<'_>, talk: &mut Talk) -> Result<Vec<Figure>> {
    talk.run(run.link, run.duration / 8)?;
    let before = run.usage()?;
    let (bytes_before, reads_before) = run.link.received();
    let talked = talk.run(run.link, run.duration)?;
    let after = run.usage()?;
    let (bytes, reads) = run.link.received();
    let delivered = talked.delivered as f64;
    let bytes = (bytes - bytes_before) as f64;
    let mut figures = vec![
        Figure::new(DELIVERED, rate(talked.delivered, &talked)),
        Figure::new("messages/s", rate(talked.messages, &talked)),
    ];
    figures.extend(cpu("delivery", delivered, &before, &after));
    figures.extend(talked.latency.figures("delivery"));
    figures.push(Figure::new("bytes per delivery", bytes / delivered));
    figures.push(Figure::new(
        "KiB per read",
        bytes / 1024.0 / (reads - reads_before).max(1) as f64,
    ));
    Ok(figures)
}

const DELIVERED: &str = "delivered/s";
const CPU: &str = "CPU per delivery, µs";
