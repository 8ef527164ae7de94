//! XML read into a tree whose elements know their lines; entities of the document are never expanded.

use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Error, Reader, XmlVersion};

use crate::incoming::{Lines, Unreadable, tidy_line};

/// Deepest nesting that is read; a schedule needs eight levels, markup in an abstract a few more.
const DEEPEST: usize = 64;

/// An element with its attributes and contents.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) line: u64,
    attributes: Vec<(String, String)>,
    contents: Vec<Content>,
}

#[derive(Debug)]
enum Content {
    Text(String),
    Element(Element),
}

impl Element {
    /// The root element of a document.
    pub(super) fn parse(text: &str) -> Result<Self, Unreadable> {
        Parser { reader: Reader::from_str(text), lines: Lines::of(text), open: Vec::new() }.run()
    }

    /// The child elements.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.contents.iter().filter_map(|content| match content {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        })
    }

    /// The child elements of this name.
    pub(super) fn named(&self, name: &'static str) -> impl Iterator<Item = &Element> {
        self.elements().filter(move |element| element.name == name)
    }

    /// An attribute's value on one line; empty when there is none.
    pub(super) fn attribute(&self, name: &str) -> String {
        let found = self.attributes.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| tidy_line(value)).unwrap_or_default()
    }

    /// The text of this element on one line, whatever markup it has.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, false);
        tidy_line(&text)
    }

    /// The text of the first child of this name on one line; empty when there is none.
    pub(super) fn text_of(&self, name: &'static str) -> String {
        self.named(name).next().map(Element::text).unwrap_or_default()
    }

    /// The contents of the first child of this name, markup inside it written out.
    pub(super) fn markup_of(&self, name: &'static str) -> String {
        let mut markup = String::new();
        if let Some(element) = self.named(name).next() {
            element.write(&mut markup, true);
        }
        markup
    }

    fn write(&self, out: &mut String, tags: bool) {
        for content in &self.contents {
            match content {
                Content::Text(text) => out.push_str(text),
                Content::Element(element) if tags => {
                    out.extend(["<", &element.name, ">"]);
                    element.write(out, tags);
                    out.extend(["</", &element.name, ">"]);
                }
                Content::Element(element) => element.write(out, tags),
            }
        }
    }

    fn push_text(&mut self, text: &str) {
        match self.contents.last_mut() {
            Some(Content::Text(before)) => before.push_str(text),
            _ => self.contents.push(Content::Text(text.to_owned())),
        }
    }
}

struct Parser<'text> {
    reader: Reader<&'text [u8]>,
    lines: Lines,
    open: Vec<Element>,
}

impl Parser<'_> {
    fn run(mut self) -> Result<Element, Unreadable> {
        loop {
            let line = self.line(self.reader.buffer_position());
            let event = self.reader.read_event().map_err(|error| self.broken(&error))?;
            match event {
                Event::Start(start) => self.open(&start, line)?,
                Event::Empty(start) => {
                    self.open(&start, line)?;
                    if let Some(root) = self.close() {
                        return Ok(root);
                    }
                }
                Event::End(_) => {
                    if let Some(root) = self.close() {
                        return Ok(root);
                    }
                }
                Event::Text(text) => self.text(&text.xml10_content()),
                Event::CData(text) => self.text(&text.xml10_content()),
                Event::GeneralRef(reference) => self.text(&replacement(&reference)),
                Event::Eof => return Err(self.ended()),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, line: u64) -> Result<(), Unreadable> {
        if self.open.len() == DEEPEST {
            return Err(Unreadable::at(line, format!("The XML is nested deeper than {DEEPEST} levels.")));
        }
        let mut element = Element { name: start.local_name().as_ref().to_owned(), line, ..Element::default() };
        // Unchecked, a name that comes twice counts once; the check takes the square of their number.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| Unreadable::at(line, format!("This is not XML ({error}).")))?;
            // A value with an unknown entity is taken as it is written.
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned);
            element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
        }
        self.open.push(element);
        Ok(())
    }

    /// Closes the innermost element and hands back the root when it was that.
    fn close(&mut self) -> Option<Element> {
        let element = self.open.pop()?;
        match self.open.last_mut() {
            Some(parent) => {
                parent.contents.push(Content::Element(element));
                None
            }
            None => Some(element),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.push_text(text);
        }
    }

    fn ended(&self) -> Unreadable {
        match self.open.last() {
            Some(element) => {
                let sentence = format!("The XML ends too early: <{}> is not closed.", element.name);
                Unreadable::at(self.line(self.reader.buffer_position()), sentence)
            }
            None => Unreadable::because("The XML holds no element."),
        }
    }

    fn broken(&self, error: &Error) -> Unreadable {
        let line = self.line(self.reader.error_position());
        Unreadable::at(line, format!("This is not XML, or it is cut off ({error})."))
    }

    fn line(&self, position: u64) -> u64 {
        self.lines.at(usize::try_from(position).unwrap_or(usize::MAX))
    }
}

/// What a reference stands for: a character, or itself when the document would have to define it.
fn replacement(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => character.to_string(),
        _ => match resolve_html5_entity(reference) {
            Some(text) => text.to_owned(),
            None => format!("&{};", &**reference),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_lines_and_texts() {
        let root = Element::parse(
            "<?xml version=\"1.0\"?>\n<a x='1 &amp;&#10;2'>\n <b>5 &lt; 6&nbsp;&eacute;</b>\n <b/>\n<c><![CDATA[<p>]]>t<i>u</i></c></a>",
        )
        .unwrap();
        assert_eq!((root.line, root.attribute("x").as_str(), root.text_of("b").as_str()), (2, "1 & 2", "5 < 6 é"));
        assert_eq!(root.named("b").map(|b| b.line).collect::<Vec<_>>(), [3, 4]);
        assert_eq!((root.markup_of("c").as_str(), root.text_of("c").as_str()), ("<p>t<i>u</i>", "<p>tu"));
    }

    #[test]
    fn entities_of_the_document_are_never_expanded() {
        let mut bomb = String::from("<!DOCTYPE s [<!ENTITY l0 \"lol\"><!ENTITY f SYSTEM \"file:///etc/passwd\">");
        for level in 1..30 {
            let inner = format!("&l{};", level - 1).repeat(10);
            bomb.push_str(&format!("<!ENTITY l{level} \"{inner}\">"));
        }
        bomb.push_str("]><s x=\"&l29;\">&l29;&f;</s>");
        let root = Element::parse(&bomb).unwrap();
        assert_eq!((root.text().as_str(), root.attribute("x").as_str()), ("&l29;&f;", "&l29;"));
    }

    #[test]
    fn an_element_with_very_many_attributes_is_read_in_time() {
        let attributes: String = (0..20_000).map(|number| format!(" a{number}=''")).collect();
        let started = std::time::Instant::now();
        let root = Element::parse(&format!("<a{attributes} a0='again'/>")).unwrap();
        assert_eq!((root.attributes.len(), root.attribute("a0").as_str()), (20_001, ""));
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| format!("\n{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert!(Element::parse(&nested(64)).is_ok());
        let error = Element::parse(&nested(100_000)).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "Line 2: The XML is nested deeper than 64 levels.");
    }
}
