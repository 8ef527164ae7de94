//! An event from one document, and an agenda from another program's schedule, on both databases.

use lanyard::app::{Actor, App};
use lanyard::clock::Instant;
use lanyard::error::Error;
use lanyard::setup::agenda_import::{self, Plan};
use lanyard::setup::{self, document};
use lanyard::{agenda, audit, events, pricing};

use crate::on_both;
use crate::support::big_schedule::big_schedule;

const CONGRESS: &[u8] = include_bytes!("../data/demo/congress-2026.toml");
const SERIES: &[u8] = include_bytes!("../data/demo/pssm-series-2026.toml");

fn import(app: &App, bytes: &[u8]) -> Result<setup::Summary, Error> {
    let document = document::read(bytes)?;
    app.write_here(Actor::Service("import"), move |tx| setup::import(tx, &document))
}

fn fields(error: Error) -> Vec<(String, String)> {
    match error {
        Error::Invalid(errors) => errors.into_iter().map(|error| (error.field, error.detail)).collect(),
        other => panic!("{other:?}"),
    }
}

on_both! {
    async fn importing_the_demo_documents_again_changes_nothing(app) {
        for bytes in [CONGRESS, SERIES] {
            let began = std::time::Instant::now();
            let first = import(app, bytes).unwrap();
            eprintln!("imported in {:?}: {}", began.elapsed(), first.words());
            assert!(first.added > 10 && first.changed == 0 && first.notes.is_empty(), "{first:?}");
            let again = import(app, bytes).unwrap();
            assert_eq!((again.added, again.changed, again.unchanged, again.notes.len()), (0, 0, first.added, 0), "{again:?}");
        }
        app.read_here(|db| {
            let event = events::get(db, "congress-2026")?;
            assert_eq!((event.tag_key.len(), event.published, event.recognized_discount_percent), (64, true, 15));
            let sessions = agenda::list(db, &event.id)?;
            let (b3, b10) = (agenda::get(db, &event.id, "B3")?, agenda::get(db, &event.id, "B10")?);
            assert_eq!((sessions.len(), b10.repeats_session_id.as_ref()), (47, Some(&b3.id)));
            // The clocks went forward on the workshop day (TIM-1).
            let workshop = agenda::get(db, &event.id, "W1")?;
            assert_eq!((workshop.starts_at, workshop.price_cents), (Instant::parse("2026-03-08T15:30:00Z").unwrap(), Some(42_500)));
            let bundle = pricing::get_type(db, &event.id, "general-workshop")?;
            assert!(pricing::covered_sessions(db, &bundle.id)?.contains(&workshop.id));
            let tiers = pricing::tiers(db, &bundle.id)?;
            assert_eq!(tiers.iter().map(|tier| tier.price_cents).collect::<Vec<_>>(), [129_500, 144_500, 159_500]);
            assert!(!audit::of_event(db, &event.id, 500)?.is_empty());
            Ok(())
        })
        .unwrap();
    }
}

on_both! {
    async fn a_document_with_problems_names_them_all_and_imports_nothing(app) {
        let text = "[event]\nslug = 'x'\nname = ''\nzone = 'Mars/Olympus'\nstarts_on = '2026-03-08'\nends_on = '2026-03-07'\n\
                    venue = 'V'\nhelp_email = 'help'\n[[rooms]]\ncode = 'a'\n[[sessions]]\ncode = 'B1'\ntitle = 'T'\ndate = '2026-03-08'\n\
                    starts = '10:00'\nends = '09:00'\nroom = 'b'\n[[registration_types]]\ncode = 'g'\nname = 'G'\ncovers = ['B9']\n\
                    [[discount_codes]]\ncode = 'SAVE'\nkind = 'gift'\npercent = 101\ncap = 1\nexpires_on = 'soon'\n";
        let problems = fields(import(app, text.as_bytes()).unwrap_err());
        let places: Vec<&str> = problems.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(
            places,
            [
                "event.name",
                "event.help_email",
                "event.zone",
                "event.ends_on",
                "rooms[0].name",
                "sessions[0].ends",
                "sessions[0].room",
                "registration_types[0].tiers",
                "registration_types[0].covers",
                "discount_codes[0].kind",
                "discount_codes[0].percent",
                "discount_codes[0].expires_on",
            ]
        );
        assert_eq!(problems[5].1, "B1: It ends before it starts. When it ends after midnight, enter the day it ends on too.");
        assert!(app.read_here(|db| events::list(db, true)).unwrap().is_empty());
    }
}

