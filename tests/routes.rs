//! Every address, asked for by nobody, an attendee and every role: the route table says who may, the answers agree (ACC-2).

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use crate::support::visitor::{Answer, Api, Visitor};
use actix_web::http::Method;
use diesel::prelude::*;
use lanyard::db::schema::{api_tokens, letters, staff_roles};
use lanyard::devices::{self, NewDevice};
use lanyard::registration::Registration;
use lanyard::routes::{Access, Entry, table};
use lanyard::staff::{self, Permission, Role};
use serde_json::json;
use std::collections::BTreeMap;

/// An event with somebody in it, and something real for the names in paths.
struct Place {
    registration: Registration,
    stranger: Registration,
    known: BTreeMap<&'static str, String>,
}

impl Place {
    fn prepare(app: &TestApp) -> Self {
        app.ignore_letters();
        app.ignore_jobs();
        let event = a_congress().make(app);
        let registration = a_registration(&event).in_sessions(&["B1"]).make(app);
        let stranger = a_registration(&event).make(app);
        a_congress().event("slug = 'another'").make(app);
        let id = registration.id.clone();
        let (member, role, token, letter) = app.must(move |tx| {
            let member = staff::add(tx, "victim@staff.example", "Vic Tim", Role::Content, None)?;
            let role: String = staff_roles::table.filter(staff_roles::staff_id.eq(&member)).select(staff_roles::id).first(tx.db)?;
            staff::create_token(tx, "victim", Role::Content, None, None)?;
            let token: String = api_tokens::table.filter(api_tokens::label.eq("victim")).select(api_tokens::id).first(tx.db)?;
            let letter: String = letters::table.filter(letters::registration_id.eq(&id)).select(letters::id).first(tx.db)?;
            Ok((member.to_string(), role, token, letter))
        });
        let new = NewDevice { name: "Phone 1".to_owned(), doors: Vec::new(), every_door: true, may_override: false, hours: Some(4) };
        let of_event = event.clone();
        let device = app.must(move |tx| Ok(devices::create(tx, &of_event, &new)?.0.id.to_string()));
        let known = BTreeMap::from([
            ("event", event.slug),
            ("session", "B1".to_owned()),
            ("checkpoint", "door-B1".to_owned()),
            ("registration", registration.code.clone()),
            ("file", "app.css".to_owned()),
            ("member", member),
            ("role", role),
            ("token", token),
            ("letter", letter),
            ("device", device),
            ("report", "pars".to_owned()),
        ]);
        Self { registration, stranger, known }
    }

    /// The path with everything filled in; `instead` replaces one name's value.
    fn path(&self, entry: &Entry, instead: Option<(&str, &str)>) -> String {
        let mut path = String::new();
        let mut rest = entry.path;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after.split_once('}').expect("a closed name");
            let name = inside.split(':').next().unwrap_or_default();
            let known = self.known.get(name).map_or("no-such-thing", String::as_str);
            let value = instead.filter(|(replaced, _)| *replaced == name).map_or(known, |(_, value)| value);
            path.push_str(before);
            path.push_str(value);
            rest = after;
        }
        path + rest
    }
}

fn names(entry: &Entry) -> Vec<&'static str> {
    entry.path.split('{').skip(1).filter_map(|part| part.split(['}', ':']).next()).collect()
}

fn is_api(entry: &Entry) -> bool {
    entry.path.starts_with("/api/")
}

/// Somebody who asks: a browser for pages, a program for the API.
struct Asker {
    name: String,
    browser: Visitor,
    api: Api,
}

impl Asker {
    async fn ask(&self, entry: &Entry, path: &str) -> Answer {
        let answer = if is_api(entry) {
            match entry.method {
                Method::GET => self.api.get(path).await,
                Method::DELETE => self.api.delete(path).await,
                _ => self.api.post(path, json!({})).await,
            }
        } else if entry.method == Method::GET {
            self.browser.get(path).await
        } else if entry.method == Method::PATCH {
            self.by_script(Method::PATCH, path).await
        } else {
            // A form of this browser with nothing filled in: a plain one, one with files, or what a script sends.
            let token = self.form_token().await;
            let plain = self.browser.post_exactly(path, &[("csrf", &token)]).await;
            let with_files = if plain.status == 403 { self.browser.post_with_files(path, &[("csrf", &token)]).await } else { plain };
            if with_files.status == 403 { self.by_script(Method::POST, path).await } else { with_files }
        };
        assert_ne!(answer.status, 500, "{} asks {} {path}: {}", self.name, entry.method, answer.text());
        answer
    }

    async fn by_script(&self, method: Method, path: &str) -> Answer {
        self.browser.open("/staff/sign-in").await;
        self.browser.script(method, path, &json!({})).await
    }

