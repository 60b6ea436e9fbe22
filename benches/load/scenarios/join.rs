//! A storm: many enter one room at once, and everybody is told of everybody.

use anyhow::Result;

use super::{PACED, Run};
use crate::cost::{cpu, database, mib};
use crate::crowd::{Crowd, Pace, Plan};
use crate::figures::Figure;

/// The creator is in; all others come at once.
pub fn join(run: &mut Run<'_>, users: usize) -> Result<Vec<Figure>> {
    let mut crowd = Crowd::new(Plan::new(1, users));
    crowd.create(run.link, PACED)?;
    let before = run.usage()?;
    let entered = crowd.fill(run.link, Pace::Storm)?;
    let after = run.usage()?;
    let presences = entered.presences as f64;
    let mut figures = vec![
        Figure::new("presences/s", presences / entered.all.as_secs_f64()),
        Figure::new("until all are in, s", entered.own_all.as_secs_f64()),
        Figure::new("until all know of all, s", entered.all.as_secs_f64()),
    ];
    figures.extend(cpu("presence", presences, &before, &after));
    figures.extend(entered.own.figures("own presence"));
    figures.push(Figure::new("peak memory, MiB", mib(after.0.peak)));
    figures.push(database(run)?);
    Ok(figures)
}
