//! What an evaluation asks, when it is open, and which answers fit (CEU-3): pure decisions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::forms::Question;
use crate::agenda;
use crate::clock::Instant;
use crate::error::{Checks, Error};

crate::words! {
    /// What a form is about: one session, or the whole event.
    Scope { Session => "session", Overall => "overall" }
}
crate::words! {
    /// Who fills a form in.
    Role { Attendee => "attendee" }
}
crate::words! {
    /// How a question is answered.
    Kind { Scale => "scale", Choice => "choice", YesNo => "yes_no", Text => "text" }
}
crate::words! {
    /// Which of Moore's levels of outcome an answer speaks of.
    Level {
        Participation => "1", Satisfaction => "2", Declarative => "3a", Procedural => "3b", Competence => "4",
        Performance => "5", PatientHealth => "6", CommunityHealth => "7",
    }
}

impl Kind {
    /// The kind as staff read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Scale => "Scale from 1 to 5",
            Self::Choice => "One of several",
            Self::YesNo => "Yes or no, with room to explain",
            Self::Text => "Text",
        }
    }
}

impl Level {
    /// The level as staff read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Participation => "1 Participation",
            Self::Satisfaction => "2 Satisfaction",
            Self::Declarative => "3a Knows",
            Self::Procedural => "3b Knows how",
            Self::Competence => "4 Competence",
            Self::Performance => "5 Performance",
            Self::PatientHealth => "6 Patient health",
            Self::CommunityHealth => "7 Community health",
        }
    }
}

/// The most questions about one session (CEU-3).
pub const MOST_OF_SESSION: usize = 4;
/// The most questions about the whole event.
pub const MOST_OVERALL: usize = 12;
/// Fewer answers than this are not shown: they could be told to whom they belong.
pub const FEWEST_SHOWN: i64 = 5;
/// The steps of a scale, lowest first.
pub const STEPS: [(&str, &str); 5] = [("1", "Not at all"), ("2", "A little"), ("3", "Somewhat"), ("4", "Mostly"), ("5", "Fully")];
const LONGEST_TEXT: usize = 4000;

impl Scope {
    /// How many questions a form of this scope may have.
    pub fn most_questions(self) -> usize {
        match self {
            Self::Session => MOST_OF_SESSION,
            Self::Overall => MOST_OVERALL,
        }
    }
}

/// Whether sessions of this kind have anything to evaluate.
pub fn is_evaluated(kind: agenda::Kind) -> bool {
    !matches!(kind, agenda::Kind::Meal | agenda::Kind::Networking | agenda::Kind::SpecialEvent)
}

/// An answer as typed; what does not apply is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// `1` to `5`, one of the options, `yes` or `no`, or text.
    pub value: String,
    #[serde(default)]
    pub explanation: String,
}

/// Answers by the code of their question.
pub type Answers = BTreeMap<String, Answer>;

/// Answers without the blank ones.
pub fn tidy(answers: &Answers) -> Answers {
    let trimmed = answers.iter().map(|(code, answer)| {
        (code.clone(), Answer { value: answer.value.trim().to_owned(), explanation: answer.explanation.trim().to_owned() })
    });
    trimmed.filter(|(_, answer)| !answer.value.is_empty() || !answer.explanation.is_empty()).collect()
}

/// What is wrong with answers that are submitted; `prefix` stands before each question's code.
/// Text is never demanded (CEU-3).
pub fn check(questions: &[Question], answers: &Answers, prefix: &str, checks: &mut Checks) {
    for question in questions {
        let field = format!("{prefix}{}", question.code);
        let Some(answer) = answers.get(&question.code).filter(|answer| !answer.value.is_empty()) else {
            if question.is_required() {
                checks.wrong(&field, "required", format!("Answer “{}”.", question.prompt));
            }
            continue;
        };
        if !fits(question, &answer.value) {
            checks.wrong(&field, "choice", format!("Choose one of the answers to “{}”: {}.", question.prompt, known(question)));
        }
        checks.at_most(&field, &answer.value, LONGEST_TEXT);
        checks.at_most(&field, &answer.explanation, LONGEST_TEXT);
    }
    for code in answers.keys().filter(|code| !questions.iter().any(|question| question.code == **code)) {
        checks.wrong(&format!("{prefix}{code}"), "unknown_field", format!("There is no question “{code}”."));
    }
}

fn fits(question: &Question, value: &str) -> bool {
    match question.kind {
        Kind::Scale => STEPS.iter().any(|(step, _)| *step == value),
        Kind::YesNo => ["yes", "no"].contains(&value),
        Kind::Choice => question.choices().any(|option| option == value),
        Kind::Text => true,
    }
}