    async fn form_token(&self) -> String {
        self.browser.open("/staff/sign-in").await;
        self.browser.form_token().unwrap_or_default()
    }
}

/// How an answer looks to who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    SignInFirst,
    Forbidden,
    NotThere,
    Open,
}

fn look(answer: &Answer) -> Look {
    let to_sign_in = || answer.location().starts_with("/sign-in") || answer.location().starts_with("/staff/sign-in");
    match answer.status {
        401 => Look::SignInFirst,
        303 if to_sign_in() && answer.location().contains("next=") => Look::SignInFirst,
        403 => Look::Forbidden,
        404 => Look::NotThere,
        _ => Look::Open,
    }
}

async fn nobody(app: &TestApp) -> Asker {
    Asker { name: "nobody".to_owned(), browser: app.visitor().await, api: app.public_api().await }
}

async fn staff_with(app: &TestApp, role: Role) -> Asker {
    Asker { name: role.to_string(), browser: app.as_staff(role).await, api: app.api(role).await }
}

/// Every line of the table where somebody's answer is not what the table promises.
async fn breaches(asker: &Asker, place: &Place, expected: impl Fn(&Entry) -> Option<Vec<Look>>) -> Vec<String> {
    let mut breaches = Vec::new();
    for entry in table() {
        let Some(expected) = expected(&entry) else { continue };
        let path = place.path(&entry, None);
        let answer = asker.ask(&entry, &path).await;
        if !expected.contains(&look(&answer)) {
            breaches.push(format!(
                "{} asks {} {path} ({:?}): {} {:?}, not {expected:?}",
                asker.name,
                entry.method,
                entry.access,
                answer.status,
                look(&answer)
            ));
        }
    }
    breaches
}

/// Signing out ends the sign-in that the walk goes on with.
fn ends_the_walk(entry: &Entry) -> bool {
    entry.path.ends_with("/sign-out")
}

/// The second step of an import.
fn imports(entry: &Entry) -> bool {
    entry.method == Method::POST && (entry.path.ends_with("/event-document") || entry.path.ends_with("/setup/schedule"))
}

