//! Tables of cases for prices and discounts.

use super::*;
use crate::ids::{HospitalId, PriceTierId, RecognitionId, RegistrationTypeId};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn candidate(kind: DiscountKind, percent: i32) -> Candidate {
    Candidate { kind, percent, usable: true, reason: format!("because {kind}"), code_id: None }
}

fn term(starts: &str, ends: &str, approved: Option<&str>, paid: Option<&str>) -> Recognition {
    Recognition {
        id: RecognitionId::new(),
        hospital_id: HospitalId::new(),
        term_starts_on: day(starts),
        term_ends_on: day(ends),
        conditional: false,
        approved_on: approved.map(day),
        paid_on: paid.map(day),
        revoked_on: None,
    }
}

#[test]
fn the_single_best_percentage_discount_wins() {
    let weighed = weigh(
        99_900,
        true,
        &[
            candidate(DiscountKind::Promotional, 10),
            candidate(DiscountKind::RecognizedHospital, 15),
            candidate(DiscountKind::Scholarship, 25),
        ],
    );
    let applied: Vec<_> =
        weighed.iter().filter(|discount| discount.applied).map(|discount| (discount.kind, discount.amount_cents)).collect();
    assert_eq!(applied, vec![(DiscountKind::Scholarship, 24_975)]);
    assert!(weighed.iter().filter(|discount| !discount.applied).all(|discount| discount.reason.contains("takes off more (25 %)")));
}

#[test]
fn a_tie_goes_to_the_recognized_hospital() {
    let weighed = weigh(10_000, true, &[candidate(DiscountKind::Group, 15), candidate(DiscountKind::RecognizedHospital, 15)]);
    assert_eq!((weighed[0].kind, weighed[0].applied), (DiscountKind::RecognizedHospital, true));
    assert!(weighed[1].reason.contains("the same"), "{}", weighed[1].reason);
}

#[test]
fn what_is_not_discountable_or_free_gets_no_discount() {
    let candidates = [candidate(DiscountKind::RecognizedHospital, 15)];
    assert!(weigh(42_500, false, &candidates).iter().all(|discount| !discount.applied));
    assert!(weigh(0, true, &candidates).iter().all(|discount| !discount.applied));
}

#[test]
fn nothing_goes_below_zero() {
    let weighed = weigh(500, true, &[candidate(DiscountKind::Scholarship, 150)]);
    assert_eq!(weighed[0].amount_cents, 500);
}

#[test]
fn the_tier_in_force_is_the_first_that_has_not_ended() {
    let tier = |name: &str, until: Option<&str>| PriceTier {
        id: PriceTierId::new(),
        registration_type_id: RegistrationTypeId::new(),
        name: name.to_owned(),
        price_cents: 1,
        until: until.map(day),
        position: 0,
    };
    let tiers = [tier("early", Some("2026-01-09")), tier("regular", Some("2026-03-07")), tier("on site", None)];
    for (today, name) in [("2026-01-09", "early"), ("2026-01-10", "regular"), ("2026-03-08", "on site")] {
        assert_eq!(tier_in_force(&tiers, day(today)).unwrap().name, name);
    }
}

#[test]
fn the_discount_needs_a_hospital_that_is_approved_and_paid_and_whose_term_covers_the_first_day() {
    let congress = EventFacts { is_congress: true, first_day: day("2026-03-08"), percent: 15 };
    let ordered = day("2026-02-01");
    let given = |event, terms: &[Recognition]| {
        let facts = HospitalFacts { hospital_name: "H", terms, proof: Proof::Domain { domain: "h.example".to_owned() } };
        matches!(hospital_verdict(event, &facts, ordered), HospitalVerdict::Given { .. })
    };
    let good = term("2025-07-01", "2027-06-30", Some("2025-06-01"), Some("2025-06-20"));
    assert!(given(congress, std::slice::from_ref(&good)));
    for (what, terms) in [
        ("none", vec![]),
        ("ended", vec![term("2024-01-01", "2025-12-31", Some("2023-11-01"), Some("2023-11-01"))]),
        ("unpaid", vec![term("2025-07-01", "2027-06-30", Some("2025-06-01"), None)]),
        ("paid after the order", vec![term("2025-07-01", "2027-06-30", Some("2025-06-01"), Some("2026-02-02"))]),
        ("not approved", vec![term("2025-07-01", "2027-06-30", None, Some("2025-06-20"))]),
        ("begins later", vec![term("2026-04-01", "2028-03-31", Some("2026-01-01"), Some("2026-01-01"))]),
        ("conditional", vec![Recognition { conditional: true, ..good.clone() }]),
        ("revoked", vec![Recognition { revoked_on: Some(day("2026-01-15")), ..good.clone() }]),
    ] {
        assert!(!given(congress, &terms), "{what}");
    }
    assert!(!given(EventFacts { is_congress: false, ..congress }, std::slice::from_ref(&good)), "a series");
    assert!(!given(EventFacts { first_day: day("2025-09-01"), ..congress }, std::slice::from_ref(&good)), "before 2026");
}

#[test]
fn a_term_counts_on_its_first_and_last_day() {
    let good = [term("2025-07-01", "2027-06-30", Some("2025-06-01"), Some("2025-06-20"))];
    for (first_day, counts) in [("2025-06-30", false), ("2025-07-01", true), ("2027-06-30", true), ("2027-07-01", false)] {
        assert_eq!(term_that_counts(&good, day(first_day), day("2025-06-20")).is_some(), counts, "{first_day}");
    }
}

#[test]
fn doubtful_proof_is_held_for_staff_and_an_unverified_address_asks_for_its_code() {
    let congress = EventFacts { is_congress: true, first_day: day("2026-03-08"), percent: 15 };
    let terms = [term("2025-07-01", "2027-06-30", Some("2025-06-01"), Some("2025-06-20"))];
    let verdict = |proof| hospital_verdict(congress, &HospitalFacts { hospital_name: "H", terms: &terms, proof }, day("2026-02-01"));
    let domain = || "h.example".to_owned();
    assert!(matches!(verdict(Proof::SharedDomain { domain: domain() }), HospitalVerdict::Doubtful { .. }));
    assert!(matches!(verdict(Proof::Nothing), HospitalVerdict::Doubtful { .. }));
    assert!(matches!(verdict(Proof::DeadCode { why: "Used up.".to_owned() }), HospitalVerdict::Doubtful { .. }));
    assert!(matches!(verdict(Proof::UnverifiedDomain { domain: domain() }), HospitalVerdict::VerifyFirst { .. }));
    assert!(matches!(verdict(Proof::StaffCode { code_id: "1".to_owned() }), HospitalVerdict::Given { .. }));
}
