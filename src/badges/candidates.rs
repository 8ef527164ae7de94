//! Who may get a badge printed, in the order of the alphabet, with what was printed before.

use std::collections::HashMap;

use diesel::prelude::*;

use super::Badge;
use super::layouts::{Front, name_parts};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{badges, hospitals, printed_badges, prints, registrations};
use crate::error::{Error, Result};
use crate::ids::{BadgeId, EventId, RegistrationId, RegistrationTypeId};
use crate::pricing;
use crate::registration::{Registration, Status};

crate::words! {
    /// Whose badges are printed.
    Whom { Unprinted => "unprinted", Changed => "changed", Everyone => "everyone" }
}

impl Whom {
    /// What staff choose.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unprinted => "Whose badge was not printed yet",
            Self::Changed => "Whose badge reads otherwise since it was printed",
            Self::Everyone => "Everyone",
        }
    }
}

/// Which badges of an event are looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub whom: Whom,
    pub kind: Option<RegistrationTypeId>,
    /// One person alone, whatever was printed before.
    pub one: Option<RegistrationId>,
}

/// The latest print of a badge.
#[derive(Clone, Debug)]
pub struct Printed {
    pub at: Instant,
    pub front: Front,
}

/// Somebody with a badge.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub registration: Registration,
    pub badge: Badge,
    pub front: Front,
    pub printed: Option<Printed>,
}

impl Candidate {
    /// Whether the badge reads otherwise than when it was last printed.
    pub fn has_changed(&self) -> bool {
        self.printed.as_ref().is_some_and(|printed| printed.front != self.front)
    }

    /// Whether this is one of them.
    pub fn is_among(&self, whom: Whom) -> bool {
        match whom {
            Whom::Unprinted => self.printed.is_none(),
            Whom::Changed => self.has_changed(),
            Whom::Everyone => true,
        }
    }
}

/// Everyone with a confirmed registration and a badge who fits, by family and given name.
pub fn find(db: &mut Db, event: &EventId, wanted: &Wanted) -> Result<Vec<Candidate>> {
    let everyone = all(db, event, wanted.one.as_ref())?;
    let fits = |candidate: &Candidate| {
        let of_kind = wanted.kind.as_ref().is_none_or(|kind| *kind == candidate.registration.registration_type_id);
        wanted.one.is_some() || (of_kind && candidate.is_among(wanted.whom))
    };
    Ok(everyone.into_iter().filter(fits).collect())
}

fn all(db: &mut Db, event: &EventId, one: Option<&RegistrationId>) -> Result<Vec<Candidate>> {
    let kinds: HashMap<RegistrationTypeId, String> = pricing::list_types(db, event)?.into_iter().map(|kind| (kind.id, kind.name)).collect();
    let mut query = registrations::table
        .inner_join(badges::table)
        .left_join(hospitals::table)
        .filter(registrations::event_id.eq(event))
        .filter(registrations::status.eq(Status::Confirmed))
        .filter(badges::revoked_at.is_null())
        // The search key begins with family and given name, folded.
        .order((registrations::search_key.asc(), registrations::id.asc()))
        .select((Registration::as_select(), Badge::as_select(), hospitals::city.nullable(), hospitals::state.nullable()))
        .into_boxed::<crate::db::Either>();
    if let Some(one) = one {
        query = query.filter(registrations::id.eq(one));
    }
    let rows: Vec<(Registration, Badge, Option<String>, Option<String>)> = query.load(db)?;
    let mut printed = printed(db, event, one.and(rows.first().map(|(_, badge, ..)| &badge.id)))?;
    let candidates = rows.into_iter().map(|(registration, badge, city, state)| {
        let place = [city, state].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let kind = kinds.get(&registration.registration_type_id).cloned().unwrap_or_default();
        let front = front_of(&registration, kind, place);
        Candidate { printed: printed.remove(&badge.id), front, badge, registration }
    });
    Ok(candidates.collect())
}

/// What a registration's badge says.
fn front_of(registration: &Registration, kind: String, city: String) -> Front {
    let (first, rest) = name_parts(&registration.badge_name, &registration.family_name);
    Front { first, rest, credentials: registration.credentials.clone(), organization: registration.organization.clone(), city, kind }
}

/// The latest print of each badge of an event, or of one badge.
fn printed(db: &mut Db, event: &EventId, one: Option<&BadgeId>) -> Result<HashMap<BadgeId, Printed>> {
    let mut query = printed_badges::table
        .inner_join(prints::table)
        .filter(prints::event_id.eq(event))
        .order(prints::id.asc())
        .select((printed_badges::badge_id, printed_badges::front, prints::printed_at))
        .into_boxed::<crate::db::Either>();
    if let Some(one) = one {
        query = query.filter(printed_badges::badge_id.eq(one));
    }
    let mut latest = HashMap::new();
    for (badge, front, at) in query.load::<(BadgeId, String, Instant)>(db)? {
        let front = serde_json::from_str(&front).map_err(Error::internal)?;
        latest.insert(badge, Printed { at, front });
    }
    Ok(latest)
}

/// When the badge was last printed.
pub fn last_printed(db: &mut Db, badge: &BadgeId) -> Result<Option<Instant>> {
    Ok(printed_badges::table
        .inner_join(prints::table)
        .filter(printed_badges::badge_id.eq(badge))
        .order(prints::id.desc())
        .select(prints::printed_at)
        .first(db)
        .optional()?)
}
