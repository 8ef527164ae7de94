//! The link by which a hospital's coordinator sees what its people learned about: numbers alone, without signing in.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::pssm_links;
use crate::error::{Error, Result};
use crate::ids::{HospitalId, new_secret, secret_hash};

/// So long a link works.
pub const LASTS: Duration = Duration::days(90);

/// Makes the link's secret; the one before stops working.
pub fn make(tx: &mut Tx<'_>, hospital: &HospitalId) -> Result<String> {
    let secret = new_secret();
    let had = diesel::delete(pssm_links::table.find(hospital)).execute(tx.db)? > 0;
    let columns = (
        pssm_links::hospital_id.eq(hospital),
        pssm_links::secret_hash.eq(secret_hash(&secret)),
        pssm_links::made_at.eq(tx.now),
        pssm_links::expires_at.eq(tx.now.plus(LASTS)),
        pssm_links::actor.eq(tx.actor.label()),
    );
    diesel::insert_into(pssm_links::table).values(columns).execute(tx.db)?;
    let facts = json!({ "expires_at": tx.now.plus(LASTS), "replaces": had });
    Entry::of("pssm.link_made", "hospital", hospital).after(facts).record(tx)?;
    Ok(secret)
}

/// Takes a hospital's link back; not found where there is none.
pub fn withdraw(tx: &mut Tx<'_>, hospital: &HospitalId) -> Result<()> {
    if diesel::delete(pssm_links::table.find(hospital)).execute(tx.db)? == 0 {
        return Err(Error::NotFound);
    }
    Entry::of("pssm.link_withdrawn", "hospital", hospital).record(tx)
}

/// Until when a hospital's link works, where it has one that still does.
pub fn works_until(db: &mut Db, hospital: &HospitalId, now: Instant) -> Result<Option<Instant>> {
    let until: Option<Instant> = pssm_links::table.find(hospital).select(pssm_links::expires_at).first(db).optional()?;
    Ok(until.filter(|until| *until > now))
}

/// The hospital whose link this is; not found where it is too old or was replaced.
pub fn hospital_of(db: &mut Db, secret: &str, now: Instant) -> Result<HospitalId> {
    let link = pssm_links::table.filter(pssm_links::secret_hash.eq(secret_hash(secret))).filter(pssm_links::expires_at.gt(now));
    link.select(pssm_links::hospital_id).first(db).map_err(Error::from)
}
