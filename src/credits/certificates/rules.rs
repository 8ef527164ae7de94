//! When a certificate is issued, renewed or withdrawn, what it says in words, and how its number is read (CEU-4, CEU-6): pure decisions.

use chrono::{Months, NaiveDate};

use crate::clock::Instant;
use crate::credits::catalogue::ceus;
use crate::credits::rules::{Code, hundredths_words, offered};
use crate::ids::ClaimId;

/// Twenty letters of thirty are 98 bits: nobody guesses one.
pub const SERIAL_LETTERS: usize = 20;
const GROUP: usize = 5;

/// A number as it is printed and typed: `K7M9P-…`, in groups of five.
pub fn grouped(serial: &str) -> String {
    let letters: Vec<char> = serial.chars().collect();
    letters.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The number that somebody typed, whatever its case, spaces and hyphens; none when it cannot be one.
pub fn serial_of(typed: &str) -> Option<String> {
    let kept = typed.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '\u{2010}'..='\u{2015}'));
    let serial: String = kept.flat_map(char::to_uppercase).take(SERIAL_LETTERS + 1).collect();
    (serial.len() == SERIAL_LETTERS && serial.bytes().all(|letter| letter.is_ascii_alphanumeric())).then_some(serial)
}

crate::words! {
    /// How a version of a certificate stands.
    Status { Valid => "valid", Superseded => "superseded", Revoked => "revoked" }
}

/// How a version stands among those up to the newest.
pub fn status(version: i32, newest: i32, is_revoked: bool) -> Status {
    if version < newest {
        Status::Superseded
    } else if is_revoked {
        Status::Revoked
    } else {
        Status::Valid
    }
}

crate::words! {
    /// Why there is a version.
    Cause {
        Issued => "issued", Claimed => "claimed", TakenBack => "taken_back", Corrected => "corrected", IssuedAgain => "issued_again",
    }
}

impl Cause {
    /// The cause as readers of the verification page see it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Issued => "Issued",
            Self::Claimed => "More credit was claimed",
            Self::TakenBack => "Credit was taken back",
            Self::Corrected => "The name was corrected",
            Self::IssuedAgain => "Issued again",
        }
    }
}

crate::words! {
    /// What is missing before somebody gets a certificate.
    Lack {
        Registration => "registration", Attendance => "attendance", Claim => "claim", Overall => "overall_evaluation",
        Evidence => "evidence", End => "end", Revoked => "revoked",
    }
}

impl Lack {
    /// What is missing, as staff read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Registration => "The registration is not confirmed",
            Self::Attendance => "Nothing says that they attended",
            Self::Claim => "Nothing is claimed",
            Self::Overall => "The evaluation of the whole event is missing",
            Self::Evidence => "Attendance was corrected: less is known now than was claimed",
            Self::End => "The event is not over, so participation is not known yet",
            Self::Revoked => "It was revoked: issue it again only with a reason",
        }
    }
}

/// What a person's certificates depend on.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    pub is_active: bool,
    /// The evaluation of the whole event is asked and was not submitted (CEU-3).
    pub overall_missing: bool,
    /// Staff issue it all the same, and say why.
    pub is_waived: bool,
}

impl Gate {
    /// What stands between somebody and a first certificate.
    pub fn lacks(&self) -> Vec<Lack> {
        let all = [(!self.is_active, Lack::Registration), (self.overall_missing && !self.is_waived, Lack::Overall)];
        all.into_iter().filter(|(lacks, _)| *lacks).map(|(_, lack)| lack).collect()
    }
}

/// Credit of one activity and type that stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    pub hundredths: i64,
    pub claims: Vec<ClaimId>,
    /// What attendance as it is known now would give at most.
    pub attended: i64,
}

/// The newest version of a certificate that is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub hundredths: i64,
    pub claims: Vec<ClaimId>,
    /// The name or the credentials were corrected since.
    pub is_misnamed: bool,
    pub revoked: Option<Revoked>,
}

/// Why a version is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// Its credit was taken back, so new credit brings a new version.
    Withdrawn,
    /// Staff revoked it: it comes back only when staff say so.
    ByStaff,
}

/// What becomes of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is as it should be.
    Keep,
    Issue,
    Renew(Cause),
    Withdraw,
    Wait(Lack),
}

