//! Forms: what is asked, in versions; a version never changes, and answers stay with the one they were given to.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules::{Kind, Level, Role, Scope};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{evaluation_forms, evaluation_questions};
use crate::error::{Checks, Result};
use crate::events::{self, Event};
use crate::ids::{EvaluationFormId, EventId, QuestionId};
use crate::typed::{text, yes};

/// One version of a form, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = evaluation_forms, check_for_backend(crate::db::Either))]
pub struct Form {
    pub id: EvaluationFormId,
    pub event_id: EventId,
    pub scope: Scope,
    pub role: Role,
    pub version: i32,
    pub made_at: Instant,
    pub actor: String,
}

/// A question, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = evaluation_questions, check_for_backend(crate::db::Either))]
pub struct Question {
    pub id: QuestionId,
    pub form_id: EvaluationFormId,
    /// What programs name it by.
    pub code: String,
    pub kind: Kind,
    pub prompt: String,
    /// For a choice: one option a line.
    pub options: String,
    pub required: bool,
    pub level: Level,
    pub position: i32,
}

impl Question {
    /// The options of a choice.
    pub fn choices(&self) -> impl Iterator<Item = &str> {
        self.options.lines().map(str::trim).filter(|option| !option.is_empty())
    }

    /// Whether it has to be answered; text never has to.
    pub fn is_required(&self) -> bool {
        self.required && self.kind != Kind::Text
    }
}

/// A question as staff type it; one without a prompt is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuestionDraft {
    pub code: String,
    #[serde(deserialize_with = "text")]
    pub kind: String,
    pub prompt: String,
    pub options: String,
    #[serde(deserialize_with = "yes")]
    pub required: bool,
    pub level: String,
}

impl QuestionDraft {
    pub fn of(question: &Question) -> Self {
        Self {
            code: question.code.clone(),
            kind: question.kind.to_string(),
            prompt: question.prompt.clone(),
            options: question.options.clone(),
            required: question.required,
            level: question.level.to_string(),
        }
    }

    fn new(code: &str, kind: Kind, level: Level, prompt: &str) -> Self {
        let (code, prompt, required) = (code.to_owned(), prompt.to_owned(), kind != Kind::Text);
        Self { code, kind: kind.to_string(), prompt, options: String::new(), required, level: level.to_string() }
    }

    fn with_options(mut self, options: &[&str]) -> Self {
        self.options = options.join("\n");
        self
    }
}

/// The form in force, with its questions in their order.
pub fn current(db: &mut Db, event: &EventId, scope: Scope) -> Result<Option<(Form, Vec<Question>)>> {
    let newest: Option<Form> = evaluation_forms::table
        .filter(evaluation_forms::event_id.eq(event))
        .filter(evaluation_forms::scope.eq(scope))
        .filter(evaluation_forms::role.eq(Role::Attendee))
        .order(evaluation_forms::version.desc())
        .select(Form::as_select())
        .first(db)
        .optional()?;
    let Some(form) = newest else { return Ok(None) };
    let questions = questions(db, &form.id)?;
    Ok((!questions.is_empty()).then_some((form, questions)))
}

/// The questions of a form in their order.
pub fn questions(db: &mut Db, form: &EvaluationFormId) -> Result<Vec<Question>> {
    Ok(evaluation_questions::table
        .filter(evaluation_questions::form_id.eq(form))
        .order(evaluation_questions::position.asc())
        .select(Question::as_select())
        .load(db)?)
}

/// Saves a new version of a form; the old one keeps its answers.
pub fn save(tx: &mut Tx<'_>, event: &Event, scope: Scope, drafts: &[QuestionDraft]) -> Result<()> {
    events::hold(tx, &event.id)?;
    let before = current(tx.db, &event.id, scope)?;
    let newest: Option<i32> = evaluation_forms::table
        .filter(evaluation_forms::event_id.eq(&event.id))
        .filter(evaluation_forms::scope.eq(scope))
        .select(diesel::dsl::max(evaluation_forms::version))
        .first(tx.db)?;
    let form = Form {
        id: EvaluationFormId::new(),
        event_id: event.id.clone(),
        scope,
        role: Role::Attendee,
        version: newest.unwrap_or(0) + 1,
        made_at: tx.now,
        actor: tx.actor.label(),
    };
    let questions = checked(&form, scope, drafts)?;
    diesel::insert_into(evaluation_forms::table).values(&form).execute(tx.db)?;
    for question in &questions {
        diesel::insert_into(evaluation_questions::table).values(question).execute(tx.db)?;
    }
    let codes = |questions: &[Question]| questions.iter().map(|question| question.code.clone()).collect::<Vec<_>>();
    let entry = Entry::of("evaluation_form.saved", "evaluation_form", &form.id).event(&event.id);
    let was = before.map(|(form, questions)| json!({ "version": form.version, "questions": codes(&questions) }));
    let is = json!({ "scope": scope, "version": form.version, "questions": codes(&questions) });
    entry.before(was.unwrap_or_default()).after(is).record(tx)
}

