//! Letters: none lost, none sent twice, whatever the mail server or a second node does (MAIL-1, MAIL-2).

use crate::on_both;
use crate::support::app::{TestApp, config, instant};
use crate::support::builders::{a_congress, a_registration, registrations};
use crate::support::databases::{Database, is_wanted};
use crate::support::smtp::SmtpServer;
use diesel::prelude::*;
use lanyard::app::App;
use lanyard::clock::Clock;
use lanyard::db::Kind;
use lanyard::db::schema::letters;
use lanyard::ids::LetterId;
use lanyard::mail::{State, outbox};
use lanyard::mailer::Mailer;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// How many letters are in each state.
fn states(app: &TestApp) -> Vec<(State, i64)> {
    let all = [State::Queued, State::Sending, State::Sent, State::Failed, State::Suppressed];
    let count = |state: State| app.look(|db| Ok(letters::table.filter(letters::state.eq(state)).count().get_result::<i64>(db)?));
    all.into_iter().map(|state| (state, count(state))).filter(|(_, count)| *count > 0).collect()
}

/// A service that hands its letters to this server.
fn mailing(kind: Kind, server: &SmtpServer) -> TestApp {
    let mut settings = config("");
    settings.smtp_url = Some(server.url());
    let app = TestApp::start_with(Database::new(kind), Mailer::from_config(&settings).unwrap(), |_| {});
    app.ignore_letters();
    app
}

fn no_letter_is_lost_and_none_sent_twice(kind: Kind) {
    if !is_wanted(kind) {
        return;
    }
    let mut server = SmtpServer::start();
    let app = mailing(kind, &server);
    let event = a_congress().make(&app);
    server.stop();
    let orders: Vec<_> = (0..12).map(|_| a_registration(&event).order()).collect();
    let addresses: BTreeSet<String> = orders.iter().map(|order| order.buyer.email.clone()).collect();
    app.must(move |tx| orders.iter().try_for_each(|order| lanyard::orders::place::place(tx, &event, order).map(drop)));
    assert_eq!(outbox::deliver_due(&app).unwrap(), 0);
    assert_eq!(states(&app), [(State::Queued, 12)], "a letter waits while the server is away");
    assert_eq!(outbox::deliver_due(&app).unwrap(), 0, "and is not tried again at once");
    app.wait_minutes(1);
    server.start_again();
    server.refuse("451 4.3.0 Try again later");
    assert_eq!(outbox::deliver_due(&app).unwrap(), 0);
    app.wait_minutes(1);
    server.accept();
    assert_eq!(outbox::deliver_due(&app).unwrap(), 12);
    assert_eq!(outbox::deliver_due(&app).unwrap(), 0);
    app.wait_minutes(24 * 60);
    assert_eq!(outbox::deliver_due(&app).unwrap(), 0);
    assert_eq!(states(&app), [(State::Sent, 12)]);
    let arrived = server.wait_for_letters(12);
    let to: BTreeSet<String> = arrived.iter().flat_map(|letter| letter.to.clone()).collect();
    let ids: BTreeSet<&str> = arrived.iter().map(|letter| letter.message_id.as_str()).collect();
    assert_eq!((arrived.len(), ids.len(), to), (12, 12, addresses));
}

#[test]
fn no_letter_is_lost_and_none_sent_twice_while_the_server_comes_and_goes_sqlite() {
    no_letter_is_lost_and_none_sent_twice(Kind::Sqlite);
}

#[test]
fn no_letter_is_lost_and_none_sent_twice_while_the_server_comes_and_goes_postgres() {
    no_letter_is_lost_and_none_sent_twice(Kind::Postgres);
}

/// What a node handed over, by Message-ID.
fn handed_over(node: &App) -> Vec<String> {
    let Mailer::Memory(memory) = &node.mailer else { panic!("letters of this node go elsewhere") };
    let raw = memory.lock().unwrap().clone();
    raw.into_iter().map(|raw| crate::support::letters::Letter::parse(raw).message_id).collect()
}

