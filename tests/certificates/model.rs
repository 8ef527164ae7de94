//! Whatever people attend, claim, have corrected and taken back: valid certificates never say more than was
//! designated, nor more than was attended, unless staff are told so (CEU-4, CEU-6).

use lanyard::app::Actor;
use lanyard::checkin::{Direction, attendance};
use lanyard::credits::certificates::corrections::contradicted;
use lanyard::credits::certificates::printed::Setting;
use lanyard::credits::certificates::rules::Status;
use lanyard::credits::certificates::{self, issuing};
use lanyard::credits::claims::{self, Wanted};
use lanyard::credits::{chain, evidence};
use lanyard::db::Kind;
use lanyard::error::{Error, Result};
use lanyard::evaluations::{self, Subject, rules::Answer};
use lanyard::events::Event;
use lanyard::registration::Registration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::credits::{a, an_accredited};
use crate::support::app::TestApp;
use crate::support::builders::a_congress;
use crate::support::databases::is_wanted;

const SESSIONS: [&str; 4] = ["K1", "B1", "B2", "B4"];
const TYPES: [&str; 2] = ["ama", "attendance"];
/// The maximum of the congress of these stories, in hundredths.
const DESIGNATED: i64 = 300;

#[derive(Clone, Copy, Debug)]
enum Step {
    Attest(usize, i64),
    /// Seen coming in so many minutes before the end.
    Seen(usize, i64),
    Void(usize),
    Claim(usize, usize, i64),
    TakeBack(usize),
    EvaluateAll,
    Issue,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..SESSIONS.len(), 1i64..=60).prop_map(|(session, minutes)| Step::Attest(session, minutes)),
        2 => (0..SESSIONS.len(), 1i64..=60).prop_map(|(session, minutes)| Step::Seen(session, minutes)),
        1 => (0..SESSIONS.len()).prop_map(Step::Void),
        6 => (0..TYPES.len(), 0..SESSIONS.len(), 1i64..=4).prop_map(|(kind, session, quarters)| Step::Claim(kind, session, quarters * 25)),
        1 => (0usize..4).prop_map(Step::TakeBack),
        1 => Just(Step::EvaluateAll),
        1 => Just(Step::Issue),
    ];
    prop::collection::vec(step, 1..30)
}

struct Real<'a> {
    app: &'a TestApp,
    event: Event,
    ada: Registration,
}

impl<'a> Real<'a> {
    fn begin(app: &'a TestApp, slug: &str) -> Self {
        app.set_clock("2026-03-02T09:00:00-08:00");
        let event = an_accredited(app, a_congress().event(&format!("slug = '{slug}'")));
        let ada = a(app, &event, "physician", &["B1", "B4"]);
        app.set_clock("2026-03-11T09:00:00-07:00");
        let (own, of) = (event.clone(), ada.clone());
        app.must(move |tx| {
            // Every session's evaluation, so that only attendance and maximum decide; B2 overlaps B1, so Ada has no seat.
            for code in ["K1", "B1", "B4"] {
                let session = lanyard::agenda::get(tx.db, &own.id, code)?;
                evaluations::submit(
                    tx,
                    &own,
                    &of,
                    &Subject::of(&session),
                    &answers(&[("objectives", "5"), ("practice", "4"), ("balance", "yes")]),
                    "",
                )?;
            }
            Ok(())
        });
        Self { app, event, ada }
    }

