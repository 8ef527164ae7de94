//! Schedules of other programs, read from whole files.

use crate::support::big_schedule::big_schedule;
use chrono_tz::{America, Europe, UTC};
use lanyard::agenda::schedule_file::{FileSession, Format, ScheduleFile, read};

fn read_file(name: &str, zone: chrono_tz::Tz) -> ScheduleFile {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read(path).unwrap(), zone).unwrap()
}

fn session<'file>(file: &'file ScheduleFile, id: &str) -> &'file FileSession {
    file.sessions.iter().find(|session| session.external_id == id).unwrap()
}

fn refused(file: &ScheduleFile) -> Vec<(u64, &str, &str)> {
    file.refused.iter().map(|row| (row.line.unwrap(), row.what.as_str(), row.reason.as_str())).collect()
}

fn in_room(events: &str) -> ScheduleFile {
    let xml = format!("<schedule><day date='2026-03-29'>\n<room name='A'>\n{events}</room></day></schedule>");
    read(xml.as_bytes(), Europe::London).unwrap()
}

#[test]
fn a_real_schedule_xml_is_read_whole() {
    let file = read_file("fosdem_extract.xml", UTC);
    assert_eq!((file.format, file.title.as_deref(), file.zone), (Format::FrabXml, Some("FOSDEM 2026"), Some(Europe::Brussels)));
    assert_eq!((file.sessions.len(), file.refused.len(), file.notes.len()), (12, 0, 0));
    let rooms: Vec<&str> = file.rooms.iter().map(|room| room.name.as_str()).collect();
    assert_eq!(rooms, ["Janson", "K.1.105 (La Fontaine)", "K.3.201", "K.3.401"]);
    assert_eq!(file.tracks[0], "Main Track");

    let git = session(&file, "3dc7d1a8-508a-5e70-ac9d-38aa8d763098");
    assert_eq!((git.title.as_str(), git.line), ("Evolving Git for the next decade", Some(59)));
    assert_eq!((git.starts_at.to_string(), git.ends_at.to_string()), ("2026-01-31 10:00:00".into(), "2026-01-31 10:50:00".into()));
    assert_eq!(
        (git.room.as_deref(), git.track.as_deref(), git.kind_hint.as_deref()),
        (Some("Janson"), Some("Main Track"), Some("maintrack"))
    );
    assert_eq!((git.speakers.as_slice(), git.recorded), (&["Patrick Steinhardt".to_owned()][..], None));
    let paragraphs: Vec<&str> = git.abstract_text.split("\n\n").collect();
    assert!(paragraphs.len() == 2 && paragraphs[1].starts_with("In this talk you'll learn"), "{paragraphs:?}");
}

#[test]
fn a_real_sessionize_file_is_read_in_the_zone_of_the_event() {
    let file = read_file("sessionize_extract.json", Europe::London);
    assert_eq!((file.format, file.title.as_deref(), file.zone), (Format::SessionizeJson, None, None));
    assert_eq!((file.sessions.len(), refused(&file), file.notes.len()), (4, vec![], 0));
    assert_eq!(file.tracks[0], "Inclusion & Personal Development");

    let workshop = session(&file, "1252943");
    // Scotland is an hour ahead of UTC in October.
    assert_eq!(
        (workshop.starts_at.to_string(), workshop.ends_at.to_string()),
        ("2026-10-02 08:00:00".into(), "2026-10-02 16:00:00".into())
    );
    assert_eq!(workshop.speakers, ["Sandra Kiel", "Markus Franz", "Anouck Fierens"]);
    assert_eq!(
        (workshop.room.as_deref(), workshop.track.as_deref()),
        (Some("Presidents Suite 1 (150)"), Some("Dynamics & Power Platform"))
    );
    assert_eq!((workshop.abstract_text.split("\n\n").count(), workshop.line), (2, Some(74)));
    assert_eq!(session(&file, "1253880").kind_hint.as_deref(), Some("plenum"));
}

