//! Certificates for everybody: small writes, progress, nobody twice, and who lacks what; attendance that was corrected since.

use diesel::prelude::*;
use lanyard::checkin::attendance;
use lanyard::credits::certificates::rules::{Lack, Status};
use lanyard::credits::certificates::runs::{self, Outcome};
use lanyard::db::schema::{certificates, jobs};
use lanyard::events::Event;
use lanyard::jobs as work;
use lanyard::registration::Registration;
use lanyard::staff::Role;

use super::{evaluates_all, standing};
use crate::credits::{a, an_accredited, claims, evaluates, was_there};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_congress;
use crate::support::visitor::Api;

const BASE: &str = "/staff/events/congress-2026/credits/certificates";

/// So many nurses who claimed B1 and did not evaluate the whole event; their certificates wait for it.
async fn nurses(app: &TestApp, event: &Event, api: &Api, count: usize) -> Vec<Registration> {
    let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
    let mut all = Vec::new();
    app.set_clock("2026-03-08T08:00:00-07:00");
    for _ in 0..count {
        all.push(a(app, event, "nurse", &["B1"]));
    }
    for nurse in &all {
        was_there(app, &door, nurse, "door-B1", "10:20", None).await;
    }
    app.set_clock("2026-04-10T12:00:00-07:00");
    for nurse in &all {
        evaluates(api, nurse, "B1").await;
        claims(api, nurse, "ancc", &[("B1", "1.00")]).await.expect(201);
    }
    all
}

fn issued(app: &TestApp) -> i64 {
    app.look(|db| Ok(certificates::table.count().get_result(db)?))
}

/// The overall evaluation is not asked any more, as if staff had switched it off: whoever waited is ready.
fn nothing_is_asked(app: &TestApp, event: &Event) {
    use lanyard::db::schema::evaluation_forms;
    let id = event.id.clone();
    app.must(move |tx| {
        let overall = evaluation_forms::table.filter(evaluation_forms::event_id.eq(&id)).filter(evaluation_forms::scope.eq("overall"));
        diesel::update(overall).set(evaluation_forms::scope.eq("retired")).execute(tx.db)?;
        Ok(())
    });
}

on_both! {
    async fn certificates_of_an_event_are_issued_in_small_writes_and_nobody_gets_two(app) {
        let event = an_accredited(app, a_congress());
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let people = nurses(app, &event, &api, 23).await;
        app.set_clock("2026-03-08T08:00:00-07:00");
        let silent = a(app, &event, "nurse", &["B1"]);
        let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        was_there(app, &door, &silent, "door-B1", "10:20", None).await;
        app.set_clock("2026-04-20T12:00:00-07:00");
        nothing_is_asked(app, &event);
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open(BASE).await.says("0 valid, 0 revoked").says("Issue for all who attended (24)");
        let page = staff.submit("/runs", &[]).await.expect(303).location().to_owned();
        let shown = staff.open(&page).await;
        assert_eq!(shown.header("refresh"), Some("1"));
        shown.says("People seen to: 0 of 24");
        staff.open(BASE).await.says("Certificates are being issued.");
        staff.post(&format!("{BASE}/runs"), &[]).await.expect(303);
        staff.open(BASE).await.says("Certificates of this event are being issued already.");

        // The first step alone, and then the process dies in the middle of the second.
        let run = app.look(|db| runs::latest(db, &event.id, 1)).remove(0);
        let job = app.look(|db| Ok(jobs::table.filter(jobs::kind.eq(runs::ISSUE)).select(work::Job::as_select()).first(db)?));
        let again = job.clone();
        app.must(move |tx| runs::run_some(tx, &job));
        assert_eq!(issued(app), 20);
        staff.open(&page).await.says("People seen to: 20 of 24. Certificates issued: 20.");
        let dies = app.write_here(lanyard::app::Actor::Service("job"), move |tx| -> lanyard::error::Result<()> {
            runs::run_some(tx, &again)?;
            Err(lanyard::error::Error::internal("the power failed"))
        });
        assert!(dies.is_err());
        assert_eq!(issued(app), 20, "what was interrupted is undone as a whole");
        app.run_jobs();
        assert_eq!(issued(app), 23);
        for person in &people {
            assert_eq!(standing(app, person), [(1, 100, Status::Valid)]);
        }
        let told = app.look(|db| runs::progress(db, &run));
        assert_eq!((told.people, told.done, told.certificates, told.of(Outcome::Issued), told.lacks), (24, 24, 23, 23, vec![(Lack::Claim, 1)]));
        let over = staff.open(&page).await;
        assert_eq!(over.header("refresh"), None);
        over.says("Certificates issued: 23").says(&silent.full_name()).says("Nothing is claimed");

        staff.open(BASE).await.says("23 valid, 0 revoked");
        staff.submit("/runs", &[]).await.expect(303);
        app.run_jobs();
        let latest = app.look(|db| runs::latest(db, &event.id, 1)).remove(0);
        let told = app.look(|db| runs::progress(db, &latest));
        assert_eq!((told.certificates, told.of(Outcome::Kept), issued(app)), (0, 23, 23));
        app.as_staff(Role::Auditor).await.get(BASE).await.expect(200).says_nothing_of("Issue for all");
        app.as_staff(Role::Registrar).await.get(BASE).await.expect(403);
    }

    async fn the_end_of_a_run_tells_who_lacks_the_evaluation_and_what_contradicts_attendance(app) {
        let event = an_accredited(app, a_congress());
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let people = nurses(app, &event, &api, 2).await;
        evaluates_all(&api, &people[0]).await;
        assert_eq!(standing(app, &people[0]), [(1, 100, Status::Valid)]);
        // Somebody else had their badges: the scans of both are voided.
        for person in &people {
            let (id, own) = (person.id.clone(), event.clone());
            app.must(move |tx| {
                let marks = attendance::of_registration(tx.db, &id)?;
                marks.iter().try_for_each(|mark| attendance::void_mark(tx, &own, &id, &mark.mark.id, "The badge was swapped"))
            });
        }
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open(BASE).await.says(&people[0].full_name()).says("1.00 nursing contact hour").says("Attendance gives 0.00")
            .says(&people[1].full_name()).says("Claimed, without a certificate");
        evaluates_all(&api, &people[1]).await;
        assert!(standing(app, &people[1]).is_empty(), "nothing is issued above what is known of attendance");
        staff.open(BASE).await;
        let page = staff.submit("/runs", &[]).await.expect(303).location().to_owned();
        app.run_jobs();
        staff.open(&page).await.says("Attendance was corrected: less is known now than was claimed").says(&people[1].full_name());
        // Staff take the claim back, and the certificate with it.
        staff.open(&format!("/staff/events/congress-2026/credits/people/{}", people[0].code)).await;
        staff.submit("/reversal", &[("reason", "The badge was swapped")]).await.expect(303);
        assert_eq!(standing(app, &people[0]), [(1, 100, Status::Revoked)]);
        staff.open(BASE).await.says("0 valid, 1 revoked").says("Claimed, without a certificate").says(&people[1].full_name());
    }
}
