//! Everything scarce, wanted by forty at once: nothing is sold twice, nothing is lost, nobody meets an error.

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration, registrations, session, standing};
use crate::support::visitor::{Answer, at_once};
use lanyard::app::Actor;
use lanyard::enrollment::{self, Status};
use lanyard::error::{Error, Result};
use lanyard::events::Event;
use lanyard::orders::{self, place::place};
use lanyard::people::{self, sign_in};
use lanyard::registration::{self, Registration};
use lanyard::staff::Role;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Asks for a seat for each of them at the same time.
async fn enroll_all(app: &TestApp, all: &[Registration], session: &str) -> Vec<Answer> {
    let api = app.api(Role::Registrar).await;
    let asking = all.iter().map(|registration| {
        let (api, code, session) = (api.clone(), registration.code.clone(), session.to_owned());
        async move { api.post(&format!("/registrations/{code}/enrollments"), json!({ "session": session })).await }
    });
    at_once(asking.collect::<Vec<_>>()).await
}

/// How many results there are of each kind: `ok`, a refusal's code, or what went wrong.
fn tally<T>(results: &[Result<T>]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for result in results {
        let kind = match result {
            Ok(_) => "ok".to_owned(),
            Err(Error::Refused { code, .. }) => (*code).to_owned(),
            Err(other) => format!("{other:?}"),
        };
        *tally.entry(kind).or_default() += 1;
    }
    tally
}

