//! Who is recognized when, how long a term lasts, and which e-mail domains prove anything (RCG-2, RCG-3, PRC-4).

use chrono::{Datelike, Days, Months, NaiveDate};
use chrono_tz::Tz;

use super::Recognition;
use crate::clock::Instant;
use crate::people::rules::fold;

/// The zone in which the days of recognition begin and end (RCG-1).
const ZONE: Tz = Tz::America__New_York;

/// The day that counts for recognition at an instant.
pub fn today(now: Instant) -> NaiveDate {
    now.date_in(ZONE)
}

/// Whether a term is approved and paid by this day, and not conditional or revoked: only then it gives anything.
pub fn gives_benefits(term: &Recognition, on: NaiveDate) -> bool {
    let by = |day: Option<NaiveDate>| day.is_some_and(|day| day <= on);
    by(term.approved_on) && by(term.paid_on) && !term.conditional && !by(term.revoked_on)
}

/// Whether a hospital with these terms has the benefits of recognition on a day (RCG-3).
pub fn is_recognized_on(terms: &[Recognition], on: NaiveDate) -> bool {
    terms.iter().any(|term| gives_benefits(term, on) && term.term_starts_on <= on && on <= last_day(term))
}

/// The last day of the recognition that holds on a day; a renewal that follows without a gap is counted in.
pub fn recognized_until(terms: &[Recognition], on: NaiveDate) -> Option<NaiveDate> {
    let mut good: Vec<&Recognition> = terms.iter().filter(|term| gives_benefits(term, on)).collect();
    good.sort_by_key(|term| term.term_starts_on);
    let mut until: Option<NaiveDate> = None;
    for term in good {
        let begins_in_time = match until {
            None => term.term_starts_on <= on,
            Some(until) => until.checked_add_days(Days::new(1)).is_some_and(|next| term.term_starts_on <= next),
        };
        if begins_in_time && on <= last_day(term) {
            until = until.max(Some(last_day(term)));
        }
    }
    until
}

/// The last day a term is good for: its end, or the day before it was revoked.
pub fn last_day(term: &Recognition) -> NaiveDate {
    let before_revoking = term.revoked_on.and_then(|day| day.checked_sub_days(Days::new(1)));
    before_revoking.map_or(term.term_ends_on, |day| day.min(term.term_ends_on))
}

/// Where a hospital stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Recognized {
        until: NaiveDate,
    },
    /// Approved and paid, but the term has not begun.
    NotYet {
        from: NaiveDate,
    },
    Conditional,
    Unpaid,
    /// A term is entered that nobody has approved.
    Unapproved,
    Ended {
        on: NaiveDate,
    },
    Revoked {
        on: NaiveDate,
    },
    None,
}

/// Where a hospital with these terms stands on a day: by the best term that runs or comes, otherwise by the last.
pub fn standing(terms: &[Recognition], on: NaiveDate) -> Standing {
    if let Some(until) = recognized_until(terms, on) {
        return Standing::Recognized { until };
    }
    let by = |day: Option<NaiveDate>| day.is_some_and(|day| day <= on);
    let open = terms.iter().filter(|term| on <= term.term_ends_on && !by(term.revoked_on));
    if let Some(term) = open.min_by_key(|term| term.term_starts_on) {
        return match term {
            term if term.conditional => Standing::Conditional,
            term if !by(term.approved_on) => Standing::Unapproved,
            term if !by(term.paid_on) => Standing::Unpaid,
            term => Standing::NotYet { from: term.term_starts_on },
        };
    }
    match terms.iter().max_by_key(|term| last_day(term)) {
        Some(Recognition { revoked_on: Some(revoked_on), term_ends_on, .. }) if revoked_on <= term_ends_on => {
            Standing::Revoked { on: *revoked_on }
        }
        Some(term) if term.approved_on.is_some() && term.paid_on.is_some() && !term.conditional => {
            Standing::Ended { on: term.term_ends_on }
        }
        _ => Standing::None,
    }
}

impl Standing {
    /// A sentence for people.
    pub fn sentence(self) -> String {
        match self {
            Self::Recognized { until } => format!("Recognized until {}.", words(until)),
            Self::NotYet { from } => format!("Approved and paid; the term begins on {}.", words(from)),
            Self::Conditional => "Conditionally recognized, which gives no benefits yet.".to_owned(),
            Self::Unpaid => "Approved and not paid, which gives no benefits yet.".to_owned(),
            Self::Unapproved => "A term is entered and not approved yet.".to_owned(),
            Self::Ended { on } => format!("The recognition ended on {}.", words(on)),
            Self::Revoked { on } => format!("The recognition was revoked on {}.", words(on)),
            Self::None => "Not recognized.".to_owned(),
        }
    }

