//! The columns of a participant report, found by their headers in whatever order and spelling, and rows whose commas
//! nobody quoted.

use std::collections::HashMap;

use csv::StringRecord;

use super::rules::stamps::{Stamp, stamp};

/// What is compared of a header: its letters and digits in lower case.
pub fn fold(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The headers that each column has had; of several in a file the first of this list counts.
const HEADERS: [(&str, &[&str]); 12] = [
    ("name", &["nameoriginalname", "usernameoriginalname", "username", "fullname", "displayname", "name"]),
    ("first", &["firstname"]),
    ("last", &["lastname"]),
    ("email", &["useremail2", "useremail", "email", "emailaddress", "useremail1"]),
    ("join", &["jointime", "firstjoin", "joined"]),
    ("leave", &["leavetime", "lastleave", "left"]),
    ("total", &["totaldurationminutes", "totalduration", "durationminutes2", "durationminutes", "duration", "timeinsessionminutes"]),
    ("attended", &["attended"]),
    ("topic", &["topic"]),
    ("meeting", &["meetingid", "webinarid"]),
    ("begun", &["starttime", "actualstarttime"]),
    ("country", &["countryregionname"]),
];

/// Which field of a row holds which column.
#[derive(Clone, Debug)]
pub struct Columns {
    at: HashMap<&'static str, usize>,
    /// How many there are, without empty ones at the end of the line.
    count: usize,
    has_ends: bool,
}

impl Columns {
    /// The columns, where this line is the header of a table of people.
    pub fn of(record: &StringRecord) -> Option<Self> {
        let folded: Vec<String> = record.iter().map(fold).collect();
        let place = |names: &[&str]| names.iter().find_map(|name| folded.iter().position(|header| header == name));
        let at: HashMap<&'static str, usize> = HEADERS.iter().filter_map(|(column, names)| Some((*column, place(names)?))).collect();
        let names_somebody = ["name", "email", "last"].iter().any(|column| at.contains_key(column));
        let says_when = at.contains_key("join") && at.contains_key("leave");
        let says_how_long = at.contains_key("total") && !at.contains_key("topic") && at.contains_key("name");
        if !names_somebody || !(says_when || says_how_long) {
            return None;
        }
        let has_ends = ["firstjoin", "lastleave"].iter().all(|name| folded.iter().any(|header| header == name));
        let count = folded.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1);
        Some(Self { at, count, has_ends })
    }

    /// Whether this line is the header of what the report says of the whole meeting.
    pub fn is_summary(record: &StringRecord) -> bool {
        let folded: Vec<String> = record.iter().map(fold).collect();
        let has = |name: &str| folded.iter().any(|header| header == name);
        has("topic") && (has("id") || has("meetingid") || has("webinarid"))
    }

    /// Every join has its row.
    pub fn has_joins(&self) -> bool {
        self.at.contains_key("join")
    }

    /// One row a person, with the first join, the last leave, and minutes in all.
    pub fn has_ends(&self) -> bool {
        self.has_ends
    }

    /// Each row names the meeting too.
    pub fn is_flat(&self) -> bool {
        self.at.contains_key("topic") && self.has_joins()
    }

    /// The last field without which a row says nothing.
    pub fn last_needed(&self) -> usize {
        ["join", "leave", "total"]
            .iter()
            .filter(|column| !self.has_joins() || **column != "total")
            .filter_map(|column| self.at.get(column))
            .max()
            .copied()
            .unwrap_or_default()
    }

    /// A row of these columns. Where it has more fields than there are columns and its times are not in their places, a
    /// comma that nobody quoted stands before them, and they are looked for further on.
    pub fn shifted<'a>(&'a self, record: &'a StringRecord) -> Found<'a> {
        let whole = Found { columns: self, record, shift: 0 };
        if !self.has_joins() || whole.times().is_some() {
            return whole;
        }
        let more = record.len().saturating_sub(self.count);
        let moved = (1..=more).map(|shift| Found { columns: self, record, shift }).find(|found| found.times().is_some());
        moved.unwrap_or(whole)
    }
}

/// A row with its fields found.
pub struct Found<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
    /// So many fields too many stand before the times.
    shift: usize,
}

impl<'a> Found<'a> {
    /// The field of a column, trimmed; empty where there is none.
    pub fn text(&self, column: &str) -> &'a str {
        let Some(at) = self.columns.at.get(column) else { return "" };
        if self.shift > 0 && column == "email" {
            // Between name and times an e-mail is known by its sign.
            let until = self.columns.at.get("join").map_or(0, |join| join + self.shift);
            return self.record.iter().take(until).map(str::trim).find(|field| field.contains('@')).unwrap_or_default();
        }
        let is_behind = ["join", "leave", "total"].contains(&column);
        self.record.get(at + if is_behind { self.shift } else { 0 }).unwrap_or_default().trim()
    }

    /// The name as the platform showed it, or first and last name.
    pub fn name(&self) -> String {
        let shown = self.text("name");
        if self.shift > 0 && !shown.is_empty() {
            let at = self.columns.at.get("name").copied().unwrap_or_default();
            let parts = self.record.iter().skip(at).take(self.shift + 1).map(str::trim);
            let parts: Vec<&str> = parts.take_while(|part| !part.contains('@')).filter(|part| !part.is_empty()).collect();
            return parts.join(", ");
        }
        if shown.is_empty() { format!("{} {}", self.text("first"), self.text("last")) } else { shown.to_owned() }
    }

    /// When they joined and left.
    pub fn times(&self) -> Option<(Stamp, Stamp)> {
        stamp(self.text("join")).zip(stamp(self.text("leave")))
    }
}
