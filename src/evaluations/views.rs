//! Questions as pages show them: one field each, named by what is evaluated and the question's code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::forms::Question;
use super::rules::{Answer, Answers, Kind, STEPS};

/// Between what is evaluated and the question in the name of a field: `B1--objectives`.
const BETWEEN: &str = "--";
const EXPLANATION: &str = "--why";

/// The prefix of the fields of one evaluation.
pub fn prefix(of: &str) -> String {
    format!("{of}{BETWEEN}")
}

/// The answers to one evaluation out of everything that a form posted.
pub fn posted(fields: &BTreeMap<String, String>, of: &str) -> Answers {
    let prefix = prefix(of);
    let mut answers = Answers::new();
    for (name, value) in fields {
        let Some(name) = name.strip_prefix(&prefix) else { continue };
        match name.strip_suffix(EXPLANATION) {
            Some(code) => answers.entry(code.to_owned()).or_default().explanation.clone_from(value),
            None => answers.entry(name.to_owned()).or_default().value.clone_from(value),
        }
    }
    super::rules::tidy(&answers)
}

/// The questions of one evaluation with what was answered and what is wrong with it.
pub fn questions(questions: &[Question], of: &str, answers: &Answers, errors: &BTreeMap<String, String>) -> Vec<Value> {
    let none = Answer::default();
    questions
        .iter()
        .map(|question| {
            let name = format!("{}{}", prefix(of), question.code);
            let answer = answers.get(&question.code).unwrap_or(&none);
            json!({
                "id": name, "name": name, "prompt": question.prompt, "optional": !question.is_required(),
                "is_text": question.kind == Kind::Text, "explains": question.kind == Kind::YesNo,
                "options": options(question, &answer.value), "value": answer.value, "why": answer.explanation,
                "why_name": format!("{name}{EXPLANATION}"), "error": errors.get(&name),
            })
        })
        .collect()
}

fn options(question: &Question, chosen: &str) -> Vec<Value> {
    let option = |value: &str, text: &str| json!({ "value": value, "text": text, "checked": value == chosen });
    match question.kind {
        Kind::Scale => STEPS.iter().map(|(step, words)| option(step, &format!("{step} {words}"))).collect(),
        Kind::YesNo => vec![option("yes", "Yes"), option("no", "No")],
        Kind::Choice => question.choices().map(|choice| option(choice, choice)).collect(),
        Kind::Text => Vec::new(),
    }
}