#[test]
fn a_schedule_json_is_read_with_every_fault_named() {
    let file = read_file("frab_camp.json", UTC);
    assert_eq!((file.format, file.zone), (Format::FrabJson, Some(America::Los_Angeles)));
    let rooms: Vec<_> = file.rooms.iter().map(|room| (room.name.as_str(), room.capacity)).collect();
    assert_eq!(rooms, [("Harbor A", Some(220)), ("Harbor B", None), ("Harbor C", None)]);
    assert_eq!(file.tracks, ["Leadership", "Learning", "Families"]);
    assert_eq!(
        refused(&file),
        [
            (33, "In the hour that is skipped", "2026-03-08 02:15 does not exist in America/Los_Angeles: the clocks go forward then."),
            (37, "No time at all", "It ends at the moment it starts."),
            (38, "Backwards", "It ends at 2026-03-08 21:00:00 UTC, before it starts at 2026-03-08 22:00:00 UTC."),
            (39, "16", "It has no title."),
            (40, "Without a time", "It has no date and time."),
            (41, "Without an id", "It has neither a guid nor an id."),
            (42, "Again", "Its id 5b0c6a3e-4f43-4d7e-9b38-0d3a3f0a1b11 is the one of the session on line 17."),
            (43, "session 10", "It is not an object."),
        ]
    );
    let workshop = &file.sessions[0];
    assert_eq!(workshop.abstract_text, "Work through a case in pairs.\n\n- Timeline\n- Barriers\n\nLimited to 40 seats.");
    assert_eq!(workshop.speakers, ["Zoë Ångström", "T. Okafor, RN", "Lee"]);
    assert_eq!((workshop.recorded, workshop.subtitle.as_str()), (Some(false), "Bring a case"));
    assert_eq!(workshop.starts_at.to_string(), "2026-03-08 16:00:00");
    let local = session(&file, "13");
    assert_eq!((local.starts_at.to_string(), local.ends_at.to_string()), ("2026-03-08 20:00:00".into(), "2026-03-08 21:30:00".into()));
    let last = session(&file, "ABC234");
    assert_eq!((last.title.as_str(), last.room.as_deref(), last.track.as_deref()), ("What we learned", Some("Harbor C"), Some("Families")));
}

