//! What was said, in order: `tblChat`.
//!
//! An export has it in the order of rooms and numbers, but nothing makes sure of that, and of what
//! is large there may be several files. So it is read twice: once to learn where the runs of each
//! room are, and then room by room. As a rule that is one run a room; where runs of a room overlap,
//! its messages are sought one by one, with 32 bytes of memory for each.

use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::vec;

use super::lines::{Encoding, LinePlace};
use super::row::{Row, UnfitRow};
use super::table::{CHAT, Rows, TableFile};
use crate::transfer::item::Error;
use crate::transfer::skipped::{Reason, Skipped};

/// All that was said.
#[derive(Debug, Default)]
pub(super) struct Chat {
    files: Vec<(TableFile, Encoding)>,
    /// By the numbers of rooms.
    runs: BTreeMap<i64, Vec<Run>>,
    /// Rows that can't be used, and how many more there are.
    damaged: Vec<Skipped>,
    more_damaged: u64,
}

/// Rows of one room one after the other, each with a larger number than the one before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    file: usize,
    place: LinePlace,
    first: i64,
    last: i64,
    rows: u64,
}

/// A row, and where it is.
pub(super) struct ChatRow {
    /// Where it is, for people.
    pub place: String,
    /// What is in it; its number is there.
    pub row: Row,
}

/// A place in what was said in a room.
#[derive(Debug)]
pub(super) enum RoomChat {
    /// Run by run.
    Runs {
        channel: i64,
        runs: vec::IntoIter<Run>,
        open: Option<(usize, Rows, u64)>,
    },
    /// Row by row.
    Places {
        places: vec::IntoIter<(i64, usize, LinePlace)>,
        open: Option<(usize, Rows)>,
    },
}

impl Chat {
    /// Learns where everything is.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read.
    pub fn index(folder: &Path) -> Result<Self, Error> {
        let mut chat = Self::default();
        for file in CHAT.files(folder)? {
            chat.index_file(file)?;
        }
        for runs in chat.runs.values_mut() {
            runs.sort_by_key(|run| (run.first, run.file, run.place));
        }
        Ok(chat)
    }

    fn index_file(&mut self, file: TableFile) -> Result<(), Error> {
        let number = self.files.len();
        let mut rows = file.rows()?;
        let encoding = rows.encoding();
        let mut current: Option<(i64, Run)> = None;
        while let Some((place, row)) = rows.next()? {
            let (channel, id) = match row.and_then(|row| key(&row)) {
                Ok(key) => key,
                Err(why) => {
                    self.note_damage(file.skipped(place, why));
                    continue;
                }
            };
            match &mut current {
                Some((of, run)) if *of == channel && run.last < id => {
                    run.last = id;
                    run.rows += 1;
                }
                _ => {
                    let run = Run {
                        file: number,
                        place,
                        first: id,
                        last: id,
                        rows: 1,
                    };
                    self.end(current.replace((channel, run)));
                }
            }
        }
        self.end(current);
        self.files.push((file, encoding));
        Ok(())
    }

    fn end(&mut self, run: Option<(i64, Run)>) {
        if let Some((channel, run)) = run {
            self.runs.entry(channel).or_default().push(run);
        }
    }

    fn note_damage(&mut self, damage: Skipped) {
        match self.damaged.len() < DAMAGED_MAX {
            true => self.damaged.push(damage),
            false => self.more_damaged += 1,
        }
    }

    /// Rows that can't be used, told once.
    pub fn take_damaged(&mut self) -> Vec<Skipped> {
        let mut damaged = std::mem::take(&mut self.damaged);
        if self.more_damaged > 0 {
            damaged.push(Skipped {
                room: None,
                place: format!("{} more lines of messages", self.more_damaged),
                reason: Reason::MoreDamaged,
            });
        }
        damaged
    }

    /// Whether there are files of messages at all.
    pub fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// The rooms of which something was said.
    pub fn channels(&self) -> impl Iterator<Item = i64> {
        self.runs.keys().copied()
    }

    /// The number of rows of a room, and where the first is.
    pub fn count(&self, channel: i64) -> Option<(u64, String)> {
        let runs = self.runs.get(&channel)?;
        let first = runs.first()?;
        let place = self.files[first.file].0.place(first.place);
        Some((runs.iter().map(|run| run.rows).sum(), place))
    }

    /// What was said in a room, in its order.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read.
    pub fn of(&self, channel: i64) -> Result<RoomChat, Error> {
        let runs = self.runs.get(&channel).cloned().unwrap_or_default();
        let overlaps = runs.windows(2).any(|pair| pair[1].first <= pair[0].last);
        if !overlaps {
            return Ok(RoomChat::Runs {
                channel,
                runs: runs.into_iter(),
                open: None,
            });
        }
        let mut places = Vec::new();
        for run in &runs {
            let (mut rows, mut left) = (self.open(run.file, run.place)?, run.rows);
            while left > 0
                && let Some((place, row)) = rows.next()?
            {
                if let Some(id) = id_in(channel, row.as_ref()) {
                    places.push((id, run.file, place));
                    left -= 1;
                }
            }
        }
        places.sort_unstable();
        // The number is the table's key: what was exported twice is the same.
        places.dedup_by_key(|(id, ..)| *id);
        Ok(RoomChat::Places {
            places: places.into_iter(),
            open: None,
        })
    }

