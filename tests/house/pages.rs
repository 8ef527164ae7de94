//! Templates: strict, complete, without style or script inside.

use super::nothing_breaks;
use crate::support::html::{Piece, pieces};
use crate::support::source::{root, sources, walk};
use lanyard::templates::Templates;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Every template by its path below `templates/`.
fn templates() -> BTreeMap<String, String> {
    let folder = root().join("templates");
    let mut paths = Vec::new();
    walk(&folder, &mut paths);
    let templates = paths.iter().filter(|path| path.extension().is_none_or(|ending| ending != "md"));
    templates
        .map(|path| {
            let name = path.strip_prefix(&folder).expect("below the folder").to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(path).expect("a template"))
        })
        .collect()
}

#[test]
fn every_template_compiles_strictly() {
    let names = Templates::load().expect("every template compiles").names();
    assert_eq!(names.len(), templates().len());
}

/// The parts that a template calls: `{{> parts/field …}}`, `{{#> layout}}`.
fn called(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for start in ["{{>", "{{#>"] {
        for after in text.split(start).skip(1) {
            let name: String = after.trim_start().chars().take_while(|c| !c.is_whitespace() && *c != '}').collect();
            parts.push(name);
        }
    }
    parts
}

#[test]
fn every_part_that_is_called_is_there() {
    let all = templates();
    let known: BTreeSet<&str> = all.keys().map(|name| name.strip_suffix(".hbs").unwrap_or(name)).collect();
    let missing = all.iter().flat_map(|(name, text)| {
        let inline = text.split("{{#*inline \"").skip(1).filter_map(|after| after.split('"').next()).collect::<Vec<_>>();
        let gone = called(text).into_iter().filter(|part| {
            !known.contains(part.as_str())
                && !inline.contains(&part.as_str())
                && !part.starts_with(['@', '(', '"'])
                && !is_block_of_layout(part, &all)
        });
        gone.map(|part| format!("templates/{name} calls {part}")).collect::<Vec<_>>()
    });
    nothing_breaks("Every part that is called is there.", missing.collect());
}

/// A block that pages fill in for the layout.
fn is_block_of_layout(part: &str, all: &BTreeMap<String, String>) -> bool {
    all.values().any(|text| text.contains(&format!("{{{{#*inline \"{part}\"")))
}

#[test]
fn every_letter_has_its_three_parts() {
    let all = templates();
    let letters: BTreeSet<&str> =
        all.keys().filter_map(|name| name.strip_prefix("mail/")?.split_once('/').map(|(letter, _)| letter)).collect();
    assert!(letters.len() > 5);
    let parts = ["subject.txt", "body.txt", "body.html"];
    let has = |letter: &str, part: &str| ["", ".hbs"].iter().any(|ending| all.contains_key(&format!("mail/{letter}/{part}{ending}")));
    let missing =
        letters.iter().flat_map(|letter| parts.iter().filter(|part| !has(letter, part)).map(move |part| format!("mail/{letter}/{part}")));
    nothing_breaks("Every letter has a subject, a text and an HTML part.", missing.collect());
    let sources = sources();
    let is_sent = |letter: &str| {
        sources.iter().any(|source| source.tokens.iter().any(|token| token.is_string && token.text == format!("\"{letter}\"")))
    };
    let unsent: Vec<String> = letters.into_iter().filter(|letter| !is_sent(letter)).map(str::to_owned).collect();
    nothing_breaks("Every letter that has templates is sent by somebody.", unsent);
}

#[test]
fn every_page_is_rendered_by_somebody() {
    let sources = sources();
    let all = templates();
    let pages =
        all.keys().filter(|name| !name.starts_with("mail/") && !name.starts_with("parts/")).map(|name| name.trim_end_matches(".hbs"));
    let is_rendered = |page: &&str| {
        let by_code = sources.iter().any(|source| source.tokens.iter().any(|token| token.is_string && token.text.contains(*page)));
        by_code || all.values().any(|text| called(text).iter().any(|part| part == page))
    };
    nothing_breaks("Every page is rendered by somebody.", pages.filter(|page| !is_rendered(page)).map(str::to_owned).collect());
}

/// What the content policy would refuse.
fn inline(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.contains("<style") {
        found.push(format!("{name}: <style>"));
    }
    for after in text.split("<script").skip(1) {
        let tag = after.split('>').next().unwrap_or_default();
        let is_data = tag.contains("application/json") || tag.contains("application/ld+json");
        if !tag.contains("src=") && !is_data {
            found.push(format!("{name}: <script> without src"));
        }
    }
    // Handlebars' own marks are taken for text here, which is enough to see attributes.
    for piece in pieces(&text.replace("{{", " ").replace("}}", " ")) {
        let Piece::Open { name: tag, attributes } = piece else { continue };
        let is_bad = |(key, value): &(&String, &String)| {
            *key == "style"
                || (key.starts_with("on") && key.len() > 3 && key.chars().all(char::is_alphabetic))
                || value.trim_start().starts_with("javascript:")
        };
        found.extend(attributes.iter().filter(is_bad).map(|(key, _)| format!("{name}: <{tag} {key}=…>")));
    }
    found
}

#[test]
fn no_page_carries_style_or_script_inside() {
    let all = templates();
    // Mail readers know no style sheets, so letters are styled inside.
    let is_mail = |name: &str| name.starts_with("mail/") || name.starts_with("parts/letter_");
    let found = all.iter().filter(|(name, _)| !is_mail(name)).flat_map(|(name, text)| inline(name, text));
    nothing_breaks("No page carries style or script inside.", found.collect());
    assert_eq!(inline("x", "<p style=\"color:red\" onclick=\"a()\">{{x}}</p><script>b()</script>").len(), 3);
    assert_eq!(inline("x", "<script type=\"module\" src=\"/a.js\"></script><p{{#if a}} class=\"b\"{{/if}}>").len(), 0);
}

#[test]
fn every_form_that_posts_carries_its_token() {
    let all = templates();
    let mut without = Vec::new();
    for (name, text) in all.iter().filter(|(name, _)| !name.starts_with("mail/")) {
        for after in text.split("<form").skip(1) {
            let form = after.split("</form>").next().unwrap_or_default();
            let posts = form.split('>').next().unwrap_or_default().contains("method=\"post\"");
            if posts && !form.contains("parts/csrf") && !form.contains("name=\"csrf\"") {
                without.push(format!("templates/{name}"));
            }
        }
    }
    nothing_breaks("Every form that posts calls parts/csrf.", without);
}

#[test]
fn every_static_file_that_pages_name_is_there() {
    let mut missing = Vec::new();
    for (name, text) in templates() {
        for after in text.split("/static/").skip(1) {
            let file: String = after.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/')).collect();
            let is_folder = file.is_empty() || file.ends_with('/');
            if !is_folder && !root().join("static").join(&file).is_file() {
                missing.push(format!("templates/{name}: /static/{file}"));
            }
        }
    }
    nothing_breaks("Every static file that pages name is there.", missing);
}
