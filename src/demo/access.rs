//! What lets people and programs into the demo: staff of every role, tokens, one-click links, the access file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::phones::{self, Pairing};
use super::{mark, year};
use crate::app::{Actor, App, Tx};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{PersonId, new_secret, same, secret_hash};
use crate::people::{self, Person};
use crate::registration;
use crate::staff::{self, PURPOSE_SIGN_IN, Role};

/// The name under which the attendee's registration is kept.
pub const ATTENDEE: &str = "demo_attendee";
/// The name under which the attendee's link is kept, hashed.
const ATTENDEE_LINK: &str = "demo_attendee_link";
/// Links outlast every demo; a new start replaces them.
const LINKS_LAST: Duration = Duration::days(3650);

/// The access file: who may come in, how.
#[derive(Debug, Serialize, Deserialize)]
pub struct Access {
    pub base_url: String,
    /// An API token for each role.
    pub tokens: BTreeMap<String, String>,
    /// A one-click link for each role.
    pub sign_in: BTreeMap<String, String>,
    pub attendee: Attendee,
    /// A phone becomes a scanner with it, once.
    #[serde(default)]
    pub pairing: Pairing,
    pub hospitals: BTreeMap<String, HospitalName>,
}

/// The attendee of the access file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Attendee {
    pub registration: String,
    pub email: String,
    pub last_name: String,
    pub sign_in: String,
}

/// A hospital of the demo.
#[derive(Debug, Serialize, Deserialize)]
pub struct HospitalName {
    pub ccn: String,
    pub domain: String,
}

/// Somebody on the staff for each role; owner first.
const STAFF: [(Role, &str); 8] = [
    (Role::Owner, "Odile Brandt-Amari"),
    (Role::Registrar, "Rasmus Ekholm"),
    (Role::Onsite, "Tamsin Oyelaran"),
    (Role::Content, "Corin Vasquez-Lund"),
    (Role::Education, "Edda Marchetti"),
    (Role::Recognition, "Renske Adeyemi"),
    (Role::Finance, "Finola Takahashi"),
    (Role::Auditor, "Aurel Nkemelu"),
];

fn email_of(role: Role) -> String {
    format!("{role}@example.org")
}

/// Adds the staff of the demo.
pub fn add_staff(tx: &mut Tx<'_>) -> Result<()> {
    STAFF.iter().try_for_each(|(role, name)| staff::add(tx, &email_of(*role), name, *role, None).map(drop))
}

/// Makes fresh links, keeps tokens that still work, writes the access file and returns what stands in it.
pub fn open(app: &App) -> Result<Access> {
    let file = file(app);
    let known = read(&file).map(|access| access.tokens).unwrap_or_default();
    let access = app.write_here(Actor::Service("demo"), move |tx| access(tx, &known))?;
    let text = serde_json::to_string_pretty(&access).map_err(Error::internal)?;
    // Renamed into place, so that nobody reads half of it.
    let unfinished = file.with_extension("json.new");
    std::fs::write(&unfinished, format!("{text}\n"))
        .and_then(|()| std::fs::rename(&unfinished, &file))
        .map_err(|cause| Error::internal(format!("cannot write {}: {cause}", file.display())))?;
    Ok(access)
}

/// Where the access file lies.
pub fn file(app: &App) -> PathBuf {
    app.site.config.data.join("access.json")
}

fn read(file: &Path) -> Option<Access> {
    serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

fn access(tx: &mut Tx<'_>, known: &BTreeMap<String, String>) -> Result<Access> {
    let base_url = tx.site.config.base_url.clone();
    let (mut tokens, mut sign_in) = (BTreeMap::new(), BTreeMap::new());
    for (role, _) in STAFF {
        tokens.insert(role.to_string(), token(tx, role, known.get(role.as_str()))?);
        let member = staff::find_by_email(tx.db, &email_of(role))?.ok_or(Error::NotFound)?;
        staff::links::retire(tx, &member.id, PURPOSE_SIGN_IN)?;
        let secret = staff::new_link(tx, &member.id, PURPOSE_SIGN_IN, LINKS_LAST)?;
        sign_in.insert(role.to_string(), format!("{base_url}/staff/enter/{secret}"));
    }
    let hospitals = year::hospital_parts()?
        .into_iter()
        .map(|part| (part.role.clone(), HospitalName { domain: part.domain().to_owned(), ccn: part.ccn }))
        .collect();
    Ok(Access { attendee: attendee(tx, &base_url)?, pairing: phones::offer(tx)?, base_url, tokens, sign_in, hospitals })
}

/// The token of the last start while it works, so that programs need not be told anew.
fn token(tx: &mut Tx<'_>, role: Role, known: Option<&String>) -> Result<String> {
    if let Some(known) = known
        && staff::identity_of_token(tx.db, known)?.is_some_and(|identity| identity.roles == [(role, None)])
    {
        return Ok(known.clone());
    }
    staff::create_token(tx, &format!("demo, {role}"), role, None, None)
}

#[derive(Serialize, Deserialize)]
struct AttendeeLink {
    hash: String,
    person: PersonId,
}

fn attendee(tx: &mut Tx<'_>, base_url: &str) -> Result<Attendee> {
    let code = mark::get(tx.db, ATTENDEE)?.ok_or(Error::NotFound)?;
    let registration = registration::get(tx.db, &code)?;
    let person = people::get(tx.db, &registration.person_id)?;
    let secret = new_secret();
    let link = AttendeeLink { hash: secret_hash(&secret), person: person.id.clone() };
    mark::set(tx, ATTENDEE_LINK, &serde_json::to_string(&link).map_err(Error::internal)?)?;
    Ok(Attendee {
        registration: registration.code,
        email: person.email,
        last_name: person.family_name,
        sign_in: format!("{base_url}/enter/{secret}"),
    })
}

/// Whom the attendee's link of this start lets in.
pub fn person_of_link(db: &mut Db, secret: &str) -> Result<Option<Person>> {
    let Some(text) = mark::get(db, ATTENDEE_LINK)? else { return Ok(None) };
    let link: AttendeeLink = serde_json::from_str(&text).map_err(Error::internal)?;
    if same(&link.hash, &secret_hash(secret)) { people::get(db, &link.person).map(Some) } else { Ok(None) }
}
