//! A price as a receipt that explains itself: what a quote or the lines of an order show (PRC-2).

use serde::Serialize;

use super::OrderLine;
use super::quote::{Item, Quote};
use crate::money::format_cents;
use crate::pricing::rules::Weighed;

/// What `parts/quote` shows; money is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    pub lines: Vec<ReceiptLine>,
    pub total: String,
    pub note: Option<String>,
}

/// A priced item with the discount that won and those that lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptLine {
    pub item: String,
    pub list: String,
    pub applied: Vec<Applied>,
    pub not_applied: Vec<NotApplied>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    pub name: String,
    pub amount: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotApplied {
    pub name: String,
    pub reason: String,
}

/// The receipt of a price that is not promised yet.
pub fn of_quote(quote: &Quote, note: Option<String>) -> Receipt {
    let items = quote.lines.iter().flat_map(|line| &line.items);
    let line = |item: &Item| line(&item.description, item.list_cents, &item.weighed, &quote.currency);
    Receipt { lines: items.map(line).collect(), total: format_cents(quote.total_cents(), &quote.currency), note }
}

/// The receipt of frozen lines.
pub fn of_lines(lines: &[OrderLine], currency: &str, note: Option<String>) -> Receipt {
    let total: i64 = lines.iter().map(|line| line.net_cents).sum();
    let frozen = |frozen: &OrderLine| {
        // Written by us; a row that cannot be read shows its price without reasons.
        let weighed: Vec<Weighed> = serde_json::from_str(&frozen.candidates).unwrap_or_default();
        line(&frozen.description, frozen.list_cents, &weighed, currency)
    };
    Receipt { lines: lines.iter().map(frozen).collect(), total: format_cents(total, currency), note }
}

fn line(item: &str, list_cents: i64, weighed: &[Weighed], currency: &str) -> ReceiptLine {
    let name = |discount: &Weighed| format!("{}, {} %", discount.kind.words(), discount.percent);
    let applied = |discount: &Weighed| Applied {
        name: name(discount),
        amount: format_cents(discount.amount_cents, currency),
        reason: discount.reason.clone(),
    };
    let not_applied = |discount: &Weighed| NotApplied { name: lower_first(&name(discount)), reason: discount.reason.clone() };
    ReceiptLine {
        item: item.to_owned(),
        list: format_cents(list_cents, currency),
        applied: weighed.iter().filter(|discount| discount.applied).map(applied).collect(),
        not_applied: weighed.iter().filter(|discount| !discount.applied).map(not_applied).collect(),
    }
}

/// The name reads on after "Why not".
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::rules::DiscountKind;

    #[test]
    fn a_receipt_names_the_winner_and_why_the_others_lost() {
        let weighed = |kind, amount_cents, applied: bool| Weighed {
            kind,
            percent: 15,
            amount_cents,
            applied,
            reason: format!("because {applied}"),
            code_id: None,
        };
        let candidates = [weighed(DiscountKind::RecognizedHospital, 19_487, true), weighed(DiscountKind::Group, 19_487, false)];
        let line = line("General", 129_910, &candidates, "USD");
        assert_eq!((line.list.as_str(), line.applied[0].amount.as_str()), ("$1,299.10", "$194.87"));
        assert_eq!(line.applied[0].name, "Recognized hospital, 15 %");
        assert_eq!(line.not_applied[0].name, "group of three or more, 15 %");
    }
}
