//! Enrollment against a small model: whatever people choose and give up, seats, lines and refusals are those of
//! the model (ENR-1, ENR-2, ENR-4).

use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration, session};
use crate::support::databases::is_wanted;
use lanyard::agenda::Session;
use lanyard::app::Actor;
use lanyard::db::Kind;
use lanyard::enrollment::{self, Status};
use lanyard::error::{Error, Result};
use lanyard::registration::Registration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const PEOPLE: usize = 5;
/// Seats of B1, B2 (which overlap) and B4 (which overlaps with neither).
const SEATS: [usize; 3] = [1, 2, 1];

#[derive(Clone, Copy, Debug)]
enum Step {
    Enroll(usize, usize),
    Leave(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..PEOPLE, 0..SEATS.len(), prop::bool::weighted(0.6))
        .prop_map(|(person, session, enrolls)| if enrolls { Step::Enroll(person, session) } else { Step::Leave(person, session) });
    prop::collection::vec(step, 1..40)
}

/// Who sits and who waits, each list in the order of coming.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Model {
    seated: [Vec<usize>; 3],
    line: [Vec<usize>; 3],
}

impl Model {
    fn overlap(one: usize, other: usize) -> bool {
        one != other && one < 2 && other < 2
    }

    fn has_conflict(&self, person: usize, session: usize) -> bool {
        (0..SEATS.len()).any(|other| Self::overlap(session, other) && self.seated[other].contains(&person))
    }

    /// What the step answers: the status or the refusal's code.
    fn take(&mut self, step: Step) -> &'static str {
        match step {
            Step::Enroll(person, session) if self.seated[session].contains(&person) || self.line[session].contains(&person) => {
                "enrollment.already"
            }
            Step::Enroll(person, session) if self.seated[session].len() >= SEATS[session] => {
                self.line[session].push(person);
                "waitlisted"
            }
            Step::Enroll(person, session) if self.has_conflict(person, session) => "enrollment.conflict",
            Step::Enroll(person, session) => {
                self.seated[session].push(person);
                "enrolled"
            }
            Step::Leave(person, session) => self.leave(person, session),
        }
    }

    fn leave(&mut self, person: usize, session: usize) -> &'static str {
        if self.line[session].contains(&person) {
            self.line[session].retain(|one| *one != person);
            return "left";
        }
        if !self.seated[session].contains(&person) {
            return "enrollment.not_enrolled";
        }
        self.seated[session].retain(|one| *one != person);
        self.fill(session);
        for other in 0..SEATS.len() {
            if Self::overlap(session, other) && self.line[other].contains(&person) {
                self.fill(other);
            }
        }
        "left"
    }

    /// The first in line who can take a free seat gets it.
    fn fill(&mut self, session: usize) {
        while self.seated[session].len() < SEATS[session] {
            let next = self.line[session].iter().position(|person| !self.has_conflict(*person, session));
            let Some(next) = next else { return };
            let person = self.line[session].remove(next);
            self.seated[session].push(person);
        }
    }

    fn sorted(mut self) -> Self {
        self.seated.iter_mut().for_each(|seated| seated.sort_unstable());
        self
    }
}

/// The service's side of the same.
struct Real<'a> {
    app: &'a TestApp,
    people: Vec<Registration>,
    sessions: Vec<Session>,
}

impl<'a> Real<'a> {
    fn begin(app: &'a TestApp, slug: &str) -> Self {
        let mut congress = a_congress().event(&format!("slug = '{slug}'"));
        for (code, seats) in ["B1", "B2", "B4"].into_iter().zip(SEATS) {
            congress = congress.seats(code, seats.try_into().unwrap());
        }
        let event = congress.make(app);
        let people = (0..PEOPLE).map(|_| a_registration(&event).make(app)).collect();
        let sessions = ["B1", "B2", "B4"].map(|code| session(app, &event, code)).to_vec();
        Self { app, people, sessions }
    }

    fn take(&self, step: Step) -> String {
        let (Step::Enroll(person, session) | Step::Leave(person, session)) = step;
        let (registration, session) = (self.people[person].clone(), self.sessions[session].clone());
        let result: Result<String> = self.app.write_here(Actor::Public, move |tx| match step {
            Step::Enroll(..) => Ok(enrollment::enroll(tx, &session, &registration)?.status.to_string()),
            Step::Leave(..) => enrollment::leave(tx, &session, &registration).map(|()| "left".to_owned()),
        });
        self.app.run_jobs();
        match result {
            Ok(said) => said,
            Err(Error::Refused { code, .. }) => code.to_owned(),
            Err(other) => format!("{other:?}"),
        }
    }

    fn look(&self) -> Model {
        let mut model = Model::default();
        for (index, session) in self.sessions.iter().enumerate() {
            let mut line = Vec::new();
            for (person, registration) in self.people.iter().enumerate() {
                match crate::support::builders::standing(self.app, registration, session) {
                    Some((Status::Enrolled, _)) => model.seated[index].push(person),
                    Some((Status::Waitlisted, position)) => line.push((position, person)),
                    None => {}
                }
            }
            line.sort_unstable();
            model.line[index] = line.into_iter().map(|(_, person)| person).collect();
        }
        model
    }
}

fn seats_and_lines_are_those_of_the_model(kind: Kind) {
    if !is_wanted(kind) {
        return;
    }
    let app = TestApp::start(kind);
    app.ignore_letters();
    let cases = std::sync::atomic::AtomicU32::new(0);
    let mut runner = TestRunner::new(Config { cases: 16, failure_persistence: None, max_shrink_iters: 60, ..Config::default() });
    let outcome = runner.run(&steps(), |steps| {
        let case = cases.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let real = Real::begin(&app, &format!("congress-{case}"));
        let mut model = Model::default();
        for step in steps {
            let expected = model.take(step);
            prop_assert_eq!(real.take(step), expected, "{:?}", step);
            prop_assert_eq!(real.look(), model.clone().sorted(), "after {:?}", step);
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn seats_and_lines_are_those_of_the_model_sqlite() {
    seats_and_lines_are_those_of_the_model(Kind::Sqlite);
}

#[test]
fn seats_and_lines_are_those_of_the_model_postgres() {
    seats_and_lines_are_those_of_the_model(Kind::Postgres);
}
