//! Codes of the measure, what sessions say with them, and which numbers are shown: pure decisions.

use crate::error::Checks;

/// The codes in the measure's order: each domain, then its statements.
const CODES: [&str; 30] = [
    "1", "1A", "1B", "1C", "1D", "1E", "2", "2A", "2B", "2C", "2D", "2E", "3", "3A", "3B", "3C", "3D", "3E", "4", "4A", "4B", "4C", "4D",
    "4E", "5", "5A", "5B", "5C", "5D", "5E",
];

/// Every code, a domain before its statements.
pub fn codes() -> impl Iterator<Item = &'static str> {
    CODES.into_iter()
}

/// The codes of the domains.
pub fn domains() -> impl Iterator<Item = &'static str> {
    codes().filter(|code| is_domain(code))
}

/// The codes of a domain's statements.
pub fn statements_of(domain: &str) -> impl Iterator<Item = &'static str> {
    codes().filter(move |code| !is_domain(code) && domain_of(code) == domain)
}

/// Whether a code is that of a whole domain.
pub fn is_domain(code: &str) -> bool {
    code.len() == 1
}

/// The domain of a statement, or the domain itself.
pub fn domain_of(code: &str) -> &str {
    code.get(..1).unwrap_or_default()
}

/// The code as the measure writes it, where there is such a one.
pub fn known(text: &str) -> Option<&'static str> {
    codes().find(|code| code.eq_ignore_ascii_case(text))
}

crate::words! {
    /// How much a session is about a statement.
    Weight { Primary => "primary", Secondary => "secondary" }
}

/// The codes in a text such as `4D, 5`, in the measure's order, each once; what is no code is said.
pub fn read(checks: &mut Checks, field: &str, text: &str) -> String {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for word in text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty()) {
        match known(word) {
            Some(code) => found.push(code),
            None => wrong.push(format!("“{word}”")),
        }
    }
    if !wrong.is_empty() {
        let said = format!("{} is no code of the measure. They go from 1A to 5E; a digit alone means the whole domain.", wrong.join(", "));
        checks.wrong(field, "unknown", said);
    }
    codes().filter(|code| found.contains(code)).collect::<Vec<_>>().join(" ")
}

/// Says where one code stands in both lists.
pub fn check_apart(checks: &mut Checks, field: &str, about: &str, also: &str) {
    let twice: Vec<&str> = also.split(' ').filter(|code| !code.is_empty() && about.split(' ').any(|other| other == *code)).collect();
    if !twice.is_empty() {
        checks.wrong(field, "twice", format!("{} stands in both lists. Leave it in the first.", twice.join(", ")));
    }
}

/// What a session is about and what it touches, each code with its weight, in the measure's order.
pub fn about(about: &str, also: &str) -> Vec<(&'static str, Weight)> {
    let weight = |code: &'static str| {
        let is_in = |list: &str| list.split(' ').any(|other| other == code);
        if is_in(about) { Some((code, Weight::Primary)) } else { is_in(also).then_some((code, Weight::Secondary)) }
    };
    codes().filter_map(weight).collect()
}

/// The domains that a session is about or touches, by itself or by one of their statements.
pub fn domains_of(about_text: &str, also: &str) -> Vec<&'static str> {
    let named = about(about_text, also);
    domains().filter(|domain| named.iter().any(|(code, _)| domain_of(code) == *domain)).collect()
}

/// A number of people as it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Nobody,
    /// So few that they could be told apart; the smallest number that is shown.
    Fewer(i64),
    Count(i64),
}

/// A number of people, hidden where it is smaller than `fewest`.
pub fn shown(count: i64, fewest: i64) -> Shown {
    match count {
        ..=0 => Shown::Nobody,
        few if few < fewest => Shown::Fewer(fewest),
        enough => Shown::Count(enough),
    }
}

impl Shown {
    pub fn words(self) -> String {
        match self {
            Self::Nobody => "nobody yet".to_owned(),
            Self::Fewer(fewest) => format!("fewer than {fewest}"),
            Self::Count(count) => count.to_string(),
        }
    }

    /// How strongly it is drawn, from 0 to 4.
    pub fn level(self) -> usize {
        match self {
            Self::Nobody => 0,
            Self::Fewer(_) => 1,
            Self::Count(..10) => 2,
            Self::Count(..25) => 3,
            Self::Count(_) => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_order_and_kept_in_the_measures() {
        let mut checks = Checks::new();
        assert_eq!(read(&mut checks, "pssm", "5, 4d;1A\n4D"), "1A 4D 5");
        assert!(checks.is_clean());
        assert_eq!(read(&mut checks, "pssm", "4D 6A x"), "4D");
        let said = checks.finish().unwrap_err().to_string();
        assert!(said.starts_with("“6A”, “x” is no code of the measure."), "{said}");
    }

    #[test]
    fn a_code_is_what_a_session_is_about_or_what_it_touches_not_both() {
        let mut checks = Checks::new();
        check_apart(&mut checks, "pssm_also", "4D 5", "2E 5");
        assert_eq!(checks.finish().unwrap_err().to_string(), "5 stands in both lists. Leave it in the first.");
        assert_eq!(about("4D 5", "2E"), [("2E", Weight::Secondary), ("4D", Weight::Primary), ("5", Weight::Primary)]);
        assert_eq!(domains_of("4D 5", "2E"), ["2", "4", "5"]);
        assert!(domains_of("", "").is_empty());
    }

    #[test]
    fn each_domain_has_five_statements() {
        for domain in domains() {
            let letters: String = statements_of(domain).map(|code| &code[1..]).collect();
            assert_eq!(letters, "ABCDE", "{domain}");
        }
    }

    #[test]
    fn numbers_below_what_evaluations_show_are_hidden() {
        assert_eq!([0, 1, 4, 5, 40].map(|count| shown(count, 5).words()), ["nobody yet", "fewer than 5", "fewer than 5", "5", "40"]);
        assert_eq!([0, 4, 5, 12, 40].map(|count| shown(count, 5).level()), [0, 1, 2, 3, 4]);
    }
}
