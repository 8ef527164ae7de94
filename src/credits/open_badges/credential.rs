//! What an Open Badge says: the credential of the specification (Open Badges 3.0 as VC-JWT), from a certificate's frozen
//! words. Neither name, birthday nor address stand in it, only a salted hash of the address.

use serde_json::{Value, json};

use super::OpenBadge;
use super::achievements::{Achievement, credit_result, issuer};
use super::rules::identity_hash;
use super::status;
use crate::clock::Instant;
use crate::credits::certificates::printed::Printed;
use crate::credits::certificates::views::verify_url;
use crate::error::Result;

/// The specification's contexts, in their order.
pub const CONTEXTS: [&str; 2] = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"];

const SCHEMA: &str = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json";

/// Everything that goes into a credential.
pub struct Facts<'a> {
    pub base_url: &'a str,
    pub serial: &'a str,
    pub credential_id: &'a str,
    pub issued_at: Instant,
    pub printed: &'a Printed,
    pub achievement: &'a Achievement,
    pub badge: &'a OpenBadge,
    /// The number of its status list.
    pub list: i32,
    pub email: &'a str,
}

/// An instant without a fraction, as text and in seconds: `nbf` has no room for one, and the two must agree.
pub fn whole_seconds(at: Instant) -> (String, i64) {
    let at = at.utc().and_utc();
    (at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), at.timestamp())
}

/// The payload that is signed: the credential itself, with the four claims that repeat its fields.
pub fn payload(facts: &Facts<'_>) -> Result<Value> {
    let Facts { base_url, achievement, badge, printed, .. } = facts;
    let issuer = issuer(base_url, &achievement.event, &achievement.provider);
    let (from, seconds) = whole_seconds(facts.issued_at);
    let address = achievement.address(base_url);
    let zone = achievement.event.zone();
    let starts = Instant::start_of_day(printed.starts_on, zone);
    let ends = crate::events::rules::end_of_day(printed.ends_on, zone).minus(chrono::Duration::seconds(1));
    let hundredths = i32::try_from(printed.hundredths).map_err(crate::error::Error::internal)?;
    let verification = verify_url(base_url, facts.serial, None);
    Ok(json!({
        "@context": CONTEXTS,
        "id": facts.credential_id, "type": ["VerifiableCredential", "OpenBadgeCredential"], "issuer": issuer,
        "validFrom": from, "name": printed.title,
        "credentialSubject": {
            "id": badge.subject, "type": ["AchievementSubject"],
            "identifier": [{
                "type": "IdentityObject", "hashed": true, "identityHash": identity_hash(facts.email, &badge.salt),
                "identityType": "emailAddress", "salt": badge.salt,
            }],
            "activityStartDate": starts.rfc3339_in(zone), "activityEndDate": ends.rfc3339_in(zone),
            "creditsEarned": f64::from(hundredths) / 100.0,
            "result": [{ "type": ["Result"], "resultDescription": credit_result(&address), "value": printed.credit }],
            "achievement": achievement.json(base_url),
        },
        "evidence": [{
            "id": verification, "type": ["Evidence"], "name": "The certificate",
            "narrative": "The provider’s own page about this certificate: whose it is, for what, and whether it is still good.",
        }],
        "credentialSchema": [{ "id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019" }],
        "credentialStatus": status::entry(base_url, &achievement.event, facts.list, badge),
        "iss": issuer["id"], "jti": facts.credential_id, "nbf": seconds, "sub": badge.subject,
    }))
}
