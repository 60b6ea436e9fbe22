//! Echoes, and what is concluded from them.

use super::*;
use crate::wire::xml::frame::Frame;

const SECOND: Duration = Duration::from_secs(1);

struct Bench {
    echo: Echo,
    now: Instant,
    heard: Instant,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        let address = EchoAddress::new("rooms.example").expect("a domain");
        Self {
            echo: Echo::new(address, now),
            now,
            heard: now,
        }
    }

    /// Lets time pass until something is due.
    fn due(&mut self) -> EchoStep {
        self.now = self.now.max(self.echo.due(self.heard));
        self.echo.tick(self.now, self.heard)
    }

    /// Brings an echo back a second later.
    fn bring_back(&mut self, stanza: &Bytes) -> Option<LinkVerdict> {
        self.now += SECOND;
        self.heard = self.now;
        let header = Frame::from_xml(stanza).expect("a stanza").header;
        let returned = self
            .echo
            .address
            .recognise(&header)
            .flatten()
            .expect("an echo");
        self.echo.returned(&returned, self.now)
    }
}

#[test]
fn a_round_is_sent_at_once_and_again_every_five_minutes() {
    let mut bench = Bench::new();
    let start = bench.now;
    for stanza in bench.due().send {
        assert_eq!(bench.bring_back(&stanza), None);
    }
    bench.heard = start + ROUND_INTERVAL;
    let step = bench.due();
    assert_eq!(
        (bench.now, step.send.len()),
        (start + ROUND_INTERVAL, ROUND_SIZE)
    );
}

#[test]
fn a_minute_of_silence_calls_for_one_echo() {
    let mut bench = Bench::new();
    for stanza in bench.due().send {
        bench.bring_back(&stanza);
    }
    let step = bench.due();
    assert_eq!((bench.now, step.send.len()), (bench.heard + SILENCE_MAX, 1));
    assert_eq!(bench.bring_back(&step.send[0]), None);
}

#[test]
fn a_connection_that_says_nothing_at_all_is_half_open() {
    let mut bench = Bench::new();
    bench.due();
    let sent = bench.now;
    let step = bench.due();
    assert_eq!(bench.now, sent + RETURN_MAX);
    assert_eq!(
        step,
        EchoStep {
            send: vec![],
            verdict: Some(LinkVerdict::HalfOpen)
        }
    );
}

#[test]
fn an_echo_that_was_overtaken_was_stolen() {
    let mut bench = Bench::new();
    let sent = bench.due().send;
    bench.bring_back(&sent[1]);
    assert_eq!(bench.due().verdict, Some(LinkVerdict::Stolen));
}

#[test]
fn a_busy_server_gets_more_time_and_then_is_judged() {
    let mut bench = Bench::new();
    let sent = bench.due().send;
    bench.bring_back(&sent[0]);
    assert_eq!(bench.due(), EchoStep::default());
    for stanza in &sent[1..] {
        assert_eq!(bench.bring_back(stanza), None);
    }
    bench.now = bench.echo.next_round;
    let sent = bench.due().send;
    bench.bring_back(&sent[0]);
    assert_eq!(bench.due(), EchoStep::default());
    assert_eq!(bench.due().verdict, Some(LinkVerdict::Stolen));
}

#[test]
fn a_server_that_sends_other_things_only_does_not_route_our_name() {
    let mut bench = Bench::new();
    bench.due();
    bench.heard += SECOND;
    assert_eq!(bench.due(), EchoStep::default());
    assert_eq!(bench.due().verdict, Some(LinkVerdict::NotRouted));
}

#[test]
fn an_echo_of_another_process_is_a_theft_once_the_connection_has_settled() {
    let mut bench = Bench::new();
    let sent = bench.due().send;
    for stanza in &sent {
        bench.bring_back(stanza);
    }
    let foreign = Bench::new().due().send;
    assert_eq!(bench.bring_back(&foreign[0]), None);
    bench.now += SETTLING;
    assert_eq!(bench.bring_back(&foreign[1]), Some(LinkVerdict::Stolen));
    assert_eq!(bench.bring_back(&foreign[2]), None, "said once");
}

#[test]
fn health_is_told_after_trouble_only() {
    let mut bench = Bench::new();
    let sent = bench.due().send;
    bench.bring_back(&sent[1]);
    assert_eq!(bench.due().verdict, Some(LinkVerdict::Stolen));
    bench.now = bench.echo.next_round;
    let sent = bench.due().send;
    let verdicts: Vec<_> = sent
        .iter()
        .filter_map(|stanza| bench.bring_back(stanza))
        .collect();
    assert_eq!(verdicts, [LinkVerdict::Healthy]);
}

#[test]
fn only_messages_from_our_own_echo_address_are_echoes() {
    let address = EchoAddress::new("Rooms.Example").expect("a domain");
    let recognise = |from: &str, to: &str, id: &str| {
        let xml = format!("<message from='{from}' to='{to}' id='{id}'/>");
        address.recognise(&Frame::from_xml(xml.as_bytes()).expect("a stanza").header)
    };
    let ours = "rooms.example/echo";
    assert!(recognise(ours, ours, "lyceum-echo-a-7").flatten().is_some());
    assert_eq!(recognise(ours, ours, "lyceum-echo-a-x"), Some(None));
    let other = recognise(
        "other.example/echo",
        "other.example/echo",
        "lyceum-echo-a-7",
    );
    assert_ne!(other, recognise(ours, ours, "lyceum-echo-a-7"));
    assert!(other.flatten().is_some());
    assert_eq!(
        recognise("eve@example/echo", "eve@example/echo", "lyceum-echo-a-7"),
        None
    );
    assert_eq!(recognise("eve@example/echo", ours, "lyceum-echo-a-7"), None);
    assert_eq!(
        recognise(ours, "room@rooms.example", "lyceum-echo-a-7"),
        None
    );
    assert!(EchoAddress::new("a@b").is_none());
}
