//! What there is to be asked for: messages here and there in the database.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags};

use crate::address;
use crate::chance::Chance;
use crate::population::Population;
use crate::words::Vocabulary;

/// A message that is in the archive.
#[derive(Debug)]
pub struct Sample {
    pub room: usize,
    pub id: String,
    /// In microseconds since 1970.
    pub at: i64,
    pub author: usize,
    /// The ranks of its words, in order.
    pub words: Vec<usize>,
}

/// Everything that questions are made of.
pub struct Facts {
    pub vocabulary: Vocabulary,
    pub population: Population,
    samples: Vec<Sample>,
}

impl Facts {
    /// Picks messages by chance, so from each room as many as are said there.
    pub fn gather(database: &Path, seed: u64) -> Result<Self> {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let vocabulary = Vocabulary::new();
        let ranks: HashMap<&str, usize> = (0..crate::words::WORDS)
            .map(|rank| (vocabulary.word(rank), rank))
            .collect();
        let last: i64 =
            connection.query_row("SELECT max(id) FROM message", [], |row| row.get(0))?;
        let mut statement = connection.prepare(
            "SELECT room.jid, archive_id, at, person.jid, payload
             FROM message JOIN room ON room.id = message.room JOIN sender ON sender.id = sender
             JOIN person ON person.id = person
             WHERE message.id >= ?1 AND kind = 0 ORDER BY message.id LIMIT 1",
        )?;
        let mut chance = Chance::new(seed);
        let mut samples = Vec::with_capacity(SAMPLES);
        while samples.len() < SAMPLES {
            let number = (chance.part() * (last - 1000) as f64) as i64;
            let sample = statement.query_row([number], |row| {
                let payload: Vec<u8> = row.get(4)?;
                let id: uuid::Uuid =
                    uuid::Uuid::from_slice(&row.get::<_, Vec<u8>>(1)?).unwrap_or_default();
                Ok((
                    row.get::<_, String>(0)?,
                    id.simple().to_string(),
                    row.get(2)?,
                    row.get::<_, String>(3)?,
                    String::from_utf8_lossy(&payload).into_owned(),
                ))
            })?;
            let (room, id, at, author, payload) = sample;
            let Some((room, _)) = address::occupant(room.as_bytes()) else {
                continue;
            };
            let body = payload.split("</body>").next().unwrap_or_default();
            samples.push(Sample {
                room,
                id,
                at,
                author: address::user(author.as_bytes()).context("a stranger has spoken")?,
                words: body
                    .split(|c: char| !c.is_alphanumeric())
                    .filter_map(|word| ranks.get(word).copied())
                    .collect(),
            });
        }
        drop(ranks);
        Ok(Self {
            population: Population::new(crate::database::SEED),
            vocabulary,
            samples,
        })
    }

    /// One of them.
    pub fn sample(&self, chance: &mut Chance) -> &Sample {
        &self.samples[chance.below(self.samples.len())]
    }

    /// Somebody who may read a room.
    pub fn reader(&self, room: usize, chance: &mut Chance) -> usize {
        let members = self.population.members(room);
        members[chance.below(members.len())]
    }
}

const SAMPLES: usize = 5000;
