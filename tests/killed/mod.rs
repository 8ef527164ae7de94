//! The program killed in the middle of a storm of scans, and its database gone for a while: what was answered is there,
//! once, and what was not is taken afterwards (CHK-4, ENR-1).

mod house;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{ScopedJoinHandle, scope, sleep};
use std::time::{Duration, Instant as Moment};

use diesel::prelude::*;
use lanyard::checkin::Outcome;
use lanyard::clock::Clock;
use lanyard::db::Kind;
use lanyard::db::schema::{attendance_marks, audit_trail, enrollments, presences, room_counts, scans};
use lanyard::enrollment::Status as Seat;
use lanyard::ids::ScanId;
use serde_json::{Value, json};

use self::house::{House, SEATED, SEATS};
use crate::support::databases::is_wanted;
use crate::support::line::{Line, Reply};
use crate::support::postgres::DurableCluster;
use crate::support::programs::Folder;

/// So often the program is killed.
const KILLS: usize = 20;
/// Devices that scan, and programs that choose seats.
const PHONES: usize = 6;
const CHOOSERS: usize = 3;
/// A device's queue is sent so many scans at a time.
const AT_ONCE: usize = 100;

/// Below this.
fn chance(most: usize) -> usize {
    usize::try_from(uuid::Uuid::new_v4().as_u128() % most as u128).unwrap()
}

/// What everybody was told.
#[derive(Default)]
struct Told {
    /// By scan: what was sent last, and the answer.
    scans: BTreeMap<String, (Value, Value)>,
    /// By registration: how the choice of F1 went.
    choices: BTreeMap<String, String>,
}

/// What the storm and who disturbs it know of each other.
#[derive(Default)]
struct Storm {
    is_over: AtomicBool,
    /// Something went wrong, and nobody will be answered any more.
    is_called_off: AtomicBool,
    answered: AtomicUsize,
    refused: AtomicUsize,
}

impl Storm {
    /// The answer, when it is one: a service that cannot answer now says so and when to come back, in a problem document.
    fn answer(&self, reply: std::io::Result<Reply>) -> Option<Reply> {
        let reply = reply.ok()?;
        if reply.status == 503 {
            is_busy(&reply);
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        self.answered.fetch_add(1, Ordering::Relaxed);
        Some(reply)
    }

    /// Waits until the storm has gone on for so many more answers.
    fn wait_for(&self, more: usize) {
        let (from, until) = (self.answered.load(Ordering::Relaxed), Moment::now() + Duration::from_secs(30));
        while self.answered.load(Ordering::Relaxed) < from + more {
            assert!(Moment::now() < until, "nobody is answered any more");
            sleep(Duration::from_millis(2));
        }
    }
}

fn is_busy(reply: &Reply) {
    assert!(reply.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0)), "{reply:?}");
    assert_eq!((reply.header("content-type"), &reply.json()["code"]), (Some("application/problem+json"), &json!("busy")), "{reply:?}");
}

/// A phone at the doors: scans on and on, keeps what was not answered, and sends it again under the same ids.
fn scan_on(house: &House, storm: &Storm) -> Told {
    let (mut line, mut queue, mut told) = (house.line(), Vec::<Value>::new(), Told::default());
    loop {
        match (storm.is_over.load(Ordering::Relaxed), queue.is_empty()) {
            _ if storm.is_called_off.load(Ordering::Relaxed) => return told,
            (true, true) => return told,
            (true, false) => {}
            (false, _) => queue.push(a_scan(house)),
        }
        let sent = queue.len().min(AT_ONCE);
        let answers = storm.answer(send(&mut line, &queue[..sent])).map(|reply| answers_of(&reply));
        let Some(answers) = answers else {
            queue.iter_mut().for_each(|scan| scan["offline"] = json!(true));
            sleep(Duration::from_millis(40));
            continue;
        };
        assert_eq!(answers.len(), sent);
        for (scan, answer) in queue.drain(..sent).zip(answers) {
            let id = scan["id"].as_str().unwrap().to_owned();
            assert_eq!(answer["id"], id.as_str(), "{answer}");
            told.scans.insert(id, (scan, answer));
        }
    }
}

/// Somebody at one of the doors.
fn a_scan(house: &House) -> Value {
    let (checkpoint, direction) = [("door-K1", "in"), ("door-K1", "out"), ("door-S1", "in")][chance(3)];
    json!({
        "id": uuid::Uuid::new_v4().to_string(), "checkpoint": checkpoint, "direction": direction,
        "token": house.badges[chance(house.badges.len())],
        "scanned_at": Clock::system().now().rfc3339_in(chrono_tz::UTC),
    })
}

fn send(line: &mut Line, queue: &[Value]) -> std::io::Result<Reply> {
    match queue {
        [scan] => line.post("/api/v1/scans", scan),
        several => line.post("/api/v1/scans/batch", &json!({ "scans": several })),
    }
}

