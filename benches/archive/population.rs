//! Who belongs where.

use crate::chance::{Chance, Zipf};

/// Number of rooms; the most busy first.
pub const ROOMS: usize = 1000;
/// Number of people who talk.
pub const PEOPLE: usize = 5000;
/// Number of rooms that each person is in.
pub const ROOMS_EACH: usize = 20;

/// The rooms' members, and how much is said where.
#[derive(Debug)]
pub struct Population {
    /// For every room its members, the most talkative first.
    members: Vec<Vec<usize>>,
    traffic: Zipf,
}

impl Population {
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x7065_6f70_6c65);
        let mut members = vec![Vec::new(); ROOMS];
        let attraction = Zipf::new(ROOMS, 0.5);
        for person in 0..PEOPLE {
            let mut rooms = Vec::with_capacity(ROOMS_EACH);
            while rooms.len() < ROOMS_EACH {
                let room = attraction.rank(&mut chance);
                if !rooms.contains(&room) {
                    rooms.push(room);
                    members[room].push(person);
                }
            }
        }
        // Otherwise the first people would be the most talkative everywhere.
        for room in &mut members {
            for place in (1..room.len()).rev() {
                room.swap(place, chance.below(place + 1));
            }
        }
        Self {
            members,
            traffic: Zipf::new(ROOMS, 1.0),
        }
    }

    /// The members of a room; there is always one.
    pub fn members(&self, room: usize) -> &[usize] {
        &self.members[room]
    }

    /// A room, as often as there is something said in it.
    pub fn room(&self, chance: &mut Chance) -> usize {
        self.traffic.rank(chance)
    }

    /// Somebody who speaks in a room: a few say most, by Zipf's law.
    pub fn speaker(&self, room: usize, chance: &mut Chance) -> usize {
        let members = &self.members[room];
        let rank = ((members.len() as f64 + 1.0).powf(chance.part()) - 1.0) as usize;
        members[rank.min(members.len() - 1)]
    }

    /// Whether only members may read a room.
    pub fn is_members_only(room: usize) -> bool {
        !room.is_multiple_of(3)
    }
}
