//! Periodic work, and which verb runs which job.

use chrono::Duration;

use crate::answers;
use crate::app::{Actor, App, Tx};
use crate::clock::Instant;
use crate::credits::{certificates::runs, reminders};
use crate::enrollment::{telling, waitlist};
use crate::error::Result;
use crate::jobs::Run::{Look, Write};
use crate::jobs::{self, Job, Run};
use crate::lobby::sending;
use crate::reports::{asking, identities};
use crate::uploads::cleaning;
use crate::webinars::letters;
use crate::{devices, events, hospitals, orders, people, recordings, registration, staff};

/// The kinds of jobs and what runs them.
pub const JOBS: &[(&str, Run)] = &[
    (telling::TELL, Write(telling::run_tell)),
    (waitlist::LINE_MAY_MOVE, Write(waitlist::move_line)),
    (events::BADGE_PLACE_CHANGED, Write(registration::badge_places::tell_changed)),
    (hospitals::terms::RECOGNITION_CHANGED, Write(orders::recognition::credit_where_due)),
    ("credit_recognitions", Write(orders::recognition::credit_what_became_due)),
    (reminders::LOOK, Write(reminders::look)),
    (reminders::REMIND, Write(reminders::run_remind)),
    (asking::ASK, Write(asking::run_ask)),
    (identities::ERASE, Write(identities::run_erase)),
    (runs::ISSUE, Write(runs::run_some)),
    (sending::SEND, Write(sending::run_send)),
    (recordings::letters::TELL, Write(recordings::letters::run_tell)),
    (cleaning::FORGET, Write(cleaning::run_forget)),
    (letters::LOOK, Look(letters::look)),
    (letters::WRITE, Write(letters::run_write)),
    ("forget_sign_ins", Write(forget_sign_ins)),
    ("forget_jobs", Write(forget_jobs)),
    ("forget_answers", Write(answers::run_forget)),
];

/// Jobs that come again and again: kind and pause. Over all nodes each runs once a period.
pub const PERIODIC: &[(&str, Duration)] = &[
    ("credit_recognitions", Duration::hours(6)),
    (reminders::LOOK, Duration::hours(1)),
    (identities::ERASE, Duration::hours(24)),
    // The letter of the last hour goes out within five minutes of it.
    (letters::LOOK, Duration::minutes(5)),
    ("forget_sign_ins", Duration::minutes(30)),
    ("forget_jobs", Duration::hours(6)),
    ("forget_answers", Duration::hours(1)),
    (cleaning::FORGET, Duration::hours(1)),
];

/// How long finished jobs stay to be looked at.
const FINISHED_JOBS_STAY: Duration = Duration::days(14);

fn forget_sign_ins(tx: &mut Tx<'_>, _: &Job) -> Result<()> {
    people::sign_in::forget_expired(tx)?;
    registration::drafts::forget_expired(tx)?;
    staff::forget_expired(tx)?;
    devices::forget_expired(tx)?;
    Ok(())
}

fn forget_jobs(tx: &mut Tx<'_>, _: &Job) -> Result<()> {
    jobs::forget_finished(tx, tx.now.minus(FINISHED_JOBS_STAY))?;
    Ok(())
}

/// Enqueues what a new period asks for; `known` keeps the periods that this node has seen to.
pub fn enqueue_periodic(app: &App, known: &mut [i64]) -> Result<()> {
    let now = app.now();
    for ((kind, every), known) in PERIODIC.iter().zip(known) {
        let period = period_of(now, *every);
        if *known == period {
            continue;
        }
        app.write_here(Actor::Service("timetable"), move |tx| jobs::enqueue_once(tx, kind, &format!("{kind}/{period}"), tx.now))?;
        *known = period;
    }
    Ok(())
}

/// The number of the period, of this length, that an instant lies in.
fn period_of(at: Instant, every: Duration) -> i64 {
    at.utc().and_utc().timestamp().div_euclid(every.num_seconds().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_periodic_job_has_something_that_runs_it() {
        for (kind, every) in PERIODIC {
            assert!(JOBS.iter().any(|(known, _)| known == kind), "{kind}");
            assert!(*every >= Duration::minutes(1), "{kind}");
        }
    }

    #[test]
    fn a_period_begins_anew_when_its_length_is_over() {
        let at = Instant::parse("2026-03-09T08:29:59-07:00").unwrap();
        let half_an_hour = Duration::minutes(30);
        assert_eq!(period_of(at.plus(Duration::seconds(1)), half_an_hour), period_of(at, half_an_hour) + 1);
        assert_eq!(period_of(at, half_an_hour), period_of(at.minus(Duration::minutes(29)), half_an_hour));
    }
}