/// What becomes of the certificate for one activity and type. `again`: staff issue what was revoked once more.
pub fn next(credit: &Credit, held: Option<&Held>, gate: &Gate, again: bool) -> Next {
    let exceeds = credit.hundredths > credit.attended;
    let Some(held) = held else {
        return match gate.lacks().first() {
            _ if credit.hundredths <= 0 => Next::Wait(Lack::Claim),
            Some(lack) => Next::Wait(*lack),
            None if exceeds => Next::Wait(Lack::Evidence),
            None => Next::Issue,
        };
    };
    let is_same = held.hundredths == credit.hundredths && held.claims == credit.claims;
    match held.revoked {
        None if credit.hundredths <= 0 => Next::Withdraw,
        None if is_same && held.is_misnamed => Next::Renew(Cause::Corrected),
        None if is_same => Next::Keep,
        // Less credit is always shown at once; more only where attendance bears it.
        None if credit.hundredths < held.hundredths => Next::Renew(Cause::TakenBack),
        _ if credit.hundredths <= 0 => Next::Wait(Lack::Claim),
        Some(Revoked::ByStaff) if !again => Next::Wait(Lack::Revoked),
        _ if exceeds => Next::Wait(Lack::Evidence),
        Some(Revoked::ByStaff) => Next::Renew(Cause::IssuedAgain),
        None | Some(Revoked::Withdrawn) => Next::Renew(Cause::Claimed),
    }
}

/// How much of which credit, as the credit's owner has it: `1.75 AMA PRA Category 1 Credits™`.
pub fn credit_words(code: Code, hundredths: i64) -> String {
    let many = if hundredths == 100 { "" } else { "s" };
    let amount = hundredths_words(hundredths);
    match code {
        Code::Ama => format!("{amount} AMA PRA Category 1 Credit{many}™"),
        Code::Ancc => format!("{amount} nursing contact hour{many}"),
        Code::Acpe => format!("{amount} contact hour{many} ({} CEUs)", ceus(hundredths)),
        Code::Ipce => format!("{amount} Interprofessional Continuing Education (IPCE) credit{many}"),
        Code::Aapa => format!("{amount} AAPA Category 1 CME credit{many}"),
        Code::Cphq => format!("{amount} CPHQ continuing education hour{many}"),
        Code::Cpps => format!("{amount} CPPS recertification hour{many}"),
        Code::Aswb => format!("{amount} social work continuing education credit{many}"),
        Code::Attendance => format!("{amount} hour{many} attended"),
    }
}

/// What stands on top.
pub fn heading(code: Code) -> &'static str {
    match code {
        Code::Attendance => "Certificate of Participation",
        _ => "Certificate of Credit",
    }
}

/// The minutes that somebody attended in all: stays that overlap count once, and what somebody says of a
/// session counts where no stay is at the same time.
pub fn minutes_attended(stays: &[(Instant, Instant)], said: &[(Instant, Instant, i64)]) -> i64 {
    let mut stays = stays.to_vec();
    stays.sort_unstable();
    let mut apart: Vec<(Instant, Instant)> = Vec::new();
    for (from, to) in stays {
        match apart.last_mut() {
            Some((_, end)) if from <= *end => *end = (*end).max(to),
            _ => apart.push((from, to)),
        }
    }
    let mut said = said.to_vec();
    said.sort_unstable();
    let mut minutes: i64 = apart.iter().map(|(from, to)| to.since(*from).num_minutes()).sum();
    for (from, to, told) in said {
        if apart.iter().all(|(start, end)| *end <= from || to <= *start) {
            minutes += told;
            apart.push((from, to));
        }
    }
    minutes
}

/// What is left of claimed lines, each with the most that its attendance gives now, where all of them may be no more
/// than `rest`, which it lowers.
pub fn lowered(lines: &[(i64, i64)], rest: &mut i64) -> Vec<i64> {
    lines.iter().map(|(claimed, most)| offered(*claimed.min(most), rest)).collect()
}

/// So many years what was attended and certified is kept, from the event's last day (CEU-8).
const YEARS_KEPT: u32 = 7;

