//! Which element of a record is what.

use super::term::ErlangTerm;

/// Which element of a record `archive_msg` is what. It differs between versions, and a dump tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub us: usize,
    pub timestamp: usize,
    pub peer: usize,
    pub packet: usize,
    pub nick: usize,
    pub kind: usize,
}

impl Columns {
    /// Those of ejabberd 23.01.
    pub fn of_23_01() -> Self {
        Self {
            us: 1,
            timestamp: 3,
            peer: 4,
            packet: 6,
            nick: 7,
            kind: 8,
        }
    }

    /// Takes what a dump says of its tables: `[{Table,[{record_name,…},{attributes,[…]}]}]`
    pub fn learn(&mut self, tables: &[ErlangTerm]) {
        let table = tables
            .iter()
            .find_map(|tables| tables.property("archive_msg"));
        let Some(attributes) = table.and_then(|table| table.property("attributes")) else {
            return;
        };
        let attributes = attributes.list();
        let place = |name: &str, before: usize| {
            let found = attributes
                .iter()
                .position(|attribute| attribute.atom() == Some(name));
            // The name of the record is before all of them.
            found.map_or(before, |place| place + 1)
        };
        *self = Self {
            us: place("us", self.us),
            timestamp: place("timestamp", self.timestamp),
            peer: place("peer", self.peer),
            packet: place("packet", self.packet),
            nick: place("nick", self.nick),
            kind: place("type", self.kind),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::ejabberd::term;

    #[test]
    fn a_dump_of_another_version_tells_where_things_are() {
        let mut columns = Columns::of_23_01();
        let tables = |attributes: &str| {
            let text = format!(
                "[{{x,[]}},{{archive_msg,[{{record_name,archive_msg}},{{attributes,[{attributes}]}}]}}]"
            );
            [term::parse(text.as_bytes()).unwrap()]
        };
        columns.learn(&tables("us,id,timestamp,peer,bare_peer,packet,nick,type"));
        assert_eq!(columns, Columns::of_23_01());
        columns.learn(&tables(
            "new,us,id,timestamp,peer,bare_peer,packet,type,nick",
        ));
        let learned = Columns {
            us: 2,
            timestamp: 4,
            peer: 5,
            packet: 7,
            nick: 9,
            kind: 8,
        };
        assert_eq!(columns, learned);
        columns.learn(&[]);
        assert_eq!(columns, learned);
    }
}
