//! The credit types that are known, with what each demands by default, and the wording that accreditors fix (CEU-1).

use super::rules::{Code, Method, Rounding, Terms};

/// A credit type as it is known here; an event may change professions and rule.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub name: &'static str,
    /// What one and several are called.
    pub units: (&'static str, &'static str),
    /// The words of the professions it serves; none means everybody.
    pub professions: &'static [&'static str],
    pub terms: Terms,
}

const QUARTERS: Terms = Terms {
    method: Method::Proportional,
    threshold_percent: 80,
    grace_minutes: 0,
    unit_minutes: 60,
    increment_hundredths: 25,
    minimum_hundredths: 25,
    rounding: Rounding::Nearest,
};

impl Code {
    /// What is known of a credit type.
    pub fn known(self) -> Known {
        let credits = ("credit", "credits");
        let hours = ("contact hour", "contact hours");
        let known = |name, units, professions, terms| Known { name, units, professions, terms };
        match self {
            Self::Ama => known("AMA PRA Category 1 Credit™", credits, &["physician"], QUARTERS),
            // By the provider's criterion: so much of a session, and then all of it.
            Self::Ancc => {
                let terms = Terms {
                    method: Method::Threshold,
                    increment_hundredths: 1,
                    minimum_hundredths: 1,
                    rounding: Rounding::Down,
                    ..QUARTERS
                };
                known("Nursing contact hours (ANCC)", hours, &["nurse"], terms)
            }
            Self::Acpe => {
                let terms = Terms { method: Method::Whole, ..QUARTERS };
                known("Pharmacy contact hours (ACPE)", hours, &["pharmacist", "pharmacy_technician"], terms)
            }
            Self::Ipce => known("Interprofessional Continuing Education (IPCE)", credits, &[], QUARTERS),
            Self::Aapa => known("AAPA Category 1 CME", credits, &["physician_associate"], QUARTERS),
            Self::Cphq => known("CPHQ continuing education", ("hour", "hours"), &[], QUARTERS),
            Self::Cpps => known("CPPS recertification", ("hour", "hours"), &[], QUARTERS),
            Self::Aswb => {
                let terms = Terms {
                    method: Method::Threshold,
                    threshold_percent: 100,
                    increment_hundredths: 50,
                    minimum_hundredths: 50,
                    rounding: Rounding::Down,
                    ..QUARTERS
                };
                known("Social work continuing education (ASWB ACE)", credits, &["social_worker"], terms)
            }
            Self::Attendance => known("Attendance (not accredited)", ("hour", "hours"), &[], QUARTERS),
        }
    }

    /// So many of its units, in words: `1.75 credits`.
    pub fn amount(self, hundredths: i64) -> String {
        let (one, many) = self.known().units;
        format!("{} {}", super::rules::hundredths_words(hundredths), if hundredths == 100 { one } else { many })
    }
}

/// Ten contact hours are one CEU, which is printed on pharmacy lines only: `0.175`.
pub fn ceus(hundredths: i64) -> String {
    format!("{}.{:03}", hundredths / 1000, hundredths % 1000)
}

/// A statement whose wording an accreditor fixes: its kind, what staff call it, and the wording.
pub struct Wording {
    pub kind: &'static str,
    pub title: &'static str,
    pub words: &'static str,
}

const fn wording(kind: &'static str, title: &'static str, words: &'static str) -> Wording {
    Wording { kind, title, words }
}

/// The statement of accreditation, which stands on the agenda before anything is learned.
pub const ACCREDITATION: &str = "accreditation";