#[test]
fn days_may_stand_beside_the_conference_and_the_outermost_name_may_lack() {
    let days = r#""days": [{"date": "2026-05-01", "rooms": {"A": [{"id": 1, "start": "9:00", "duration": "0:30", "title": "T"}]}}]"#;
    let conference = r#""conference": {"title": "C"}"#;
    for text in [
        format!(r#"{{"schedule": {{{conference}, {days}}}}}"#),
        format!("{{{conference}, {days}}}"),
        format!(r#"{{"schedule": {{{days}}}}}"#),
        format!("\u{feff}{{{days}}}"),
    ] {
        let file = read(text.as_bytes(), Europe::London).unwrap();
        assert_eq!(file.sessions[0].starts_at.to_string(), "2026-05-01 08:00:00", "{text}");
    }
    let error = read(br#"{"schedule": {"conference": {"days": 3}}}"#, UTC).unwrap_err();
    assert_eq!(error.sentence, "The schedule has no list of “days”.");
}

#[test]
fn a_local_time_that_the_clocks_skip_is_refused_and_one_that_comes_twice_is_noted() {
    let text = r#"{"rooms": [], "sessions": [
        {"id": "1", "title": "Skipped", "startsAt": "2026-03-29T01:30:00", "endsAt": "2026-03-29T02:30:00"},
        {"id": "2", "title": "Twice", "startsAt": "2026-10-25T01:30:00", "endsAt": "2026-10-25T02:30:00"},
        {"id": "3", "title": "Lunch", "startsAt": "2026-10-25T12:00:00", "endsAt": "2026-10-25T13:00:00", "isServiceSession": true},
        {"id": "4", "title": "Later", "startsAt": null, "endsAt": null},
        {"id": "5", "title": "Perhaps", "startsAt": "2026-10-25T12:00:00Z", "endsAt": "2026-10-25T13:00:00Z", "status": "Waitlisted"}
    ]}"#;
    let file = read(text.as_bytes(), Europe::London).unwrap();
    assert_eq!(
        refused(&file),
        [
            (2, "Skipped", "2026-03-29 01:30 does not exist in Europe/London: the clocks go forward then."),
            (5, "Later", "It has no start: it is not scheduled yet."),
            (6, "Perhaps", "Its status is “Waitlisted”, not accepted."),
        ]
    );
    assert_eq!(session(&file, "2").ends_at - session(&file, "2").starts_at, chrono::TimeDelta::hours(2));
    assert_eq!(file.notes, ["Times read with doubt: 1, the first on line 3: that time comes twice in Europe/London; the first was taken."]);
    assert_eq!(session(&file, "3").kind_hint.as_deref(), Some("service"));
}

#[test]
fn what_an_xml_event_lacks_is_said_with_its_line() {
    let file = in_room(
        "<event id='1'><title>A</title><start>10:00</start><duration>0:30</duration></event>\n\
         <event id='1'><title>B</title><start>10:00</start><duration>0:30</duration></event>\n\
         <event id='2'><start>10:00</start><duration>0:30</duration></event>\n\
         <event id='3'><title>C</title><start>01:15</start><duration>0:30</duration></event>\n\
         <event id='4'><title>D</title><start>10:00</start></event>\n\
         <event id='5'><title>E</title><start>10:00</start><duration>0:30</duration><recording><optout>true</optout></recording>\n\
         <abstract><p>One &amp; two</p><p>three</p></abstract></event>\n",
    );
    assert_eq!(
        refused(&file),
        [
            (4, "B", "Its id 1 is the one of the session on line 3."),
            (5, "2", "It has no title."),
            (6, "C", "2026-03-29 01:15 does not exist in Europe/London: the clocks go forward then."),
            (7, "D", "It has neither a duration nor an end."),
        ]
    );
    assert_eq!(session(&file, "1").starts_at.to_string(), "2026-03-29 09:00:00");
    let last = session(&file, "5");
    assert_eq!((last.recorded, last.abstract_text.as_str(), last.line), (Some(false), "One & two\n\nthree", Some(8)));
}

#[test]
fn a_title_keeps_an_entity_that_the_document_would_have_to_define() {
    let file = in_room("<event id='1'><title>A &boom;</title><start>10:00</start><duration>0:30</duration></event>");
    assert_eq!(file.sessions[0].title, "A &boom;");
}

#[test]
fn a_session_nested_too_deep_is_refused_alone() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!(
        "{{\"days\": [{{\"date\": \"2026-05-01\", \"rooms\": {{\"A\": [\n{{\"id\": 1, \"answers\": {deep}}},\n\
         {{\"id\": 2, \"start\": \"9:00\", \"duration\": \"0:30\", \"title\": \"T\"}}]}}}}]}}"
    );
    let file = read(text.as_bytes(), UTC).unwrap();
    assert_eq!((file.sessions.len(), file.refused[0].line, file.refused[0].what.as_str()), (1, Some(2), "session 1"));
    assert!(file.refused[0].reason.starts_with("It cannot be read (recursion limit exceeded"), "{:?}", file.refused);
}

#[test]
fn a_schedule_without_sessions_says_so() {
    for text in ["<schedule/>", "{\"schedule\": {\"days\": []}}", "{\"sessions\": [], \"rooms\": []}"] {
        let file = read(text.as_bytes(), UTC).unwrap();
        assert_eq!(file.notes, ["The file holds no sessions."], "{text}");
    }
    let file = read(b"<schedule><conference><time_zone_name>Mars/Base</time_zone_name></conference></schedule>", UTC).unwrap();
    assert_eq!(file.notes[0], "The zone “Mars/Base” is unknown; local times are read in UTC.");
}

#[test]
fn a_schedule_of_a_thousand_events_is_read_quickly_and_the_same_each_time() {
    let xml = big_schedule(1_000);
    let started = std::time::Instant::now();
    let file = read(xml.as_bytes(), UTC).unwrap();
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    assert_eq!((file.sessions.len(), file.rooms.len(), file.tracks.len()), (1_000, 12, 8));
    assert_eq!((refused(&file), file.notes.len()), (vec![], 0));
    assert_eq!(file.sessions[999].title, "Session 999 & its lessons");
    assert_eq!(read(xml.as_bytes(), UTC).unwrap(), file);
    assert_eq!(xml, big_schedule(1_000));
}

#[test]
fn a_file_cut_off_anywhere_is_unreadable_and_never_half_read() {
    let xml = big_schedule(3);
    let json = std::fs::read(format!("{}/tests/data/frab_camp.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for whole in [xml.trim_end().as_bytes(), json.trim_ascii_end()] {
        for length in (0..whole.len()).step_by(13) {
            assert!(read(&whole[..length], UTC).is_err(), "{length}");
        }
        assert!(read(whole, UTC).is_ok());
    }
}
