//! Finding people of an event by what was typed: names, codes, addresses, organizations.

use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::db::Either;
use crate::db::schema::registrations;
use crate::ids::EventId;
use crate::people::rules::fold;

/// The registrations of an event in which every typed word is found; all of them when nothing was typed.
pub fn matching(event: &EventId, typed: &str) -> registrations::BoxedQuery<'static, Either> {
    let mut query = registrations::table.filter(registrations::event_id.eq(event.clone())).into_boxed::<Either>();
    for spellings in patterns(typed) {
        let mut any: Option<Box<dyn BoxableExpression<registrations::table, Either, SqlType = Bool>>> = None;
        for pattern in spellings {
            let found = registrations::search_key.like(pattern).escape('\\');
            any = Some(match any {
                Some(others) => Box::new(others.or(found)),
                None => Box::new(found),
            });
        }
        if let Some(any) = any {
            query = query.filter(any);
        }
    }
    query
}

/// What is searched for, as `LIKE` patterns: each inner list is one typed word in its possible spellings,
/// and every typed word has to be found. Words match at their beginnings, codes and addresses anywhere.
fn patterns(typed: &str) -> Vec<Vec<String>> {
    let mut groups = Vec::new();
    let alone = typed.split_whitespace().count() == 1;
    for word in typed.split_whitespace().take(8) {
        let raw = escape_like(&word.to_lowercase());
        // One code in seven has no digit.
        let is_code = word.contains('-') && word.chars().any(|c| c.is_ascii_digit()) || raw.starts_with("reg-");
        if word.contains('@') || is_code {
            groups.push(vec![format!("%{raw}%")]);
            continue;
        }
        // Signs and emoji fold away inside a name, so they say nothing here either.
        for part in fold(word).split(' ').filter(|part| part.chars().any(char::is_alphanumeric) || alone) {
            let part = escape_like(part);
            let mut spellings = vec![format!("{part}%"), format!("% {part}%")];
            // A code typed without its `REG-`, or a part of an address such as its domain.
            if word.chars().count() == 6 || word.contains('.') {
                spellings.push(format!("%{raw}%"));
            }
            groups.push(spellings);
        }
    }
    groups
}

/// A text in which `%`, `_` and the escaping backslash stand for themselves.
fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_typed_word_is_searched_at_the_beginnings_of_words() {
        assert_eq!(patterns("  Fernández  maría "), vec![vec!["fernandez%", "% fernandez%"], vec!["maria%", "% maria%"]]);
        assert_eq!(patterns("O’Brien-Smith").len(), 2);
        assert!(patterns("   ").is_empty());
    }

    #[test]
    fn codes_and_addresses_are_searched_as_they_are_typed() {
        assert_eq!(patterns("REG-7K3M9P"), vec![vec!["%reg-7k3m9p%"]]);
        assert_eq!(patterns("REG-KXMWPA"), vec![vec!["%reg-kxmwpa%"]]);
        assert_eq!(patterns("Maya_O@Hospital.example"), vec![vec!["%maya\\_o@hospital.example%"]]);
        assert!(patterns("7K3M9P")[0].contains(&"%7k3m9p%".to_owned()));
    }

    #[test]
    fn signs_of_patterns_stand_for_themselves() {
        assert_eq!(patterns("%"), vec![vec!["\\%%", "% \\%%"]]);
    }
}