/// What may stand in braces: `{provider}`, `{partners}`, `{format}`, `{n}`, `{ceus}` (a tenth of `{n}`), `{uan}`;
/// on certificates `{name}`, `{title}`, `{dates}`, `{credit}` and `{cep}` too.
pub const WORDINGS: [Wording; 19] = [
    wording(
        ACCREDITATION,
        "Joint accreditation",
        "In support of improving patient care, {provider} is jointly accredited by the Accreditation Council for Continuing Medical \
         Education (ACCME), the Accreditation Council for Pharmacy Education (ACPE), and the American Nurses Credentialing Center (ANCC), \
         to provide continuing education for the healthcare team.",
    ),
    wording("joint_providers", "Joint providers", "This activity was planned and implemented by {provider} and {partners}."),
    wording(
        "ama",
        "AMA PRA Category 1 Credit™",
        "{provider} designates this {format} for a maximum of {n} AMA PRA Category 1 Credit(s)™. Physicians should claim only the credit \
         commensurate with the extent of their participation in the activity.",
    ),
    wording("ancc", "Nursing", "A maximum of {n} contact hours may be earned by learners who successfully complete this {format}."),
    wording(
        "acpe",
        "Pharmacy",
        "This {format} provides {n} contact hours ({ceus} CEUs) of continuing education credit. Universal Activity Number {uan}.",
    ),
    wording(
        "ipce",
        "Interprofessional",
        "This activity was planned by and for the healthcare team, and learners will receive {n} Interprofessional Continuing Education \
         (IPCE) credit(s) for learning and change.",
    ),
    wording(
        "aapa",
        "AAPA",
        "{provider} has been authorized by the American Academy of PAs (AAPA) to award AAPA Category 1 CME credit. This activity is \
         designated for {n} AAPA Category 1 CME credits. PAs should only claim credit commensurate with the extent of their participation.",
    ),
    wording(
        "cphq",
        "CPHQ",
        "This program has been approved by the National Association for Healthcare Quality for a maximum of {n} CPHQ continuing education \
         credits.",
    ),
    wording(
        "cpps",
        "CPPS",
        "This activity meets the criteria of the Certification Board for Professionals in Patient Safety for up to {n} CPPS recertification hours.",
    ),
    wording(
        "aswb",
        "Social work",
        "As a Jointly Accredited Organization, {provider} is approved to offer social work continuing education by the Association of \
         Social Work Boards (ASWB) Approved Continuing Education (ACE) program. Organizations, not individual courses, are approved under \
         this program. Regulatory boards are the final authority on courses accepted for continuing education credit. Social workers \
         completing this course receive {n} continuing education credits.",
    ),
    wording("attendance", "Attendance", "This records attendance. It is not an accredited credit certificate."),
    wording(
        "award",
        "Certificate: credit is awarded",
        "{provider} certifies that {name} has participated in the {format} titled “{title}” on {dates} and is awarded {credit}.",
    ),
    wording(
        "award_attendance",
        "Certificate: participation",
        "{provider} certifies that {name} has participated in the {format} titled “{title}” on {dates}: {credit}.",
    ),
    wording(
        "designated_for",
        "Certificate of participation: what physicians may claim",
        "This activity was designated for {n} AMA PRA Category 1 Credit(s)™.",
    ),
    wording(
        "california_rn",
        "Certificate: nurses in California",
        "Provider approved by the California Board of Registered Nursing, Provider Number {cep}, for {n} contact hours. This document must be \
         retained by the licensee for a period of four years after the course concludes.",
    ),
    wording(
        "acpe_record",
        "Certificate: pharmacy",
        "The official record of pharmacy credit is in CPE Monitor. This certificate is a courtesy copy.",
    ),
    wording(
        "certificate_aapa",
        "Certificate: AAPA",
        "{provider} has been authorized by the American Academy of PAs (AAPA) to award AAPA Category 1 CME credit.",
    ),
    wording(
        "certificate_cphq",
        "Certificate: CPHQ",
        "This program has been approved by the National Association for Healthcare Quality for CPHQ continuing education credits.",
    ),
    wording(
        "certificate_cpps",
        "Certificate: CPPS",
        "This activity meets the criteria of the Certification Board for Professionals in Patient Safety for CPPS recertification hours.",
    ),
];

/// A wording by its kind.
pub fn wording_of(kind: &str) -> Option<&'static Wording> {
    WORDINGS.iter().find(|wording| wording.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_credit_type_has_a_statement_and_known_professions() {
        use crate::registration::rules::PROFESSIONS;
        for code in Code::ALL {
            assert!(wording_of(code.as_str()).is_some(), "{code}");
            let known = code.known();
            assert!(known.professions.iter().all(|word| PROFESSIONS.iter().any(|(profession, _)| profession == word)), "{code}");
            assert!(known.terms.increment_hundredths > 0 && known.terms.unit_minutes > 0, "{code}");
        }
    }

    #[test]
    fn amounts_are_told_in_the_units_of_their_type() {
        assert_eq!(Code::Ama.amount(175), "1.75 credits");
        assert_eq!(Code::Ancc.amount(100), "1.00 contact hour");
    }
}
