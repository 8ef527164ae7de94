//! The rules of recognition, one test a sentence.

use super::*;
use crate::ids::{HospitalId, RecognitionId};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn term(starts_on: &str, ends_on: &str) -> Recognition {
    Recognition {
        id: RecognitionId::new(),
        hospital_id: HospitalId::from("hospital".to_owned()),
        term_starts_on: day(starts_on),
        term_ends_on: day(ends_on),
        conditional: false,
        approved_on: Some(day("2025-05-20")),
        paid_on: Some(day("2025-06-03")),
        revoked_on: None,
    }
}

fn good() -> Recognition {
    term("2025-07-01", "2027-06-30")
}

#[test]
fn benefits_come_only_with_approval_and_payment_and_end_with_the_term() {
    for (what, terms, on, expected) in [
        ("the day before", vec![good()], "2025-06-30", false),
        ("the first day", vec![good()], "2025-07-01", true),
        ("the last day", vec![good()], "2027-06-30", true),
        ("the day after", vec![good()], "2027-07-01", false),
        ("unpaid", vec![Recognition { paid_on: None, ..good() }], "2026-03-08", false),
        ("paid tomorrow", vec![Recognition { paid_on: Some(day("2026-03-09")), ..good() }], "2026-03-08", false),
        ("paid today", vec![Recognition { paid_on: Some(day("2026-03-08")), ..good() }], "2026-03-08", true),
        ("unapproved", vec![Recognition { approved_on: None, ..good() }], "2026-03-08", false),
        ("conditional", vec![Recognition { conditional: true, ..good() }], "2026-03-08", false),
        ("revoked today", vec![Recognition { revoked_on: Some(day("2026-03-08")), ..good() }], "2026-03-08", false),
        ("revoked tomorrow", vec![Recognition { revoked_on: Some(day("2026-03-09")), ..good() }], "2026-03-08", true),
        ("no term", vec![], "2026-03-08", false),
        ("an old and an unpaid", vec![good(), Recognition { paid_on: None, ..term("2027-07-01", "2029-06-30") }], "2027-07-01", false),
    ] {
        assert_eq!(is_recognized_on(&terms, day(on)), expected, "{what}");
        assert_eq!(recognized_until(&terms, day(on)).is_some(), expected, "{what}");
        assert_eq!(matches!(standing(&terms, day(on)), Standing::Recognized { .. }), expected, "{what}");
    }
}

#[test]
fn recognition_lasts_through_a_renewal_without_a_gap() {
    let renewal = term("2027-07-01", "2029-06-30");
    let late = term("2027-07-02", "2029-06-30");
    let unpaid = Recognition { paid_on: None, ..renewal.clone() };
    let on = day("2026-03-08");
    assert_eq!(recognized_until(&[renewal, good()], on), Some(day("2029-06-30")));
    assert_eq!(recognized_until(&[good(), late], on), Some(day("2027-06-30")));
    assert_eq!(recognized_until(&[good(), unpaid], on), Some(day("2027-06-30")));
    assert_eq!(recognized_until(&[Recognition { revoked_on: Some(day("2027-01-01")), ..good() }], on), Some(day("2026-12-31")));
}

#[test]
fn where_a_hospital_stands_is_said_in_a_sentence() {
    let on = day("2026-03-08");
    for (terms, sentence) in [
        (vec![good()], "Recognized until 30 Jun 2027."),
        (vec![term("2026-04-01", "2028-03-31")], "Approved and paid; the term begins on 1 Apr 2026."),
        (vec![Recognition { conditional: true, paid_on: None, ..good() }], "Conditionally recognized, which gives no benefits yet."),
        (vec![Recognition { paid_on: None, ..good() }], "Approved and not paid, which gives no benefits yet."),
        (vec![Recognition { approved_on: None, ..good() }], "A term is entered and not approved yet."),
        (vec![term("2024-01-01", "2025-12-31")], "The recognition ended on 31 Dec 2025."),
        (vec![Recognition { revoked_on: Some(day("2026-02-01")), ..good() }], "The recognition was revoked on 1 Feb 2026."),
        (vec![Recognition { conditional: true, ..term("2024-01-01", "2025-12-31") }], "Not recognized."),
        (
            vec![term("2024-01-01", "2025-12-31"), Recognition { paid_on: None, ..term("2026-01-01", "2027-12-31") }],
            "Approved and not paid, which gives no benefits yet.",
        ),
        (vec![], "Not recognized."),
    ] {
        assert_eq!(standing(&terms, on).sentence(), sentence);
    }
}

#[test]
fn a_term_starts_in_the_third_month_after_its_cycle_and_ends_24_months_later_minus_a_day() {
    for (complete_on, starts_on, ends_on) in [
        ("2025-04-30", "2025-07-01", "2027-06-30"),
        ("2025-07-31", "2025-10-01", "2027-09-30"),
        ("2025-10-31", "2026-01-01", "2027-12-31"),
        ("2026-01-31", "2026-04-01", "2028-03-31"),
        ("2026-01-01", "2026-04-01", "2028-03-31"),
        ("2026-02-01", "2026-07-01", "2028-06-30"),
        ("2026-03-31", "2026-07-01", "2028-06-30"),
        ("2025-11-01", "2026-04-01", "2028-03-31"),
        ("2025-12-31", "2026-04-01", "2028-03-31"),
    ] {
        assert_eq!(term_of_cycle(day(complete_on)), Some((day(starts_on), day(ends_on))), "{complete_on}");
    }
}

#[test]
fn terms_of_one_hospital_do_not_overlap() {
    let first = good();
    let overlaps = |other: &Recognition| overlapping(std::slice::from_ref(&first), other).is_some();
    assert!(overlaps(&term("2027-06-30", "2029-06-29")));
    assert!(overlaps(&term("2024-01-01", "2025-07-01")));
    assert!(overlaps(&term("2026-01-01", "2026-02-01")));
    assert!(!overlaps(&term("2027-07-01", "2029-06-30")));
    assert!(!overlaps(&term("2023-07-01", "2025-06-30")));
    assert!(!overlaps(&first), "a term does not overlap itself");
    let revoked = [Recognition { revoked_on: Some(day("2026-02-01")), ..good() }];
    assert_eq!(overlapping(&revoked, &term("2026-04-01", "2028-03-31")), None);
    assert!(overlapping(&revoked, &term("2026-01-01", "2027-12-31")).is_some());
}

#[test]
fn a_mail_providers_domain_proves_nothing() {
    assert_eq!(mail_domain(" @Hospital.ORG "), Ok("hospital.org".to_owned()));
    assert!(PUBLIC_MAIL.is_sorted());
    for domain in PUBLIC_MAIL {
        assert!(mail_domain(domain).unwrap_err().ends_with("anyone can have an address there."), "{domain}");
    }
    for bad in ["", "@", "hospital", "a b.org", "jo@a.org", "10.0.0.1", "-a.org", "a..org"] {
        assert!(mail_domain(bad).unwrap_err().contains("is not an e-mail domain"), "{bad}");
    }
}

#[test]
fn hospitals_are_found_by_how_people_write_them() {
    let key = search_key("ST. MARY'S MEDICAL CENTER", "San José", "CA", Some("05A001"));
    assert_eq!(key, "st marys medical center san jose ca 05a001 saint");
    let ranks = ["05a001", "st mary", "mary jose", "saint", "dical"].map(|query| rank(query, &key, Some("05A001")));
    assert_eq!(ranks, [0, 1, 2, 2, 3]);
}
