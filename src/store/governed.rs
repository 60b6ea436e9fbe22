//! Under which operators, and by which scopes, the people in rooms are: what the directory has to
//! know after a start.

use jid::BareJid;

use super::Store;
use super::error::Error;
use crate::directory::Stretch;

/// The key under which the store keeps it: a line for each stretch, with the address after which it
/// begins (none for the first), the mark of the scopes, and its operators, each after a space.
const GOVERNED: &str = "governed";

impl Store {
    /// Collects under which operators the people in rooms are, in the order of addresses.
    pub fn set_governed(&mut self, stretches: &[Stretch]) {
        let lines: Vec<_> = stretches.iter().map(line).collect();
        self.set_meta(GOVERNED, &lines.join("\n"));
    }

    /// Under which operators the people in rooms are; empty when that is not known.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn governed(&self) -> Result<Vec<Stretch>, Error> {
        let text = self.meta(GOVERNED)?;
        let read = text.and_then(|text| text.split('\n').map(stretch).collect::<Option<_>>());
        Ok(read.unwrap_or_default())
    }
}

fn line(stretch: &Stretch) -> String {
    let mut line = String::new();
    if let Some(after) = &stretch.after {
        line.push_str(after.as_str());
    }
    // A mark begins with what no address without a resource has.
    line.push_str(&format!(" /{:x}", stretch.mark));
    for operator in &stretch.operators {
        line.push(' ');
        line.push_str(operator.as_str());
    }
    line
}

fn stretch(line: &str) -> Option<Stretch> {
    // A bare JID has no spaces.
    let mut words = line.split(' ');
    let after = match words.next()? {
        "" => None,
        address => Some(BareJid::new(address).ok()?),
    };
    let mut words = words.peekable();
    // Before there were categories, there was none.
    let mark = words.next_if(|word| word.starts_with('/'));
    let mark = mark.and_then(|mark| u64::from_str_radix(&mark[1..], 16).ok());
    let operators = words.map(|word| BareJid::new(word).ok());
    Some(Stretch {
        mark: mark.unwrap_or(0),
        after,
        operators: operators.collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).unwrap()
    }

    #[test]
    fn stretches_are_read_as_they_were_kept_with_any_number_of_operators() {
        let mut store = Store::in_memory().unwrap();
        assert_eq!(store.governed().unwrap(), []);
        let room = |name: &str| Some(jid(name));
        let stretches = [
            (None, vec![]),
            (room("bar@r.example"), vec![jid("ann@a.example")]),
            (
                room("foo@r.example"),
                vec![jid("ann@a.example"), jid("bea@a.example")],
            ),
        ]
        .map(|(after, operators)| Stretch {
            after,
            operators: operators.into_iter().collect(),
            mark: u64::MAX,
        });
        for kept in [&stretches[..], &stretches[..1], &stretches[1..2]] {
            store.set_governed(kept);
            store.flush();
            assert_eq!(store.governed().unwrap(), kept);
        }
    }
}