fn answers_of(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{reply:?}");
    let told = reply.json();
    match told["results"].as_array() {
        Some(all) => all.clone(),
        None => vec![told],
    }
}

/// Asks for a seat in F1 for every so many-th person, again under the same key until there is an answer.
fn choose_on(house: &House, storm: &Storm, number: usize) -> Told {
    let (mut line, mut told) = (house.line(), Told::default());
    for registration in house.registrations.iter().skip(SEATED + number).step_by(CHOOSERS) {
        let path = format!("/api/v1/registrations/{}/enrollments", registration.code);
        let reply = loop {
            let reply = line.post_once(&path, registration.id.as_str(), &json!({ "session": "F1" }));
            match storm.answer(reply) {
                Some(reply) => break reply,
                None if storm.is_called_off.load(Ordering::Relaxed) => return told,
                None => sleep(Duration::from_millis(40)),
            }
        };
        assert_eq!(reply.status, 201, "{reply:?}");
        told.choices.insert(registration.id.to_string(), reply.json()["status"].as_str().unwrap().to_owned());
        sleep(Duration::from_millis(150));
    }
    told
}

/// Scans and choices on and on while `disturb` runs; then every queue drains, and everybody says what they were told.
fn storm(house: &House, disturb: impl FnOnce(&Storm)) -> Told {
    let storm = Storm::default();
    scope(|threads| {
        let phones = (0..PHONES).map(|_| threads.spawn(|| scan_on(house, &storm)));
        let mut hands: Vec<ScopedJoinHandle<'_, Told>> = phones.collect();
        let at = &storm;
        hands.extend((0..CHOOSERS).map(|number| threads.spawn(move || choose_on(house, at, number))));
        // Whoever disturbs may find something wrong; the storm must end all the same.
        let disturbed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| disturb(at)));
        storm.is_over.store(true, Ordering::Relaxed);
        disturbed.unwrap_or_else(|cause| {
            house.kill();
            storm.is_called_off.store(true, Ordering::Relaxed);
            eprintln!("the storm is called off");
            std::panic::resume_unwind(cause)
        });
        let mut all = Told::default();
        for hand in hands {
            let told = hand.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause));
            all.scans.extend(told.scans);
            all.choices.extend(told.choices);
        }
        all
    })
}

/// Every answered scan is there once and as it was answered, with one audit entry and at most one mark; nothing else is.
fn scans_are_as_told(house: &House, told: &Told) {
    let rows: Vec<(ScanId, Outcome)> = house.look(|db| Ok(scans::table.select((scans::id, scans::outcome)).load(db)?));
    let kept: BTreeMap<String, Value> = rows.iter().map(|(id, outcome)| (id.to_string(), json!(outcome))).collect();
    let answered: BTreeMap<String, Value> = told.scans.iter().map(|(id, (_, answer))| (id.clone(), answer["outcome"].clone())).collect();
    assert_eq!(kept.len(), rows.len());
    let ids: BTreeSet<&String> = kept.keys().chain(answered.keys()).collect();
    let otherwise = ids.into_iter().filter(|id| kept.get(*id) != answered.get(*id));
    let otherwise: Vec<_> = otherwise.map(|id| (kept.get(id), told.scans.get(id))).collect();
    assert!(otherwise.is_empty(), "kept, and told: {otherwise:?}");
    let taken = audit_trail::table.filter(audit_trail::action.eq("scan.taken")).select(audit_trail::subject_id);
    let mut entries: Vec<String> = house.look(|db| Ok(taken.load(db)?));
    entries.sort();
    assert_eq!(entries, kept.keys().cloned().collect::<Vec<_>>());
    let mut marks: Vec<Option<ScanId>> = house.look(|db| Ok(attendance_marks::table.select(attendance_marks::scan_id).load(db)?));
    let (all, _) = (marks.len(), marks.sort());
    marks.dedup();
    assert_eq!(marks.len(), all);
}