    /// Takes a step; what is refused changes nothing.
    fn take(&self, step: Step) {
        let (event, ada) = (self.event.clone(), self.ada.clone());
        let done: Result<()> = self.app.write_here(Actor::Service("test"), move |tx| {
            let session = |tx: &mut lanyard::app::Tx<'_>, index: usize| lanyard::agenda::get(tx.db, &event.id, SESSIONS[index]);
            match step {
                Step::Attest(index, minutes) => {
                    let session = session(tx, index)?;
                    evidence::attest(tx, &event, &ada, &session, minutes, Some("says so"))
                }
                Step::Seen(index, minutes) => {
                    let session = session(tx, index)?;
                    let at = session.ends_at.minus(chrono::Duration::minutes(minutes));
                    attendance::add_mark(tx, &event, &session, &ada, (Direction::In, at), "the list of the door").map(drop)
                }
                Step::Void(index) => {
                    let session = session(tx, index)?;
                    let marks = attendance::of_registration(tx.db, &ada.id)?;
                    let own = marks.iter().filter(|mark| mark.mark.session_id == session.id && mark.void.is_none());
                    own.map(|mark| &mark.mark.id).try_for_each(|id| attendance::void_mark(tx, &event, &ada.id, id, "swapped"))
                }
                Step::Claim(kind, index, hundredths) => {
                    let wanted = [Wanted { session: SESSIONS[index].to_owned(), hundredths }];
                    claims::claim(tx, &event, &ada, TYPES[kind], &wanted).map(drop)
                }
                Step::TakeBack(which) => {
                    let standing = claims::of_registration(tx.db, &ada.id)?;
                    match standing.get(which) {
                        Some(one) => claims::reverse(tx, &event, &ada, &one.claim.id, "a mistake"),
                        None => Ok(()),
                    }
                }
                Step::EvaluateAll => {
                    let said = answers(&[
                        ("needs", "5"),
                        ("confidence", "4"),
                        ("team", "4"),
                        ("domain", "A learning system"),
                        ("barrier", "Time"),
                        ("balance", "yes"),
                    ]);
                    evaluations::submit(tx, &event, &ada, &Subject::Overall, &said, "")?;
                    issuing::follow(tx, &event, &ada, "").map(drop)
                }
                Step::Issue => issuing::issue(tx, &event, &ada, "the desk says so").map(drop),
            }
        });
        match done {
            Ok(()) | Err(Error::Refused { .. } | Error::Invalid(_)) => {}
            Err(other) => panic!("{step:?}: {other:?}"),
        }
    }

    fn check(&self, step: Step) {
        let (event, ada, now) = (self.event.clone(), self.ada.clone(), self.app.now());
        self.app.look(|db| {
            let wholes = certificates::of_registration(db, &ada.id)?;
            let totals = chain::of_registration(db, &event, &ada, now)?.totals;
            let setting = Setting::of(db, &event)?;
            let listed: Vec<String> = contradicted(db, &setting)?.into_iter().filter_map(|one| one.number).collect();
            let mut sums = std::collections::BTreeMap::new();
            for whole in wholes.iter().filter(|whole| whole.status() == Status::Valid) {
                let (version, _) = whole.newest()?;
                let printed = version.read()?;
                assert_eq!(i64::from(version.hundredths), printed.hundredths);
                let claimed: i64 = claims::of_registration(db, &ada.id)?
                    .iter()
                    .filter(|one| printed.claims.contains(&one.claim.id))
                    .map(|one| i64::from(one.claim.hundredths))
                    .sum();
                assert_eq!(printed.hundredths, claimed, "after {step:?} a certificate says what stands");
                let earned = totals.iter().find(|total| total.code == printed.code).map_or(0, |total| total.earned);
                assert!(
                    printed.hundredths <= earned || listed.contains(&whole.number()),
                    "after {step:?}: {} certified, {earned} earned, and nobody is told",
                    printed.hundredths
                );
                *sums.entry(printed.code).or_insert(0) += printed.hundredths;
            }
            assert!(sums.values().all(|sum| *sum <= DESIGNATED), "after {step:?}: {sums:?}");
            Ok(())
        });
    }
}

fn answers(given: &[(&str, &str)]) -> evaluations::rules::Answers {
    let answer = |value: &str| Answer { value: value.to_owned(), ..Answer::default() };
    given.iter().map(|(code, value)| ((*code).to_owned(), answer(value))).collect()
}

fn histories(kind: Kind, cases: u32) {
    if !is_wanted(kind) {
        return;
    }
    let app = TestApp::start(kind);
    app.ignore_letters();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 60, ..Config::default() });
    let number = std::cell::Cell::new(0);
    runner
        .run(&steps(), |steps| {
            number.set(number.get() + 1);
            let real = Real::begin(&app, &format!("congress-{}", number.get()));
            for step in steps {
                real.take(step);
                real.check(step);
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn no_history_of_attendance_claims_and_corrections_certifies_more_sqlite() {
    histories(Kind::Sqlite, 20);
}

#[test]
fn no_history_of_attendance_claims_and_corrections_certifies_more_postgres() {
    histories(Kind::Postgres, 6);
}
