//! Privacy: who may know of a room and enter it, as one choice. DESIGN §1.
//!
//! It is no setting of its own, but a view of two: whether the room is listed, and whether it is
//! for members alone. So what is set by the standard fields reads back here, and the other way
//! round. A room that is for all and not listed reads as open, and stays unlisted until somebody
//! chooses otherwise.

use super::configuration::Configuration;
use super::word::Word;

/// Who may know of a room, and enter it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// Everybody whom the room is for at all may enter: it is listed, and open.
    Open,
    /// Everybody may know of it, and members enter: it is listed, and for members alone.
    Closed,
    /// Nobody but members knows that there is such a room.
    Secret,
}

impl Word for Privacy {
    const ALL: &'static [Self] = &[Self::Open, Self::Closed, Self::Secret];
    const NAMES: &'static [&'static str] = &["open", "closed", "secret"];
}

impl Configuration {
    /// The privacy as which the two settings read.
    pub fn privacy(&self) -> Privacy {
        match (self.members_only, self.public) {
            (false, _) => Privacy::Open,
            (true, true) => Privacy::Closed,
            (true, false) => Privacy::Secret,
        }
    }

    /// This configuration with another privacy; the same one changes nothing.
    pub fn with_privacy(mut self, privacy: Privacy) -> Self {
        if self.privacy() != privacy {
            self.public = privacy != Privacy::Secret;
            self.members_only = privacy != Privacy::Open;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(public: bool, members_only: bool) -> Configuration {
        Configuration {
            public,
            members_only,
            ..Configuration::default()
        }
    }

    #[test]
    fn a_privacy_that_is_chosen_is_the_one_that_reads_back() {
        for public in [false, true] {
            for members_only in [false, true] {
                for privacy in Privacy::ALL {
                    let chosen = configuration(public, members_only).with_privacy(*privacy);
                    assert_eq!(chosen.privacy(), *privacy);
                }
            }
        }
    }

    #[test]
    fn an_unlisted_room_for_all_reads_as_open_and_stays_unlisted() {
        let unlisted = configuration(false, false);
        assert_eq!(unlisted.privacy(), Privacy::Open);
        assert_eq!(unlisted.clone().with_privacy(Privacy::Open), unlisted);
        let closed = unlisted.with_privacy(Privacy::Closed);
        assert_eq!(closed, configuration(true, true));
    }
}
