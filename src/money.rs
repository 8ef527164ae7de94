//! Money as integer cents: rounding, reading and writing amounts (MON-1).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An amount as the API writes it: integer cents with an ISO 4217 currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Money {
    /// Cents.
    #[schema(example = 424575)]
    pub amount: i64,
    #[schema(example = "USD")]
    pub currency: String,
}

impl Money {
    pub fn new(amount: i64, currency: &str) -> Self {
        Self { amount, currency: currency.to_owned() }
    }
}

/// What a percentage takes off a price, rounded half-up to the cent (MON-1).
pub fn discount_cents(list_cents: i64, percent: i32) -> i64 {
    let hundredths = i128::from(list_cents) * i128::from(percent);
    let rounded = (hundredths + 50).div_euclid(100);
    i64::try_from(rounded).unwrap_or(list_cents).clamp(0, list_cents.max(0))
}

/// Reads a price such as `999`, `999.00` or `1,299.10`; `None` when it is not one.
pub fn parse_cents(text: &str) -> Option<i64> {
    let plain: String = text.trim().trim_start_matches('$').chars().filter(|c| *c != ',').collect();
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || cents.len() > 2 || !digits(whole) || !digits(cents) {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + cents)
}

/// Writes cents for people: `$4,245.75` for dollars, otherwise `EUR 4,245.75`; credits carry a minus.
pub fn format_cents(cents: i64, currency: &str) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match currency {
        "USD" => format!("{sign}${grouped}.{rest:02}"),
        other => format!("{sign}{other} {grouped}.{rest:02}"),
    }
}

/// Cents as a form field shows them: `999.00`.
pub fn plain_cents(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_discount_is_what_is_rounded_half_up() {
        for (list, percent, net) in
            [(499_500, 15, 424_575), (129_910, 15, 110_423), (129_599, 15, 110_159), (33, 15, 28), (0, 15, 0), (10, 100, 0), (10, 150, 0)]
        {
            assert_eq!(list - discount_cents(list, percent), net, "{list} −{percent} %");
        }
    }

    #[test]
    fn prices_are_read_as_people_type_them() {
        for (text, cents) in [
            ("999", Some(99_900)),
            ("999.5", Some(99_950)),
            ("$1,299.10", Some(129_910)),
            ("0", Some(0)),
            ("-1", None),
            ("1.234", None),
            ("", None),
            ("12a", None),
        ] {
            assert_eq!(parse_cents(text), cents, "{text:?}");
        }
    }

    #[test]
    fn amounts_are_written_with_groups_and_currency() {
        assert_eq!(format_cents(424_575, "USD"), "$4,245.75");
        assert_eq!(format_cents(-5, "USD"), "−$0.05");
        assert_eq!(format_cents(123_456_700, "EUR"), "EUR 1,234,567.00");
    }
}
