//! Whom a row of a report is of: who has an e-mail is known by it, who has none by name, and where a name may be
//! anybody's, each row stays by itself until staff say who it was (WEB-1).

use std::collections::{HashMap, HashSet};

use super::Row;
use super::names::{is_bot, is_device};
use crate::clock::Instant;
use crate::people::rules::{email_key, fold};

/// A row with its times as instants.
pub type Timed<'a> = (&'a Row, (Instant, Instant));

const OF_BOT: &str = "bot:";
const BY_NAME: &str = "name:";

/// Beginnings of identities that hold for one row alone.
const BY_ROW: &str = "row:";

/// Whether an identity is of one row alone, since its name may be that of several people.
pub fn is_of_one_row(identity: &str) -> bool {
    identity.starts_with(BY_ROW)
}

/// Whether an identity is a program's.
pub fn is_of_bot(identity: &str) -> bool {
    identity.starts_with(OF_BOT)
}

/// The identity of each row, the same in a later report of the same people.
pub fn identities(rows: &[Timed<'_>]) -> Vec<String> {
    let keys: Vec<String> = rows.iter().map(|(row, _)| key_of(row)).collect();
    let mut times: HashMap<&str, Vec<(Instant, Instant)>> = HashMap::new();
    for (key, (_, time)) in keys.iter().zip(rows) {
        if key.starts_with(BY_NAME) {
            times.entry(key).or_default().push(*time);
        }
    }
    let is_anybodys = |key: &str, times: Vec<(Instant, Instant)>| is_device(&key[BY_NAME.len()..]) || overlap(times);
    let apart: HashSet<&str> = times.into_iter().filter_map(|(key, times)| is_anybodys(key, times).then_some(key)).collect();
    let mut alike: HashMap<String, usize> = HashMap::new();
    let of_row = |(key, (row, (from, _))): (&String, &Timed<'_>)| {
        if !apart.contains(key.as_str()) {
            return key.clone();
        }
        // By its join, so that a later report of the same meeting knows it again.
        let total = row.total.map(|total| format!(" {total}")).unwrap_or_default();
        let identity = format!("{BY_ROW}{} {}{total}", &key[BY_NAME.len()..], from.rfc3339_in(chrono_tz::Tz::UTC));
        let number = alike.entry(identity.clone()).or_default();
        *number += 1;
        if *number == 1 { identity } else { format!("{identity} #{number}") }
    };
    keys.iter().zip(rows).map(of_row).collect()
}

/// A program that takes notes often has the e-mail of whoever sent it, and is not them.
fn key_of(row: &Row) -> String {
    if is_bot(&row.name) {
        return format!("{OF_BOT}{}", fold(&row.name));
    }
    email_key(&row.email).unwrap_or_else(|| format!("{BY_NAME}{}", fold(&row.name)))
}

/// Nobody is there twice at once: stays of one name that overlap are of several people, and which of them came back
/// later no report tells. Stays that do not are one person's.
fn overlap(mut times: Vec<(Instant, Instant)>) -> bool {
    times.sort_unstable();
    times.windows(2).any(|pair| pair[1].0 < pair[0].1)
}
