//! The source tree as the house rules look at it: files cut into tokens, without comments and unit tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A piece of Rust that the rules look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
    /// The inside of a string literal, not code.
    pub is_string: bool,
}

/// One file of `src/` or `tests/`.
pub struct Source {
    pub folder: &'static str,
    /// Its path below the folder, such as `enrollment/waitlist.rs`.
    pub path: String,
    pub text: String,
    /// The code without comments.
    pub whole: Vec<Token>,
    /// The code without comments and without what is compiled for tests only.
    pub tokens: Vec<Token>,
}

impl Source {
    fn read(path: &Path, folder: &'static str, root: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a source file");
        let path = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        Self { folder, ..Self::of(&path, &text) }
    }

    /// A file that exists in a rule's own test only.
    pub fn of(path: &str, text: &str) -> Self {
        let whole = tokens(text);
        Self { folder: "src", path: path.to_owned(), text: text.to_owned(), tokens: without_tests(&whole), whole }
    }

    /// The module it belongs to: its first folder, or its own name.
    pub fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Its own name without the ending.
    pub fn name(&self) -> &str {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        last.strip_suffix(".rs").unwrap_or(last)
    }

    /// Whether these words of code stand one after the other somewhere, and in which line.
    pub fn line_of(&self, words: &[&str]) -> Option<usize> {
        let starts = |window: &[Token]| window.iter().zip(words).all(|(token, word)| !token.is_string && token.text == *word);
        self.tokens.windows(words.len()).find(|window| starts(window)).map(|window| window[0].line)
    }

    /// Every identifier that follows `first ::`, with its line, groups in braces included.
    pub fn names_after(&self, first: &str) -> Vec<(String, usize)> {
        let mut names = Vec::new();
        for (index, pair) in self.tokens.windows(2).enumerate() {
            let is_path = pair[0].text == first && pair[1].text == "::" && !pair[0].is_string;
            // `foo::crate_name` is no root path; `crate` is a keyword, so only other names need the look behind.
            if !is_path || (index > 0 && self.tokens[index - 1].text == "::") {
                continue;
            }
            match self.tokens.get(index + 2) {
                Some(token) if token.text == "{" => names.extend(group_heads(&self.tokens[index + 3..])),
                Some(token) => names.push((token.text.clone(), token.line)),
                None => {}
            }
        }
        names
    }
}

/// The first name of each path in `{a::b, c, d::{e, f}}`, after the opening brace.
fn group_heads(tokens: &[Token]) -> Vec<(String, usize)> {
    let (mut heads, mut depth, mut at_head) = (Vec::new(), 0, true);
    for token in tokens {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 0 => break,
            "}" => depth -= 1,
            "," if depth == 0 => at_head = true,
            name if at_head && depth == 0 => {
                heads.push((name.to_owned(), token.line));
                at_head = false;
            }
            _ => {}
        }
    }
    heads
}

/// The project's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of `src/`, in order; read once, since every rule looks at all of them.
pub fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| files("src"))
}

/// Every Rust file of `tests/`, in order.
pub fn test_sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| files("tests"))
}

fn files(folder: &'static str) -> Vec<Source> {
    let root = root().join(folder);
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    paths.sort();
    assert!(!paths.is_empty(), "nothing in {folder}");
    paths.iter().map(|path| Source::read(path, folder, &root)).collect()
}

/// Every file below a folder.
pub fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, paths) } else { paths.push(path) }
    }
}

/// Cuts Rust into tokens; comments are dropped, strings become one token each.
fn tokens(text: &str) -> Vec<Token> {
    let characters: Vec<char> = text.chars().collect();
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while at < characters.len() {
        let rest = &characters[at..];
        let (length, kept) = token(rest);
        let said: String = rest[..length].iter().collect();
        if let Some(is_string) = kept {
            tokens.push(Token { text: said.clone(), line, is_string });
        }
        line += said.matches('\n').count();
        at += length;
    }
    tokens
}

/// How long the token at the start is, and whether it is kept: `Some(true)` for a string.
fn token(rest: &[char]) -> (usize, Option<bool>) {
    let starts = |text: &str| text.chars().zip(rest).filter(|(left, right)| left == *right).count() == text.len();
    let until = |end: &str| {
        let end: Vec<char> = end.chars().collect();
        rest.windows(end.len()).position(|window| window == end).map_or(rest.len(), |found| found + end.len())
    };
    let first = rest[0];
    if starts("//") {
        return (rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()), None);
    }
    if starts("/*") {
        return (until("*/"), None);
    }
    if first.is_whitespace() {
        return (1, None);
    }
    let prefix = rest.iter().take_while(|c| matches!(c, 'b' | 'r' | 'c')).count();
    let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
    if rest.get(prefix + hashes) == Some(&'"') && (hashes == 0 || rest[..prefix].contains(&'r')) {
        if rest[..prefix].contains(&'r') {
            let end = format!("\"{}", "#".repeat(hashes));
            let open = prefix + hashes + 1;
            let end: Vec<char> = end.chars().collect();
            let close = rest[open..].windows(end.len()).position(|window| window == end);
            return (close.map_or(rest.len(), |close| open + close + end.len()), Some(true));
        }
        return (prefix + quoted(&rest[prefix..], '"'), Some(true));
    }
    if first == '\'' {
        // A lifetime has no closing quote right after its first letter.
        let is_character = rest.get(1) == Some(&'\\') || rest.get(2) == Some(&'\'');
        return (if is_character { quoted(rest, '\'') } else { 1 }, is_character.then_some(true));
    }
    if first.is_alphanumeric() || first == '_' {
        let length = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
        return (length, Some(false));
    }
    (if starts("::") { 2 } else { 1 }, Some(false))
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// Leaves out every item under `#[cfg(test)]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let is_mark =
            tokens.len() >= at + MARK.len() && tokens[at..at + MARK.len()].iter().zip(MARK).all(|(token, mark)| token.text == mark);
        if is_mark {
            at = item_end(tokens, at + MARK.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Where the item that starts here ends: after its `;` or its closing brace.
pub fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            _ if token.is_string => {}
            ";" if depth == 0 => return index + 1,
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_cut_into_tokens_without_comments_and_tests() {
        let text = "//! Doc crate::a\nuse crate::{b::c, d}; /* crate::x */\nfn f<'a>(c: char) { let s = r#\"crate::y \"q\" \"#; c == '\"' }\n\
            #[cfg(test)]\nmod tests { use crate::z; }\nfn g() { crate::e::h(); \"\\\"}\" }\n";
        let source = Source::of("m/x.rs", text);
        let names: Vec<String> = source.names_after("crate").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "d", "e"]);
        assert_eq!(source.line_of(&["e", "::", "h"]), Some(6));
        assert_eq!((source.module(), source.name()), ("m", "x"));
    }
}
