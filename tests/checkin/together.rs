//! Scans that are taken in one go get the answers, and leave the rows, of scans taken one by one.

use lanyard::db::Kind as Database;
use lanyard::db::schema::collisions;

use super::*;
use crate::support::app::tell;

const DOORS: [&str; 5] = ["door-K1", "door-B1", "side-B1", "pickup", "reception"];

/// So many scans of few people, so that most meet what an earlier one of the same queue left.
const SCANS: usize = 150;

/// The same scans for every run: who, where, which way; repeated ids, foreign codes, late ones and overrides among them.
fn queue(tokens: &[String]) -> Vec<Value> {
    let mut state: u64 = 20_260_309;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut scans: Vec<Value> = Vec::new();
    for index in 0..SCANS {
        let (token, door, way) = (&tokens[next(tokens.len())], DOORS[next(DOORS.len())], next(3));
        let mut scan = body(door, token);
        scan["id"] = json!(uuid::Uuid::from_u128(index as u128 + 1).to_string());
        if door == "side-B1" && way == 0 {
            scan["direction"] = json!("out");
        }
        match next(12) {
            0 if index > 0 => scan = scans[next(index)].clone(),
            1 if index > 0 => scan["id"] = scans[next(index)]["id"].clone(),
            2 => scan["token"] = json!("a shopping list"),
            3 => {
                scan["offline"] = json!(true);
                scan["scanned_at"] = json!(format!("2026-03-09T09:{:02}:00-07:00", 31 + next(14)));
            }
            4 => scan["override"] = json!({ "reason": "Known to the chair" }),
            5 => scan["id"] = json!("not a UUID"),
            _ => {}
        }
        scans.push(scan);
    }
    scans
}

/// What was answered, and how many rows there are then: scans, marks, entries, collisions, people inside twice.
type Story = (Vec<Value>, Vec<i64>, (i64, i64));

/// None where this database is left out.
fn play(database: Database, at_once: usize) -> Option<Story> {
    let story = RefCell::new(None);
    tell(database, async |app: &TestApp| {
        let event = safety_days(app);
        app.set_clock("2026-03-09T09:45:00-07:00");
        let people = [("Ada", vec!["B1"]), ("Bo", vec!["B1"]), ("Cy", vec![]), ("Dee", vec![])];
        let people: Vec<Registration> = people.iter().map(|(name, sessions)| register(app, "free", name, sessions)).collect();
        let mut tokens: Vec<String> = people.iter().map(|person| badge(app, person)).collect();
        let of_dee = people[3].id.clone();
        app.must(move |tx| badges::replace(tx, &of_dee, "lost"));
        tokens.push(badge(app, &people[3]));
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let mut told = Vec::new();
        for some in queue(&tokens).chunks(at_once) {
            if at_once == 1 {
                let answer = api.post("/scans", some[0].clone()).await;
                told.push(answer.json());
            } else {
                let answer = api.post("/scans/batch", json!({ "scans": some })).await.expect(200).json();
                told.extend(answer["results"].as_array().unwrap().clone());
            }
        }
        for answer in &mut told {
            // A problem of its own has more words than one in a list.
            if let Some(code) = answer.get("code") {
                *answer = json!({ "code": code });
            }
        }
        let rows = app.look(|db| {
            Ok(vec![
                scans::table.count().get_result(db)?,
                attendance_marks::table.count().get_result(db)?,
                audit_trail::table.filter(audit_trail::action.eq("scan.taken")).count().get_result(db)?,
                collisions::table.count().get_result(db)?,
            ])
        });
        *story.borrow_mut() = Some((told, rows, inside(app)));
    });
    story.into_inner()
}

fn a_queue_is_answered_as_its_scans_one_by_one(database: Database) {
    let Some(alone) = play(database, 1) else { return };
    assert!(alone.1[..3].iter().all(|count| *count > 0), "something of everything happened: {:?}", alone.1);
    for at_once in [7, SCANS] {
        let together = play(database, at_once).expect("the same database");
        for (index, (one, many)) in alone.0.iter().zip(&together.0).enumerate() {
            assert_eq!(one, many, "scan {index}, {at_once} at once");
        }
        assert_eq!((&alone.1, alone.2), (&together.1, together.2), "{at_once} at once");
    }
}

#[test]
fn a_queue_is_answered_as_its_scans_one_by_one_on_sqlite() {
    a_queue_is_answered_as_its_scans_one_by_one(Database::Sqlite);
}

#[test]
fn a_queue_is_answered_as_its_scans_one_by_one_on_postgres() {
    a_queue_is_answered_as_its_scans_one_by_one(Database::Postgres);
}
