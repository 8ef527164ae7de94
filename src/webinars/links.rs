//! Personal join links: works from a letter on a phone without signing in, names whose it is, and can be replaced (WEB-1).
//!
//! A link is the id of a row with a tag that is made of it under the installation's key. Whoever has a copy of the
//! database has no link, and yet every letter and page can show the same one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use serde_json::json;

use crate::agenda::Session;
use crate::app::{Site, Tx};
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::join_links;
use crate::error::{Checks, Error, Result};
use crate::ids::{JoinLinkId, RegistrationId, SessionId, hex, mac, same};
use crate::on_either;
use crate::registration::{self, Registration};

/// A link as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = join_links, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct JoinLink {
    pub id: JoinLinkId,
    pub session_id: SessionId,
    pub registration_id: RegistrationId,
    pub made_at: Instant,
    pub replaced_at: Option<Instant>,
}

/// Half an HMAC-SHA-256 is the tag.
const TAG: usize = 16;

fn tag(site: &Site, id: &JoinLinkId) -> [u8; TAG] {
    let whole = mac(&site.config.key_for("join links"), &[id.as_str()]);
    let mut tag = [0; TAG];
    tag.copy_from_slice(&whole[..TAG]);
    tag
}

impl JoinLink {
    /// What stands in the address behind `/join/`.
    pub fn token(&self, site: &Site) -> Result<String> {
        let id = uuid::Uuid::parse_str(self.id.as_str()).map_err(Error::internal)?;
        Ok(URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), &tag(site, &self.id)].concat()))
    }

    /// The whole address.
    pub fn address(&self, site: &Site) -> Result<String> {
        Ok(format!("{}/join/{}", site.config.base_url, self.token(site)?))
    }
}

/// The link of this token, replaced or not; not found when the token was not made here.
pub fn of_token(db: &mut Db, site: &Site, token: &str) -> Result<JoinLink> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::NotFound)?;
    let (id, given) = bytes.split_at_checked(16).ok_or(Error::NotFound)?;
    let id = JoinLinkId::from(uuid::Uuid::from_slice(id).map_err(|_| Error::NotFound)?.to_string());
    if !same(&hex(&tag(site, &id)), &hex(given)) {
        return Err(Error::NotFound);
    }
    Ok(join_links::table.find(id).select(JoinLink::as_select()).first(db)?)
}

/// Somebody's link to a webinar that stands.
pub fn find(db: &mut Db, session: &SessionId, registration: &RegistrationId) -> Result<Option<JoinLink>> {
    Ok(join_links::table
        .filter(join_links::session_id.eq(session))
        .filter(join_links::registration_id.eq(registration))
        .filter(join_links::replaced_at.is_null())
        .select(JoinLink::as_select())
        .first(db)
        .optional()?)
}

/// The links of a registration that stand, by their webinars' ids.
pub fn standing(db: &mut Db, registration: &RegistrationId) -> Result<Vec<JoinLink>> {
    Ok(join_links::table
        .filter(join_links::registration_id.eq(registration))
        .filter(join_links::replaced_at.is_null())
        .order(join_links::session_id.asc())
        .select(JoinLink::as_select())
        .load(db)?)
}

/// Somebody's link to a webinar, made where there is none yet.
pub fn find_or_make(tx: &mut Tx<'_>, session: &Session, registration: &Registration) -> Result<JoinLink> {
    if let Some(link) = find(tx.db, &session.id, &registration.id)? {
        return Ok(link);
    }
    let link = JoinLink {
        id: JoinLinkId::new(),
        session_id: session.id.clone(),
        registration_id: registration.id.clone(),
        made_at: tx.now,
        replaced_at: None,
    };
    // Two pages at once may both miss it; the second then finds what the first made.
    let made = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(join_links::table).values(&link).on_conflict_do_nothing().execute(connection))?;
    if made == 0 {
        return find(tx.db, &session.id, &registration.id)?.ok_or(Error::Busy);
    }
    let entry = Entry::of("join_link.made", "join_link", &link.id).event(&session.event_id).registration(&registration.id);
    entry.after(json!({ "session": session.code })).record(tx)?;
    Ok(link)
}

/// Ends somebody's link and makes another, because the old one is in other hands; what it was used for stays on record.
pub fn replace(tx: &mut Tx<'_>, session: &Session, registration: &Registration, reason: &str) -> Result<JoinLink> {
    let mut checks = Checks::new();
    checks.required("reason", reason, "Say why, for example “it was passed on”.");
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    registration::hold(tx, &registration.id)?;
    if let Some(old) = find(tx.db, &session.id, &registration.id)? {
        diesel::update(join_links::table.find(&old.id)).set(join_links::replaced_at.eq(Some(tx.now))).execute(tx.db)?;
        let entry = Entry::of("join_link.replaced", "join_link", &old.id).event(&session.event_id).registration(&registration.id);
        entry.before(json!({ "session": session.code })).reason(reason.trim()).record(tx)?;
    }
    find_or_make(tx, session, registration)
}
