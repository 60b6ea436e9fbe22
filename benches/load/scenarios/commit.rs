//! Stored before seen: what it costs to have every message on disk, one by one and together.

use anyhow::Result;

use super::{PACED, Run};
use crate::cost::{cpu, database, rate};
use crate::crowd::{Crowd, Plan};
use crate::figures::Figure;
use crate::talk::Talk;

/// How many messages a second are stored, one by one and together.
pub fn commit(run: &mut Run<'_>) -> Result<Vec<Figure>> {
    let plan = Plan::new(1, 1);
    Crowd::new(plan).create(run.link, PACED)?;
    let mut figures = Vec::new();
    let mut stored = 0;
    let size_before = run.component.database_size()?;
    let mut first = 0;
    for window in [1, 64] {
        let mut talk = Talk::continued(plan, window, first);
        let before = run.usage()?;
        let talked = talk.run(run.link, run.duration)?;
        let after = run.usage()?;
        first += usize::try_from(talked.messages)?;
        stored += talked.messages;
        let message = format!("message (window {window})");
        figures.push(Figure::new(
            format!("messages/s (window {window})"),
            rate(talked.messages, &talked),
        ));
        figures.extend(cpu(&message, talked.messages as f64, &before, &after));
        figures.extend(talked.latency.figures(&message));
    }
    let grown = run.component.database_size()?.saturating_sub(size_before);
    figures.push(Figure::new(
        "database per message, bytes",
        grown as f64 / stored as f64,
    ));
    figures.push(database(run)?);
    Ok(figures)
}