on_both! {
    async fn two_nodes_send_each_letter_once(app) {
        let event = a_congress().make(app);
        let orders: Vec<_> = (0..40).map(|_| a_registration(&event).order()).collect();
        app.must(move |tx| orders.iter().try_for_each(|order| lanyard::orders::place::place(tx, &event, order).map(drop)));
        let clock = Clock::by_hand(app.now());
        let other = App::start(config(&app.database.url), clock, Mailer::Memory(Mutex::default())).unwrap();
        std::thread::scope(|scope| {
            for node in [app.app(), other.clone()] {
                scope.spawn(move || outbox::deliver_due(&node).unwrap());
            }
        });
        let (mine, others) = (handed_over(app), handed_over(&other));
        let all: BTreeSet<&String> = mine.iter().chain(&others).collect();
        assert_eq!((mine.len() + others.len(), all.len()), (40, 40), "{} and {}", mine.len(), others.len());
        app.ignore_letters();
    }

    async fn a_letter_whose_node_died_is_sent_by_another_under_the_same_message_id(app) {
        let event = a_congress().make(app);
        let order = a_registration(&event).order();
        app.must(move |tx| lanyard::orders::place::place(tx, &event, &order));
        let letter_id: LetterId = app.look(|db| Ok(letters::table.select(letters::id).first(db)?));
        // As a node leaves it that dies between claiming and sending.
        let (id, until) = (letter_id.clone(), app.now().plus(chrono::Duration::minutes(10)));
        app.must(move |tx| {
            let claimed = (letters::state.eq(State::Sending), letters::attempts.eq(1), letters::claimed_until.eq(Some(until)));
            Ok(diesel::update(letters::table.find(&id)).set(claimed).execute(tx.db)?)
        });
        app.wait_minutes(9);
        assert_eq!(app.letters().len(), 0, "as long as the claim holds, the node may still be sending");
        app.wait_minutes(2);
        let sent = app.letters();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].message_id, format!("{letter_id}@example.org"));
    }

    async fn a_letter_is_sent_whole(app) {
        let event = a_congress().make(app);
        let order = a_registration(&event).named("Zoë", "Ångström").email("zoe@hospital.example").in_sessions(&["B1", "W1"]).order();
        app.must(move |tx| lanyard::orders::place::place(tx, &event, &order));
        let letter = app.expect_letter("zoe@hospital.example", "registration_confirmed");
        let kinds: Vec<&str> = letter.parts.iter().map(|part| part.media_type.as_str()).collect();
        assert_eq!(kinds, ["text/plain", "text/html", "image/png", "text/calendar"]);
        assert_eq!(letter.from, "congress@example.org");
        let raw = String::from_utf8_lossy(&letter.raw).into_owned();
        assert_eq!(raw.matches("\r\nTo: ").count(), 1);
        assert!(letter.text().contains("Zoë Ångström"), "{}", letter.text());
        assert!(letter.text_of("text/html").contains("cid:badge"));
        assert!(letter.text_of("text/calendar").contains("BEGIN:VCALENDAR"));
        let code = &letter.part("image/png").unwrap().body;
        let picture = image::load_from_memory(code).unwrap().to_luma8();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let light = |x: usize, y: usize| picture.get_pixel(x as u32, y as u32).0[0];
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, light);
        let token = picture.detect_grids()[0].decode().unwrap().1;
        let api = app.api(lanyard::staff::Role::Registrar).await;
        let code = letter.text().split_whitespace().find(|word| word.starts_with("REG-")).unwrap()[..10].to_owned();
        assert_eq!(api.get(&format!("/registrations/{code}/badge")).await.expect(200).json()["token"], token);
    }

    async fn no_letter_is_dropped_because_the_event_is_over(app) {
        let event = a_congress().make(app);
        let orders: Vec<_> = registrations(app, &event, 2);
        let registration = orders[0].clone();
        let b1 = crate::support::builders::session(app, &event, "B1");
        app.must(move |tx| lanyard::enrollment::selection::choose(tx, &event, &b1, &registration));
        app.clock.set(instant("2026-06-01T09:00:00-07:00"));
        assert_eq!(app.letters().len(), 1);
    }
}
