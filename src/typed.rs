//! Reads what people type into forms and files: days, times, numbers, prices; says by field what is wrong.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer};

use crate::clock::Instant;
use crate::error::Checks;
use crate::money::parse_cents;

impl Checks {
    /// A day such as `2026-03-08`; blank is none.
    pub fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        let text = text.trim();
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        if day.is_none() && !text.is_empty() {
            self.wrong(field, "date", format!("“{text}” is not a day. Write it as 2026-03-08."));
        }
        day
    }

    /// A day that has to be given.
    pub fn needed_day(&mut self, field: &str, text: &str, missing: &str) -> Option<NaiveDate> {
        self.required(field, text, missing);
        self.day(field, text)
    }

    /// A wall-clock time such as `08:30` or `8:30 AM` on a day in a zone.
    pub fn time_on(&mut self, field: &str, text: &str, day: Option<NaiveDate>, zone: Tz) -> Option<Instant> {
        let text = text.trim();
        let Some(time) = time_of_day(text) else {
            let said = if text.is_empty() { "Enter a time.".to_owned() } else { format!("“{text}” is not a time. Write it as 08:30.") };
            self.wrong(field, "time", said);
            return None;
        };
        self.local_time(field, day?.and_time(time), zone)
    }

    /// A local day and time such as `2026-03-08T07:00`.
    pub fn moment(&mut self, field: &str, text: &str, zone: Tz) -> Option<Instant> {
        let spelled = text.trim().replacen(' ', "T", 1);
        let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].iter().find_map(|form| NaiveDateTime::parse_from_str(&spelled, form).ok());
        match local {
            Some(local) => self.local_time(field, local, zone),
            None if spelled.is_empty() => {
                self.wrong(field, "required", "Enter a day and a time.");
                None
            }
            None => {
                self.wrong(field, "time", format!("“{}” is not a day and time. Write it as 2026-03-08T07:00.", text.trim()));
                None
            }
        }
    }

    /// The instant of a local time, unless the clocks skip it (TIM-1).
    fn local_time(&mut self, field: &str, local: NaiveDateTime, zone: Tz) -> Option<Instant> {
        let at = Instant::from_local(local, zone);
        if at.is_none() {
            let said = format!("{} does not exist in {zone}: the clocks go forward then.", local.format("%Y-%m-%d %H:%M"));
            self.wrong(field, "no_such_time", said);
        }
        at
    }

    /// A whole number within bounds; blank is none.
    pub fn whole(&mut self, field: &str, text: &str, bounds: RangeInclusive<i32>) -> Option<i32> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.replace(',', "").parse::<i32>().ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            let said = match *bounds.end() {
                i32::MAX => format!("“{text}” does not fit. Enter a whole number, at least {}.", bounds.start()),
                most => format!("“{text}” does not fit. Enter a whole number from {} to {most}.", bounds.start()),
            };
            self.wrong(field, "number", said);
        }
        number
    }

    /// A price such as `999.00`, in cents; blank is none.
    pub fn price(&mut self, field: &str, text: &str) -> Option<i64> {
        let text = text.trim();
        let cents = parse_cents(text);
        if cents.is_none() && !text.is_empty() {
            self.wrong(field, "price", format!("“{text}” is not a price. Write it as 1149.00."));
        }
        cents
    }

    /// A code that stands in addresses: letters, digits, dashes, dots and underscores, at most forty.
    pub fn code(&mut self, field: &str, text: &str) -> String {
        let text = text.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if text.is_empty() {
            self.wrong(field, "required", "Enter a short code, such as B1.");
        } else if text.len() > 40 || !text.chars().all(fits) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            self.wrong(field, "code", format!("“{text}” cannot be a code. Use letters, digits and dashes, at most 40."));
        } else if ["new", "all"].contains(&text.to_lowercase().as_str()) {
            self.wrong(field, "code", format!("“{text}” has a meaning of its own here. Choose another code."));
        }
        text.to_owned()
    }

    /// One of the words that `known` knows; `list` names them all.
    pub fn word<T: Copy + std::fmt::Display>(&mut self, field: &str, text: &str, all: &[T]) -> Option<T> {
        let text = text.trim();
        let found = all.iter().find(|word| word.to_string() == text).copied();
        if found.is_none() {
            let words: Vec<String> = all.iter().map(ToString::to_string).collect();
            self.wrong(field, "choice", format!("Choose one of {}.", words.join(", ")));
        }
        found
    }
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let upper = text.to_uppercase();
    ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p"].iter().find_map(|form| NaiveTime::parse_from_str(&upper, form).ok())
}