on_both! {
    async fn nobody_gets_only_what_is_public(app) {
        let place = Place::prepare(app);
        let found = breaches(&nobody(app).await, &place, |entry| match entry.access {
            Access::Public => Some(vec![Look::Open, Look::NotThere]),
            Access::Demo => Some(vec![Look::NotThere]),
            Access::Attendee | Access::Staff(_) | Access::Owner(_) => Some(vec![Look::SignInFirst]),
        })
        .await;
        // The meters want a token of their own.
        let found: Vec<String> = found.into_iter().filter(|breach| !breach.contains("/metrics")).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    async fn each_role_gets_what_the_table_gives_it(app) {
        let place = Place::prepare(app);
        let mut found = Vec::new();
        for role in Role::ALL {
            let asker = staff_with(app, *role).await;
            let expected = |entry: &Entry| match entry.access {
                _ if ends_the_walk(entry) => None,
                // The second step of an import takes the first step's file back; a form without it is too old.
                Access::Staff(permission) if role.may(permission) && imports(entry) => Some(vec![Look::Forbidden]),
                Access::Staff(permission) if role.may(permission) => Some(vec![Look::Open, Look::NotThere]),
                Access::Staff(_) => Some(vec![Look::Forbidden]),
                Access::Owner(permission) if role.may(permission) => Some(vec![Look::Open, Look::NotThere]),
                Access::Owner(_) => Some(vec![Look::Forbidden, Look::NotThere]),
                Access::Public | Access::Attendee | Access::Demo => None,
            };
            found.extend(breaches(&asker, &place, expected).await);
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    async fn a_role_for_one_event_ends_there(app) {
        let place = Place::prepare(app);
        let another = app.look(|db| lanyard::events::get(db, "another"));
        let browser = app.as_staff_of(Role::Owner, Some(another.id.clone())).await;
        let asker = Asker { name: "owner of another event".to_owned(), browser, api: app.api_of(Role::Owner, Some(another.id)).await };
        let found = breaches(&asker, &place, |entry| match entry.access {
            Access::Staff(permission) if !permission.is_about_one_event() => Some(vec![Look::Forbidden]),
            Access::Staff(_) if names(entry).contains(&"event") => Some(vec![Look::Forbidden]),
            Access::Owner(_) if names(entry).contains(&"registration") => Some(vec![Look::Forbidden, Look::NotThere]),
            _ => None,
        })
        .await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    async fn an_attendee_gets_their_own_and_nothing_of_others(app) {
        let place = Place::prepare(app);
        let browser = app.as_attendee(&place.registration).await;
        let mut found = Vec::new();
        for entry in table().into_iter().filter(|entry| !ends_the_walk(entry)) {
            let path = place.path(&entry, None);
            let others = place.path(&entry, Some(("registration", &place.stranger.code)));
            let (own, others) = (as_script(&browser, &entry, &path).await, as_script(&browser, &entry, &others).await);
            let fits = match entry.access {
                Access::Staff(_) => look(&own) == Look::SignInFirst,
                Access::Owner(_) | Access::Attendee if names(&entry).contains(&"registration") => {
                    matches!(look(&own), Look::Open | Look::NotThere) && look(&others) == Look::NotThere
                }
                Access::Attendee => matches!(look(&own), Look::Open | Look::NotThere),
                _ => true,
            };
            if !fits {
                found.push(format!("{} {path} ({:?}): own {}, others' {}", entry.method, entry.access, own.status, others.status));
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    async fn no_form_is_taken_without_its_token(app) {
        let place = Place::prepare(app);
        let owner = app.as_staff(Role::Owner).await;
        let attendee = app.as_attendee(&place.registration).await;
        let mut found = Vec::new();
        for entry in table().into_iter().filter(|entry| entry.method == Method::POST && !is_api(entry)) {
            let browser = if matches!(entry.access, Access::Attendee) { &attendee } else { &owner };
            browser.open("/events").await;
            let path = place.path(&entry, None);
            for token in [None, Some("0000")] {
                let fields: Vec<(&str, &str)> = token.map(|token| ("csrf", token)).into_iter().collect();
                let answer = browser.post_exactly(&path, &fields).await;
                let hidden = entry.access == Access::Demo && answer.status == 404;
                if answer.status != 403 && !hidden {
                    found.push(format!("{path} with {token:?}: {}", answer.status));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    async fn what_is_not_there_is_not_found(app) {
        let place = Place::prepare(app);
        let owner = staff_with(app, Role::Owner).await;
        let attendee = Asker { name: "attendee".to_owned(), browser: app.as_attendee(&place.registration).await, api: app.public_api().await };
        let mut found = Vec::new();
        for entry in table() {
            if entry.access == Access::Demo || ends_the_walk(&entry) {
                continue;
            }
            for name in names(&entry) {
                let path = place.path(&entry, Some((name, "no-such-thing")));
                let asker = if entry.access == Access::Attendee { &attendee } else { &owner };
                let answer = asker.ask(&entry, &path).await;
                // An empty form or document may be refused before anything is looked for.
                let refused_first = entry.method != Method::GET && answer.status == 422;
                // A link that was used is gone, and so is one that never was.
                let is_gone = answer.status == 410 || (imports(&entry) && answer.status == 403);
                if answer.status != 404 && !is_gone && !refused_first {
                    found.push(format!("{} {path}: {}", entry.method, answer.status));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

/// What a signed-in browser gets, for the API as a script of ours asks.
async fn as_script(browser: &Visitor, entry: &Entry, path: &str) -> Answer {
    browser.open("/staff/sign-in").await;
    let token = browser.form_token().unwrap_or_default();
    let answer = if (is_api(entry) && entry.method != Method::GET) || entry.method == Method::PATCH {
        browser.script(entry.method.clone(), path, &json!({})).await
    } else if entry.method == Method::GET {
        browser.get(path).await
    } else {
        browser.post_exactly(path, &[("csrf", &token)]).await
    };
    assert_ne!(answer.status, 500, "an attendee asks {} {path}: {}", entry.method, answer.text());
    answer
}

#[test]
fn every_permission_guards_something() {
    let guards = |permission: Permission| {
        table().iter().any(|entry| matches!(entry.access, Access::Staff(guard) | Access::Owner(guard) if guard == permission))
    };
    assert!(guards(Permission::ManageStaff));
    // What has no address yet would be a permission that protects nothing.
    let idle: Vec<Permission> = ALL_PERMISSIONS.iter().copied().filter(|permission| !guards(*permission)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

const ALL_PERMISSIONS: [Permission; 20] = [
    Permission::AnswerQuestions,
    Permission::EditLicenses,
    Permission::SeeCredits,
    Permission::EditCredits,
    Permission::CorrectAttendance,
    Permission::EnterBackOffice,
    Permission::SetUpEvents,
    Permission::EditAgenda,
    Permission::SeePeople,
    Permission::EditRegistrations,
    Permission::GiveSignInCodes,
    Permission::RecordPayments,
    Permission::DecideDiscounts,
    Permission::ScanBadges,
    Permission::PairDevices,
    Permission::PrintBadges,
    Permission::HandOutBadges,
    Permission::EditHospitals,
    Permission::SeeHospitals,
    Permission::ManageStaff,
];
