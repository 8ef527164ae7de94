//! docs/RULES.md: every line names a function and a test that exist.

use super::nothing_breaks;
use crate::support::source::{Source, files, root};
use std::collections::BTreeSet;

/// One line of the table.
#[derive(Debug)]
struct Line {
    rule: String,
    /// `file::function` below src/.
    places: Vec<String>,
    tests: Vec<String>,
}

/// The code words in backquotes.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn lines(page: &str) -> Vec<Line> {
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| rule") && !line.starts_with("| ---"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "a line has four cells: {row}");
        Line { rule: cells[0].to_owned(), places: quoted(cells[2]), tests: quoted(cells[3]) }
    })
    .collect()
}

fn has_function(source: &Source, name: &str) -> bool {
    let tokens = crate::support::source::tokens(&source.text);
    tokens.windows(2).any(|pair| pair[0].text == "fn" && !pair[0].is_string && pair[1].text == name)
}

fn broken(lines: &[Line], sources: &[Source], tests: &BTreeSet<String>) -> Vec<String> {
    let mut broken = Vec::new();
    for line in lines {
        if line.places.is_empty() || line.tests.is_empty() {
            broken.push(format!("{}: a function and a test are missing", line.rule));
        }
        for place in &line.places {
            let (path, function) = place.split_once("::").unwrap_or((place, ""));
            if !sources.iter().any(|source| source.path == path && has_function(source, function)) {
                broken.push(format!("{}: there is no {function} in src/{path}", line.rule));
            }
        }
        broken
            .extend(line.tests.iter().filter(|test| !tests.contains(*test)).map(|test| format!("{}: there is no test {test}", line.rule)));
    }
    broken
}

/// Every function that is a test, in src/ and tests/; stories for both databases included.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in files("src").into_iter().chain(files("tests")) {
        let tokens = crate::support::source::tokens(&source.text);
        for (index, pair) in tokens.windows(2).enumerate() {
            let is_function = pair[0].text == "fn" && !pair[0].is_string;
            let before: Vec<&str> = tokens[index.saturating_sub(8)..index].iter().map(|token| token.text.as_str()).collect();
            let is_test = before.windows(3).any(|window| window == ["[", "test", "]"] || window == ["::", "test", "]"]);
            if is_function && (is_test || before.last() == Some(&"async")) {
                names.insert(pair[1].text.clone());
            }
        }
    }
    names
}

#[test]
fn every_rule_names_a_function_and_a_test_that_exist() {
    let page = std::fs::read_to_string(root().join("docs/RULES.md")).expect("docs/RULES.md");
    let lines = lines(&page);
    assert!(lines.len() > 20, "only {} rules are listed", lines.len());
    let (sources, tests) = (files("src"), tests());
    nothing_breaks("Every line of docs/RULES.md names a function and a test that exist.", broken(&lines, &sources, &tests));
    let wrong = self::lines("| X-1 | what | `events/rules.rs::no_such_function` | `no_such_test` |");
    assert_eq!(broken(&wrong, &sources, &tests).len(), 2);
}