    /// The next row of a room; `None` behind the last.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read any further.
    pub fn next(&self, chat: &mut RoomChat) -> Result<Option<ChatRow>, Error> {
        match chat {
            RoomChat::Runs {
                channel,
                runs,
                open,
            } => loop {
                if let Some((file, rows, left)) = open.as_mut().filter(|(.., left)| *left > 0)
                    && let Some((place, row)) = rows.next()?
                {
                    // What is damaged in between is told already.
                    if id_in(*channel, row.as_ref()).is_some()
                        && let Ok(row) = row
                    {
                        *left -= 1;
                        let place = self.files[*file].0.place(place);
                        return Ok(Some(ChatRow { place, row }));
                    }
                    continue;
                }
                let Some(run) = runs.next() else {
                    return Ok(None);
                };
                *open = Some((run.file, self.open(run.file, run.place)?, run.rows));
            },
            RoomChat::Places { places, open } => {
                let Some((_, file, place)) = places.next() else {
                    return Ok(None);
                };
                let mut rows = match open.take().filter(|(of, _)| *of == file) {
                    Some((_, rows)) => self.reopen(rows, file, place)?,
                    None => self.open(file, place)?,
                };
                let found = rows.next()?;
                *open = Some((file, rows));
                let place = self.files[file].0.place(place);
                Ok(found.and_then(|(_, row)| row.ok().map(|row| ChatRow { place, row })))
            }
        }
    }

    fn open(&self, file: usize, place: LinePlace) -> Result<Rows, Error> {
        let (table, encoding) = &self.files[file];
        let mut input = table.open()?;
        let start = SeekFrom::Start(place.offset);
        input.seek(start).map_err(|cause| table.failed(cause))?;
        Ok(Rows::from_place(table, input, *encoding, place))
    }

    fn reopen(&self, rows: Rows, file: usize, place: LinePlace) -> Result<Rows, Error> {
        let (table, encoding) = &self.files[file];
        let mut input = rows.into_input();
        let here = input
            .stream_position()
            .map_err(|cause| table.failed(cause))?;
        // Within what is read already nothing has to be read again.
        let distance = place.offset.cast_signed() - here.cast_signed();
        input
            .seek_relative(distance)
            .map_err(|cause| table.failed(cause))?;
        Ok(Rows::from_place(table, input, *encoding, place))
    }
}

/// The room and the number of a row.
fn key(row: &Row) -> Result<(i64, i64), UnfitRow> {
    Ok((row.integer("channelId")?, row.integer("chatId")?))
}

/// The number of a row, if it is of this room.
fn id_in(channel: i64, row: Result<&Row, &UnfitRow>) -> Option<i64> {
    let (of, id) = key(row.ok()?).ok()?;
    (of == channel).then_some(id)
}

/// More are only counted.
const DAMAGED_MAX: usize = 1000;

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::fs;

    use super::*;

    fn row(channel: i64, id: i64) -> String {
        format!(
            "{{\"channelId\":{channel},\"chatId\":{id},\"chatDate\":635000000000000000,\
             \"userId\":5,\"isAlert\":false,\"content\":\"{channel}/{id}\",\"rtf\":null}}\n"
        )
    }

    fn all(chat: &Chat, channel: i64) -> Vec<String> {
        let mut of = chat.of(channel).unwrap();
        let rows = std::iter::from_fn(|| chat.next(&mut of).unwrap());
        rows.map(|found| found.row.text("content").unwrap())
            .collect()
    }

    fn numbers(channel: i64, ids: impl IntoIterator<Item = i64>) -> Vec<String> {
        ids.into_iter()
            .map(|id| format!("{channel}/{id}"))
            .collect()
    }

    #[test]
    fn each_room_has_its_messages_in_order_however_they_lie() {
        let folder = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for id in 1..=500 {
            text.push_str(&row(7, id));
        }
        text.push_str("garbage\n{\"channelId\":7}\n");
        for id in [3, 1, 2, 9, 8, 1] {
            text.push_str(&row(8, id));
        }
        fs::write(folder.path().join("chat.jsonl"), &text).unwrap();
        // What came later, and some of it again; in the other encoding.
        let mut later = String::new();
        for id in 495..=510 {
            let _ = write!(later, "{}", row(7, id));
        }
        later.push_str(&row(9, 1));
        let wide: Vec<u8> = later.encode_utf16().flat_map(u16::to_le_bytes).collect();
        fs::write(folder.path().join("chat-2.jsonl"), wide).unwrap();
        fs::write(folder.path().join("chats.jsonl"), row(7, 999)).unwrap();
        let mut chat = Chat::index(folder.path()).unwrap();
        assert_eq!(chat.channels().collect::<Vec<_>>(), [7, 8, 9]);
        assert_eq!(all(&chat, 7), numbers(7, 1..=510));
        assert_eq!(all(&chat, 8), numbers(8, [1, 2, 3, 8, 9]));
        assert_eq!(all(&chat, 9), ["9/1"]);
        assert_eq!(all(&chat, 10), [""; 0]);
        let damaged: Vec<_> = chat
            .take_damaged()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            damaged,
            [
                "chat.jsonl, line 501: it is no JSON object: expected value at line 1 column 1",
                "chat.jsonl, line 502: it has no chatId"
            ]
        );
    }

    #[test]
    fn runs_one_behind_the_other_are_read_through_with_damage_between() {
        let folder = tempfile::tempdir().unwrap();
        let text = [
            &row(7, 1),
            "x\n",
            &row(8, 1),
            &row(7, 2),
            "\n",
            "y\n",
            &row(7, 3),
        ]
        .concat();
        fs::write(folder.path().join("chat.jsonl"), text).unwrap();
        let mut chat = Chat::index(folder.path()).unwrap();
        assert!(matches!(chat.of(7).unwrap(), RoomChat::Runs { .. }));
        assert_eq!(all(&chat, 7), numbers(7, 1..=3));
        assert_eq!(chat.count(7).unwrap(), (3, "chat.jsonl, line 1".to_owned()));
        assert_eq!(chat.take_damaged().len(), 2);
    }
}