fn of(pairs: &[(&str, usize)]) -> BTreeMap<String, usize> {
    pairs.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

async fn order_all(app: &TestApp, event: &Event, orders: Vec<orders::place::NewOrder>) -> Vec<Result<orders::place::PlacedOrder>> {
    let placing = orders.into_iter().map(|order| {
        let (service, event) = (app.app(), event.clone());
        async move { service.write(Actor::Public, move |tx| place(tx, &event, &order)).await }
    });
    at_once(placing.collect::<Vec<_>>()).await
}

on_both! {
    async fn forty_at_once_for_two_seats_fill_both_and_stand_in_line_in_order(app) {
        let event = a_congress().seats("B3", 2).make(app);
        let all = registrations(app, &event, 40);
        let answers = enroll_all(app, &all, "B3").await;
        for answer in &answers {
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
        let seated = answers.iter().filter(|answer| answer.json()["status"] == "enrolled").count();
        assert_eq!(seated, 2);
        let told: BTreeSet<i64> = answers.iter().filter_map(|answer| answer.json()["position"].as_i64()).collect();
        assert_eq!(told, (1..=38).collect());
        let b3 = session(app, &event, "B3");
        for (registration, answer) in all.iter().zip(&answers) {
            let (status, position) = standing(app, registration, &b3).unwrap();
            assert_eq!(answer.json()["status"], status.as_str());
            assert_eq!(answer.json()["position"].as_i64(), position, "everybody stands where they were told");
        }
        assert_eq!(app.letters().len(), 40);
    }

    async fn seats_given_up_at_once_go_to_the_first_in_line(app) {
        let event = a_congress().seats("B3", 4).make(app);
        let all = registrations(app, &event, 12);
        let b3 = session(app, &event, "B3");
        for registration in &all {
            let (registration, b3) = (registration.clone(), b3.clone());
            app.must(move |tx| enrollment::enroll(tx, &b3, &registration));
        }
        let leaving = all[..6].iter().map(|registration| {
            let (service, registration, b3) = (app.app(), registration.clone(), b3.clone());
            async move { service.write(Actor::Public, move |tx| enrollment::leave(tx, &b3, &registration)).await }
        });
        let left = at_once(leaving.collect::<Vec<_>>()).await;
        assert_eq!(tally(&left), of(&[("ok", 6)]));
        app.run_jobs();
        let stand: Vec<Option<(Status, Option<i64>)>> = all.iter().map(|registration| standing(app, registration, &b3)).collect();
        assert!(stand[..6].iter().all(Option::is_none));
        assert!(stand[6..10].iter().all(|one| *one == Some((Status::Enrolled, None))), "{stand:?}");
        assert_eq!(stand[10..], [Some((Status::Waitlisted, Some(1))), Some((Status::Waitlisted, Some(2)))]);
        // Who was promoted and then left is told nothing more than that.
        let promoted: BTreeSet<String> = app.letters().into_iter().filter(|letter| letter.kind == "promoted").flat_map(|letter| letter.to).collect();
        assert!(promoted.len() >= 4, "{promoted:?}");
    }

    async fn one_person_cannot_take_two_overlapping_seats_at_once(app) {
        let event = a_congress().make(app);
        let all = registrations(app, &event, 12);
        let api = app.api(Role::Registrar).await;
        let asking = all.iter().flat_map(|registration| ["B1", "B2", "B3"].map(|session| (registration.code.clone(), session)));
        let asking = asking.map(|(code, session)| {
            let api = api.clone();
            async move { api.post(&format!("/registrations/{code}/enrollments"), json!({ "session": session })).await }
        });
        let answers = at_once(asking.collect::<Vec<_>>()).await;
        for (index, three) in answers.chunks(3).enumerate() {
            let seats = three.iter().filter(|answer| answer.status == 201 && answer.json()["status"] == "enrolled").count();
            assert_eq!(seats, 1, "{:?}", three.iter().map(Answer::html).collect::<Vec<_>>());
            let others: Vec<&Answer> = three.iter().filter(|answer| answer.status != 201).collect();
            assert!(others.iter().all(|answer| answer.code() == "enrollment.conflict"), "person {index}");
        }
        app.ignore_letters();
    }

    async fn the_last_places_of_a_type_are_sold_once(app) {
        let event = a_congress().but("registration_types", "general", "capacity = 5").make(app);
        let wanted = (0..40).map(|_| a_registration(&event).order()).collect();
        let placed = order_all(app, &event, wanted).await;
        assert_eq!(tally(&placed), of(&[("ok", 5), ("orders.sold_out", 35)]));
        assert_eq!(app.letters().len(), 5);
    }

    async fn a_code_is_used_as_often_as_it_may_be(app) {
        let event = a_congress().make(app);
        let wanted = (0..20).map(|_| a_registration(&event).with_code("VOICE50").order()).collect();
        let placed = order_all(app, &event, wanted).await;
        let half: usize = placed.iter().flatten().filter(|order| order.total_cents == 64_950).count();
        assert_eq!(half, 2, "{:?}", tally(&placed));
        assert!(placed.iter().flatten().all(|order| [64_950, 129_900].contains(&order.total_cents)));
        app.ignore_letters();
    }

    async fn one_person_is_registered_once_however_often_they_press_the_button(app) {
        let event = a_congress().make(app);
        let maya = a_registration(&event).named("Maya", "Okafor").email("maya@hospital.example");
        let kinds = ["general", "general-workshop"].into_iter().cycle();
        let wanted = kinds.take(20).map(|kind| maya.clone().buying(kind).order()).collect();
        let placed = order_all(app, &event, wanted).await;
        assert_eq!(tally(&placed), of(&[("ok", 1), ("orders.already_registered", 19)]));
        app.expect_letter("maya@hospital.example", "registration_confirmed");
    }

    async fn lines_of_two_sessions_move_at_once(app) {
        let event = a_congress().seats("B1", 8).seats("B2", 8).make(app);
        let all = registrations(app, &event, 40);
        let (b1, b2) = (session(app, &event, "B1"), session(app, &event, "B2"));
        let (first, second, waiting) = (&all[..8], &all[8..16], &all[16..]);
        let lines = [first.iter().chain(waiting).cloned().collect::<Vec<_>>(), second.iter().chain(waiting.iter().rev()).cloned().collect()];
        for (line, session) in lines.into_iter().zip([b1.clone(), b2.clone()]) {
            app.must(move |tx| line.iter().try_for_each(|registration| enrollment::enroll(tx, &session, registration).map(drop)));
        }
        let leaving = first.iter().map(|one| (one, &b1)).chain(second.iter().map(|one| (one, &b2)));
        let leaving = leaving.map(|(registration, session)| {
            let (service, registration, session) = (app.app(), registration.clone(), session.clone());
            async move { service.write(Actor::Public, move |tx| enrollment::leave(tx, &session, &registration)).await }
        });
        let left = at_once(leaving.collect::<Vec<_>>()).await;
        assert_eq!(tally(&left), of(&[("ok", 16)]));
        app.run_jobs();
        for session in [&b1, &b2] {
            assert_eq!(app.look(|db| enrollment::seats_taken(db, &session.id)), 8);
            assert_eq!(app.look(|db| enrollment::waiting(db, &session.id)), 16);
        }
        let seated = |registration: &Registration, session| standing(app, registration, session).is_some_and(|(status, _)| status == Status::Enrolled);
        assert!(waiting.iter().all(|one| !(seated(one, &b1) && seated(one, &b2))), "nobody sits in both");
        app.ignore_letters();
    }

    async fn orders_and_cancellations_of_the_same_sessions_never_wait_for_each_other(app) {
        let event = a_congress().seats("B1", 10).seats("B4", 10).make(app);
        let sitting: Vec<Registration> = (0..20).map(|_| a_registration(&event).in_sessions(&["B4", "B1"]).make(app)).collect();
        let orders: Vec<_> = (0..20).map(|_| a_registration(&event).in_sessions(&["B1", "B4"]).order()).collect();
        let mut running = Vec::new();
        for (registration, order) in sitting.into_iter().zip(orders) {
            let (service, event) = (app.app(), event.clone());
            running.push(actix_web::rt::spawn(async move {
                service.write(Actor::Public, move |tx| place(tx, &event, &order).map(drop)).await
            }));
            let service = app.app();
            running.push(actix_web::rt::spawn(async move {
                service.write(Actor::Public, move |tx| orders::cancel_registration(tx, &registration, "cannot come")).await
            }));
        }
        let mut results = Vec::new();
        for one in running {
            results.push(one.await.unwrap());
        }
        assert_eq!(tally(&results), of(&[("ok", 40)]));
        app.run_jobs();
        for code in ["B1", "B4"] {
            let session = session(app, &event, code);
            assert_eq!(app.look(|db| enrollment::seats_taken(db, &session.id)), 10, "{code}");
            assert_eq!(app.look(|db| enrollment::waiting(db, &session.id)), 10, "{code}");
        }
        app.ignore_letters();
    }

    async fn a_registration_that_is_canceled_keeps_no_seat_whatever_runs_at_once(app) {
        let event = a_congress().make(app);
        for registration in registrations(app, &event, 15) {
            let b1 = session(app, &event, "B1");
            let enroll = {
                let (service, registration) = (app.app(), registration.clone());
                async move { service.write(Actor::Public, move |tx| enrollment::enroll(tx, &b1, &registration).map(drop)).await }
            };
            let cancel = {
                let (service, registration) = (app.app(), registration.clone());
                async move { service.write(Actor::Public, move |tx| orders::cancel_registration(tx, &registration, "ill")).await }
            };
            let pair: Vec<std::pin::Pin<Box<dyn Future<Output = Result<()>>>>> = vec![Box::pin(enroll), Box::pin(cancel)];
            let results = at_once(pair).await;
            assert!(results[1].is_ok(), "{results:?}");
            assert!(matches!(&results[0], Ok(()) | Err(Error::Refused { code: "enrollment.registration_not_active", .. })), "{results:?}");
            assert_eq!(app.look(|db| registration::get(db, &registration.code)).status, registration::Status::Canceled);
            assert_eq!(app.look(|db| enrollment::of_registration(db, &registration.id)).len(), 0);
        }
        app.run_jobs();
        app.ignore_letters();
    }

    async fn a_registration_is_canceled_once(app) {
        let event = a_congress().make(app);
        let registration = a_registration(&event).make(app);
        let canceling = (0..10).map(|_| {
            let (service, registration) = (app.app(), registration.clone());
            async move { service.write(Actor::Public, move |tx| orders::cancel_registration(tx, &registration, "ill")).await }
        });
        let results = at_once(canceling.collect::<Vec<_>>()).await;
        assert_eq!(tally(&results), of(&[("ok", 1), ("orders.canceled_already", 9)]));
        app.ignore_letters();
    }

    async fn a_mailed_link_signs_in_once_though_ten_devices_post_it(app) {
        let event = a_congress().make(app);
        let registration = a_registration(&event).make(app);
        let link = app.must(move |tx| {
            let person = people::get(tx.db, &registration.person_id)?;
            let secrets = sign_in::new_code(tx, sign_in::Purpose::SignIn, &person.email_key, Some(&person.id))?;
            secrets.map(|secrets| secrets.link).ok_or(Error::NotFound)
        });
        let using = (0..10).map(|_| {
            let (service, link) = (app.app(), link.clone());
            async move { service.write(Actor::Public, move |tx| sign_in::use_link(tx, &link)).await }
        });
        let results = at_once(using.collect::<Vec<_>>()).await;
        let good = results.iter().filter(|result| matches!(result, Ok(sign_in::Checked::Good(_)))).count();
        assert_eq!((good, tally(&results)), (1, of(&[("ok", 10)])));
    }
}
