//! Who somebody is to NABP, asked where it is needed first: at the first pharmacy claim (CEU-8).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::details::{self, Typed};
use super::identities;
use crate::app::Tx;
use crate::credits::rules::Code;
use crate::error::{Error, Result};
use crate::registration::Registration;
use crate::setup::forms_admin::choices;

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// The fields for the NABP id and the birthday, with what was typed and what is wrong with it.
pub fn fields(typed: Option<&Typed>, wrong: &BTreeMap<String, String>) -> Value {
    let of = |name: &str| typed.and_then(|typed| typed.get(name)).cloned().unwrap_or_default();
    let months =
        std::iter::once((String::new(), "Month")).chain((1..).zip(MONTHS).map(|(number, name): (u8, _)| (number.to_string(), name)));
    json!({
        "nabp_id": of("nabp_id"), "later": of("nabp_later") == "yes", "months": choices(months, &of("birth_month")), "day": of("birth_day"),
        "nabp_error": wrong.get("nabp_id"), "birth_error": wrong.get("birth_month"),
    })
}

/// Keeps what a first pharmacy claim asks, before the claim itself is taken.
pub fn take(tx: &mut Tx<'_>, registration: &Registration, code: Code, typed: &Typed) -> Result<()> {
    let key = identities::key_of(tx.site);
    if code != Code::Acpe || !details::asks_identity(tx.db, &key, &registration.person_id)? {
        return Ok(());
    }
    details::save_asked(tx, &registration.person_id, typed)
}

/// Both outcomes as one: what is wrong in either form is said at once, and a refusal of the second comes first.
pub fn both<T>(first: Result<()>, second: Result<T>) -> Result<T> {
    match (first, second) {
        (Err(Error::Invalid(mut fields)), Err(Error::Invalid(more))) => {
            fields.extend(more);
            Err(Error::Invalid(fields))
        }
        (Err(first), Ok(_)) => Err(first),
        (_, second) => second,
    }
}
