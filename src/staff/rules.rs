//! Which role may do what: the one table that handlers, pages and tests read (ACC-2).

crate::words! {
    /// A staff role, for one event or all.
    Role {
        Owner => "owner", Registrar => "registrar", Onsite => "onsite", Content => "content",
        Education => "education", Recognition => "recognition", Finance => "finance", Auditor => "auditor",
    }
}

/// Something staff do that not every role may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Open the back office at all.
    EnterBackOffice,
    /// Create events; change an event, its info, registration types, checkpoints and codes.
    SetUpEvents,
    /// Change rooms, tracks and sessions.
    EditAgenda,
    /// See people, their registrations, enrollments, scans and letters.
    SeePeople,
    /// See what accommodation a person needs (EVT-3).
    SeeAccommodation,
    /// Register people, change their sessions and names, send letters again.
    EditRegistrations,
    /// Give out a sign-in code after checking who it is (ACC-1).
    GiveSignInCodes,
    /// Answer what registered people ask the help desk.
    AnswerQuestions,
    /// Record payments.
    RecordPayments,
    /// Decide doubtful hospital discounts and approvals.
    DecideDiscounts,
    /// Scan badges and see the doors.
    ScanBadges,
    /// Print badges and the paper list, and choose the printer's layout.
    PrintBadges,
    /// Work the pick-up desk: find people, hand badges out and take them back, register who walks in.
    HandOutBadges,
    /// Let someone in against the answer, with a reason.
    OverrideDoor,
    /// Add and void attendance marks, and decide what collides (CHK-3, CHK-4).
    CorrectAttendance,
    /// Pair phones that scan, see how they are and revoke them (ACC-3).
    PairDevices,
    /// Change hospitals, their domains, codes and recognition terms.
    EditHospitals,
    /// See hospitals, their domains and recognition terms.
    SeeHospitals,
    /// See how credit is set up, who is about to lose hours, and what evaluations say.
    SeeCredits,
    /// Set up credit and evaluations, extend the deadline, decide late claims, claim for others.
    EditCredits,
    /// Enter and correct the licenses by which credit is reported (CEU-7).
    EditLicenses,
    /// Read the audit entries of an event.
    SeeAudit,
    /// Add staff and give roles and tokens.
    ManageStaff,
}

use Permission as P;

/// Who may do what; an owner may do everything.
const TABLE: &[(Role, &[Permission])] = &[
    (
        Role::Registrar,
        &[
            P::EnterBackOffice,
            P::SeePeople,
            P::SeeAccommodation,
            P::EditRegistrations,
            P::GiveSignInCodes,
            P::AnswerQuestions,
            P::RecordPayments,
            P::DecideDiscounts,
            P::ScanBadges,
            P::PrintBadges,
            P::HandOutBadges,
            P::OverrideDoor,
            P::CorrectAttendance,
            P::PairDevices,
            P::SeeHospitals,
            P::EditLicenses,
        ],
    ),
    (
        Role::Onsite,
        &[
            P::EnterBackOffice,
            P::SeePeople,
            P::SeeAccommodation,
            P::GiveSignInCodes,
            P::AnswerQuestions,
            P::ScanBadges,
            P::PrintBadges,
            P::HandOutBadges,
            P::OverrideDoor,
            P::PairDevices,
            P::CorrectAttendance,
        ],
    ),
    (Role::Content, &[P::EnterBackOffice, P::EditAgenda]),
    (Role::Education, &[P::EnterBackOffice, P::SeePeople, P::CorrectAttendance, P::SeeCredits, P::EditCredits, P::EditLicenses]),
    (Role::Recognition, &[P::EnterBackOffice, P::EditHospitals, P::SeeHospitals, P::DecideDiscounts]),
    (Role::Finance, &[P::EnterBackOffice, P::SeePeople, P::RecordPayments, P::DecideDiscounts, P::SeeHospitals]),
    (Role::Auditor, &[P::EnterBackOffice, P::SeePeople, P::SeeHospitals, P::SeeAudit, P::SeeCredits]),
];