/// Optional text and nothing else: what is blank is none.
pub fn some_text(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Texts of several lines: line ends as Unix writes them, no spaces around.
pub fn tidy_text(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Typed {
    Text(String),
    Yes(bool),
    Whole(i64),
    Fraction(f64),
    Many(Vec<String>),
    Nothing(()),
}

/// For `deserialize_with`: text, or a number as it would be typed; nothing is blank.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Typed::deserialize(from) {
        Ok(Typed::Text(text)) => Ok(text),
        Ok(Typed::Whole(number)) => Ok(number.to_string()),
        Ok(Typed::Fraction(number)) => Ok(format!("{number:.2}")),
        Ok(Typed::Nothing(())) => Ok(String::new()),
        _ => Err(serde::de::Error::custom("text or a number belongs here")),
    }
}

/// For `deserialize_with`: a list of texts, or one text.
pub fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    match Typed::deserialize(from) {
        Ok(Typed::Many(texts)) => Ok(texts),
        Ok(Typed::Text(text)) => Ok(vec![text]),
        _ => Err(serde::de::Error::custom("text or a list of texts belongs here")),
    }
}

/// For `deserialize_with`: one text a line, or a list of texts.
pub fn lines<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    texts(from).map(|texts| texts.join("\n"))
}

/// For `deserialize_with`: true or false, or what a checkbox posts.
pub fn yes<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match Typed::deserialize(from) {
        Ok(Typed::Yes(yes)) => Ok(yes),
        Ok(Typed::Text(text)) => match text.to_lowercase().as_str() {
            "yes" | "true" | "on" => Ok(true),
            "" | "no" | "false" | "off" => Ok(false),
            _ => Err(serde::de::Error::custom("true or false belongs here")),
        },
        _ => Err(serde::de::Error::custom("true or false belongs here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(check: impl FnOnce(&mut Checks)) -> String {
        let mut checks = Checks::new();
        check(&mut checks);
        checks.finish().map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn times_are_read_as_people_type_them() {
        let zone = Tz::America__Los_Angeles;
        let day = NaiveDate::from_ymd_opt(2026, 3, 9);
        for text in ["13:30", "1:30 PM", "1:30pm", "13:30:00"] {
            let mut checks = Checks::new();
            assert_eq!(checks.time_on("starts", text, day, zone), Instant::parse("2026-03-09T13:30:00-07:00"), "{text}");
        }
        assert_eq!(said(|checks| _ = checks.time_on("starts", "25:00", day, zone)), "“25:00” is not a time. Write it as 08:30.");
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_refused_with_the_reason() {
        let zone = Tz::America__Los_Angeles;
        let detail = said(|checks| _ = checks.moment("opens", "2026-03-08T02:30", zone));
        assert_eq!(detail, "2026-03-08 02:30 does not exist in America/Los_Angeles: the clocks go forward then.");
    }

    #[test]
    fn numbers_have_bounds_and_prices_a_form() {
        assert_eq!(said(|checks| _ = checks.whole("cap", "0", 1..=i32::MAX)), "“0” does not fit. Enter a whole number, at least 1.");
        assert_eq!(said(|checks| _ = checks.whole("capacity", "1,200", 0..=i32::MAX)), "");
        assert_eq!(said(|checks| _ = checks.price("price", "-5")), "“-5” is not a price. Write it as 1149.00.");
    }

    #[test]
    fn a_code_can_stand_in_an_address() {
        assert_eq!(said(|checks| _ = checks.code("code", "B-1.a")), "");
        for wrong in ["a b", "é", "/", "-x", "new"] {
            assert_ne!(said(|checks| _ = checks.code("code", wrong)), "", "{wrong}");
        }
    }
}
