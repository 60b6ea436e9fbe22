//! What answers, and silence, say about a doubted session.

use super::*;

const START: Elapsed = Elapsed(1_000_000_000_000);

struct Trial {
    doubts: Doubts,
    session: Arc<FullJid>,
    questions: Vec<Inquiry>,
}

impl Trial {
    fn of_one() -> Self {
        let mut doubts = Doubts::new(100, "check-".into());
        let session = Arc::new(FullJid::new("ann@example.org/phone").unwrap());
        doubts.doubt(session.clone());
        let mut questions = Vec::new();
        assert!(doubts.proceed(START, &mut questions).is_empty());
        Self {
            doubts,
            session,
            questions,
        }
    }

    fn answer(&mut self, sign: Sign) -> Option<Verdict> {
        let Some(Inquiry::Ping { id, .. }) = self.questions.last().cloned() else {
            panic!("no ping was sent last")
        };
        self.doubts
            .answered(START, &self.session, &id, sign, &mut self.questions)
    }
}

#[test]
fn who_answers_stays() {
    let mut trial = Trial::of_one();
    assert_eq!(trial.answer(Sign::Alive), None);
    assert_eq!(trial.doubts.next_deadline(), None);
}

#[test]
fn who_is_not_there_goes() {
    let mut trial = Trial::of_one();
    assert_eq!(
        trial.answer(Sign::Gone),
        Some(Verdict::Gone(trial.session.clone()))
    );
    assert_eq!(trial.doubts.next_deadline(), None);
}

#[test]
fn a_client_without_ping_stays() {
    let mut trial = Trial::of_one();
    assert_eq!(trial.answer(Sign::Ambiguous), None);
    assert!(matches!(trial.questions[1], Inquiry::Probe { .. }));
    assert_eq!(trial.answer(Sign::Ambiguous), None);
    assert_eq!(trial.doubts.next_deadline(), None);
}

#[test]
fn a_session_that_returns_the_probe_goes() {
    let mut trial = Trial::of_one();
    trial.answer(Sign::Ambiguous);
    let Inquiry::Probe { id, .. } = trial.questions[1].clone() else {
        panic!("no probe")
    };
    assert!(trial.doubts.returned(&trial.session, &id));
    assert_eq!(
        trial.answer(Sign::Ambiguous),
        Some(Verdict::Gone(trial.session.clone()))
    );
}

#[test]
fn who_comes_back_while_it_is_verified_stays() {
    let mut trial = Trial::of_one();
    trial.answer(Sign::Ambiguous);
    let Inquiry::Probe { id, .. } = trial.questions[1].clone() else {
        panic!("no probe")
    };
    assert!(trial.doubts.returned(&trial.session, &id));
    trial.doubts.forget(&trial.session);
    assert_eq!(trial.answer(Sign::Ambiguous), None);
    assert_eq!(trial.doubts.next_deadline(), None);
}

#[test]
fn silence_takes_an_hour() {
    let mut trial = Trial::of_one();
    let mut now = START;
    let mut verdicts = Vec::new();
    while verdicts.is_empty() {
        now = trial
            .doubts
            .next_deadline()
            .expect("something is still to come");
        verdicts = trial.doubts.proceed(now, &mut trial.questions);
    }
    let minutes = (now.0 - START.0) / 60_000_000;
    assert!((60..80).contains(&minutes), "{minutes} minutes");
}

#[test]
fn an_answer_to_an_old_question_counts_for_nothing() {
    let mut trial = Trial::of_one();
    let stale = trial.doubts.answered(
        START,
        &trial.session,
        "check-0",
        Sign::Gone,
        &mut Vec::new(),
    );
    assert_eq!(stale, None);
}

#[test]
fn many_are_asked_at_the_given_pace() {
    let mut doubts = Doubts::new(100, "check-".into());
    for number in 0..1000 {
        let session = FullJid::new(&format!("u{number}@example.org/x")).unwrap();
        doubts.doubt(Arc::new(session));
    }
    let mut questions = Vec::new();
    for millisecond in 0..1000 {
        doubts.proceed(Elapsed(START.0 + millisecond * 1000), &mut questions);
    }
    assert!(
        (95..=115).contains(&questions.len()),
        "{} in a second",
        questions.len()
    );
}

proptest::proptest! {
    #[test]
    fn when_nobody_is_doubted_nothing_is_kept(deeds in proptest::collection::vec((0..5_u8, 0..4_u8, 0..90_i64), 1..80)) {
        let mut doubts = Doubts::new(1, "check-".into());
        let session = |number| Arc::new(FullJid::new(&format!("u{number}@example.org/x")).unwrap());
        let (mut now, mut questions) = (START, Vec::new());
        for (deed, number, seconds) in deeds {
            now = now.plus_seconds(seconds);
            match deed {
                0 | 1 => doubts.doubt(session(number)),
                2 => doubts.forget(&session(number)),
                3 => drop(doubts.proceed(now, &mut questions)),
                _ => {
                    let sign = [Sign::Alive, Sign::Ambiguous, Sign::Trouble][usize::from(number) % 3];
                    if let Some(Inquiry::Ping { to, id }) = questions.pop() {
                        doubts.answered(now, &to, &id, sign, &mut questions);
                    }
                }
            }
            proptest::prop_assert!(doubts.waiting.len() <= doubts.checks.len());
            proptest::prop_assert!(doubts.timers.len() <= doubts.checks.len());
        }
        for number in 0..4 {
            doubts.forget(&session(number));
        }
        proptest::prop_assert!(doubts.checks.is_empty() && doubts.timers.is_empty());
        proptest::prop_assert_eq!((doubts.waiting(), doubts.next_deadline()), (0, None));
    }
}
