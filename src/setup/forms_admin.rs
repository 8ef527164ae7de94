//! How the pages of the set-up are made: forms of fields in groups, lists with links, and the way from one to another.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::{Error, FieldError, Result, by_field};
use crate::events::Event;
use crate::http::asker::Asker;
use crate::http::pages::{Page, form_errors, see_other_saying};
use crate::staff::{Identity, Permission};

/// One choice of a select or of checkboxes.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub selected: bool,
    pub checked: bool,
}

/// Choices of which one is made.
pub fn choices<V: ToString, T: ToString>(all: impl IntoIterator<Item = (V, T)>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, text): (V, T)| {
        let value = value.to_string();
        let selected = value == chosen.trim();
        Choice { text: text.to_string(), selected, checked: selected, value }
    };
    all.into_iter().map(choice).collect()
}

/// A field of a form. Its id is the name that checks give its errors.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Field {
    part: &'static str,
    id: String,
    name: String,
    label: String,
    value: String,
    hint: String,
    error: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    inputmode: &'static str,
    look: &'static str,
    required: bool,
    optional: bool,
    checked: bool,
    rows: u8,
    options: Vec<Choice>,
}

impl Field {
    /// A line of text.
    pub fn text(name: &str, label: &str, value: &str) -> Self {
        let (id, name, label, value) = (name.to_owned(), name.to_owned(), label.to_owned(), value.to_owned());
        Self { part: "field", id, name, label, value, kind: "text", ..Self::default() }
    }

    /// Several lines of text.
    pub fn lines(name: &str, label: &str, value: &str, rows: u8) -> Self {
        Self { part: "textarea", rows, ..Self::text(name, label, value) }
    }

    pub fn day(name: &str, label: &str, value: &str) -> Self {
        Self { kind: "date", look: "short", ..Self::text(name, label, value) }
    }

    pub fn time(name: &str, label: &str, value: &str) -> Self {
        Self { kind: "time", look: "short", ..Self::text(name, label, value) }
    }

    pub fn moment(name: &str, label: &str, value: &str) -> Self {
        Self { kind: "datetime-local", ..Self::text(name, label, value) }
    }

    pub fn whole(name: &str, label: &str, value: &str) -> Self {
        Self { inputmode: "numeric", look: "short", ..Self::text(name, label, value) }
    }

    pub fn price(name: &str, label: &str, value: &str) -> Self {
        Self { inputmode: "decimal", look: "short", ..Self::text(name, label, value) }
    }

    pub fn code(name: &str, label: &str, value: &str) -> Self {
        Self { look: "code", ..Self::text(name, label, value) }
    }

    /// One of several.
    pub fn select(name: &str, label: &str, options: Vec<Choice>) -> Self {
        Self { part: "select", options, ..Self::text(name, label, "") }
    }

    /// Any of several; posted as a list, also when none is chosen.
    pub fn many(name: &str, label: &str, options: Vec<Choice>) -> Self {
        Self { part: "choices", options, ..Self::text(name, label, "") }.named(&format!("{name}[]"))
    }

    /// Yes or no.
    pub fn check(name: &str, label: &str, checked: bool) -> Self {
        Self { part: "check", checked, ..Self::text(name, label, "") }
    }

    /// A file to choose.
    pub fn file(name: &str, label: &str) -> Self {
        Self { part: "file", ..Self::text(name, label, "") }
    }

    /// The name it is posted under, where that is not its id.
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    pub fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }

    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// Fields that belong together, with a legend where there are several groups.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    legend: String,
    /// Two fields side by side where there is room.
    side_by_side: bool,
    fields: Vec<Field>,
}

/// A group of fields below one another.
pub fn group(legend: &str, fields: Vec<Field>) -> Group {
    Group { legend: legend.to_owned(), side_by_side: false, fields }
}

/// A group of fields side by side.
pub fn row(legend: &str, fields: Vec<Field>) -> Group {
    Group { legend: legend.to_owned(), side_by_side: true, fields }
}

/// Puts each error beside its field.
pub fn show_errors(groups: &mut [Group], errors: &[FieldError]) {
    let by_field = by_field(errors);
    for field in groups.iter_mut().flat_map(|group| &mut group.fields) {
        field.error = by_field.get(&field.id).cloned();
    }
}

/// A page with one form, and maybe a button that does something else to the same thing.
#[derive(Clone, Debug, Default)]
pub struct FormPage {
    pub title: String,
    /// A sentence under the title.
    pub lead: String,
    /// Where the page leads back to, and what that is called.
    pub back: (String, String),
    /// Where the form is posted.
    pub action: String,
    pub button: &'static str,
    pub groups: Vec<Group>,
    /// The form carries a file.
    pub with_file: bool,
    /// What stands folded under the fields: its title, then terms with their meaning.
    pub glossary: Option<(String, Vec<(String, String)>)>,
    /// A second form with one button: its address, its text, what it means, and a field to fill in.
    pub other: Option<(String, &'static str, &'static str, Option<Field>)>,
}

