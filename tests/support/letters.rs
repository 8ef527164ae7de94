//! Letters as they arrive, taken apart into what a reader gets.

use mail_parser::{MessageParser, MimeHeaders, PartType};

/// A letter as it arrived.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The bytes, unchanged.
    pub raw: Vec<u8>,
    /// The envelope's sender, an address.
    pub from: String,
    /// The recipients, addresses.
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The Message-ID without angle brackets.
    pub message_id: String,
    /// The leaves of the MIME tree in their order.
    pub parts: Vec<Part>,
    /// Which letter of ours it is, such as `registration_confirmed`; empty where only the wire is known.
    pub kind: String,
}

/// One leaf of a letter's MIME tree, decoded.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its media type in lower case, such as `text/calendar`.
    pub media_type: String,
    /// Its Content-ID without angle brackets.
    pub content_id: Option<String>,
    /// Its file name.
    pub file_name: Option<String>,
    /// Its bytes; texts are in UTF-8.
    pub body: Vec<u8>,
}

impl Letter {
    /// Takes a message apart; sender and recipients are those of its headers.
    pub fn parse(raw: Vec<u8>) -> Self {
        let message = MessageParser::default().parse(&raw).expect("a letter that can be read");
        let addresses = |address: Option<&mail_parser::Address<'_>>| -> Vec<String> {
            address.into_iter().flat_map(|all| all.iter()).filter_map(|one| one.address.as_deref()).map(str::to_owned).collect()
        };
        Self {
            from: addresses(message.from()).concat(),
            to: addresses(message.to()),
            subject: message.subject().unwrap_or_default().to_owned(),
            message_id: message.message_id().unwrap_or_default().to_owned(),
            parts: message.parts.iter().filter_map(Part::read).collect(),
            kind: String::new(),
            raw,
        }
    }

    /// The first part of a media type.
    pub fn part(&self, media_type: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.media_type == media_type)
    }

    /// The first part of a media type as text, empty when there is none.
    pub fn text_of(&self, media_type: &str) -> String {
        self.part(media_type).map(|part| String::from_utf8_lossy(&part.body).into_owned()).unwrap_or_default()
    }

    /// The plain text.
    pub fn text(&self) -> String {
        self.text_of("text/plain").replace("\r\n", "\n")
    }

    /// Checks that the plain text holds this, wherever its lines break.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&self.text()).contains(&words(text)), "no {text:?} in:\n{}", self.text());
        self
    }

    /// The first link in the plain text whose address contains `part`, up to the next white space.
    pub fn link_with(&self, part: &str) -> String {
        let text = self.text();
        let found = text.split_whitespace().find(|word| word.starts_with("http") && word.contains(part));
        found.unwrap_or_else(|| panic!("no link with {part:?} in:\n{text}")).to_owned()
    }

    /// The code of six digits in the plain text.
    pub fn code(&self) -> String {
        let text = self.text();
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let joined = text.replace("\u{a0}", "").split_whitespace().find(is_code).map(str::to_owned);
        // A code may be printed in two groups of three.
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_half = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
        let halves = words.windows(2).find(|pair| is_half(pair[0]) && is_half(pair[1])).map(|pair| pair.concat());
        joined.or(halves).unwrap_or_else(|| panic!("no code of six digits in:\n{text}"))
    }
}

impl Part {
    fn read(part: &mail_parser::MessagePart<'_>) -> Option<Self> {
        let body = match &part.body {
            PartType::Multipart(_) => return None,
            PartType::Message(message) => message.raw_message.to_vec(),
            PartType::Text(text) | PartType::Html(text) => text.as_bytes().to_vec(),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
        };
        let media_type = part.content_type().map_or_else(
            || "text/plain".to_owned(),
            |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_lowercase(),
        );
        Some(Self {
            media_type,
            content_id: part.content_id().map(|id| id.trim_matches(['<', '>']).to_owned()),
            file_name: part.attachment_name().map(str::to_owned),
            body,
        })
    }
}
