//! HTML to plain text: paragraphs, lists and links survive, nothing else of the markup does.

use quick_xml::escape::resolve_html5_entity;

use crate::incoming::composed;

/// The plain text of an abstract, which may be HTML, Markdown or plain text already.
pub(super) fn plain_text(markup: &str) -> String {
    let plain = if has_tags(markup) { Writer::default().run(markup) } else { without_entities(markup) };
    paragraphs(&plain)
}

/// Abstract and description as one text; a description that only repeats the abstract is left out.
pub(super) fn abstract_and_description(abstract_text: &str, description: &str) -> String {
    let (first, second) = (plain_text(abstract_text), plain_text(description));
    if first.is_empty() || second.starts_with(&first) {
        return second;
    }
    if second.is_empty() { first } else { format!("{first}\n\n{second}") }
}

/// Lines without spaces at their ends, at most one empty line in a row, none at the ends.
fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(str::trim_end) {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        // Line by line, since most lines are ASCII and need no composing.
        out.push_str(&composed(line.replace(|c: char| c.is_control() && c != '\t', "")));
    }
    out
}

fn has_tags(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| Tag::at(&text[at..]).is_some())
}

fn without_entities(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let length = push_entity(&mut out, &rest[at..]);
        rest = &rest[at + length..];
    }
    out + rest
}

/// Writes what the entity at the start of this text stands for and says how long it was.
fn push_entity(out: &mut String, text: &str) -> usize {
    let end = text.char_indices().take(33).find(|(_, c)| *c == ';').map_or(0, |(at, _)| at);
    let name = text.get(1..end).unwrap_or_default();
    let number = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        },
        None => None,
    };
    match (number.and_then(char::from_u32), resolve_html5_entity(name)) {
        (Some(character), _) => out.push(character),
        (None, Some(replacement)) => out.push_str(replacement),
        (None, None) => {
            out.push('&');
            return 1;
        }
    }
    end + 1
}

/// A tag of HTML; angle brackets around other words are text, as in `Vec<String>`.
struct Tag<'text> {
    name: String,
    closing: bool,
    attributes: &'text str,
    length: usize,
}

/// The longest tag that is taken for one, in bytes behind its name.
const LONGEST_TAG: usize = 2_000;

const KNOWN: [&str; 56] = [
    "a",
    "abbr",
    "article",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "td",
    "tr",
    "u",
    "ul",
];

/// Further tags of tables, which come only inside a table.
const TABLE_PARTS: [&str; 5] = ["caption", "tbody", "tfoot", "th", "thead"];

impl<'text> Tag<'text> {
    /// The tag or comment at the start of this text, which begins with `<`.
    fn at(text: &'text str) -> Option<Self> {
        if text.starts_with("<!--") {
            let length = text.find("-->").map_or(text.len(), |at| at + 3);
            return Some(Self { name: String::new(), closing: false, attributes: "", length });
        }
        let closing = text.starts_with("</");
        let inner = text.get(if closing { 2 } else { 1 }..)?;
        let name_length = inner.bytes().take(12).take_while(u8::is_ascii_alphanumeric).count();
        let name = inner[..name_length].to_ascii_lowercase();
        if KNOWN.binary_search(&name.as_str()).is_err() && !TABLE_PARTS.contains(&name.as_str()) {
            return None;
        }
        let after = &inner[name_length..];
        if !after.starts_with(|c: char| c.is_whitespace() || c == '/' || c == '>') {
            return None;
        }
        // Looking no further keeps the time in proportion to the text, however many tags are left open.
        let end = after.bytes().take(LONGEST_TAG).position(|byte| byte == b'>')?;
        let length = text.len() - after.len() + end + 1;
        Some(Self { name, closing, attributes: &after[..end], length })
    }

    /// The address a link leads to, if it leads into the web.
    fn address(&self) -> Option<&'text str> {
        let at = self.attributes.find("href=")? + "href=".len();
        let value = &self.attributes[at..];
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let address = match quote {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split_whitespace().next(),
        };
        address.filter(|address| address.starts_with("https://") || address.starts_with("http://"))
    }
}

/// What has to be written before the next character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

#[derive(Default)]
struct Writer<'text> {
    out: String,
    gap: Gap,
    lists: usize,
    in_pre: bool,
    item: bool,
    link: Option<(&'text str, usize)>,
}

