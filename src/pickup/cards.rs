//! What the desk knows of a person: one card each, for the search, for handing out, and for the list on the laptop.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;

use crate::badges::{self, rules::Read};
use crate::checkin::lookup::event_of_badge;
use crate::checkin::rules::{Asked, Decision, Direction, Holder, Kind, Seen, decide, time_of_scan};
use crate::checkin::{Door, Shown, roster};
use crate::clock::Instant;
use crate::db::schema::{badges as badge_rows, checkpoints, hospitals, printed_badges, prints, registration_types, registrations, scans};
use crate::db::{Db, Either};
use crate::desk::history::{Names, split_label};
use crate::error::{Error, Result};
use crate::events::rules::{instant_words, time_words};
use crate::ids::{BadgeId, EventId, RegistrationId};
use crate::money::format_cents;
use crate::orders::balance::OwedCents;
use crate::people::rules::fold;
use crate::registration::{self, Registration};

/// So many people are listed; one more letter finds fewer.
const MOST_LISTED: usize = 12;
/// What is longer is no name.
const LONGEST_SEARCH: usize = 100;

/// A person as the desk knows them. It has no e-mail, and what they need only where the reader may see that.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// The registration's code.
    pub code: String,
    pub name: String,
    /// Credentials, organization and city, as on the badge.
    pub line: String,
    /// The name of the registration type.
    pub kind: String,
    /// What a search without the server looks in, folded.
    pub words: String,
    /// A hash of the badge's token, by which a scanned code is found.
    pub badge: Option<String>,
    pub holder: Holder,
    pub picked_up: Option<PickedUp>,
    /// When the badge was last printed, in words.
    pub printed: Option<String>,
    /// What is to pay, in words.
    pub owes: Option<String>,
    /// Something is noted under accommodation, and the reader may know it.
    pub accommodation: bool,
    /// What is noted there; never leaves the server with the list.
    #[serde(skip)]
    pub needs: String,
}

/// Who handed a badge out, when and where.
#[derive(Clone, Debug, Serialize)]
pub struct PickedUp {
    pub when: String,
    pub by: String,
    pub desk: String,
}

/// What came of a search.
pub enum Found {
    People {
        cards: Vec<Card>,
        /// There are more than are listed.
        more: bool,
    },
    /// A code was read that is nobody's badge here.
    Code(Decision),
}

/// Whom a scanned code or typed words mean.
pub fn find(db: &mut Db, door: &Door, typed: &str, sees_needs: bool, now: Instant) -> Result<Found> {
    let unread = |seen: Seen| {
        let asked = Asked { direction: Direction::In, at: now, is_overridden: false };
        Ok(Found::Code(decide(&door.place, &seen, &asked)))
    };
    match badges::rules::read(typed, &door.event.tag_key) {
        Read::Ours(number) => match of_badge(db, door, &number, sees_needs, now)? {
            Some(card) => Ok(Found::People { cards: vec![card], more: false }),
            None => unread(Seen::Missing),
        },
        Read::WrongTag(number) => {
            let event = event_of_badge(db, &number)?;
            let fits = event.is_some_and(|event| matches!(badges::rules::read(typed, &event.tag_key), Read::Ours(_)));
            unread(if fits { Seen::OtherEvent } else { Seen::Forged })
        }
        Read::Damaged => unread(Seen::Damaged),
        Read::Foreign if typed.contains("://") || typed.chars().count() > LONGEST_SEARCH => unread(Seen::Foreign),
        Read::Foreign => by_words(db, door, typed, sees_needs, now),
    }
}

fn by_words(db: &mut Db, door: &Door, typed: &str, sees_needs: bool, now: Instant) -> Result<Found> {
    if typed.trim().is_empty() {
        return Ok(Found::People { cards: Vec::new(), more: false });
    }
    let limit = i64::try_from(MOST_LISTED + 1).map_err(Error::internal)?;
    let mut ids: Vec<RegistrationId> = registration::search::matching(&door.event.id, typed)
        .order((registrations::family_name.asc(), registrations::given_name.asc(), registrations::id.asc()))
        .limit(limit)
        .select(registrations::id)
        .load(db)?;
    let more = ids.len() > MOST_LISTED;
    ids.truncate(MOST_LISTED);
    Ok(Found::People { cards: cards(db, door, Some(&ids), sees_needs, now)?, more })
}

