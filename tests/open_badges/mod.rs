//! Open Badges: taken by holders, verified by strangers, revoked with their certificates (CEU-6).

mod keys;
mod looks;
mod status;

use diesel::prelude::*;
use lanyard::agenda;
use lanyard::credits::certificates::{self, issuing};
use lanyard::credits::open_badges::picture::{self, Wording};
use lanyard::credits::{evidence, providers};
use lanyard::db::schema::open_badges;
use lanyard::events::Event;
use lanyard::pssm::built_in;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::credits::a_provider;
use crate::on_both;
use crate::reports::{a, a_reported, earns};
use crate::support::app::TestApp;
use crate::support::builders::a_congress;
use crate::support::open_badge::{BASE, baked, checked, chunks, parts, path, verified};
use crate::support::visitor::{Answer, Api, Visitor};

/// The number of somebody's newest certificate.
pub fn number(app: &TestApp, who: &Registration) -> String {
    app.look(|db| certificates::of_registration(db, &who.id)).last().expect("a certificate").number()
}

/// A congress and a physician with a certificate, after it.
pub fn a_holder(app: &TestApp) -> (Event, Registration) {
    let event = a_reported(app, a_congress());
    let ada = a(app, &event, ("Ada", "Okonkwo"), "physician");
    app.set_clock("2026-04-10T12:00:00.250-07:00");
    earns(app, &event, &ada, "ama", &[("K1", 100), ("B1", 75)]);
    (event, ada)
}

/// Where somebody's Open Badge is asked for by programs.
pub fn by_api(app: &TestApp, who: &Registration) -> String {
    format!("/registrations/{}/certificates/{}/open-badge", who.code, number(app, who))
}

/// Somebody's Open Badge, as education staff get it.
pub async fn taken(app: &TestApp, api: &Api, who: &Registration) -> Value {
    api.get(&by_api(app, who)).await.expect(200).json()
}

/// What somebody's Open Badge says, verified by a stranger.
pub async fn said(app: &TestApp, api: &Api, who: &Registration) -> Value {
    let taken = taken(app, api, who).await;
    checked(&app.visitor().await, taken["credential"].as_str().expect("a text")).await
}

pub async fn education(app: &TestApp, event: &Event) -> Api {
    app.api_of(Role::Education, Some(event.id.clone())).await
}

async fn file(holder: &Visitor, app: &TestApp, who: &Registration, ending: &str) -> Answer {
    holder.get(&format!("/my/{}/certificates/{}/open-badge.{ending}", who.code, number(app, who))).await
}

/// Where the specification wants a text.
#[track_caller]
fn is_text(value: &Value, field: &str) {
    assert!(value.pointer(field).and_then(Value::as_str).is_some_and(|text| !text.is_empty()), "{field} is missing in {value:#}");
}

