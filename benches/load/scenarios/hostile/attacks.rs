//! The attacks, each named for what it chose.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use rusqlite::{Connection, TransactionBehavior};

use super::bystanders::{ROOM, Striker};
use super::crafted::{
    ATTACKER, distinct_words, enter, own_room, repeat, room, settle, shared_room, stanza, user,
};
use super::{Attack, Others, attacked, scenario};
use crate::link::Link;
use crate::scenarios::Scenario;

/// All of them.
pub const ATTACKS: &[Scenario] = &[
    scenario(
        "hostile-reading",
        "2 messages of 240 KB with 7,800 marks on a body of 24,000 escapes",
        |run| attacked(run, &READING),
    ),
    scenario(
        "hostile-types",
        "9,000 private messages of types that are none",
        |run| attacked(run, &TYPES),
    ),
    scenario(
        "hostile-width",
        "105 messages of 1,000 invitations, and a request to 90,000 admins",
        |run| attacked(run, &WIDTH),
    ),
    scenario(
        "hostile-crowd",
        "1,500 made-up people of another server enter a room",
        |run| attacked(run, &CROWD),
    ),
    scenario(
        "hostile-lists",
        "300,000 outcasts, 100 strangers who ask that room, and its list 50 times",
        |run| attacked(run, &LISTS),
    ),
    scenario(
        "hostile-presence",
        "100 presences of 230 KB in a room that 40 others enter meanwhile",
        |run| attacked(run, &PRESENCE),
    ),
    scenario(
        "hostile-words",
        "100 messages of 20,000 words that all differ",
        |run| attacked(run, &WORDS),
    ),
    scenario(
        "hostile-graves",
        "800 rooms are made and destroyed",
        |run| attacked(run, &GRAVES),
    ),
    scenario(
        "hostile-disk",
        "the disk hangs for 4 s while 2 million presences go to nowhere and 60,000 messages have ids of 3 KB",
        |run| attacked(run, &DISK),
    ),
    scenario(
        "hostile-corrections",
        "10 messages with 2,000 corrections each are taken back",
        |run| attacked(run, &CORRECTIONS),
    ),
];

const READING: Attack = Attack {
    prepare: own_room,
    strike: |striker| {
        let marks = format!(
            "<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/><body>{}</body>\
             <fallback xmlns='urn:xmpp:fallback:0'>{}</fallback>",
            "&amp;".repeat(24_000),
            "<body end='1'/>".repeat(7_800)
        );
        let nowhere = room(ROOM + 1);
        (0..2).try_for_each(|number| {
            let from = user(ATTACKER + number);
            let attributes = "type='groupchat' id='1'";
            striker.write(&stanza("message", &from, &nowhere, attributes, &marks))
        })
    },
    inside: false,
    others: Others::AreHeard,
};

const TYPES: Attack = Attack {
    prepare: |link| {
        let bob = enter(&user(ATTACKER + 1), ROOM, "bob", "");
        own_room(link)?;
        link.out().extend_from_slice(bob.as_bytes());
        settle(link)
    },
    strike: |striker| {
        let bob = format!("{}/bob", room(ROOM));
        let invitation = "<x xmlns='http://jabber.org/protocol/muc#user'>\
                          <invite to='cat@example.org'/></x>";
        let attempts = [
            ("type='result'", bob.as_str(), "<body>x</body>"),
            ("type='unavailable'", bob.as_str(), "<body>x</body>"),
            ("type='result'", &room(ROOM), invitation),
        ];
        attempts.into_iter().try_for_each(|(type_, to, children)| {
            (0..3_000).try_for_each(|_| {
                striker.write(&stanza("message", &user(ATTACKER), to, type_, children))
            })
        })
    },
    inside: false,
    others: Others::AreHeard,
};