/// The card of whoever has this badge; an old badge shows as such.
fn of_badge(db: &mut Db, door: &Door, number: &str, sees_needs: bool, now: Instant) -> Result<Option<Card>> {
    let found: Option<(RegistrationId, Option<Instant>)> = badge_rows::table
        .inner_join(registrations::table)
        .filter(badge_rows::number.eq(number))
        .filter(registrations::event_id.eq(&door.event.id))
        .select((registrations::id, badge_rows::revoked_at))
        .first(db)
        .optional()?;
    let Some((id, revoked_at)) = found else { return Ok(None) };
    let card = cards(db, door, Some(&[id]), sees_needs, now)?.into_iter().next();
    Ok(card.map(|card| Card { holder: Holder { is_revoked: revoked_at.is_some(), ..card.holder }, ..card }))
}

/// The card of this registration of the door's event, or not found.
pub fn get(db: &mut Db, door: &Door, code: &str, sees_needs: bool, now: Instant) -> Result<Card> {
    let found = registration::get(db, code)?;
    if found.event_id != door.event.id {
        return Err(Error::NotFound);
    }
    cards(db, door, Some(&[found.id]), sees_needs, now)?.into_iter().next().ok_or(Error::NotFound)
}

type Row = (Registration, String, Option<BadgeId>, Option<String>, Option<String>, Option<String>, i64);

/// The cards of these registrations, or of everyone at the event, by family and given name.
pub fn cards(db: &mut Db, door: &Door, only: Option<&[RegistrationId]>, sees_needs: bool, now: Instant) -> Result<Vec<Card>> {
    let current = badge_rows::registration_id.eq(registrations::id).and(badge_rows::revoked_at.is_null());
    let mut query = registrations::table
        .inner_join(registration_types::table)
        .left_join(hospitals::table)
        .left_join(badge_rows::table.on(current))
        .filter(registrations::event_id.eq(&door.event.id))
        .order((registrations::family_name.asc(), registrations::given_name.asc(), registrations::id.asc()))
        .select((
            Registration::as_select(),
            registration_types::name,
            badge_rows::id.nullable(),
            badge_rows::number.nullable(),
            hospitals::city.nullable(),
            hospitals::state.nullable(),
            OwedCents,
        ))
        .into_boxed::<Either>();
    if let Some(only) = only {
        query = query.filter(registrations::id.eq_any(only));
    }
    let rows: Vec<Row> = query.load(db)?;
    let badges: Option<Vec<BadgeId>> = only.map(|_| rows.iter().filter_map(|row| row.2.clone()).collect());
    let (picked_up, printed) = (pick_ups(db, &door.event.id, badges.as_deref())?, printed(db, &door.event.id, badges.as_deref())?);
    let names = Names::of(db, picked_up.values().map(|one| split_label(&one.actor)))?;
    let known = Known { door, picked_up, printed, names, sees_needs, now };
    rows.into_iter().map(|row| known.card(row)).collect()
}

/// What was read beside the registrations themselves.
struct Known<'a> {
    door: &'a Door,
    picked_up: HashMap<BadgeId, HandedOut>,
    printed: HashMap<BadgeId, Instant>,
    names: Names,
    sees_needs: bool,
    now: Instant,
}

/// The scan that handed a badge out.
struct HandedOut {
    at: Instant,
    actor: String,
    desk: String,
}