on_both! {
    async fn a_strangers_program_verifies_an_open_badge_with_what_is_public(app) {
        let (_, ada) = a_holder(app);
        let holder = app.as_attendee(&ada).await;
        holder.open(&format!("/my/{}/credits", ada.code)).await.says("Download as Open Badge").says("a picture with a signed credential inside");
        let answer = file(&holder, app, &ada, "jws").await.expect(200);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        let jws = answer.html();
        let badge = checked(&app.visitor().await, &jws).await;
        assert_eq!(badge["@context"], json!(["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]));
        assert_eq!(badge["type"], json!(["VerifiableCredential", "OpenBadgeCredential"]));
        let version = app.look(|db| certificates::of_registration(db, &ada.id))[0].newest().unwrap().0.clone();
        assert_eq!((&badge["id"], &badge["validFrom"]), (&json!(version.credential_id), &json!("2026-04-10T19:00:00Z")));
        assert_eq!(badge["issuer"]["name"], "Quay Institute");
        for field in [
            "/issuer/id", "/credentialSubject/achievement/id", "/credentialSubject/achievement/name",
            "/credentialSubject/achievement/description", "/credentialSubject/achievement/criteria/narrative",
            "/credentialStatus/id", "/credentialStatus/statusListCredential", "/credentialSubject/achievement/resultDescription/0/id",
        ] {
            is_text(&badge, field);
        }
        let subject = &badge["credentialSubject"];
        assert_eq!((&subject["type"], &subject["achievement"]["type"]), (&json!(["AchievementSubject"]), &json!(["Achievement"])));
        assert!(subject["id"].as_str().unwrap().starts_with("urn:uuid:"));
        assert_eq!((&subject["creditsEarned"], &subject["achievement"]["creditsAvailable"]), (&json!(1.75), &json!(2.0)));
        assert_eq!(subject["result"][0]["value"], "1.75 AMA PRA Category 1 Credits™");
        assert_eq!(subject["result"][0]["resultDescription"], subject["achievement"]["resultDescription"][0]["id"]);
        // Whoever changes a sign has no signature for it.
        let (header, _) = parts(&jws);
        let jwk = app.visitor().await.get(&path(&header["kid"])).await.json();
        let forged = jws.replacen(".ey", ".eW", 1);
        assert!(forged != jws && verified(&jws, &jwk).is_some() && verified(&forged, &jwk).is_none());
        assert_eq!(file(&holder, app, &ada, "jws").await.html(), jws, "it is the same text every time");
        if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
            std::fs::write(format!("{folder}/open-badge.json"), serde_json::to_vec_pretty(&badge).unwrap()).unwrap();
        }
    }

    async fn an_open_badge_names_nobody_but_by_a_salted_hash(app) {
        let (event, ada) = a_holder(app);
        let email = app.look(|db| Ok(lanyard::people::get(db, &ada.person_id)?.email));
        earns(app, &event, &ada, "cpps", &[("K1", 100)]);
        let api = education(app, &event).await;
        let all = app.look(|db| certificates::of_registration(db, &ada.id));
        let mut subjects = Vec::new();
        for whole in all {
            let address = format!("/registrations/{}/certificates/{}/open-badge", ada.code, whole.number());
            let answer = api.get(&address).await.expect(200).json();
            let (_, badge) = parts(answer["credential"].as_str().unwrap());
            let text = badge.to_string();
            for private in [email.as_str(), "Okonkwo", "Ada", &ada.code, "ME12345"] {
                assert!(!text.contains(private), "{private} is in {text}");
            }
            let identity = &badge["credentialSubject"]["identifier"][0];
            assert_eq!((&identity["hashed"], &identity["identityType"], &identity["type"]), (&json!(true), &json!("emailAddress"), &json!("IdentityObject")));
            let hashed = Sha256::digest(format!("{email}{}", identity["salt"].as_str().unwrap()));
            assert_eq!(identity["identityHash"], format!("sha256${}", lanyard::ids::hex(&hashed)));
            subjects.push((badge["sub"].clone(), identity["salt"].clone()));
        }
        assert_eq!(subjects.len(), 2);
        assert!(subjects[0].0 != subjects[1].0 && subjects[0].1 != subjects[1].1, "two badges do not betray that they are one person’s");
    }

    async fn the_picture_has_the_credential_inside_once_and_opens(app) {
        let (_, ada) = a_holder(app);
        let holder = app.as_attendee(&ada).await;
        let png = file(&holder, app, &ada, "png").await.expect(200);
        assert_eq!(png.header("content-type"), Some("image/png"));
        assert!(png.header("content-disposition").unwrap().starts_with("attachment; filename=\"open-badge-"));
        assert_eq!(baked(&png.body), file(&holder, app, &ada, "jws").await.html());
        let kinds: Vec<String> = chunks(&png.body).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!((kinds.first().unwrap().as_str(), kinds.last().unwrap().as_str()), ("IHDR", "IEND"));
        let picture = image::load_from_memory(&png.body).expect("a picture").to_rgba8();
        assert_eq!(picture.dimensions(), (800, 800));
        assert_eq!((picture.get_pixel(0, 0).0[3], picture.get_pixel(400, 20).0), (0, [10, 92, 99, 255]));
        let white = |top: u32, bottom: u32| (150..650).flat_map(|x| (top..bottom).map(move |y| (x, y))).filter(|(x, y)| picture.get_pixel(*x, *y).0[0] > 200).count();
        assert!(white(420, 540) > 3_000, "the credit stands in the band");
        if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
            std::fs::write(format!("{folder}/open-badge.png"), &png.body).unwrap();
        }
    }

    async fn issuer_and_achievement_answer_where_the_badge_says_they_are(app) {
        let (event, ada) = a_holder(app);
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open("/staff/events/congress-2026/credits/activities").await.says("nothing chosen");
        staff.click("Choose statements of MONDAY").await.expect(200).says("4D A communication and resolution program after harm");
        staff.submit("/statements", &[("statements[]", "9Z")]).await.expect(422).says("is no statement of the measure");
        staff.open("/staff/events/congress-2026/credits/activities").await;
        staff.click("Choose statements of MONDAY").await;
        staff.submit("/statements", &[("statements[]", "4D"), ("statements[]", "3")]).await.expect(303);
        staff.follow().await.says("Safety measure (PSSM): 3, 4D");
        let badge = said(app, &education(app, &event).await, &ada).await;
        let achievement = &badge["credentialSubject"]["achievement"];
        let aligned = achievement["alignment"].as_array().expect("alignments");
        let codes: Vec<&Value> = aligned.iter().map(|one| &one["targetCode"]).collect();
        assert_eq!(codes, [&json!("3"), &json!("4D")]);
        assert!(aligned.iter().all(|one| one["targetUrl"] == built_in::ADDRESS && one["targetName"].is_string()));
        let stranger = app.visitor().await;
        let mut there = stranger.get(&path(&achievement["id"])).await.expect(200).json();
        there.as_object_mut().unwrap().remove("@context").expect("a context");
        assert_eq!(&there, achievement);
        let mut profile = stranger.get(&path(&badge["issuer"]["id"])).await.expect(200).json();
        profile.as_object_mut().unwrap().remove("@context").expect("a context");
        assert_eq!(profile, badge["issuer"]);
        let picture = stranger.get(&path(&achievement["image"]["id"])).await.expect(200);
        assert!(picture.header("content-type") == Some("image/png") && chunks(&picture.body).iter().all(|(kind, _)| kind != "iTXt"));
        for gone in ["/open-badges/keys/none", "/open-badges/issuers/none", "/open-badges/achievements/none/ama", "/open-badges/status/congress-2026/9"] {
            stranger.get(gone).await.expect(404);
        }
        stranger.get(&path(&achievement["id"]).replace("/ama", "/acpe")).await.expect(404);
    }

    async fn an_open_badge_is_its_holders_and_staffs_alone(app) {
        let (event, ada) = a_holder(app);
        app.set_clock("2026-03-02T09:00:00-08:00");
        let eve = a(app, &event, ("Eve", "Other"), "physician");
        app.set_clock("2026-04-10T12:00:00-07:00");
        let (number, page) = (number(app, &ada), format!("/my/{}/certificates/{}", ada.code, number(app, &ada)));
        let stranger = app.as_attendee(&eve).await;
        for ending in ["png", "jws"] {
            stranger.get(&format!("{page}/open-badge.{ending}")).await.expect(404);
            stranger.get(&format!("/my/{}/certificates/{number}/open-badge.{ending}", eve.code)).await.expect(404);
            app.visitor().await.get(&format!("{page}/open-badge.{ending}")).await.expect(303);
        }
        stranger.get(&format!("/certificates/{number}/open-badge")).await.expect(404);
        stranger.open(&format!("/certificates/{number}")).await.says_nothing_of("Open Badge");
        let nobody = app.visitor().await;
        nobody.open(&format!("/certificates/{number}")).await.says("download it as an Open Badge").says_nothing_of(&ada.code);
        assert!(nobody.get(&format!("/certificates/{number}/open-badge")).await.expect(303).location().starts_with("/sign-in"));
        let holder = app.as_attendee(&ada).await;
        let led = holder.get(&format!("/certificates/{number}/open-badge")).await.expect(303);
        assert_eq!(led.location(), format!("/my/{}/credits#certificates", ada.code));
        app.public_api().await.get(&by_api(app, &ada)).await.expect(401);
        app.api(Role::Registrar).await.get(&by_api(app, &ada)).await.expect(403);
        assert_eq!(app.look(|db| Ok(open_badges::table.count().get_result::<i64>(db)?)), 0, "nobody has taken one yet");
        let told = taken(app, &education(app, &event).await, &ada).await;
        assert_eq!((&told["serial"], &told["version"], &told["issuer"]), (&json!(number), &json!(1), &json!(format!("{BASE}/open-badges/issuers/congress-2026"))));
    }

    async fn who_took_part_without_credit_gets_an_open_badge_too(app) {
        app.ignore_letters();
        app.ignore_jobs();
        let event = a_congress().with("registration_types", "code = 'free'\nname = 'Guest'\ncovers = 'all'\ntiers = [{ name = 'Free', price = '0.00' }]").make(app);
        let pat = a(app, &event, ("Pat", "Lindqvist"), "patient_partner");
        let (own, of) = (event.clone(), pat.clone());
        app.set_clock("2026-04-10T12:00:00-07:00");
        app.must(move |tx| {
            providers::save(tx, &own, &a_provider())?;
            let b1 = agenda::get(tx.db, &own.id, "B1")?;
            evidence::attest(tx, &own, &of, &b1, 60, None)?;
            issuing::follow(tx, &own, &of, "").map(drop)
        });
        let badge = said(app, &education(app, &event).await, &pat).await;
        assert_eq!(badge["credentialSubject"]["creditsEarned"], json!(1.0));
        let achievement = &badge["credentialSubject"]["achievement"];
        assert_eq!(achievement["id"], format!("{BASE}/open-badges/achievements/{}/attendance", event.id));
        let whole = app.visitor().await.get(&path(&achievement["id"])).await.expect(200).json();
        assert!(whole["description"].as_str().unwrap().starts_with("Took part in ") && whole.get("creditsAvailable").is_none(), "{whole}");
        let words = whole["criteria"]["narrative"].as_str().unwrap();
        assert!(words.contains("no accredited credit"), "{words}");
    }
}

/// Pictures with much and with strange type, for eyes too.
#[test]
fn a_picture_keeps_long_words_and_any_script_inside_its_frame() {
    let long = "Learning from what goes right: high-reliability practices for communication, resolution and psychological safety in perinatal, perioperative and ambulatory care teams";
    let of = |title: &str, unit: &str| Wording {
        event: "Annual Patient Safety Congress and Learning Series of the Quay Institute 2026".to_owned(),
        title: title.to_owned(),
        amount: "12.75".to_owned(),
        unit: unit.to_owned(),
        provider: "The Quay Institute for Continuing Interprofessional Education in the Health Professions".to_owned(),
    };
    let all = [
        ("long", of(long, "Interprofessional Continuing Education (IPCE) credits")),
        ("script", of("患者安全の構造的指標を病院で実践するために สัมมนา", "contact hours (1.275 CEUs)")),
        ("plain", Wording { amount: String::new(), ..of("Patient Safety Congress 2026", "Participation") }),
    ];
    for (name, words) in all {
        let png = picture::png(std::path::Path::new("/usr/share/fonts"), &words).expect("a picture");
        let picture = image::load_from_memory(&png).expect("a picture").to_rgba8();
        // Beside what is written everything is as in a picture without words.
        for (x, y) in (196..646).flat_map(|y| [105, 695].map(|x| (x, y))) {
            let color = picture.get_pixel(x, y).0;
            assert!(
                color == [255, 255, 255, 255] || color == [10, 92, 99, 255] || !(220..560).contains(&y),
                "{name}: {color:?} at {x}, {y}"
            );
        }
        if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
            std::fs::write(format!("{folder}/open-badge-{name}.png"), &png).unwrap();
        }
    }
}
