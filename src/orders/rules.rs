//! What an order needs before it stands, and what its balance says (PRC-2, PAY-1): pure decisions.

use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

/// Where an order stands, from its money and its open questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Staff decide something first; the invoice waits.
    Held,
    AwaitingPayment,
    Paid,
    Canceled,
}

impl Standing {
    pub fn words(self) -> &'static str {
        match self {
            Self::Held => "Being checked",
            Self::AwaitingPayment => "Balance due",
            Self::Paid => "Paid",
            Self::Canceled => "Canceled",
        }
    }
}

/// Where an order stands.
pub fn standing(balance_cents: i64, undecided: bool, all_canceled: bool) -> Standing {
    if all_canceled {
        Standing::Canceled
    } else if undecided {
        Standing::Held
    } else if balance_cents > 0 {
        Standing::AwaitingPayment
    } else {
        Standing::Paid
    }
}

/// The last day to pay an invoice: the event's number of days after the order, or after what it waited for was decided.
pub fn due_on(invoice_due_days: i32, from: NaiveDate) -> NaiveDate {
    let days = u64::try_from(invoice_due_days).unwrap_or_default();
    from.checked_add_days(Days::new(days)).unwrap_or(from)
}

/// What a registration type covers: each session of the event, in their order, and whether anybody may still take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    pub covers: Vec<bool>,
    pub is_open: bool,
}

/// Whether a registration of one type may be taken on into another: that has everything the first has, and more.
pub fn takes_on(from: &Type, into: &Type) -> bool {
    let keeps_all = from.covers.iter().zip(&into.covers).all(|(had, has)| *has || !had);
    let adds = from.covers.iter().zip(&into.covers).any(|(had, has)| *has && !had);
    into.is_open && keeps_all && adds
}

/// The proof that a discount claim rests on, as its row keeps it.
pub mod proof {
    pub const DOMAIN: &str = "domain";
    pub const STAFF_CODE: &str = "staff_code";
    pub const NONE: &str = "none";
    pub const STAFF_DECISION: &str = "staff_decision";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_is_taken_on_into_what_has_everything_it_has_and_more() {
        let kind = |covers: &[bool], is_open| Type { covers: covers.to_vec(), is_open };
        let first = kind(&[true, false, false], true);
        assert!(takes_on(&first, &kind(&[true, true, true], true)));
        assert!(!takes_on(&first, &kind(&[true, true, true], false)), "held already, or not for everybody");
        assert!(!takes_on(&first, &kind(&[false, true, true], true)), "it would lose its webinar");
        assert!(!takes_on(&first, &first), "the same is no more");
    }

    #[test]
    fn an_order_is_held_while_staff_decide_and_paid_when_nothing_is_owed() {
        for (balance, undecided, canceled, expected) in [
            (100, true, false, Standing::Held),
            (100, false, false, Standing::AwaitingPayment),
            (0, false, false, Standing::Paid),
            (-5, false, false, Standing::Paid),
            (100, true, true, Standing::Canceled),
        ] {
            assert_eq!(standing(balance, undecided, canceled), expected);
        }
    }
}
