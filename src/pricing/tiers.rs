//! Which price of a registration type is in force on a day (PRC-1, PRC-2), and whether it is on sale.

use chrono::NaiveDate;

use super::{PriceTier, RegistrationType};

/// Where a type's sale stands on a day in the event's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sale {
    /// Opens on this day.
    NotYet(NaiveDate),
    Open,
    /// Was open until this day.
    Over(NaiveDate),
}

/// Whether a type is on sale; without a last day of its own it is sold until the event's last.
pub fn sale_on(kind: &RegistrationType, event_ends_on: NaiveDate, day: NaiveDate) -> Sale {
    let last = kind.sale_closes_on.unwrap_or(event_ends_on);
    match kind.sale_opens_on {
        Some(first) if day < first => Sale::NotYet(first),
        _ if day > last => Sale::Over(last),
        _ => Sale::Open,
    }
}

/// The tier in force on a day in the event's zone: the first that has not ended. Tiers come in their order.
pub fn in_force(tiers: &[PriceTier], day: NaiveDate) -> Option<&PriceTier> {
    tiers.iter().find(|tier| tier.until.is_none_or(|last| day <= last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PriceTierId, RegistrationTypeId};

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_tier_is_in_force_through_its_last_day() {
        let tier = |name: &str, until: Option<&str>| PriceTier {
            id: PriceTierId::new(),
            registration_type_id: RegistrationTypeId::new(),
            name: name.to_owned(),
            price_cents: 0,
            until: until.map(date),
            position: 0,
        };
        let tiers = [tier("Early", Some("2026-01-09")), tier("Regular", Some("2026-02-27")), tier("On site", None)];
        for (day, name) in [("2026-01-09", "Early"), ("2026-01-10", "Regular"), ("2026-02-28", "On site"), ("2027-01-01", "On site")] {
            assert_eq!(in_force(&tiers, date(day)).map(|tier| tier.name.as_str()), Some(name), "{day}");
        }
        assert!(in_force(&tiers[..2], date("2026-02-28")).is_none());
    }
}
