//! Reads pages as their readers do: the text without markup, the links, and the forms with what they hold.

use std::collections::BTreeMap;

/// One tag of a page, or the text between two.
#[derive(Clone, Debug)]
pub enum Piece {
    Open { name: String, attributes: BTreeMap<String, String> },
    Close(String),
    Text(String),
}

/// The page cut into tags and texts; comments and the inside of scripts and styles are left out.
pub fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        if start > 0 {
            pieces.push(Piece::Text(unescape(&rest[..start])));
        }
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let end = tag_end(rest);
        let inside = rest[1..end].trim_end_matches('/').trim();
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(name) = inside.strip_prefix('/') {
            pieces.push(Piece::Close(name.trim().to_lowercase()));
        } else if !inside.starts_with('!') {
            let name: String = inside.chars().take_while(|c| !c.is_whitespace()).collect();
            let attributes = attributes(&inside[name.len()..]);
            let name = name.to_lowercase();
            if matches!(name.as_str(), "script" | "style") {
                rest = rest.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
            } else {
                pieces.push(Piece::Open { name, attributes });
            }
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(unescape(rest)));
    }
    pieces
}

/// Where the tag at the start of `text` ends; a `>` in a quoted value is none.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>') => return index,
            _ => {}
        }
    }
    text.len()
}

fn attributes(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let name: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '=').collect();
        rest = rest[name.len().max(1).min(rest.len())..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quoted = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quoted {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
        }
        all.insert(name.to_lowercase(), unescape(value));
        rest = rest.trim_start();
    }
    all
}