/// Rooms hold no more than they may, the numbers at the doors are the rows', and choices stand as they were answered.
fn seats_are_as_told(house: &House, told: &Told) {
    assert_eq!((house.taken("S1"), house.taken("F1")), SEATS);
    let s1 = house.session_id("S1");
    let (rows, in_s1): (i64, i64) = house.look(|db| {
        let inside = presences::table.filter(presences::inside.eq(true));
        Ok((inside.count().get_result(db)?, inside.filter(presences::session_id.eq(&s1)).count().get_result(db)?))
    });
    let shown: Option<i64> = house.look(|db| Ok(room_counts::table.select(diesel::dsl::sum(room_counts::inside)).first(db)?));
    assert_eq!(Some(rows), shown);
    assert!(in_s1 <= SEATS.0, "{in_s1} are in a room of {}", SEATS.0);
    let f1 = house.session_id("F1");
    let live = enrollments::table.filter(enrollments::session_id.eq(&f1)).filter(enrollments::left_at.is_null());
    let rows: Vec<(String, Seat)> = house.look(|db| {
        let rows: Vec<(lanyard::ids::RegistrationId, Seat)> = live.select((enrollments::registration_id, enrollments::status)).load(db)?;
        Ok(rows.into_iter().map(|(registration, seat)| (registration.to_string(), seat)).collect())
    });
    let kept: BTreeMap<String, String> = rows.iter().map(|(registration, seat)| (registration.clone(), seat.to_string())).collect();
    assert_eq!(kept.len(), rows.len());
    assert_eq!(kept, told.choices);
}

/// Every scan sent once more, by a device that lost its memory of the answers, is answered as before and changes nothing.
fn repeats_are_answered_as_before(house: &House, told: &Told) {
    let all: Vec<&(Value, Value)> = told.scans.values().collect();
    for some in all.chunks(AT_ONCE) {
        let scans: Vec<Value> = some.iter().map(|(scan, _)| scan.clone()).collect();
        let answers = answers_of(&house.line().post("/api/v1/scans/batch", &json!({ "scans": scans })).unwrap());
        let before: Vec<Value> = some.iter().map(|(_, answer)| answer.clone()).collect();
        assert_eq!(answers, before);
    }
    scans_are_as_told(house, told);
}

fn all_is_as_told(house: &House, told: &Told) {
    scans_are_as_told(house, told);
    seats_are_as_told(house, told);
    repeats_are_answered_as_before(house, told);
}

fn killed_twenty_times(url: &str, folder: &Folder) {
    let house = House::open(url, folder);
    let begun = Moment::now();
    let told = storm(&house, |storm| {
        for _ in 0..KILLS {
            storm.wait_for(3);
            sleep(Duration::from_millis(chance(250) as u64));
            house.kill();
            house.start();
        }
        storm.wait_for(10);
    });
    eprintln!("{} scans through {KILLS} kills in {:?}", told.scans.len(), begun.elapsed());
    all_is_as_told(&house, &told);
}

#[test]
fn killed_twenty_times_in_a_storm_every_answered_scan_is_there_once_sqlite() {
    if is_wanted(Kind::Sqlite) {
        let folder = Folder::on_disk();
        killed_twenty_times(&format!("sqlite://{}", folder.path().join("lanyard.db").display()), &folder);
    }
}

#[test]
fn killed_twenty_times_in_a_storm_every_answered_scan_is_there_once_postgres() {
    if is_wanted(Kind::Postgres) {
        let (cluster, folder) = (DurableCluster::start(), Folder::on_disk());
        killed_twenty_times(&cluster.create_database(None), &folder);
    }
}

/// What a service says whose database is away: it lives, is not ready, and asks programs and people to come back.
fn is_away(house: &House) {
    let (mut line, until) = (house.line(), Moment::now() + Duration::from_secs(10));
    let mut ready = line.get("/readyz").unwrap();
    while ready.status == 200 {
        assert!(Moment::now() < until, "the service never noticed");
        ready = line.get("/readyz").unwrap();
    }
    assert_eq!((ready.status, ready.header("retry-after").is_some()), (503, true), "{ready:?}");
    assert_eq!(line.get("/healthz").unwrap().status, 200);
    let scan = line.post("/api/v1/scans", &a_scan(house)).unwrap();
    assert_eq!(scan.status, 503, "{scan:?}");
    is_busy(&scan);
    let page = line.get("/staff").unwrap();
    assert_eq!((page.status, page.header("retry-after")), (503, Some("1")), "{page:?}");
    let begun = Moment::now();
    assert_eq!(line.get("/readyz").unwrap().status, 503);
    assert!(begun.elapsed() < Duration::from_secs(2), "it takes {:?} to say no", begun.elapsed());
}

#[test]
fn while_postgresql_restarts_the_service_says_busy_and_comes_back_by_itself() {
    if !is_wanted(Kind::Postgres) {
        return;
    }
    let (cluster, folder) = (DurableCluster::start(), Folder::on_disk());
    let house = House::open(&cluster.create_database(None), &folder);
    let told = storm(&house, |storm| {
        let outages: [fn(&DurableCluster); 3] = [DurableCluster::crash, DurableCluster::stop, DurableCluster::crash];
        for outage in outages {
            storm.wait_for(20);
            outage(&cluster);
            is_away(&house);
            cluster.start_again();
            house.wait_until_ready();
            storm.wait_for(20);
            assert!(house.is_running());
        }
        assert!(storm.refused.load(Ordering::Relaxed) > 0);
    });
    all_is_as_told(&house, &told);
}
