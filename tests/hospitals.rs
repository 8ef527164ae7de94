//! Hospitals: the list of CMS, terms of recognition, codes, search, and the pages of staff.

use crate::on_both;
use crate::support::app::TestApp;
use chrono::NaiveDate;
use diesel::prelude::*;
use lanyard::db::schema::{audit_entries, hospitals as rows};
use lanyard::error::Error;
use lanyard::hospitals::{self, Facts, Imported, NewCode, Recognition, cms_file::CmsFile, codes, recognitions_file, terms};
use lanyard::ids::{HospitalId, RecognitionId};
use lanyard::staff::Role;

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn whole_list() -> CmsFile {
    hospitals::cms_file::read(&bytes("cms_hospital_general_information_2026-02.csv.gz")).unwrap()
}

fn small_list() -> CmsFile {
    hospitals::cms_file::read(&bytes("demo_hospitals.csv")).unwrap()
}

fn import(app: &TestApp, file: CmsFile) -> Imported {
    app.must(move |tx| hospitals::import(tx, &file, false, &mut |_, _| {}))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn counts(added: usize, changed: usize, gone: usize, unchanged: usize) -> Imported {
    Imported { added, changed, gone, unchanged }
}

fn id_of(app: &TestApp, ccn: &'static str) -> HospitalId {
    app.look(move |db| hospitals::find_by_ccn(db, ccn)).unwrap().id
}

fn by_hand(name: &str, city: &str) -> Facts {
    Facts { name: name.to_owned(), city: city.to_owned(), state: "CA".to_owned(), ..Facts::default() }
}

fn term(hospital: &HospitalId, starts_on: &str, ends_on: &str) -> Recognition {
    Recognition {
        id: RecognitionId::new(),
        hospital_id: hospital.clone(),
        term_starts_on: day(starts_on),
        term_ends_on: day(ends_on),
        conditional: false,
        approved_on: Some(day("2025-05-20")),
        paid_on: Some(day("2025-06-03")),
        revoked_on: None,
    }
}

fn entries(app: &TestApp, action: &'static str) -> i64 {
    app.look(move |db| Ok(audit_entries::table.filter(audit_entries::action.eq(action)).count().get_result(db)?))
}

on_both! {
    async fn the_whole_list_is_imported_and_importing_it_again_changes_nothing(app) {
        let mut heard = Vec::new();
        let file = whole_list();
        let (done, heard) = app.must(move |tx| {
            let done = hospitals::import(tx, &file, false, &mut |done, total| heard.push((done, total)))?;
            Ok((done, heard))
        });
        assert_eq!(done, counts(5_421, 0, 0, 0));
        assert_eq!((heard.first(), heard.last()), (Some(&(0, 5_421)), Some(&(5_421, 5_421))));
        assert_eq!(import(app, whole_list()), counts(0, 0, 0, 5_421));
        assert_eq!(entries(app, "hospitals.imported"), 1);
        let searched = std::time::Instant::now();
        let found = app.look(|db| hospitals::search(db, "hospital", lanyard::clock::Instant::parse("2026-03-02T09:00:00Z").unwrap(), 12));
        assert_eq!(found.len(), 12);
        println!("a search over all hospitals took {:?}", searched.elapsed());
    }

    async fn a_hospital_that_the_list_misses_is_gone_and_comes_back_with_all_that_belongs_to_it(app) {
        let file = small_list();
        let total = file.hospitals.len();
        assert_eq!(import(app, file), counts(total, 0, 0, 0));
        let id = id_of(app, "01014F");
        let of = id.clone();
        app.must(move |tx| hospitals::add_domain(tx, &of, "hospital.example"));
        let mut without = small_list();
        without.hospitals.retain(|row| row.ccn != "01014F");
        without.hospitals[0].name = "RENAMED HOSPITAL".to_owned();
        assert_eq!(import(app, CmsFile { hospitals: without.hospitals.clone(), refused: Vec::new() }), counts(0, 1, 1, total - 2));
        assert_eq!(import(app, without), counts(0, 0, 0, total - 1), "what is gone is gone once");
        let api = app.public_api().await;
        assert_eq!(api.get("/hospitals?q=01014f").await.expect(200).json()["items"].as_array().unwrap().len(), 0);
        assert_eq!(import(app, small_list()), counts(0, 2, 0, total - 2));
        assert_eq!(api.get("/hospitals?q=01014f").await.json()["items"][0]["ccn"], "01014F");
        assert_eq!(id_of(app, "01014F"), id);
        assert_eq!(app.look(move |db| hospitals::domains(db, &id)).len(), 1);
    }

    async fn a_list_with_rows_that_cannot_be_read_is_imported_only_when_they_may_be_skipped(app) {
        import(app, small_list());
        let text = String::from_utf8(bytes("demo_hospitals.csv")).unwrap();
        let broken = text.replace(",AL,36301,", ",ALABAMA,36301,");
        let read = |text: &str| hospitals::cms_file::read(text.as_bytes()).unwrap();
        let file = read(&broken);
        assert_eq!(file.refused[0].line, Some(2));
        let refused = app.write_here(lanyard::app::Actor::Service("test"), move |tx| hospitals::import(tx, &file, false, &mut |_, _| {}));
        assert!(matches!(refused, Err(Error::Refused { code: "hospitals.rows_refused", .. })), "{refused:?}");
        let file = read(&broken);
        let done = app.must(move |tx| hospitals::import(tx, &file, true, &mut |_, _| {}));
        assert_eq!(done, counts(0, 0, 0, small_list().hospitals.len() - 1), "a hospital whose row is unreadable is not gone");
    }

    async fn a_hospital_entered_by_hand_becomes_the_listed_one_of_its_ccn(app) {
        let entered = app.must(|tx| hospitals::add(tx, &Facts { ccn: Some("010001".to_owned()), beds: Some(40), ..by_hand("Southeast", "Dothan") }));
        let campus = app.must(|tx| hospitals::add(tx, &Facts { ccn: Some("010001".to_owned()), ..by_hand("Southeast East", "Dothan") }));
        let ministry = app.must(|tx| hospitals::add(tx, &by_hand("Ministry of Health", "Ottawa")));
        let file = small_list();
        let total = file.hospitals.len();
        assert_eq!(import(app, file), counts(total - 1, 1, 0, 0));
        assert_eq!(import(app, small_list()), counts(0, 0, 0, total));
        let first = app.look(move |db| hospitals::get(db, &entered));
        assert_eq!((first.name.as_str(), first.beds, first.source.as_str()), ("SOUTHEAST HEALTH MEDICAL CENTER", Some(40), "cms"));
        assert_eq!(app.look(move |db| hospitals::get(db, &campus)).name, "Southeast East");
        let ministry = app.look(move |db| hospitals::get(db, &ministry));
        assert_eq!((ministry.gone_at, ministry.ccn.as_deref().map(|ccn| &ccn[..1])), (None, Some("X")));
    }

    async fn recognitions_are_imported_once_and_a_row_of_an_unknown_hospital_is_refused(app) {
        import(app, small_list());
        let read = |text: &str| {
            let file = recognitions_file::read(format!("ccn,term_starts_on,approved_on,paid_on,domains\n{text}").as_bytes()).unwrap();
            app.look(move |db| hospitals::check_recognitions(db, file))
        };
        let rows = "010001,2025-07-01,2025-05-20,2025-06-03,southeast.example\n01014F,2026-01-01,2025-11-20,,va.example\n";
        let file = read(rows);
        let done = app.must(move |tx| hospitals::import_recognitions(tx, &file, false));
        assert_eq!((done.added, done.changed, done.unchanged, done.domains_added), (2, 0, 0, 2));
        let file = read(rows);
        let again = app.must(move |tx| hospitals::import_recognitions(tx, &file, false));
        assert_eq!((again.added, again.changed, again.unchanged, again.domains_added), (0, 0, 2, 0));
        let file = read(&rows.replace("2025-11-20,,", "2025-11-20,2026-02-01,"));
        let paid = app.must(move |tx| hospitals::import_recognitions(tx, &file, false));
        assert_eq!((paid.added, paid.changed, paid.unchanged), (0, 1, 1));
        assert_eq!(app.run_jobs(), 3, "each change of a hospital's terms is followed by one job");
        let file = read("999999,2026-01-01,2025-11-20,,\n010001,2026-07-01,2025-11-20,,\n");
        let reasons: Vec<_> = file.refused.iter().map(|row| (row.line, row.reason.as_str())).collect();
        assert_eq!(reasons, [
            (Some(2), "No hospital has the CCN 999999. Import the list of CMS first, or add the hospital."),
            (Some(3), "The term overlaps one that is stored, from 1 Jul 2025 to 30 Jun 2027."),
        ]);
        let refused = app.write_here(lanyard::app::Actor::Service("test"), move |tx| hospitals::import_recognitions(tx, &file, false));
        assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
        app.visitor().await.open("/recognized").await.says("2 hospitals are recognized on 2 Mar 2026").says("31 Dec 2027");
    }

    async fn the_search_finds_by_name_city_state_and_ccn_and_tells_no_domains(app) {
        import(app, small_list());
        let id = id_of(app, "010001");
        app.must(move |tx| {
            hospitals::add_domain(tx, &id, "secret-domain.example")?;
            hospitals::save_recognition(tx, &term(&id, "2025-07-01", "2027-06-30"))
        });
        app.run_jobs();
        let api = app.public_api().await;
        for query in ["southeast%20health", "dothan", "SOUTHEAST,%20al", "010001", "dothan%20medi"] {
            let answer = api.get(&format!("/hospitals?q={query}")).await.expect(200);
            assert_eq!(answer.json()["items"][0], serde_json::json!({
                "ccn": "010001", "name": "SOUTHEAST HEALTH MEDICAL CENTER", "city": "DOTHAN", "state": "AL", "recognized_until": "2027-06-30",
            }), "{query}");
            assert!(!answer.html().contains("secret-domain"));
        }
        for nothing in ["%25", "_", "no%20such%20hospital", "%F0%9F%8F%A5"] {
            assert_eq!(api.get(&format!("/hospitals?q={nothing}")).await.expect(200).json(), serde_json::json!({ "items": [], "next": null }));
        }
        let mut seen = Vec::new();
        let mut path = "/hospitals?q=hospital&limit=7".to_owned();
        loop {
            let page = api.get(&path).await.expect(200).json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["ccn"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => path = format!("/hospitals?q=hospital&limit=7&cursor={next}"),
                None => break,
            }
        }
        let whole = api.get("/hospitals?q=hospital&limit=500").await.json();
        let whole: Vec<&str> = whole["items"].as_array().unwrap().iter().map(|item| item["ccn"].as_str().unwrap()).collect();
        assert!(whole.len() > 40);
        assert_eq!(seen, whole);
        for (bad, code) in [("limit=0", "invalid"), ("limit=501", "invalid"), ("limit=x", "invalid"), ("cursor=x", "invalid"), ("city=x", "invalid")] {
            assert_eq!(api.get(&format!("/hospitals?{bad}")).await.expect(422).code(), code, "{bad}");
        }
    }

    async fn too_many_searches_of_one_address_have_to_wait_and_staff_do_not(app) {
        let api = app.public_api().await;
        let mut status = 200;
        for _ in 0..3_000 {
            status = api.get("/hospitals?q=x").await.status;
            if status == 429 {
                break;
            }
        }
        assert_eq!(status, 429);
        app.api(Role::Registrar).await.get("/hospitals?q=x").await.expect(200);
    }

    async fn terms_of_one_hospital_entered_at_once_do_not_overlap(app) {
        let id = app.must(|tx| hospitals::add(tx, &by_hand("One", "Town")));
        let threads: Vec<_> = (0..8).map(|_| {
            let (service, id) = (app.app(), id.clone());
            std::thread::spawn(move || {
                let term = term(&id, "2025-07-01", "2027-06-30");
                service.write_here(lanyard::app::Actor::Service("test"), move |tx| hospitals::save_recognition(tx, &term))
            })
        }).collect();
        let saved = threads.into_iter().map(|thread| thread.join().unwrap()).filter(Result::is_ok).count();
        assert_eq!(saved, 1);
        assert_eq!(app.look(move |db| hospitals::recognitions(db, &id)).len(), 1);
        assert_eq!(app.run_jobs(), 1);
    }

    async fn staff_add_a_hospital_with_its_domain_term_and_code(app) {
        let staff = app.as_staff(Role::Recognition).await;
        staff.open("/staff/hospitals").await.says("No hospitals yet");
        staff.open("/staff/hospitals/new").await;
        staff.submit("/staff/hospitals", &[("name", "Hôpital Sainte-Justine"), ("ccn", "12345"), ("beds", "484")]).await.expect(422)
            .says("Enter the city").says("a spreadsheet ate the zero in front");
        staff.submit("/staff/hospitals", &[("ccn", ""), ("city", "Montréal"), ("state", "Canada")]).await.expect(303);
        let shown = staff.follow().await.says("The hospital was added.").says("Hôpital Sainte-Justine").says("484").says("Not recognized.");
        assert!(shown.text().contains("Number for choosing it"), "{}", shown.text());
        staff.submit("/domains", &[("domain", "gmail.com")]).await.expect(422).says("anyone can have an address there");
        staff.submit("/domains", &[("domain", "@Chusj.example")]).await.expect(303);
        staff.follow().await.says("chusj.example");
        staff.click("Add a term").await.expect(200);
        staff.submit("/recognitions", &[("term_starts_on", "2026-01-01"), ("approved_on", "2025-11-30"), ("conditional", "yes")]).await.expect(303);
        staff.follow().await.says("Conditionally recognized, which gives no benefits yet.").says("1 Jan 2026 – 31 Dec 2027");
        staff.click("Add a term").await.expect(200);
        staff.submit("/recognitions", &[("term_starts_on", "2027-12-31")]).await.expect(409).says("This term overlaps the one from 1 Jan 2026");
        staff.submit("/recognitions", &[("term_starts_on", "someday")]).await.expect(422).says("Enter a date such as");
        staff.click("Hôpital Sainte-Justine").await.expect(200);
        staff.click("Change the term from 1 Jan 2026").await.expect(200);
        let address = "/recognitions/";
        staff.submit(address, &[("conditional", ""), ("paid_on", "2026-02-01")]).await.expect(303);
        staff.follow().await.says("Recognized until 31 Dec 2027.");
        staff.click("Add a code").await.expect(200);
        staff.submit("/codes", &[("code", "chu sj"), ("cap", "0"), ("expires_on", "2026-03-01")]).await.expect(422)
            .says("at least six letters").says("Enter a number between 1 and").says("This day has passed");
        staff.submit("/codes", &[("code", "CHU-SJ 2026"), ("cap", "40"), ("expires_on", "2026-03-10")]).await.expect(303);
        staff.follow().await.says("CHU-SJ 2026").says("0 of 40").says("10 Mar 2026");
        let found = app.look(|db| hospitals::find_code(db, "CHUSJ2026")).expect("the code is found however it is typed");
        assert_eq!(found.cap, 40);
        staff.click("Change the code CHU-SJ 2026").await.expect(200);
        staff.submit("/codes/", &[("cap", "50")]).await.expect(303);
        staff.follow().await.says("0 of 50");
        app.visitor().await.open("/recognized").await.says("Hôpital Sainte-Justine").says("1 hospital is recognized");
        assert_eq!(app.run_jobs(), 2);
        for (action, times) in [("hospital.added", 1), ("hospital.domain_added", 1), ("recognition.added", 1), ("recognition.changed", 1),
            ("hospital_code.added", 1), ("hospital_code.changed", 1)] {
            assert_eq!(entries(app, action), times, "{action}");
        }
    }

    async fn a_domain_of_several_hospitals_is_marked_as_shared(app) {
        let one = app.must(|tx| hospitals::add(tx, &by_hand("One", "Town")));
        let other = app.must(|tx| hospitals::add(tx, &by_hand("Other", "Town")));
        let (first, second) = (one.clone(), other);
        app.must(move |tx| {
            hospitals::add_domain(tx, &first, "system.example")?;
            hospitals::add_domain(tx, &first, "SYSTEM.example")?;
            hospitals::add_domain(tx, &second, "system.example")
        });
        let staff = app.as_staff(Role::Owner).await;
        staff.open(&format!("/staff/hospitals/{one}")).await.says("Shared with other hospitals (2 use it)");
        staff.submit("/domains/removal", &[("domain", "system.example")]).await.expect(303);
        staff.follow().await.says("No domain yet.");
    }

    async fn staff_see_what_a_list_would_change_before_they_import_it(app) {
        let staff = app.as_staff(Role::Recognition).await;
        staff.open("/staff/hospitals/list").await;
        staff.upload("/staff/hospitals/list/preview", "list", b"").await.expect(422).says("Choose the file first.");
        staff.upload("/staff/hospitals/list/preview", "list", b"a,b\n1,2\n").await.expect(422).says("are missing");
        let list = bytes("cms_hospital_general_information_2026-02.csv.gz");
        staff.upload("/staff/hospitals/list/preview", "list", &list).await.expect(200).says("SOUTHEAST HEALTH MEDICAL CENTER").says("and 5371 more");
        assert_eq!(app.look(|db| Ok(rows::table.count().get_result::<i64>(db)?)), 0);
        staff.submit("/staff/hospitals/list", &[]).await.expect(303);
        staff.follow().await.says("5421 added, 0 changed, 0 gone, 0 as before").says("1–50 of 5421");
        staff.open("/staff/hospitals/list").await;
        staff.upload("/staff/hospitals/list/preview", "list", &list).await.expect(200).says("Nothing would change");
        staff.open("/staff/hospitals/list").await;
        staff.upload("/staff/hospitals/list/preview", "list", &bytes("demo_hospitals.csv")).await.expect(200)
            .says("This looks like a part of the list").says(&(5_421 - small_list().hospitals.len()).to_string());
        let reader = app.as_staff(Role::Auditor).await;
        reader.get("/staff/hospitals/list").await.expect(403);
        reader.open("/staff/hospitals?q=st+marys&show=").await.says_nothing_of("Import the CMS list");
    }

    async fn the_list_of_staff_is_filtered_by_where_hospitals_stand(app) {
        import(app, small_list());
        let (one, two) = (id_of(app, "010001"), id_of(app, "01014F"));
        app.must(move |tx| {
            hospitals::save_recognition(tx, &term(&one, "2025-07-01", "2027-06-30"))?;
            hospitals::save_recognition(tx, &Recognition { paid_on: None, ..term(&two, "2025-07-01", "2027-06-30") })
        });
        app.run_jobs();
        let staff = app.as_staff(Role::Registrar).await;
        staff.open("/staff/hospitals?show=recognized").await.says("SOUTHEAST HEALTH").says_nothing_of("BIRMINGHAM VA").says("1–1 of 1");
        staff.open("/staff/hospitals?show=waiting").await.says("BIRMINGHAM VA").says("Unpaid").says_nothing_of("SOUTHEAST HEALTH");
        staff.open("/staff/hospitals?show=ended").await.says("No hospital matches");
        staff.open("/staff/hospitals?show=recognized&q=birmingham").await.says("No hospital matches");
        let total = small_list().hospitals.len();
        staff.open("/staff/hospitals").await.says(&format!("1–50 of {total}"));
        staff.open("/staff/hospitals?page=3").await.says(&format!("101–{total} of {total}"));
        staff.get("/staff/hospitals/no-such-id").await.expect(404);
    }

    async fn what_is_another_hospitals_is_not_found(app) {
        let one = app.must(|tx| hospitals::add(tx, &by_hand("One", "Town")));
        let other = app.must(|tx| hospitals::add(tx, &by_hand("Other", "Town")));
        let term = term(&one, "2025-07-01", "2027-06-30");
        let (id, of) = (term.id.clone(), one.clone());
        let wanted = NewCode { event: None, code: String::new(), cap: 5, expires_on: day("2026-03-10") };
        let code = app.must(move |tx| {
            hospitals::save_recognition(tx, &term)?;
            hospitals::add_code(tx, &of, &wanted)
        });
        app.run_jobs();
        assert!(code.code.starts_with("HOSP-"), "{}", code.code);
        let staff = app.as_staff(Role::Owner).await;
        staff.get(&format!("/staff/hospitals/{one}/recognitions/{id}")).await.expect(200);
        staff.get(&format!("/staff/hospitals/{other}/recognitions/{id}")).await.expect(404);
        staff.get(&format!("/staff/hospitals/{one}/codes/{}", code.id)).await.expect(200);
        staff.get(&format!("/staff/hospitals/{other}/codes/{}", code.id)).await.expect(404);
        assert!(app.look(|db| Ok(terms::get_recognition(db, &other, &id).is_err() && codes::codes(db, &other)?.is_empty())));
    }
}