impl FormPage {
    /// The page; with errors it has status 422, what was typed, and each error beside its field.
    pub fn render(mut self, app: &App, asker: &Asker, event: Option<&Event>, errors: &[FieldError]) -> Result<HttpResponse> {
        let by_field = by_field(errors);
        show_errors(&mut self.groups, errors);
        let other = self.other.map(|(action, button, text, field)| {
            let field = field.map(|field| Field { error: by_field.get(&field.id).cloned(), ..field });
            json!({ "action": action, "button": button, "text": text, "field": field })
        });
        let terms =
            |terms: Vec<(String, String)>| terms.into_iter().map(|(term, text)| json!({ "term": term, "text": text })).collect::<Vec<_>>();
        let glossary = self.glossary.map(|(title, all)| json!({ "title": title, "terms": terms(all) }));
        let (errors, _) = form_errors(errors);
        let view = json!({
            "title": self.title, "lead": self.lead, "back": { "href": self.back.0, "text": self.back.1 }, "action": self.action,
            "button": self.button, "groups": self.groups, "with_file": self.with_file, "glossary": glossary, "other": other, "errors": errors,
        });
        let is_wrong = errors.as_array().is_some_and(|errors| !errors.is_empty());
        let mut page = Page::new(app, asker, "setup/form").status(if is_wrong { 422 } else { 200 });
        if let Some(event) = event {
            page = page.event(event);
        }
        page.render(&view)
    }
}

/// A line of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub href: String,
    pub title: String,
    pub sub: String,
    pub cells: Vec<String>,
    /// Kind and text of a status chip; empty text for none.
    pub chip: (&'static str, String),
}

/// A page with one list and a link to add to it.
#[derive(Clone, Debug, Default)]
pub struct ListPage {
    pub title: &'static str,
    pub lead: &'static str,
    /// The tab that is open.
    pub tab: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Row>,
    /// Links beside the title: address and text; the first adds to the list.
    pub links: Vec<(String, &'static str)>,
    /// What to do while the list is empty.
    pub empty: &'static str,
    /// What is searched for, where the list can be searched.
    pub search: Option<String>,
}

impl ListPage {
    pub fn render(self, app: &App, asker: &Asker, event: &Event) -> Result<HttpResponse> {
        let cells = |row: &Row| -> Vec<Value> {
            self.columns.iter().skip(1).zip(&row.cells).map(|(column, text)| json!({ "column": column, "text": text })).collect()
        };
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let chip = Some(&row.chip).filter(|chip| !chip.1.is_empty()).map(|(kind, text)| json!({ "kind": kind, "text": text }));
                json!({ "href": row.href, "title": row.title, "sub": row.sub, "cells": cells(row), "chip": chip })
            })
            .collect();
        let links: Vec<Value> = self.links.iter().map(|(href, text)| json!({ "href": href, "text": text })).collect();
        let view = json!({
            "title": self.title, "lead": self.lead, "columns": self.columns, "rows": rows, "links": links, "empty": self.empty,
            "tabs": tabs(asker.staff.as_ref(), event, self.tab), "searchable": self.search.is_some(), "q": self.search.unwrap_or_default(),
            "has_chips": self.rows.iter().any(|row| !row.chip.1.is_empty()),
        });
        Page::new(app, asker, "setup/list").event(event).render(&view)
    }
}

/// The pages of the set-up that this person may open.
pub fn tabs(staff: Option<&Identity>, event: &Event, open: &str) -> Vec<Value> {
    use Permission::{EditAgenda, SetUpEvents};
    let all = [
        (SetUpEvents, "setup", "Overview"),
        (SetUpEvents, "setup/info", "Info page"),
        (SetUpEvents, "setup/badge-places", "Badge places"),
        (SetUpEvents, "setup/types", "Registration types"),
        (SetUpEvents, "setup/codes", "Discount codes"),
        (EditAgenda, "sessions", "Sessions"),
        (EditAgenda, "setup/rooms", "Rooms"),
        (EditAgenda, "setup/tracks", "Tracks"),
        (SetUpEvents, "setup/checkpoints", "Checkpoints"),
    ];
    all.into_iter()
        .filter(|(permission, ..)| staff.is_some_and(|staff| staff.may(*permission, &event.id)))
        .map(|(_, path, text)| json!({ "href": to(event, path), "text": text, "current": text == open }))
        .collect()
}

/// The address of a staff page of an event.
pub fn to(event: &Event, path: &str) -> String {
    format!("/staff/events/{}/{path}", event.slug)
}

/// What became of a posted form: on to the next page with a message, or what was wrong, to show the form again.
pub fn outcome<T>(app: &App, result: Result<T>, next: &str, said: &str) -> Result<std::result::Result<HttpResponse, Vec<FieldError>>> {
    match result {
        Ok(_) => Ok(Ok(see_other_saying(app, next, "yes", said))),
        Err(Error::Invalid(errors)) => Ok(Err(errors)),
        Err(Error::Refused { code, message }) => Ok(Err(vec![FieldError { field: "form".to_owned(), code, detail: message }])),
        Err(other) => Err(other),
    }
}