const WIDTH: Attack = Attack {
    prepare: |link| {
        own_room(link)?;
        let form = "<query xmlns='http://jabber.org/protocol/muc#owner'>\
                    <x xmlns='jabber:x:data' type='submit'>\
                    <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
                    <field var='{urn:lyceum:0}registration'><value>approval</value></field></x></query>";
        let attributes = "type='set' id='s'";
        let set = stanza("iq", &user(ATTACKER), &room(ROOM), attributes, form);
        link.out().extend_from_slice(set.as_bytes());
        affiliate(link, "admin", 90)
    },
    strike: |striker| {
        let register = "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>\
            <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>\
            <field var='muc#register_roomnick'><value>Eve</value></field></x></query>";
        let from = user(ATTACKER + 1);
        striker.write(&stanza(
            "iq",
            &from,
            &room(ROOM),
            "type='set' id='r'",
            register,
        ))?;
        let invitations = format!(
            "<x xmlns='http://jabber.org/protocol/muc#user'>{}</x>",
            repeat(1_000, |number| format!("<invite to='p{number}@v.test'/>"))
        );
        (0..105).try_for_each(|_| {
            let from = user(ATTACKER);
            striker.write(&stanza("message", &from, &room(ROOM), "", &invitations))
        })
    },
    inside: false,
    others: Others::AreHeard,
};

const CROWD: Attack = Attack {
    prepare: shared_room,
    strike: |striker| {
        (0..1_500).try_for_each(|number| {
            let from = format!("p{number}@remote.test/x");
            striker.write(&enter(&from, ROOM, &format!("p{number}"), ""))
        })
    },
    inside: true,
    others: Others::AreHeard,
};

const LISTS: Attack = Attack {
    prepare: own_room,
    strike: |striker| {
        (0..300).try_for_each(|number| striker.write(&affiliation_request("outcast", number)))?;
        (0..100).try_for_each(|number| {
            let from = user(ATTACKER + 10 + number);
            let to = format!("{}/x", room(ROOM));
            striker.write(&stanza("presence", &from, &to, "type='unavailable'", ""))
        })?;
        let list = "<query xmlns='http://jabber.org/protocol/muc#admin'>\
                    <item affiliation='outcast'/></query>";
        (0..50).try_for_each(|_| {
            let attributes = "type='get' id='l'";
            striker.write(&stanza(
                "iq",
                &user(ATTACKER),
                &room(ROOM),
                attributes,
                list,
            ))
        })
    },
    inside: false,
    others: Others::AreHeard,
};

const PRESENCE: Attack = Attack {
    prepare: shared_room,
    strike: |striker| {
        let status = format!("<status>{}</status>", "x".repeat(230_000));
        (0..100).try_for_each(|number| {
            let attacker = ATTACKER + 10 + number % 5;
            let nick = format!("n{attacker:07}");
            striker.write(&enter(&user(attacker), ROOM, &nick, &status))?;
            if number % 5 != 0 {
                return Ok(());
            }
            (0..2).try_for_each(|guest| {
                let guest = ATTACKER + 100 + 2 * (number / 5) + guest;
                striker.write(&enter(&user(guest), ROOM, &format!("n{guest:07}"), ""))
            })
        })
    },
    inside: true,
    others: Others::AreHeard,
};

const WORDS: Attack = Attack {
    prepare: own_room,
    strike: |striker| {
        (0..100).try_for_each(|number| {
            let body = format!("<body>{}</body>", distinct_words(number, 20_000));
            let attributes = format!("type='groupchat' id='w{number}'");
            let from = user(ATTACKER);
            striker.write(&stanza("message", &from, &room(ROOM), &attributes, body))
        })
    },
    inside: false,
    others: Others::AreHeard,
};

const GRAVES: Attack = Attack {
    prepare: settle,
    strike: |striker| {
        let open = "<query xmlns='http://jabber.org/protocol/muc#owner'>\
                    <x xmlns='jabber:x:data' type='submit'/></query>";
        let destroy = "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query>";
        (0..800).try_for_each(|number| {
            let (from, here) = (user(ATTACKER), ROOM + number);
            striker.write(&enter(&from, here, "eve", ""))?;
            [open, destroy].into_iter().try_for_each(|query| {
                striker.write(&stanza(
                    "iq",
                    &from,
                    &room(here),
                    "type='set' id='d'",
                    query,
                ))
            })
        })
    },
    inside: false,
    others: Others::AreHeard,
};