impl Known<'_> {
    fn card(&self, (registration, kind, badge, number, city, state, owed_cents): Row) -> Result<Card> {
        let event = &self.door.event;
        let token = number.map(|number| badges::rules::token(&number, &event.tag_key));
        let token =
            token.map(|token| token.ok_or_else(|| Error::internal("a badge's number or the event's key is not hex"))).transpose()?;
        let handed_out = badge.as_ref().and_then(|badge| self.picked_up.get(badge));
        let place = [city.unwrap_or_default(), state.unwrap_or_default()];
        let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let line = [registration.credentials.as_str(), &registration.organization, &place];
        let words = [&registration.family_name, &registration.given_name, &registration.badge_name, &registration.organization];
        let words = words.into_iter().chain([&registration.code]).map(|part| fold(part)).collect::<Vec<_>>().join(" ");
        let needs = if self.sees_needs { registration.accommodation } else { String::new() };
        Ok(Card {
            line: line.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
            words,
            kind,
            badge: token.as_deref().map(roster::place_of),
            holder: Holder {
                is_revoked: false,
                status: registration.status,
                owes: owed_cents > 0,
                is_covered: false,
                seat: None,
                free_seats: None,
                unclaimed_seats: 0,
                ahead: 0,
                given_away_at: None,
                here_since: handed_out.map(|one| one.at),
            },
            picked_up: handed_out.map(|one| PickedUp {
                when: self.when(one.at),
                by: self.names.of_label(&one.actor),
                desk: one.desk.clone(),
            }),
            printed: badge.and_then(|badge| self.printed.get(&badge)).map(|at| self.when(*at)),
            owes: (owed_cents > 0).then(|| format_cents(owed_cents, &event.currency)),
            accommodation: !needs.is_empty(),
            needs,
            code: registration.code,
            name: registration.badge_name,
        })
    }

    /// `7:42 AM` of today, with its day otherwise.
    fn when(&self, at: Instant) -> String {
        let zone = self.door.place.zone;
        if at.date_in(zone) == self.now.date_in(zone) { time_words(at, zone) } else { instant_words(at, zone) }
    }
}

/// A scan at a desk as it is stored.
#[derive(Queryable)]
struct DeskScan {
    badge: BadgeId,
    direction: Direction,
    scanned_at: Instant,
    clock_offset_ms: i64,
    received_at: Instant,
    offline: bool,
    answer: String,
    actor: String,
    desk: String,
}

/// The scan that handed each badge out, at whichever desk; who gave it back since has none.
fn pick_ups(db: &mut Db, event: &EventId, only: Option<&[BadgeId]>) -> Result<HashMap<BadgeId, HandedOut>> {
    let mut all = scans::table
        .inner_join(checkpoints::table)
        .filter(checkpoints::event_id.eq(event))
        .filter(checkpoints::kind.eq(Kind::BadgePickup))
        .filter(scans::badge_id.is_not_null())
        .select((
            scans::badge_id.assume_not_null(),
            scans::direction,
            scans::scanned_at,
            scans::clock_offset_ms,
            scans::received_at,
            scans::offline,
            scans::answer,
            scans::actor,
            checkpoints::name,
        ))
        .into_boxed::<Either>();
    if let Some(only) = only {
        // Scans are found by person; there is no index of them by badge.
        let people = badge_rows::table.filter(badge_rows::id.eq_any(only)).select(badge_rows::registration_id.nullable());
        all = all.filter(scans::registration_id.eq_any(people)).filter(scans::badge_id.eq_any(only));
    }
    // A laptop's clock may be off, so they are told by our time.
    let ours = |scan: DeskScan| (time_of_scan(Some(scan.scanned_at), scan.clock_offset_ms, scan.received_at, scan.offline).0, scan);
    let mut rows: Vec<(Instant, DeskScan)> = all.load::<DeskScan>(db)?.into_iter().map(ours).collect();
    rows.sort_by_key(|(at, scan)| (*at, scan.received_at));
    let mut handed_out = HashMap::new();
    for (at, DeskScan { badge, direction, answer, actor, desk, .. }) in rows {
        let shown: Shown = serde_json::from_str(&answer).map_err(Error::internal)?;
        match direction {
            _ if !shown.lets_pass => {}
            Direction::In => drop(handed_out.insert(badge, HandedOut { at, actor, desk })),
            Direction::Out => drop(handed_out.remove(&badge)),
        }
    }
    Ok(handed_out)
}

/// When each badge was last printed.
fn printed(db: &mut Db, event: &EventId, only: Option<&[BadgeId]>) -> Result<HashMap<BadgeId, Instant>> {
    let mut query = printed_badges::table
        .inner_join(prints::table)
        .filter(prints::event_id.eq(event))
        .order(prints::id.asc())
        .select((printed_badges::badge_id, prints::printed_at))
        .into_boxed::<Either>();
    if let Some(only) = only {
        query = query.filter(printed_badges::badge_id.eq_any(only));
    }
    // The later ones take the place of the earlier.
    Ok(query.load::<(BadgeId, Instant)>(db)?.into_iter().collect())
}