/// Until which day certificates are kept; whoever asks to be deleted waits for it.
pub fn kept_until(ends_on: NaiveDate) -> NaiveDate {
    ends_on.checked_add_months(Months::new(12 * YEARS_KEPT)).unwrap_or(ends_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Gate = Gate { is_active: true, overall_missing: false, is_waived: false };

    fn credit(hundredths: i64, attended: i64) -> Credit {
        Credit { hundredths, claims: Vec::new(), attended }
    }

    fn held(hundredths: i64, revoked: Option<Revoked>) -> Held {
        Held { hundredths, claims: Vec::new(), is_misnamed: false, revoked }
    }

    #[test]
    fn a_number_is_read_whatever_its_case_hyphens_and_spaces() {
        let serial = "23456789ABCDEFGHJKMN";
        assert_eq!(grouped(serial), "23456-789AB-CDEFG-HJKMN");
        for typed in ["23456-789AB-CDEFG-HJKMN", " 23456 789ab cdefg hjkmn ", "23456789abcdefghjkmn", "23456–789AB–CDEFG–HJKMN"] {
            assert_eq!(serial_of(typed).as_deref(), Some(serial), "{typed}");
        }
        for typed in ["", "23456", "23456-789AB-CDEFG-HJKMN-2", "23456-789AB-CDEFG-HJKMÄ", "no-such-thing"] {
            assert_eq!(serial_of(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_overall_evaluation_gates_the_first_certificate_unless_staff_say_why() {
        let waiting = Gate { overall_missing: true, ..OPEN };
        assert_eq!(next(&credit(100, 100), None, &OPEN, false), Next::Issue);
        assert_eq!(next(&credit(100, 100), None, &waiting, false), Next::Wait(Lack::Overall));
        assert_eq!(next(&credit(100, 100), None, &Gate { is_waived: true, ..waiting }, false), Next::Issue);
        assert_eq!(next(&credit(100, 100), None, &Gate { is_active: false, ..OPEN }, false), Next::Wait(Lack::Registration));
        assert_eq!(next(&credit(0, 100), None, &OPEN, false), Next::Wait(Lack::Claim));
        assert_eq!(next(&credit(100, 75), None, &OPEN, false), Next::Wait(Lack::Evidence), "attendance was corrected since");
    }

    #[test]
    fn more_credit_and_less_make_a_new_version_and_none_withdraws_it() {
        let of = |now: i64, attended: i64, before: i64, revoked| next(&credit(now, attended), Some(&held(before, revoked)), &OPEN, false);
        assert_eq!(of(100, 100, 100, None), Next::Keep);
        assert_eq!(of(175, 200, 100, None), Next::Renew(Cause::Claimed));
        assert_eq!(of(175, 150, 100, None), Next::Wait(Lack::Evidence));
        assert_eq!(of(75, 0, 100, None), Next::Renew(Cause::TakenBack), "less is shown whatever else is wrong");
        assert_eq!(of(0, 0, 100, None), Next::Withdraw);
        assert_eq!(of(100, 100, 100, Some(Revoked::Withdrawn)), Next::Renew(Cause::Claimed));
        assert_eq!(of(0, 0, 100, Some(Revoked::Withdrawn)), Next::Wait(Lack::Claim));
        assert_eq!(
            of(175, 200, 100, Some(Revoked::ByStaff)),
            Next::Wait(Lack::Revoked),
            "staff revoked it, so claims do not bring it back"
        );
        let again = next(&credit(100, 100), Some(&held(100, Some(Revoked::ByStaff))), &OPEN, true);
        assert_eq!(again, Next::Renew(Cause::IssuedAgain));
        let misnamed = |revoked| next(&credit(100, 0), Some(&Held { is_misnamed: true, ..held(100, revoked) }), &OPEN, false);
        assert_eq!(misnamed(None), Next::Renew(Cause::Corrected));
        assert_eq!(misnamed(Some(Revoked::ByStaff)), Next::Wait(Lack::Revoked));
    }

    #[test]
    fn credit_is_named_as_its_owner_names_it_and_ceus_stand_on_pharmacy_lines_only() {
        assert_eq!(credit_words(Code::Ama, 175), "1.75 AMA PRA Category 1 Credits™");
        assert_eq!(credit_words(Code::Ama, 100), "1.00 AMA PRA Category 1 Credit™");
        assert_eq!(credit_words(Code::Acpe, 175), "1.75 contact hours (0.175 CEUs)");
        for code in Code::ALL {
            assert_eq!(credit_words(*code, 200).contains("CEU"), *code == Code::Acpe, "{code}");
        }
    }

    #[test]
    fn hours_at_the_same_time_count_once() {
        let at = |minute: i64| Instant::parse("2026-03-09T09:00:00-07:00").unwrap().plus(chrono::Duration::minutes(minute));
        let stays = [(at(0), at(60)), (at(90), at(150)), (at(100), at(160))];
        assert_eq!(minutes_attended(&stays, &[]), 130);
        assert_eq!(minutes_attended(&stays, &[(at(30), at(90), 60), (at(200), at(260), 45)]), 175, "the first was at the keynote’s time");
        assert_eq!(minutes_attended(&[], &[(at(0), at(60), 60), (at(0), at(60), 60)]), 60);
    }

    #[test]
    fn credit_is_lowered_session_by_session_and_never_above_what_all_of_it_gives() {
        let lowered = |lines: &[(i64, i64)], mut rest: i64| lowered(lines, &mut rest);
        assert_eq!(lowered(&[(100, 0), (50, 100)], 100), [0, 50], "no more than was claimed of a session");
        assert_eq!(lowered(&[(100, 75), (100, 75)], 125), [75, 50], "rounded once, on the total");
        assert_eq!(lowered(&[(100, 100), (100, 100)], 0), [0, 0]);
        assert_eq!(lowered(&[(75, 100)], 100), [75]);
    }

    #[test]
    fn a_newer_version_supersedes_and_a_revoked_one_says_so() {
        assert_eq!(status(1, 1, false), Status::Valid);
        assert_eq!(status(1, 2, false), Status::Superseded);
        assert_eq!(status(2, 2, true), Status::Revoked);
    }

    #[test]
    fn certificates_are_kept_seven_years() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(kept_until(day("2026-03-10")), day("2033-03-10"));
        assert_eq!(kept_until(day("2028-02-29")), day("2035-02-28"));
    }
}