/// Another program holds the database: a commit can't begin, as on a disk that does nothing.
const DISK: Attack = Attack {
    prepare: own_room,
    strike: |striker| {
        let mut database = Connection::open(&striker.database)?;
        database.busy_timeout(Duration::from_secs(4))?;
        let held = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        thread::sleep(Duration::from_millis(100));
        thread::scope(|scope| {
            let holding = scope.spawn(|| thread::sleep(HANG));
            let struck = flood(striker);
            // It is long enough, whatever became of the thread.
            let _ = holding.join();
            struck
        })?;
        Ok(held.rollback()?)
    },
    inside: false,
    others: Others::WaitForTheDisk,
};

/// Less than the time after which a commit is given up.
const HANG: Duration = Duration::from_secs(4);

fn flood(striker: &mut Striker) -> Result<()> {
    let presence = |number: usize| {
        let to = format!("nowhere{}@rooms.example.org/x", number % 100);
        stanza("presence", &user(ATTACKER), &to, "type='unavailable'", "")
    };
    let some = repeat(500, presence);
    let deadline = std::time::Instant::now() + HANG - Duration::from_millis(500);
    for round in 0..4_000 {
        striker.write(&some)?;
        if round % 20 == 0 {
            let id = format!("type='groupchat' id='{}'", "i".repeat(3_000));
            let message = stanza("message", &user(ATTACKER + 1), &room(ROOM), &id, "");
            striker.write(&message.repeat(300))?;
        }
        if std::time::Instant::now() > deadline {
            break;
        }
    }
    Ok(())
}

const CORRECTIONS: Attack = Attack {
    prepare: |link| {
        own_room(link)?;
        for message in 0..10 {
            let id = format!("type='groupchat' id='c{message}'");
            let first = stanza(
                "message",
                &user(ATTACKER),
                &room(ROOM),
                &id,
                "<body>a</body>",
            );
            link.out().extend_from_slice(first.as_bytes());
            let corrected = format!(
                "<body>b</body><replace xmlns='urn:xmpp:message-correct:0' id='c{message}'/>"
            );
            for _ in 0..200 {
                let type_ = "type='groupchat'";
                let correction = stanza("message", &user(ATTACKER), &room(ROOM), type_, &corrected);
                link.out()
                    .extend_from_slice(correction.repeat(10).as_bytes());
                settle(link)?;
            }
        }
        Ok(())
    },
    strike: |striker| {
        (0..10).try_for_each(|message| {
            let retraction =
                format!("<retract xmlns='urn:xmpp:message-retract:1' id='c{message}'/>");
            let attributes = format!("type='groupchat' id='t{message}'");
            let from = user(ATTACKER);
            striker.write(&stanza(
                "message",
                &from,
                &room(ROOM),
                &attributes,
                retraction,
            ))
        })
    },
    inside: false,
    others: Others::AreHeard,
};

/// Gives some thousands of people an affiliation with the attacked room.
fn affiliate(link: &mut Link, affiliation: &str, thousands: usize) -> Result<()> {
    for number in 0..thousands {
        let request = affiliation_request(affiliation, number);
        link.out().extend_from_slice(request.as_bytes());
        settle(link)?;
    }
    Ok(())
}

fn affiliation_request(affiliation: &str, thousand: usize) -> String {
    let items = repeat(1_000, |number| {
        let number = thousand * 1_000 + number;
        format!("<item affiliation='{affiliation}' jid='u{number}@v.test'/>")
    });
    let query = format!("<query xmlns='http://jabber.org/protocol/muc#admin'>{items}</query>");
    let attributes = "type='set' id='a'";
    stanza("iq", &user(ATTACKER), &room(ROOM), attributes, query)
}