fn known(question: &Question) -> String {
    match question.kind {
        Kind::Scale => "1 to 5".to_owned(),
        Kind::YesNo => "yes, no".to_owned(),
        Kind::Choice => question.choices().collect::<Vec<_>>().join(", "),
        Kind::Text => String::new(),
    }
}

/// Where somebody stands with one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It opens with the session's end.
    NotOpen {
        opens_at: Instant,
    },
    Open,
    /// Something was typed and not submitted.
    Draft,
    Submitted,
}

/// Where somebody stands with an evaluation that opens at this instant.
pub fn standing(opens_at: Instant, is_submitted: bool, has_draft: bool, now: Instant) -> Standing {
    match (is_submitted, now < opens_at, has_draft) {
        (true, ..) => Standing::Submitted,
        (false, true, _) => Standing::NotOpen { opens_at },
        (false, false, true) => Standing::Draft,
        (false, false, false) => Standing::Open,
    }
}

/// Why an evaluation is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotActive,
    NoForm,
    NotOpen { what: String },
    Already { what: String },
    NotAttended { what: String },
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotActive => Error::refused("evaluations.not_active", "This registration is not confirmed."),
            Refusal::NoForm => Error::refused("evaluations.no_form", "Nothing is asked here: the organizers made no evaluation."),
            Refusal::NotOpen { what } => Error::refused("evaluations.not_open", format!("{what} can be evaluated when it is over.")),
            Refusal::Already { what } => {
                Error::refused("evaluations.already", format!("{what} was evaluated before. What was submitted is final and nobody’s."))
            }
            Refusal::NotAttended { what } => Error::refused(
                "evaluations.not_attended",
                format!("{what} is not among your sessions, and no scan says that you were there."),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{EvaluationFormId, QuestionId};

    fn question(code: &str, kind: Kind, required: bool) -> Question {
        Question {
            id: QuestionId::new(),
            form_id: EvaluationFormId::new(),
            code: code.to_owned(),
            kind,
            prompt: code.to_owned(),
            options: "Time\nCost".to_owned(),
            required,
            level: Level::Satisfaction,
            position: 0,
        }
    }

    fn wrong(kind: Kind, required: bool, value: &str) -> Vec<String> {
        let mut checks = Checks::new();
        let answers = Answers::from([("q".to_owned(), Answer { value: value.to_owned(), explanation: String::new() })]);
        check(&[question("q", kind, required)], &tidy(&answers), "", &mut checks);
        match checks.finish() {
            Err(Error::Invalid(fields)) => fields.into_iter().map(|field| field.code.to_owned()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn answers_fit_their_questions() {
        for (kind, good, bad) in
            [(Kind::Scale, "5", "6"), (Kind::YesNo, "no", "maybe"), (Kind::Choice, "Cost", "Love"), (Kind::Scale, "1", "0")]
        {
            assert!(wrong(kind, true, good).is_empty(), "{kind} {good}");
            assert_eq!(wrong(kind, true, bad), ["choice"], "{kind} {bad}");
        }
    }

    #[test]
    fn text_is_never_demanded() {
        assert!(wrong(Kind::Text, true, "  ").is_empty());
        assert_eq!(wrong(Kind::Scale, true, ""), ["required"]);
        assert!(wrong(Kind::Scale, false, "").is_empty());
    }

    #[test]
    fn what_was_not_asked_cannot_be_answered() {
        let mut checks = Checks::new();
        let answers = Answers::from([("sponsor".to_owned(), Answer { value: "5".to_owned(), explanation: String::new() })]);
        check(&[question("q", Kind::Text, false)], &answers, "answers.", &mut checks);
        let Err(Error::Invalid(fields)) = checks.finish() else { panic!("taken") };
        assert_eq!((fields[0].field.as_str(), fields[0].code), ("answers.sponsor", "unknown_field"));
    }

    #[test]
    fn an_evaluation_opens_with_the_end_of_its_session() {
        let end = Instant::parse("2026-03-09T11:30:00-07:00").unwrap();
        let before = end.minus(chrono::Duration::microseconds(1));
        assert_eq!(standing(end, false, false, before), Standing::NotOpen { opens_at: end });
        assert_eq!(standing(end, false, false, end), Standing::Open);
        assert_eq!(standing(end, false, true, end), Standing::Draft);
        assert_eq!(standing(end, true, true, before), Standing::Submitted);
    }
}
