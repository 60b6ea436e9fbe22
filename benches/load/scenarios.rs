//! What is measured. Every run has a component and a database of its own.

mod auditorium;
mod commit;
mod fanout;
mod hostile;
mod inhabit;
mod join;
mod sleeping;

use std::time::Duration;

use anyhow::Result;

use crate::component::{Component, Kind, Usage};
use crate::crowd::{Pace, Plan};
use crate::figures::Figure;
use crate::link::Link;
use crate::talk::Where;

/// Something to be measured.
pub struct Scenario {
    pub name: &'static str,
    /// In a line, for the reader of its figures.
    pub about: &'static str,
    /// Whether it runs when no scenario is named.
    pub by_default: bool,
    /// Whether the component that only copies can play it too.
    pub for_copier: bool,
    pub run: fn(&mut Run<'_>) -> Result<Vec<Figure>>,
}

/// One run: a component that has just connected.
pub struct Run<'a> {
    pub component: &'a mut Component,
    pub link: &'a mut Link,
    /// How long the part is that is measured.
    pub duration: Duration,
}

impl Run<'_> {
    /// Starts the component, plays the scenario, and stops it.
    pub fn play(scenario: &Scenario, kind: Kind, duration: Duration) -> Result<Vec<Figure>> {
        let (mut component, mut link) = Component::start(kind)?;
        let mut run = Run {
            component: &mut component,
            link: &mut link,
            duration,
        };
        match (scenario.run)(&mut run) {
            Ok(figures) if kind == Kind::Lyceum => {
                component.stop()?;
                Ok(figures)
            }
            // Nothing is wanted of the copier, and it has nothing to finish.
            Ok(figures) => Ok(figures.into_iter().map(Figure::untargeted).collect()),
            Err(error) => Err(component.explain(error)),
        }
    }

    fn usage(&self) -> Result<(Usage, Usage)> {
        Ok((self.component.usage()?, Usage::of_self()?))
    }
}

/// All scenarios, the hostile ones last.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter().chain(hostile::ATTACKS)
}

/// Those without anybody hostile.
const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "fanout-500",
        about: "1 room of 500, one sender, 16 messages under way",
        by_default: true,
        for_copier: true,
        run: |run| {
            let figures = fanout::fanout(run, Plan::new(1, 500), 16)?;
            Ok(figures.into_iter().map(fanout::targeted).collect())
        },
    },
    Scenario {
        name: "fanout-100",
        about: "1 room of 100, one sender, 1 message under way",
        by_default: true,
        for_copier: true,
        run: |run| fanout::fanout(run, Plan::new(1, 100), 1),
    },
    Scenario {
        name: "fanout-2000",
        about: "1 room of 2,000, one sender, 4 messages under way",
        by_default: true,
        for_copier: true,
        run: |run| fanout::fanout(run, Plan::new(1, 2000), 4),
    },
    Scenario {
        name: "rooms-50x20",
        about: "50 rooms of 20, one sender and 1 message under way in each",
        by_default: true,
        for_copier: true,
        run: |run| fanout::fanout(run, Plan::new(50, 20), 1),
    },
    Scenario {
        name: "join-500",
        about: "500 enter one room, all at once",
        by_default: true,
        for_copier: true,
        run: |run| join::join(run, 500),
    },
    Scenario {
        name: "join-2000",
        about: "2,000 enter one room, all at once",
        by_default: true,
        for_copier: true,
        run: |run| join::join(run, 2000),
    },
    Scenario {
        name: "big-room",
        about: "1 room of 1,000: filling it, its memory, and 16 messages under way",
        by_default: true,
        for_copier: false,
        run: |run| inhabit::inhabit(run, Plan::new(1, 1000), 16, Where::SameRoom),
    },
    Scenario {
        name: "auditorium",
        about: "an auditorium of 16,000: filling it, its memory, and one message of a presenter to all",
        by_default: true,
        for_copier: false,
        run: |run| auditorium::auditorium(run, 16_000),
    },
    Scenario {
        name: "many-rooms",
        about: "10,000 rooms of 3: filling them, their memory, and 64 messages under way",
        by_default: true,
        for_copier: false,
        run: |run| inhabit::inhabit(run, Plan::new(10_000, 3), 64, Where::AnyRoom),
    },
    Scenario {
        name: "sleeping",
        about: "10,000 rooms that everybody has left, and how they wake",
        by_default: true,
        for_copier: false,
        run: |run| sleeping::sleeping(run, 10_000),
    },
    Scenario {
        name: "sleeping-100000",
        about: "the same with 100,000 rooms",
        by_default: false,
        for_copier: false,
        run: |run| sleeping::sleeping(run, 100_000),
    },
    Scenario {
        name: "commit",
        about: "1 user alone in a room: every message is on disk before he hears it",
        by_default: true,
        for_copier: false,
        run: commit::commit,
    },
];

/// Number of people who enter at a time where it isn't a storm.
const UNDER_WAY: usize = 64;
const PACED: Pace = Pace::UnderWay(UNDER_WAY);
