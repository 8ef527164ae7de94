//! How files and functions look.

use super::nothing_breaks;
use crate::support::source::{Source, item_end, sources, test_sources};

/// Files that may be longer, and why.
const LONG_FILES: [(&str, &str); 1] = [("db/schema.rs", "the list of all tables, which is read as a list")];

/// Functions that may be longer, and why.
const LONG_FUNCTIONS: [(&str, &str, &str); 1] = [("routes.rs", "table", "the table of all addresses, one a line")];

fn all() -> impl Iterator<Item = &'static Source> {
    sources().iter().chain(test_sources())
}

#[test]
fn every_file_says_first_what_it_is() {
    let silent = all().filter(|source| !source.text.starts_with("//! "));
    nothing_breaks(
        "The first line of a file says what it is.",
        silent.map(|source| format!("{}/{}", source.folder, source.path)).collect(),
    );
}

fn too_long(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    let is_long = lines > 400 && !LONG_FILES.iter().any(|(path, _)| source.path == *path);
    is_long.then(|| format!("{}/{}: {lines} lines", source.folder, source.path))
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    nothing_breaks("No file has more than 400 lines.", all().filter_map(too_long).collect());
    assert!(too_long(&Source::of("x.rs", &"\n".repeat(401))).is_some());
}

fn long_functions(source: &Source) -> Vec<String> {
    let mut long = Vec::new();
    // Unit tests count too, so the whole text is looked at.
    let tokens = &source.whole;
    for (index, pair) in tokens.windows(2).enumerate() {
        let is_function = pair[0].text == "fn" && !pair[0].is_string && pair[1].text.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !is_function {
            continue;
        }
        let end = item_end(tokens, index);
        let lines = tokens[end - 1].line - pair[0].line + 1;
        let excused = LONG_FUNCTIONS.iter().any(|(path, name, _)| source.path == *path && pair[1].text == *name);
        if lines > 60 && !excused {
            long.push(format!("{}/{}:{}: {} has {lines} lines", source.folder, source.path, pair[0].line, pair[1].text));
        }
    }
    long
}

#[test]
fn no_function_is_longer_than_sixty_lines() {
    nothing_breaks("No function has more than 60 lines.", all().flat_map(long_functions).collect());
    let long = format!("fn f() {{\n{}}}\nfn g() {{}}\n", "a();\n".repeat(60));
    assert_eq!(long_functions(&Source::of("x.rs", &long)).len(), 1);
}

fn panics(source: &Source) -> Vec<String> {
    if source.name() == "tests" {
        return Vec::new();
    }
    let mut found = Vec::new();
    for window in source.tokens.windows(3) {
        let is_call = window[0].text == "." && ["unwrap", "expect"].contains(&window[1].text.as_str()) && window[2].text == "(";
        let is_macro = ["panic", "todo", "unimplemented", "dbg"].contains(&window[0].text.as_str()) && window[1].text == "!";
        if (is_call || is_macro) && !window[0].is_string {
            found.push(format!("src/{}:{}", source.path, window[0].line));
        }
    }
    found
}

#[test]
fn nothing_panics_on_purpose() {
    nothing_breaks("No unwrap, expect or panic outside tests.", sources().iter().flat_map(panics).collect());
    assert_eq!(panics(&Source::of("x.rs", "fn f() { g().unwrap(); h().expect(\"x\"); }")).len(), 2);
}

fn unfinished(source: &Source) -> Vec<String> {
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X:"].concat(), ["HA", "CK"].concat()];
    let lines = source.text.lines().enumerate();
    let marked = lines.filter(|(_, line)| words.iter().any(|word| line.contains(word.as_str())));
    marked.map(|(index, _)| format!("{}/{}:{}", source.folder, source.path, index + 1)).collect()
}

#[test]
fn nothing_is_left_for_later() {
    nothing_breaks("Nothing is marked as to be done.", all().flat_map(unfinished).collect());
    assert_eq!(unfinished(&Source::of("x.rs", &["// TO", "DO: more"].concat())).len(), 1);
}