impl Role {
    /// The role as people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Registrar => "Registrar",
            Self::Onsite => "On site",
            Self::Content => "Content",
            Self::Education => "Education",
            Self::Recognition => "Recognition",
            Self::Finance => "Finance",
            Self::Auditor => "Auditor",
        }
    }

    /// What the role is for, in half a sentence.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Owner => "everything, staff and set-up included",
            Self::Registrar => "people, their registrations, payments and discounts",
            Self::Onsite => "doors, badges and the help desk",
            Self::Content => "agenda, rooms, the lobby and materials",
            Self::Education => "credit, evaluations, people and their attendance",
            Self::Recognition => "hospitals, their terms and discounts",
            Self::Finance => "payments and discounts",
            Self::Auditor => "reads everything, changes nothing",
        }
    }

    /// Whether this role may do that.
    pub fn may(self, permission: Permission) -> bool {
        self == Self::Owner || TABLE.iter().any(|(role, allowed)| *role == self && allowed.contains(&permission))
    }
}

impl Permission {
    /// Whether it is about one event (a role for that event is enough) or about the whole installation.
    pub fn is_about_one_event(self) -> bool {
        !matches!(self, Self::EditHospitals | Self::SeeHospitals | Self::ManageStaff)
    }
}

/// What a failed sign-in hears, whether or not the account exists.
pub const WRONG_PASSWORD: &str = "This e-mail and password do not belong together. Check both, or ask an owner for a new link.";

/// The fewest and most characters of a password.
pub const SHORTEST_PASSWORD: usize = 12;
const LONGEST_PASSWORD: usize = 200;

/// What is wrong with a new password, in a sentence.
pub fn password_complaint(password: &str, email: &str) -> Option<&'static str> {
    let count = password.chars().count();
    let different: std::collections::BTreeSet<char> = password.chars().collect();
    if count < SHORTEST_PASSWORD {
        return Some("Use at least 12 characters. A few words in a row are easy to remember and hard to guess.");
    }
    if count > LONGEST_PASSWORD {
        return Some("Use at most 200 characters.");
    }
    if password.trim().eq_ignore_ascii_case(email.trim()) {
        return Some("Your e-mail address is known to others. Choose something else.");
    }
    if different.len() < 5 {
        return Some("These are the same few characters over and over. Choose something harder to guess.");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_twelve_characters_and_is_not_the_e_mail() {
        let email = "renee@congress.example";
        for bad in ["", "elevenchars", "Renee@Congress.example", "aaaaaaaaaaaaaaaa", "abababababab"] {
            assert!(password_complaint(bad, email).is_some(), "{bad:?}");
        }
        assert!(password_complaint(&"long".repeat(60), email).is_some());
        for good in ["correct horse battery", "zwölf Zeichen!", "renee@congress.example and more"] {
            assert_eq!(password_complaint(good, email), None, "{good:?}");
        }
    }

    #[test]
    fn an_auditor_only_reads() {
        for writing in [
            P::SetUpEvents,
            P::EditAgenda,
            P::EditRegistrations,
            P::RecordPayments,
            P::DecideDiscounts,
            P::ScanBadges,
            P::PrintBadges,
            P::HandOutBadges,
            P::EditHospitals,
            P::ManageStaff,
            P::OverrideDoor,
            P::PairDevices,
            P::EditCredits,
            P::EditLicenses,
            P::AnswerQuestions,
        ] {
            assert!(!Role::Auditor.may(writing), "{writing:?}");
        }
    }

    #[test]
    fn every_role_enters_the_back_office_and_only_the_owner_manages_staff() {
        for role in Role::ALL {
            assert!(role.may(P::EnterBackOffice), "{role}");
            assert_eq!(role.may(P::ManageStaff), *role == Role::Owner, "{role}");
        }
    }
}