impl<'text> Writer<'text> {
    fn run(mut self, text: &'text str) -> String {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let plain = rest.find(['<', '&']).unwrap_or(rest.len());
            if plain > 0 {
                self.text(&rest[..plain]);
                rest = &rest[plain..];
            } else if first == '&' {
                let mut character = String::new();
                let length = push_entity(&mut character, rest);
                self.text(&character);
                rest = &rest[length..];
            } else if let Some(tag) = Tag::at(rest) {
                rest = &rest[tag.length..];
                if !tag.closing && matches!(tag.name.as_str(), "script" | "style") {
                    let end = format!("</{}", tag.name);
                    rest = &rest[rest.find(&end).unwrap_or(rest.len())..];
                }
                self.tag(&tag);
            } else {
                self.text("<");
                rest = &rest[1..];
            }
        }
        self.out
    }

    fn text(&mut self, text: &str) {
        if !self.in_pre {
            return self.words(text);
        }
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.line_break();
            }
            self.words(line);
        }
    }

    fn words(&mut self, text: &str) {
        for (index, word) in text.split(char::is_whitespace).enumerate() {
            if index > 0 {
                self.gap = self.gap.max(Gap::Space);
            }
            if !word.is_empty() {
                self.write_gap();
                self.out.push_str(word);
            }
        }
    }

    fn write_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if !self.out.is_empty() {
            self.out.push_str(match gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        if std::mem::take(&mut self.item) {
            self.out.push_str("- ");
        }
    }

    fn line_break(&mut self) {
        self.gap = if self.gap >= Gap::Line { Gap::Paragraph } else { Gap::Line };
    }

    fn tag(&mut self, tag: &Tag<'text>) {
        match tag.name.as_str() {
            "" | "abbr" | "b" | "big" | "cite" | "code" | "del" | "em" | "font" | "i" | "img" | "ins" | "kbd" | "mark" | "q" | "s"
            | "script" | "small" | "span" | "strong" | "style" | "sub" | "sup" | "u" => {}
            "a" if tag.closing => self.end_link(),
            "a" => self.link = tag.address().map(|address| (address, self.out.len())),
            "br" if !tag.closing => self.line_break(),
            "br" => {}
            "td" | "th" => self.gap = self.gap.max(Gap::Space),
            "tr" | "dt" | "dd" => self.gap = self.gap.max(Gap::Line),
            "li" => {
                self.gap = self.gap.max(Gap::Line);
                self.item = !tag.closing;
            }
            name => {
                if name == "pre" {
                    self.in_pre = !tag.closing;
                }
                let opens_list = matches!(name, "ul" | "ol") && !tag.closing;
                if matches!(name, "ul" | "ol") && tag.closing {
                    self.lists = self.lists.saturating_sub(1);
                }
                // Inside a list, paragraphs would tear the items apart.
                let gap = if self.lists > 0 { Gap::Line } else { Gap::Paragraph };
                self.lists += usize::from(opens_list);
                self.gap = self.gap.max(gap);
            }
        }
    }

    /// Writes a link's address behind its text, unless the text says it already.
    fn end_link(&mut self) {
        let Some((address, from)) = self.link.take() else { return };
        let shown = self.out.get(from..).unwrap_or_default().trim();
        let bare = address.split_once("://").map_or(address, |(_, bare)| bare).trim_end_matches('/');
        if !shown.is_empty() && !shown.contains(bare) {
            self.out.extend([" (", &without_entities(address), ")"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_plain_text() {
        assert!(KNOWN.is_sorted());
        for (markup, plain) in [
            ("", ""),
            ("<p>One\n two.</p>\n<p>Three&nbsp;&amp; four.</p>", "One two.\n\nThree & four."),
            ("a<br>b<br /><br/>c", "a\nb\n\nc"),
            ("<p>Bring:</p><ul>\n<li>pen</li>\n<li><p>paper</p></li></ul><p>End</p>", "Bring:\n\n- pen\n- paper\n\nEnd"),
            ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n- b\n- c"),
            ("See <a href=\"https://a.org/x?y=1&amp;z\">here</a>.", "See here (https://a.org/x?y=1&z)."),
            ("See <a href='https://a.org/'>a.org</a>.", "See a.org."),
            ("<a href=\"javascript:alert(1)\">x</a>", "x"),
            ("<p>x</p><script>alert(1)</script><style>p{}</style><p>y</p>", "x\n\ny"),
            ("<pre>one\ntwo</pre>", "one\ntwo"),
            ("<p>a <b>b</b><!-- no -->c</p>", "a bc"),
            ("<table><tr><td>a</td><th>b</th></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("Vec<String> and 1 < 2 & 3 > 2", "Vec<String> and 1 < 2 & 3 > 2"),
            ("<em>Vec<String></em> 1 < 2 <", "Vec<String> 1 < 2 <"),
            ("# Title\r\n\r\n\r\n* one  \r\n  * two\r\n", "# Title\n\n* one\n  * two"),
            ("AT&amp;T &#8211; &#x27;q&#39; &unknown; &", "AT&T – 'q' &unknown; &"),
            ("&lt;b&gt;", "<b>"),
            ("Cafe\u{301}\0", "Café"),
            ("<p>é<", "é<"),
        ] {
            assert_eq!(plain_text(markup), plain, "{markup}");
        }
    }

    #[test]
    fn markup_made_to_take_long_does_not() {
        for (piece, left) in [("<a ", true), ("<!--", false), ("<a href=\"https://a.org\">x", true), ("&#", true), ("<ul><li>", false)] {
            let started = std::time::Instant::now();
            let plain = plain_text(&piece.repeat(10_000));
            assert_eq!((!plain.is_empty(), started.elapsed().as_secs() < 10), (left, true), "{piece}");
        }
    }

    #[test]
    fn a_description_that_repeats_the_abstract_is_not_written_twice() {
        for (first, second, both) in
            [("<p>a</p>", "b", "a\n\nb"), ("a", "<p>a</p>", "a"), ("a", "a and more", "a and more"), ("", "b", "b"), ("a", "", "a")]
        {
            assert_eq!(abstract_and_description(first, second), both);
        }
    }
}
