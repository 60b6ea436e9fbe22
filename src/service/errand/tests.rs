//! What is waited for, for how long, and for how many.

use super::*;
use jid::BareJid;

const TRIAL: Bounds = Bounds {
    kind: "trial",
    patience_s: 120,
    most: 50,
    most_per_session: 5,
    most_per_party: 20,
};

#[derive(Debug)]
struct Trial(Option<Behalf>);

impl Errand for Trial {
    fn bounds(&self) -> &'static Bounds {
        &TRIAL
    }

    fn on_behalf_of(&self) -> Option<&Behalf> {
        self.0.as_ref()
    }

    fn go_on(self: Box<Self>, _: &mut Engine, _: Now, _: &StanzaReply<'_>) {}
}

fn bob() -> Jid {
    Jid::new("bob@example.org").unwrap()
}

fn ask(errands: &mut Errands, seconds: i64, id: usize, behalf: Option<Behalf>) -> bool {
    let now = Elapsed::BEGINNING.plus_seconds(seconds);
    errands.add(now, id.to_string(), bob(), Box::new(Trial(behalf)))
}

fn remote(number: usize) -> Option<Behalf> {
    Some(Behalf {
        session: Arc::new(FullJid::new(&format!("p{number}@remote.test/x")).unwrap()),
        party: Party::Domain(BareJid::new("remote.test").unwrap()),
    })
}

#[test]
fn only_who_was_asked_can_answer_and_only_once() {
    let mut errands = Errands::default();
    assert!(ask(&mut errands, 0, 1, None));
    let eve = Jid::new("eve@example.org").unwrap();
    assert!(errands.answered("1", &eve).is_none());
    assert!(errands.answered("2", &bob()).is_none());
    assert!(errands.answered("1", &bob()).is_some());
    assert!(errands.answered("1", &bob()).is_none());
}

#[test]
fn late_answers_are_passed_over() {
    let mut errands = Errands::default();
    assert!(ask(&mut errands, 0, 1, None));
    let deadline = Elapsed::BEGINNING.plus_seconds(TRIAL.patience_s + 1);
    assert_eq!(errands.next_deadline(), Some(deadline));
    errands.forget_old(deadline);
    assert!(errands.answered("1", &bob()).is_none());
    assert_eq!(errands.next_deadline(), None);
    assert!(errands.under_way.is_empty());
}

#[test]
fn of_too_many_the_oldest_are_dropped_and_no_other_kind_suffers() {
    #[derive(Debug)]
    struct Other;
    impl Errand for Other {
        fn bounds(&self) -> &'static Bounds {
            const OTHER: Bounds = Bounds {
                kind: "other",
                ..TRIAL
            };
            &OTHER
        }
        fn go_on(self: Box<Self>, _: &mut Engine, _: Now, _: &StanzaReply<'_>) {}
    }
    let mut errands = Errands::default();
    errands.add(Elapsed::BEGINNING, "other".into(), bob(), Box::new(Other));
    for number in 0..=TRIAL.most {
        assert!(ask(&mut errands, 0, number, None));
    }
    assert_eq!(errands.under_way.len(), TRIAL.most + 1);
    assert!(errands.answered("0", &bob()).is_none());
    assert!(errands.answered("1", &bob()).is_some());
    assert!(errands.answered("other", &bob()).is_some());
}

#[test]
fn sessions_and_people_of_a_foreign_domain_wait_for_so_many_answers_together() {
    let mut errands = Errands::default();
    let passed = (0..10).filter(|id| ask(&mut errands, 0, *id, remote(0)));
    assert_eq!(passed.count(), TRIAL.most_per_session);
    let passed = (10..40).filter(|id| ask(&mut errands, 0, *id, remote(*id)));
    assert_eq!(
        passed.count(),
        TRIAL.most_per_party - TRIAL.most_per_session
    );
    let ann = Behalf {
        session: Arc::new(FullJid::new("ann@example.org/a").unwrap()),
        party: Party::Person(BareJid::new("ann@example.org").unwrap()),
    };
    assert!(ask(&mut errands, 0, 41, Some(ann)));
    assert!(errands.answered("0", &bob()).is_some());
    assert!(ask(&mut errands, 0, 42, remote(42)));
    assert!(!ask(&mut errands, 0, 43, remote(43)));
    // With what is forgotten, its place is free.
    assert!(ask(&mut errands, TRIAL.patience_s + 1, 44, remote(44)));
    let kind = &errands.kinds["trial"];
    assert_eq!((kind.of_sessions.len(), kind.of_parties.len()), (1, 1));
}
