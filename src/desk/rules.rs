//! What a spreadsheet may be given, and how history is put into words.

use serde_json::Value;

pub use crate::sheets::cell;

/// An audit action for people: `enrollment.created` becomes `Enrollment created`.
pub fn action_words(action: &str) -> String {
    let known = match action {
        "person.signed_in" | "staff.signed_in" => "Signed in",
        "person.sign_in_code_given" => "Sign-in code given at the desk",
        "enrollment.created" => "Session chosen",
        "enrollment.left" => "Session given up",
        "enrollment.given_away" => "Seat given away at the door",
        "enrollment.seated_at_door" => "Seat taken at the door",
        "badge.printed" => "Badges printed",
        "badge.printer_chosen" => "Printer of badges chosen",
        "letter.sent_again" => "Letter sent again",
        "device.offered" => "Phone offered for pairing",
        "device.offered_again" => "Phone offered for pairing again",
        "device.paired" => "Phone paired",
        "device.extended" => "Time of a phone extended",
        "device.revoked" => "Phone revoked",
        "certificate.sent_again" => "Letter about a certificate sent again",
        "licenses.corrected" => "Licenses corrected",
        "credit.lowered" => "Credit lowered to what attendance gives",
        "certificate.renewed" => "New version of a certificate",
        "open_badge.made" => "Open Badge taken",
        "open_badge.signed" => "Open Badge signed",
        "open_badges.offered" => "Open Badges given again",
        "open_badges.stopped" => "Open Badges no longer given",
        "activity.aligned" => "Parts of the safety measure chosen",
        "payment.recorded" => "Payment recorded",
        "registration.corrected" => "Registration corrected",
        "registration.canceled" => "Registration canceled",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let words = action.replace(['.', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The answer of a door for people: the kind of its chip and its words.
pub fn outcome_words(outcome: &str) -> (&'static str, String) {
    let kind = match outcome {
        "admitted" | "already_in" => "yes",
        "waitlisted" | "unpaid" | "outside_window" => "wait",
        _ => "no",
    };
    let words = outcome.replace('_', " ");
    let mut letters = words.chars();
    (kind, letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect()))
}

/// One fact of an entry that differs before and after, as text; an absent one is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub before: String,
    pub after: String,
}

impl Change {
    /// `status: confirmed → canceled`, with what there is of the two.
    pub fn words(&self) -> String {
        match (self.before.as_str(), self.after.as_str()) {
            ("", after) => format!("{}: {after}", self.name),
            (before, "") => format!("{}: was {before}", self.name),
            (before, after) => format!("{}: {before} → {after}", self.name),
        }
    }
}

/// What stands in the place of a value that this reader may not see.
const HIDDEN: &str = "(not shown)";
/// What stands in the place of a personal value that was erased.
const ERASED: &str = "(erased)";

/// The facts of an audit entry as changes. `value_of` gives the personal value behind a reference, and
/// what a person needs as accommodation is shown to those only who may see it (EVT-3).
pub fn changes(facts: &Value, may_see_accommodation: bool, value_of: &dyn Fn(&str) -> Option<String>) -> Vec<Change> {
    let (before, after) = (&facts["before"], &facts["after"]);
    let mut names: Vec<&String> = [before, after].into_iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys).collect();
    names.sort();
    names.dedup();
    let text = |name: &str, value: &Value| match value {
        Value::Null => String::new(),
        _ if name == "accommodation" && !may_see_accommodation => HIDDEN.to_owned(),
        value => value_text(value, value_of),
    };
    let change = |name: &String| Change {
        name: name.replace('_', " "),
        before: text(name, &before[name.as_str()]),
        after: text(name, &after[name.as_str()]),
    };
    names.into_iter().map(change).filter(|change| !(change.before.is_empty() && change.after.is_empty())).collect()
}

fn value_text(value: &Value, value_of: &dyn Fn(&str) -> Option<String>) -> String {
    if let Some(reference) = value.get("ref").and_then(Value::as_str) {
        return value_of(reference).unwrap_or_else(|| ERASED.to_owned());
    }
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(values) => values.iter().map(|value| value_text(value, value_of)).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The references to personal values in an entry's facts.
pub fn references(facts: &Value) -> Vec<String> {
    match facts {
        Value::Object(fields) => match fields.get("ref").and_then(Value::as_str) {
            Some(reference) => vec![reference.to_owned()],
            None => fields.values().flat_map(references).collect(),
        },
        Value::Array(values) => values.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn history_shows_what_changed_in_words() {
        let facts = json!({ "before": { "status": "confirmed", "family_name": { "ref": "v1" } }, "after": { "status": "canceled", "family_name": { "ref": "v2" } } });
        let value_of = |reference: &str| (reference == "v2").then(|| "Okafor".to_owned());
        let words: Vec<String> = changes(&facts, true, &value_of).iter().map(Change::words).collect();
        assert_eq!(words, vec!["family name: (erased) → Okafor", "status: confirmed → canceled"]);
        let mut found = references(&facts);
        found.sort_unstable();
        assert_eq!(found, vec!["v1", "v2"]);
    }

    #[test]
    fn accommodation_in_history_is_hidden_from_those_who_may_not_see_it() {
        let facts = json!({ "before": null, "after": { "accommodation": { "ref": "v" } } });
        let value_of = |_: &str| Some("wheelchair".to_owned());
        assert_eq!(changes(&facts, false, &value_of)[0].after, HIDDEN);
        assert_eq!(changes(&facts, true, &value_of)[0].after, "wheelchair");
    }

    #[test]
    fn actions_read_as_words() {
        assert_eq!(action_words("badge.issued"), "Badge issued");
        assert_eq!(action_words("staff.role_added"), "Staff role added");
    }
}