on_both! {
    async fn what_the_file_does_not_name_stays_and_is_told(app) {
        import(app, CONGRESS).unwrap();
        let text = "[event]\nslug = 'congress-2026'\nhelp_phone = '+1 202-555-0199'\n[[rooms]]\ncode = 'alder'\nname = 'Alder Hall'\n\
                    [[badge_places]]\nplace = 'Harbor Hall'\nopens = 2026-03-09T07:00\ncloses = 2026-03-09T19:00\naudience = 'General conference'\n";
        let before = app.read_here(|db| events::get(db, "congress-2026")).unwrap();
        let sequence = |code: &'static str| {
            let event = before.id.clone();
            app.read_here(move |db| agenda::get(db, &event, code)).unwrap().calendar_sequence
        };
        let summary = import(app, text.as_bytes()).unwrap();
        assert_eq!((summary.added, summary.changed), (0, 3), "{summary:?}");
        assert!(summary.notes.iter().any(|note| note.starts_with("Not in the file, left as they are (sessions): M0,")), "{summary:?}");
        let after = app.read_here(|db| events::get(db, "congress-2026")).unwrap();
        assert_eq!((after.wifi_password, after.help_phone.as_str()), (before.wifi_password.clone(), "+1 202-555-0199"));
        let places = app.read_here(|db| events::badge_places(db, &before.id)).unwrap();
        assert_eq!(places[1].changed_from.as_deref(), Some("Grand Ballroom foyer, counters by last name"));
        assert_eq!(app.run_jobs(), 1, "the changed place is told, to nobody yet");
        // A room with a new name is news for the calendars of its sessions only.
        let alder = app.read_here(|db| agenda::rooms(db, &before.id)).unwrap().into_iter().find(|room| room.code == "alder").unwrap();
        let sessions = app.read_here(|db| agenda::list(db, &before.id)).unwrap();
        assert!(sessions.iter().all(|session| (session.room_id.as_ref() == Some(&alder.id)) == (session.calendar_sequence == 1)));
        assert_eq!(sequence("K1"), 0);
    }
}

fn import_schedule(app: &App, bytes: &[u8], skip_refused: bool) -> Result<Plan, Error> {
    let event = app.read_here(|db| events::get(db, "congress-2026"))?;
    let file = agenda::schedule_file::read(bytes, event.zone()).unwrap();
    app.write_here(Actor::Service("import"), move |tx| agenda_import::import(tx, &event, &file, skip_refused))
}

fn sessions(app: &App) -> Vec<agenda::Session> {
    app.read_here(|db| events::get(db, "congress-2026").and_then(|event| agenda::list(db, &event.id))).unwrap()
}

on_both! {
    async fn importing_a_schedule_of_a_thousand_sessions_again_changes_nothing(app) {
        import(app, CONGRESS).unwrap();
        let schedule = big_schedule(1079);
        let began = std::time::Instant::now();
        let first = import_schedule(app, schedule.as_bytes(), false).unwrap();
        eprintln!("1,079 sessions in {:?}", began.elapsed());
        assert_eq!((first.added.len(), first.changed.len(), first.new_rooms.len(), first.new_tracks.len()), (1079, 0, 12, 8));
        assert!(first.notes.iter().any(|note| note.starts_with("1079 sessions are outside the event's days")), "{:?}", first.notes);
        let before = sessions(app);
        let again = import_schedule(app, schedule.as_bytes(), false).unwrap();
        assert!(again.changes_nothing() && again.gone.is_empty(), "{}", again.words());
        assert_eq!(again.unchanged, 1079);
        assert_eq!(sessions(app), before);
    }
}

const SMALL: &str = "<schedule><conference><title>C</title><time_zone_name>America/Los_Angeles</time_zone_name></conference>\n\
    <day date='2026-03-09'>\n<room name='Alder Room, level 1'>\n\
    <event guid='aaaaaaaa-0000-4000-8000-000000000001'><start>09:00</start><duration>01:00</duration><title>One</title><type>Keynote</type></event>\n\
    <event guid='aaaaaaaa-0000-4000-8000-000000000002'><start>10:00</start><duration>01:00</duration><title>Two</title><type>Talk</type></event>\n\
    </room></day></schedule>";

on_both! {
    async fn a_schedule_moves_what_moved_and_tells_what_is_gone(app) {
        import(app, CONGRESS).unwrap();
        let first = import_schedule(app, SMALL.as_bytes(), false).unwrap();
        assert_eq!((first.added.len(), first.new_rooms.len()), (2, 0), "the room is the one that is there");
        assert_eq!((first.added[0].kind, first.added[0].included), (agenda::Kind::Keynote, true));
        let moved = SMALL.replace("<start>09:00", "<start>08:30").replace("000000000002", "000000000003");
        let second = import_schedule(app, moved.as_bytes(), false).unwrap();
        assert_eq!(second.words(), "1 added, 1 changed, 0 unchanged, 1 gone, 0 refused");
        assert_eq!((second.changed[0].what.as_str(), second.gone[0].title.as_str()), ("time", "Two"));
        let one = sessions(app).into_iter().find(|session| session.title == "One").unwrap();
        assert_eq!((one.calendar_sequence, one.starts_at), (1, Instant::parse("2026-03-09T08:30:00-07:00").unwrap()));
        assert_eq!(sessions(app).iter().filter(|session| session.title == "Two").count(), 2, "nothing is deleted");
    }
}

on_both! {
    async fn a_schedule_with_bad_rows_imports_nothing_unless_they_are_skipped(app) {
        import(app, CONGRESS).unwrap();
        let before = sessions(app).len();
        let bad = SMALL.replace("<duration>01:00</duration><title>Two", "<duration>soon</duration><title>Two");
        match import_schedule(app, bad.as_bytes(), false) {
            Err(Error::Refused { code, .. }) => assert_eq!(code, "agenda.rows_refused"),
            other => panic!("{other:?}"),
        }
        assert_eq!(sessions(app).len(), before);
        let plan = import_schedule(app, bad.as_bytes(), true).unwrap();
        assert_eq!((plan.added.len(), plan.refused.len(), plan.refused[0].line), (1, 1, Some(5)));
        assert_eq!(sessions(app).len(), before + 1);
    }
}
