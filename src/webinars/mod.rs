//! Webinars: where they take place, personal join links, who joined, and the letters before the start (WEB-1).

pub mod admin;
pub mod join_pages;
pub mod letters;
pub mod links;
pub mod mailbox;
pub mod my_pages;
pub mod people_admin;
pub mod queries;
pub mod rules;

use diesel::prelude::*;
use serde_json::json;

use crate::agenda::{self, Kind, Session};
use crate::app::{Site, Tx};
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{webinar_joins, webinar_platforms};
use crate::enrollment::{self, queries::covers};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::ids::{JoinId, JoinLinkId, RegistrationId, SessionId, hex, mac};
use crate::registration::{self, Registration};

use links::JoinLink;
use rules::{Facts, Refusal};

/// Where a webinar takes place, as it is stored. Its address is for staff and for who joins, at that moment.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webinar_platforms, check_for_backend(crate::db::Either))]
pub struct Platform {
    pub session_id: SessionId,
    pub address: String,
    pub set_at: Instant,
    pub actor: String,
}

/// Somebody went to the platform by their link, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = webinar_joins, check_for_backend(crate::db::Either))]
pub struct Join {
    pub id: JoinId,
    pub join_link_id: JoinLinkId,
    pub session_id: SessionId,
    pub registration_id: RegistrationId,
    /// Tells browsers of one link apart, and is known nowhere else.
    pub browser: String,
    pub at: Instant,
}

/// Where a webinar takes place, once staff have said so.
pub fn platform(db: &mut Db, session: &SessionId) -> Result<Option<Platform>> {
    Ok(webinar_platforms::table.find(session).select(Platform::as_select()).first(db).optional()?)
}

/// The webinar of an event with this code; another kind of session is not found here.
pub fn get(db: &mut Db, event: &Event, code: &str) -> Result<Session> {
    let session = agenda::get(db, &event.id, code)?;
    if session.kind == Kind::Webinar { Ok(session) } else { Err(Error::NotFound) }
}

/// Sets where a webinar takes place, or takes the address away where it is blank. The trail says that and not the address.
pub fn set_platform(tx: &mut Tx<'_>, session: &Session, address: &str) -> Result<()> {
    agenda::hold(tx, &session.id)?;
    let before = platform(tx.db, &session.id)?;
    let address = match address.trim() {
        "" => None,
        text => Some(rules::platform_address(text).map_err(|said| Error::invalid("address", "address", said))?),
    };
    if before.as_ref().map(|row| &row.address) == address.as_ref() {
        return Ok(());
    }
    diesel::delete(webinar_platforms::table.find(&session.id)).execute(tx.db)?;
    if let Some(address) = &address {
        let row = Platform { session_id: session.id.clone(), address: address.clone(), set_at: tx.now, actor: tx.actor.label() };
        diesel::insert_into(webinar_platforms::table).values(&row).execute(tx.db)?;
    }
    let entry = Entry::of("webinar.platform_set", "session", &session.id).event(&session.event_id);
    entry.before(json!({ "is_set": before.is_some() })).after(json!({ "is_set": address.is_some() })).record(tx)
}

/// A link with everything that is asked about it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub link: JoinLink,
    pub event: Event,
    pub session: Session,
    pub registration: Registration,
    pub may_join: std::result::Result<(), Refusal>,
}

/// What the link of a token is for, and whether it opens now.
pub fn open(db: &mut Db, site: &Site, token: &str, now: Instant) -> Result<Opened> {
    let link = links::of_token(db, site, token)?;
    let session = agenda::get_by_id(db, &link.session_id)?;
    let registration = registration::get_by_id(db, &link.registration_id)?;
    let event = events::get_by_id(db, &session.event_id)?;
    let facts = Facts {
        now,
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        is_session_canceled: session.canceled_at.is_some(),
        registration: registration.status,
        is_theirs: is_theirs(db, &registration, &session)?,
        is_link_replaced: link.replaced_at.is_some(),
        has_platform: platform(db, &session.id)?.is_some(),
    };
    Ok(Opened { may_join: rules::may_join(&facts), link, event, session, registration })
}

/// Whether a webinar is part of a registration: by a seat, or included in what it covers.
pub fn is_theirs(db: &mut Db, registration: &Registration, session: &Session) -> Result<bool> {
    let seat = enrollment::find(db, &registration.id, &session.id)?;
    match seat {
        Some(seat) => Ok(seat.status == enrollment::Status::Enrolled),
        None => Ok(session.included && covers(db, registration, session)?),
    }
}

/// Records that somebody joins by their link, as often as they do, and gives the platform's address. `visit` is what
/// their browser is known by.
pub fn join(tx: &mut Tx<'_>, token: &str, visit: &str) -> Result<String> {
    let opened = open(tx.db, tx.site, token, tx.now)?;
    opened.may_join?;
    let platform = platform(tx.db, &opened.session.id)?.ok_or(Refusal::NoPlatform)?;
    let browser = hex(&mac(&tx.site.config.key_for("browsers that join"), &[opened.link.id.as_str(), visit])[..8]);
    let row = Join {
        id: JoinId::new(),
        join_link_id: opened.link.id.clone(),
        session_id: opened.session.id.clone(),
        registration_id: opened.registration.id.clone(),
        browser,
        at: tx.now,
    };
    diesel::insert_into(webinar_joins::table).values(&row).execute(tx.db)?;
    let entry = Entry::of("webinar.joined", "join_link", &opened.link.id).event(&opened.event.id).registration(&opened.registration.id);
    entry.after(json!({ "session": opened.session.code })).record(tx)?;
    Ok(platform.address)
}