    /// Kind and text of the chip that stands for it.
    pub fn chip(self) -> (&'static str, String) {
        match self {
            Self::Recognized { until } => ("yes", format!("Recognized until {}", words(until))),
            Self::NotYet { from } => ("note", format!("Recognized from {}", words(from))),
            Self::Conditional => ("wait", "Conditional".to_owned()),
            Self::Unpaid => ("wait", "Unpaid".to_owned()),
            Self::Unapproved => ("wait", "Not approved".to_owned()),
            Self::Ended { on } => ("no", format!("Ended {}", words(on))),
            Self::Revoked { on } => ("no", format!("Revoked {}", words(on))),
            Self::None => ("note", "Not recognized".to_owned()),
        }
    }
}

/// `30 Jun 2027`.
pub fn words(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// The last day of a term that starts on this day: 24 months later minus a day (RCG-2).
pub fn term_ends_on(starts_on: NaiveDate) -> Option<NaiveDate> {
    starts_on.checked_add_months(Months::new(24))?.checked_sub_days(Days::new(1))
}

/// First and last day of the term for what is complete on a day: cycles close with January, April, July
/// and October, and the term starts on the first day of the third month after (RCG-2).
pub fn term_of_cycle(complete_on: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    // Months 1, 4, 7, 10 close a cycle: from any other month go on to the next of them.
    let to_close = (3 - (complete_on.month0() % 3)) % 3;
    let starts_on = complete_on.with_day(1)?.checked_add_months(Months::new(to_close + 3))?;
    Some((starts_on, term_ends_on(starts_on)?))
}

/// The first other term that is good for a day that this one is good for too.
pub fn overlapping<'a>(terms: &'a [Recognition], term: &Recognition) -> Option<&'a Recognition> {
    terms.iter().find(|other| other.id != term.id && other.term_starts_on <= last_day(term) && term.term_starts_on <= last_day(other))
}

/// Mail providers whose addresses anyone can have: no proof of being a hospital's staff.
const PUBLIC_MAIL: [&str; 42] = [
    "aim.com",
    "aol.com",
    "att.net",
    "bellsouth.net",
    "charter.net",
    "comcast.net",
    "cox.net",
    "duck.com",
    "earthlink.net",
    "fastmail.com",
    "frontier.com",
    "gmail.com",
    "gmx.com",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hushmail.com",
    "icloud.com",
    "juno.com",
    "live.com",
    "mac.com",
    "mail.com",
    "me.com",
    "msn.com",
    "netzero.net",
    "optonline.net",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rocketmail.com",
    "sbcglobal.net",
    "tutanota.com",
    "verizon.net",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.com",
    "ymail.com",
    "zoho.com",
];

/// Reads an e-mail domain as staff type it, with or without the @; says why when it proves nothing.
pub fn mail_domain(text: &str) -> Result<String, String> {
    let domain = text.trim().trim_start_matches('@').to_ascii_lowercase();
    if !is_host_name(&domain) {
        return Err(format!("“{text}” is not an e-mail domain such as hospital.org."));
    }
    if PUBLIC_MAIL.binary_search(&domain.as_str()).is_ok() {
        return Err(format!("“{text}” belongs to a mail provider: anyone can have an address there."));
    }
    Ok(domain)
}

/// Whether this is a host name of at least two labels whose last one is not a number (RFC 1123).
fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && last.len() > 1
        && last.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// What a hospital is searched by: name, city, state and CCN, folded, and how else its words are written.
pub fn search_key(name: &str, city: &str, state: &str, ccn: Option<&str>) -> String {
    let mut key = fold(&[name, city, state, ccn.unwrap_or_default()].join(" "));
    let others: Vec<&str> = key.split(' ').filter_map(other_spelling).collect();
    if !others.is_empty() {
        key = format!("{key} {}", others.join(" "));
    }
    key
}

/// CMS writes ST and MT; people type Saint and Mount, and the other way round.
fn other_spelling(word: &str) -> Option<&'static str> {
    match word {
        "st" => Some("saint"),
        "saint" => Some("st"),
        "mt" => Some("mount"),
        "mount" => Some("mt"),
        _ => None,
    }
}

/// How well a hospital fits what was searched, best first; the folded query has one word at least.
pub fn rank(query: &str, search_key: &str, ccn: Option<&str>) -> u8 {
    if ccn.is_some_and(|ccn| ccn.eq_ignore_ascii_case(query)) {
        0
    } else if search_key.starts_with(query) {
        1
    } else if query.split(' ').all(|word| search_key.split(' ').any(|own| own.starts_with(word))) {
        2
    } else {
        3
    }
}

/// A code as people type it, folded: upper case, without spaces and dashes.
pub fn code_key(code: &str) -> String {
    code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests;