/// Undoes the escapes that our pages use.
pub fn unescape(text: &str) -> String {
    let mut plain = text.to_owned();
    for (escape, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x60;", "`"),
        ("&#x3D;", "="),
        ("&nbsp;", "\u{a0}"),
        ("&middot;", "·"),
        ("&ndash;", "–"),
        ("&mdash;", "—"),
        ("&hellip;", "…"),
        ("&times;", "×"),
        ("&rarr;", "→"),
        ("&larr;", "←"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(escape, c);
    }
    plain
}

const INLINE: [&str; 13] = ["a", "abbr", "b", "bdi", "code", "em", "i", "mark", "small", "span", "strong", "sub", "time"];

/// What a reader reads: one line a block, single spaces, nothing of the head but the title.
pub fn text(html: &str) -> String {
    let mut said = String::new();
    let mut hidden = 0;
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) if hidden == 0 => said.push_str(&text.replace(['\n', '\t'], " ")),
            Piece::Text(_) => {}
            Piece::Open { name, .. } if name == "template" || name == "datalist" => hidden += 1,
            Piece::Close(name) if name == "template" || name == "datalist" => hidden -= 1,
            Piece::Open { name, .. } | Piece::Close(name) => {
                if !INLINE.contains(&name.as_str()) {
                    said.push('\n');
                }
            }
        }
    }
    let tidy = |line: &str| line.split([' ', '\u{a0}']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    said.lines().map(tidy).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The address of the link that reads exactly so.
pub fn link(html: &str, words: &str) -> Option<String> {
    let pieces = pieces(html);
    pieces.iter().enumerate().find_map(|(index, piece)| {
        let Piece::Open { name, attributes } = piece else { return None };
        let inside = inside(&pieces[index + 1..], "a");
        (name == "a" && inside == words).then(|| attributes.get("href").cloned()).flatten()
    })
}

/// The text up to the closing tag.
fn inside(pieces: &[Piece], tag: &str) -> String {
    let mut said = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => said.push_str(text),
            Piece::Close(name) if name == tag => break,
            _ => said.push(' '),
        }
    }
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A form as a browser would send it untouched.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Where it is sent; empty means the page's own address.
    pub action: String,
    pub is_post: bool,
    /// What is filled in, checked or chosen, in order.
    pub filled: Vec<(String, String)>,
    /// Every field's name, checked or not.
    pub fields: Vec<String>,
    /// Named buttons: name and value.
    pub buttons: Vec<(String, String)>,
}

/// Every form of the page.
pub fn forms(html: &str) -> Vec<Form> {
    let pieces = pieces(html);
    let mut forms = Vec::new();
    let mut open: Option<Form> = None;
    let mut select = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open { name, attributes } if name == "form" => {
                let get = |key: &str| attributes.get(key).cloned().unwrap_or_default();
                open = Some(Form { action: get("action"), is_post: get("method").eq_ignore_ascii_case("post"), ..Form::default() });
            }
            Piece::Close(name) if name == "form" => forms.extend(open.take()),
            Piece::Open { name, attributes } => {
                if let Some(form) = &mut open {
                    add_field(form, name, attributes, &mut select, &pieces[index + 1..]);
                }
            }
            _ => {}
        }
    }
    forms
}

fn add_field(form: &mut Form, tag: &str, attributes: &BTreeMap<String, String>, select: &mut String, after: &[Piece]) {
    let get = |key: &str| attributes.get(key).cloned().unwrap_or_default();
    let (name, value, kind) = (get("name"), get("value"), get("type").to_lowercase());
    if attributes.contains_key("disabled") {
        return;
    }
    match tag {
        "select" => {
            select.clone_from(&name);
            form.fields.push(name);
        }
        "option" => {
            let is_first = !form.filled.iter().any(|(filled, _)| filled == select);
            if attributes.contains_key("selected") {
                form.filled.retain(|(filled, _)| filled != select);
            }
            if is_first || attributes.contains_key("selected") {
                form.filled.push((select.clone(), value));
            }
        }
        "textarea" => {
            form.fields.push(name.clone());
            let text = if let Some(Piece::Text(text)) = after.first() { text.clone() } else { String::new() };
            // The line break right after the tag is not part of the text.
            form.filled.push((name, text.strip_prefix('\n').map_or(text.clone(), str::to_owned)));
        }
        "button" if !name.is_empty() => form.buttons.push((name, value)),
        "input" if kind == "submit" && !name.is_empty() => form.buttons.push((name, value)),
        "input" if !name.is_empty() => {
            form.fields.push(name.clone());
            let is_choice = matches!(kind.as_str(), "checkbox" | "radio");
            if !is_choice || attributes.contains_key("checked") {
                let value = if is_choice && !attributes.contains_key("value") { "on".to_owned() } else { value };
                form.filled.push((name, value));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_a_reader_reads_it() {
        let html = "<!doctype html><html><head><title>T</title><style>p{}</style></head><body><p>Maya&#x27;s <b>seat</b></p>\n\
            <ul><li>One<li>Two &amp; three</ul><!-- no --><script>bad()</script></body></html>";
        assert_eq!(text(html), "T\nMaya's seat\nOne\nTwo & three");
    }

    #[test]
    fn a_form_is_sent_as_a_browser_would() {
        let html = "<a href=\"/x?a=1&amp;b\">Go <b>on</b></a><form action=\"/a\" method=\"post\"><input type=hidden name=csrf value=1>\
            <input name=\"n\" value=\"a &gt; b\"><input type=checkbox name=c value=yes checked><input type=radio name=r value=1>\
            <select name=s><option value=x>X</option><option value=y selected>Y</option></select><textarea name=t>\nhi</textarea>\
            <button name=do value=it>Do</button></form>";
        let forms = forms(html);
        let filled: Vec<(&str, &str)> = forms[0].filled.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(filled, [("csrf", "1"), ("n", "a > b"), ("c", "yes"), ("s", "y"), ("t", "hi")]);
        assert_eq!(forms[0].fields, ["csrf", "n", "c", "r", "s", "t"]);
        assert_eq!(forms[0].buttons, [("do".to_owned(), "it".to_owned())]);
        assert!(forms[0].is_post && forms[0].action == "/a");
        assert_eq!(link(html, "Go on").as_deref(), Some("/x?a=1&b"));
    }
}
