//! What a hospital's people learned about, by evidence of attendance: numbers and never names, for its coordinator's link
//! and for staff.

use std::collections::{BTreeMap, HashMap, HashSet};

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::drawing::draw;
use super::pages::ATTESTS_NOTHING;
use super::rules::{self, Shown, shown};
use super::{Catalogue, links};
use crate::agenda::{self, Session};
use crate::app::App;
use crate::checkin::presence::ExitRule;
use crate::clock::Instant;
use crate::credits::evidence;
use crate::db::Db;
use crate::error::Result;
use crate::evaluations::rules::FEWEST_SHOWN;
use crate::events::{self, Event, rules as days};
use crate::hospitals::{self, Hospital};
use crate::http::{Asker, Page};
use crate::ids::{EventId, HospitalId, PersonId, SessionId};
use crate::registration;

/// What the page of a hospital needs to know.
pub struct Learned {
    hospital: Hospital,
    catalogue: Catalogue,
    /// People of the hospital with a registration, whatever event it is for.
    people: i64,
    /// How many of them were in a session about each code; a domain counts whoever was in any of its sessions.
    counts: BTreeMap<&'static str, i64>,
    /// The next session about each code.
    next: HashMap<&'static str, Next>,
    now: Instant,
}

struct Next {
    title: String,
    event: String,
    href: String,
    when: String,
}

/// Reads what is known of a hospital.
pub fn learned(db: &mut Db, id: &HospitalId, now: Instant) -> Result<Learned> {
    let hospital = hospitals::get(db, id)?;
    let events: HashMap<EventId, Event> = events::list(db, false)?.into_iter().map(|event| (event.id.clone(), event)).collect();
    let tagged: HashMap<SessionId, Session> = agenda::queries::with_pssm(db)?.into_iter().map(|one| (one.id.clone(), one)).collect();
    let own: Vec<_> = registration::of_hospital(db, id)?.into_iter().filter(|one| events.contains_key(&one.event_id)).collect();
    let people: HashSet<&PersonId> = own.iter().map(|registration| &registration.person_id).collect();
    let mut who: BTreeMap<&'static str, HashSet<PersonId>> = BTreeMap::new();
    let mut evidence_of = evidence::of_registrations(db, &own)?;
    for registration in &own {
        for (session, seen) in evidence_of.remove(&registration.id).unwrap_or_default() {
            let Some((session, event)) = tagged.get(&session).and_then(|one| Some((one, events.get(&one.event_id)?))) else { continue };
            if evidence::is_evidence(seen.attended(session, ExitRule::of(event)).as_ref()) {
                for code in codes_of(session) {
                    who.entry(code).or_default().insert(registration.person_id.clone());
                }
            }
        }
    }
    let count = |who: &HashSet<PersonId>| i64::try_from(who.len()).unwrap_or(i64::MAX);
    Ok(Learned {
        people: i64::try_from(people.len()).unwrap_or(i64::MAX),
        counts: who.iter().map(|(code, who)| (*code, count(who))).collect(),
        next: next_sessions(&tagged, &events, now),
        catalogue: super::on(db, now.date_in(chrono_tz::Tz::UTC))?,
        hospital,
        now,
    })
}

/// The statements and domains that a session is about or touches, and the domains of those statements.
fn codes_of(session: &Session) -> HashSet<&'static str> {
    let named = rules::about(&session.pssm, &session.pssm_also).into_iter().map(|(code, _)| code);
    named.chain(rules::domains_of(&session.pssm, &session.pssm_also)).collect()
}

fn next_sessions(tagged: &HashMap<SessionId, Session>, events: &HashMap<EventId, Event>, now: Instant) -> HashMap<&'static str, Next> {
    let mut coming: Vec<(&Session, &Event)> = tagged
        .values()
        .filter(|session| session.starts_at > now)
        .filter_map(|session| Some((session, events.get(&session.event_id)?)))
        .collect();
    coming.sort_by_key(|(session, _)| (session.starts_at, session.code.clone()));
    let mut next = HashMap::new();
    for (session, event) in coming {
        for code in codes_of(session) {
            next.entry(code).or_insert_with(|| Next {
                title: session.title.clone(),
                event: event.name.clone(),
                href: format!("/events/{}/sessions/{}", event.slug, session.code),
                when: format!("{} {}", days::span_words(session.starts_at, session.ends_at, event.zone()), days::zone_words(event.zone())),
            });
        }
    }
    next
}

impl Learned {
    fn shown(&self, code: &str) -> Shown {
        shown(self.counts.get(code).copied().unwrap_or_default(), FEWEST_SHOWN)
    }

    fn next(&self, code: &str) -> Value {
        json!(self.next.get(code).map(|next| json!({ "title": next.title, "event": next.event, "href": next.href, "when": next.when })))
    }

    /// The page's fields.
    pub fn view(&self) -> Value {
        let words = |code: &str| self.catalogue.words_of(code).unwrap_or_default().to_owned();
        let statement = |code: &'static str| {
            json!({ "code": code, "words": words(code), "people": self.shown(code).words(), "is_missing": self.shown(code) == Shown::Nobody,
                "next": self.next(code) })
        };
        let domain = |code: &'static str| {
            json!({ "code": code, "words": words(code), "people": self.shown(code).words(), "is_missing": self.shown(code) == Shown::Nobody,
                "next": self.next(code), "statements": rules::statements_of(code).map(statement).collect::<Vec<_>>() })
        };
        let picture = draw(|code| {
            let shown = self.shown(code);
            let text = match shown {
                Shown::Nobody => "–".to_owned(),
                Shown::Fewer(fewest) => format!("< {fewest}"),
                Shown::Count(count) => count.to_string(),
            };
            (shown.level(), text, format!("{code}, {}", shown.words()))
        });
        let missing: Vec<Value> = rules::domains().filter(|code| self.shown(code) == Shown::Nobody).map(domain).collect();
        let place = [self.hospital.city.as_str(), self.hospital.state.as_str()];
        json!({
            "hospital": self.hospital.name, "place": place.join(", "), "people": shown(self.people, FEWEST_SHOWN).words(),
            "has_people": self.people > 0, "framework": self.catalogue.version.framework, "address": self.catalogue.version.address,
            "attests_nothing": ATTESTS_NOTHING, "picture": picture, "domains": rules::domains().map(domain).collect::<Vec<_>>(),
            "missing": missing, "fewest": FEWEST_SHOWN, "as_of": days::instant_words(self.now, chrono_tz::Tz::America__New_York),
        })
    }
}

/// `GET /pssm/{secret}`: the page of a hospital, for whoever holds its link.
pub async fn show(app: web::Data<App>, asker: Asker, secret: web::Path<String>) -> Result<HttpResponse> {
    app.limits.public.take_address(&asker.address)?;
    let now = app.now();
    let found = app
        .read(move |db| {
            let hospital = links::hospital_of(db, &secret, now)?;
            learned(db, &hospital, now)
        })
        .await?;
    let mut view = found.view();
    view["staff"] = json!(null);
    Page::new(&app, &asker, "pssm/learned").render(&view)
}
