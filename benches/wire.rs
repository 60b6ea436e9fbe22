//! What it costs to write a stanza, and to read one.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use jid::{BareJid, FullJid};
use lyceum::room::effect::{Availability, Presence, Stanza, Statuses};
use lyceum::room::{Affiliation, ArchiveId, Content, Hats, Nick, OccupantId, Payload, Role};
use lyceum::wire::decode::decode;
use lyceum::wire::encode::encode;
use lyceum::wire::stanza::envelope::Envelope;
use lyceum::wire::stanza::fresh::Fresh;
use lyceum::wire::xml::frame::Frame;

const SPOKEN: &[u8] = b"<message from='hag66@shakespeare.lit/pda' id='hysf1v37' \
    to='coven@chat.shakespeare.lit' type='groupchat'><body>Harpier cries: 'tis time, 'tis time.</body>\
    <origin-id xmlns='urn:xmpp:sid:0' id='hysf1v37'/></message>";

fn presence() -> Stanza {
    let caps =
        b"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example/' \
        ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>";
    Stanza::Presence(Presence {
        nick: Nick::new("thirdwitch").expect("a nick"),
        id: None,
        state: Availability::Available,
        payload: Payload::new(caps),
        occupant_id: Some(occupant_id()),
        affiliation: Affiliation::Member,
        role: Role::Participant,
        real_jid: Some(Arc::new(
            FullJid::new("hag66@shakespeare.lit/pda").expect("a JID"),
        )),
        new_nick: None,
        actor: None,
        reason: None,
        statuses: Statuses::none(),
        hats: Hats::NONE,
        thinned: None,
        destruction: None,
    })
}

fn speech() -> Stanza {
    Stanza::Speech {
        nick: Nick::new("thirdwitch").expect("a nick"),
        occupant_id: occupant_id(),
        archive_id: Some(ArchiveId("01890a5d-ac96-774b-bcce-b302099a8057".into())),
        content: Content {
            id: "hysf1v37".into(),
            language: None,
            payload: Payload::new(b"<body>Harpier cries: 'tis time, 'tis time.</body>"),
        },
        is_passing: false,
    }
}

fn occupant_id() -> OccupantId {
    OccupantId("dd72603deec90a38ba552f7c68cbcc61bca202cd".into())
}

fn benchmarks(criterion: &mut Criterion) {
    let room = BareJid::new("coven@chat.shakespeare.lit").expect("a JID");
    let service = BareJid::new("chat.shakespeare.lit").expect("a JID");
    let recipient = "crone1@shakespeare.lit/desktop";
    for (name, stanza) in [("presence", presence()), ("speech", speech())] {
        criterion.bench_function(&format!("encode {name}"), |bencher| {
            bencher.iter(|| encode(black_box(&stanza), &room, fresh_id));
        });
        let template = encode(&stanza, &room, fresh_id);
        let mut out = Vec::with_capacity(1024 * 1024);
        criterion.bench_function(&format!("write {name} to a recipient"), |bencher| {
            bencher.iter(|| {
                if out.len() > 1000 * 1024 {
                    out.clear();
                }
                template.write(black_box(recipient), &mut out);
            });
        });
    }
    let frame = Frame::from_xml(SPOKEN).expect("a stanza");
    let fresh = Fresh {
        archive_id: ArchiveId("a".into()),
        message_id: "m".into(),
    };
    criterion.bench_function("decode speech", |bencher| {
        bencher.iter(|| {
            let frame = black_box(&frame);
            let mut envelope = Envelope::of(&frame.header, &service).expect("addresses");
            decode(&mut envelope, frame, fresh.clone())
        });
    });
}

criterion_group!(wire, benchmarks);
criterion_main!(wire);

/// The id of a stanza of the room itself; always the same, so that only encoding is measured.
fn fresh_id() -> String {
    "fresh".to_owned()
}
