//! The filters of an agenda, kept in its address: day, track, kind, room, domain of the safety measure.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::queries::Listed;
use super::{Kind, Room, Track};
use crate::pssm::{Catalogue, rules as measure};

/// What the address asks for; empty and unknown values are as they come, and then nothing fits.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Filter {
    day: Option<String>,
    track: Option<String>,
    kind: Option<String>,
    room: Option<String>,
    domain: Option<String>,
}

/// A link that narrows or widens what is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    pub text: String,
    pub href: String,
    pub current: bool,
}

/// The links of one kind of filter.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    pub label: &'static str,
    pub links: Vec<Link>,
    /// Too many for a row: they are folded.
    pub is_long: bool,
    /// The chosen one's text.
    pub chosen: Option<String>,
}

/// Every filter that would tell sessions of this day apart.
pub type Choices = Vec<Choice>;

/// More links than this are folded.
const LONG: usize = 9;

fn asked(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}

impl Filter {
    /// The day asked for, when it is one.
    pub fn day(&self) -> Option<NaiveDate> {
        asked(&self.day)?.parse().ok()
    }

    /// The same filter on another day.
    pub fn on(&self, day: Option<NaiveDate>) -> Self {
        Self { day: day.map(|day| day.to_string()), ..self.clone() }
    }

    /// The day without what narrows it.
    pub fn day_only(&self) -> Self {
        Self { day: self.day.clone(), ..Self::default() }
    }

    /// Whether it leaves out sessions of the day.
    pub fn is_narrow(&self) -> bool {
        [&self.track, &self.kind, &self.room, &self.domain].into_iter().any(|value| asked(value).is_some())
    }

    /// The query of an address that asks for this, always in the same order.
    pub fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let all = [("day", &self.day), ("track", &self.track), ("kind", &self.kind), ("room", &self.room), ("domain", &self.domain)];
        for (name, value) in all {
            if let Some(value) = asked(value) {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    /// A link to the same page that asks for this.
    pub fn href(&self) -> String {
        format!("?{}", self.query())
    }

    /// Tells whether a session fits.
    pub fn matcher<'a>(&'a self, rooms: &'a [Room], tracks: &'a [Track]) -> impl Fn(&Listed) -> bool + 'a {
        let track = asked(&self.track).map(|code| tracks.iter().find(|track| track.code == code).map(|track| &track.id));
        let room = asked(&self.room).map(|code| rooms.iter().find(|room| room.code == code).map(|room| &room.id));
        let kind = asked(&self.kind).map(Kind::from_word);
        let domain = asked(&self.domain);
        move |session| {
            track.is_none_or(|id| id.is_some() && session.track_id.as_ref() == id)
                && room.is_none_or(|id| id.is_some() && session.room_id.as_ref() == id)
                && kind.is_none_or(|kind| kind == Some(session.kind))
                && domain.is_none_or(|domain| measure::domains_of(&session.pssm, &session.pssm_also).contains(&domain))
        }
    }
}

/// The links by which the listed sessions can be narrowed; a filter with nothing to choose is left out.
pub fn choices(filter: &Filter, listed: &[Listed], rooms: &[Room], tracks: &[Track], measure: &Catalogue) -> Choices {
    let used_tracks: HashSet<_> = listed.iter().filter_map(|session| session.track_id.as_ref()).collect();
    let used_rooms: HashSet<_> = listed.iter().filter_map(|session| session.room_id.as_ref()).collect();
    let used_kinds: HashSet<_> = listed.iter().map(|session| session.kind).collect();
    let of_tracks = tracks.iter().filter(|track| used_tracks.contains(&track.id)).map(|track| (track.code.clone(), track.name.clone()));
    let of_rooms = rooms.iter().filter(|room| used_rooms.contains(&room.id)).map(|room| (room.code.clone(), room.name.clone()));
    let of_kinds =
        Kind::ALL.iter().filter(|kind| used_kinds.contains(kind)).map(|kind| (kind.as_str().to_owned(), kind.words().to_owned()));
    let used_domains: HashSet<_> = listed.iter().flat_map(|session| measure::domains_of(&session.pssm, &session.pssm_also)).collect();
    let domain = |code: &'static str| (code.to_owned(), format!("{code} {}", measure.words_of(code).unwrap_or_default()));
    let of_domains = measure::domains().filter(|code| used_domains.contains(code)).map(domain);
    let all = [
        choice("Area", asked(&filter.track), of_tracks.collect(), |code| Filter { track: code, ..filter.clone() }),
        choice("Kind", asked(&filter.kind), of_kinds.collect(), |code| Filter { kind: code, ..filter.clone() }),
        choice("Room", asked(&filter.room), of_rooms.collect(), |code| Filter { room: code, ..filter.clone() }),
        choice("Safety measure", asked(&filter.domain), of_domains.collect(), |code| Filter { domain: code, ..filter.clone() }),
    ];
    all.into_iter().flatten().collect()
}

fn choice(
    label: &'static str,
    chosen: Option<&str>,
    options: Vec<(String, String)>,
    with: impl Fn(Option<String>) -> Filter,
) -> Option<Choice> {
    if options.len() < 2 && chosen.is_none() {
        return None;
    }
    let mut links = vec![Link { text: "All".to_owned(), href: with(None).href(), current: chosen.is_none() }];
    let mut text = None;
    for (code, name) in options {
        let current = chosen == Some(code.as_str());
        if current {
            text = Some(name.clone());
        }
        links.push(Link { text: name, href: with(Some(code)).href(), current });
    }
    Some(Choice { label, is_long: links.len() > LONG, links, chosen: text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_an_address_that_keeps_the_other_choices() {
        let filter = Filter { day: Some("2026-03-09".into()), track: Some("a&b".into()), kind: Some(String::new()), ..Filter::default() };
        assert_eq!(filter.href(), "?day=2026-03-09&track=a%26b");
        assert!(filter.is_narrow());
        assert_eq!(filter.day_only().href(), "?day=2026-03-09");
        assert_eq!(filter.day(), Some("2026-03-09".parse().unwrap()));
        assert_eq!(Filter { day: Some("soon".into()), ..Filter::default() }.day(), None);
    }

    #[test]
    fn a_filter_with_one_option_is_left_out_and_a_long_one_is_folded() {
        let options = |count: usize| (0..count).map(|n| (format!("r{n}"), format!("Room {n}"))).collect::<Vec<_>>();
        let with = |code| Filter { room: code, ..Filter::default() };
        assert!(choice("Room", None, options(1), with).is_none());
        let long = choice("Room", Some("r3"), options(30), with).unwrap();
        assert!(long.is_long);
        assert_eq!(long.chosen.as_deref(), Some("Room 3"));
        assert_eq!(long.links.iter().filter(|link| link.current).count(), 1);
    }
}