fn checked(form: &Form, scope: Scope, drafts: &[QuestionDraft]) -> Result<Vec<Question>> {
    let mut checks = Checks::new();
    let mut questions: Vec<Question> = Vec::new();
    for (index, draft) in drafts.iter().enumerate().filter(|(_, draft)| !draft.prompt.trim().is_empty()) {
        let field = |name: &str| format!("{name}_{index}");
        let kind = checks.word(&field("kind"), &draft.kind, Kind::ALL);
        let level = checks.word(&field("level"), &draft.level, Level::ALL);
        let code = Some(draft.code.trim().to_lowercase()).filter(|code| !code.is_empty()).unwrap_or_else(|| format!("q{}", index + 1));
        let fits = code.len() <= 30 && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !fits || questions.iter().any(|other| other.code == code) {
            checks.wrong(&field("code"), "code", "Use small letters, digits and underscores, another code for each question.");
        }
        checks.at_most(&field("prompt"), &draft.prompt, 300);
        let (Some(kind), Some(level)) = (kind, level) else { continue };
        if kind == Kind::Choice && draft.options.lines().filter(|line| !line.trim().is_empty()).count() < 2 {
            checks.wrong(&field("options"), "required", "Write at least two options, one a line.");
        }
        questions.push(Question {
            id: QuestionId::new(),
            form_id: form.id.clone(),
            code,
            kind,
            prompt: draft.prompt.trim().to_owned(),
            options: crate::typed::tidy_text(&draft.options),
            required: draft.required && kind != Kind::Text,
            level,
            position: i32::try_from(index).unwrap_or_default(),
        });
    }
    if questions.len() > scope.most_questions() {
        checks.wrong("form", "too_many", format!("Ask at most {} questions here.", scope.most_questions()));
    }
    checks.finish()?;
    Ok(questions)
}

/// The ready set of questions for a congress.
pub fn ready_set(scope: Scope) -> Vec<QuestionDraft> {
    let new = QuestionDraft::new;
    match scope {
        Scope::Session => vec![
            new("objectives", Kind::Scale, Level::Satisfaction, "Did this session meet its objectives?"),
            new("practice", Kind::Scale, Level::Competence, "Will it change how you or your team work?"),
            new("balance", Kind::YesNo, Level::Satisfaction, "Was it balanced and free of commercial bias?"),
            new("next_step", Kind::Text, Level::Competence, "What will you do differently?"),
        ],
        Scope::Overall => vec![
            new("needs", Kind::Scale, Level::Satisfaction, "Did the congress meet what you came for?"),
            new("confidence", Kind::Scale, Level::Declarative, "How confident are you now to speak up about a risk to a patient?"),
            new("team", Kind::Scale, Level::Competence, "Will it help your team to work together more safely?"),
            new("domain", Kind::Choice, Level::Competence, "What will you act on first?").with_options(&[
                "Culture and leadership",
                "Patients and families as partners",
                "A safe workforce",
                "A learning system",
                "Nothing yet",
            ]),
            new("barrier", Kind::Choice, Level::Competence, "What may stand in your way most?").with_options(&[
                "Time",
                "Cost",
                "Leadership",
                "Staffing",
                "Information technology",
                "Nothing",
            ]),
            new("balance", Kind::YesNo, Level::Satisfaction, "Was the program balanced and free of commercial bias?"),
            new("topics", Kind::Text, Level::Satisfaction, "What should be on the program next time?"),
        ],
    }
}

/// Takes the ready set for a congress, for sessions and for the whole.
pub fn take_ready_set(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    Scope::ALL.iter().try_for_each(|scope| save(tx, event, *scope, &ready_set(*scope)))
}
