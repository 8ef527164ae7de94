//! What a file is, judged by its bytes; how large it may be; under which name it is given out; which bytes are asked for.

pub mod ranges;

use crate::people::rules::tidy;

crate::words! {
    /// What is uploaded, which decides what is taken.
    Purpose { Recording => "recording", Material => "material" }
}

/// So many bytes at the beginning tell what a file is.
pub const TELLING: usize = 4096;

const MB: u64 = 1_000_000;

impl Purpose {
    /// The largest file, in bytes.
    pub fn largest(self) -> u64 {
        match self {
            Self::Recording => 20_000 * MB,
            Self::Material => 200 * MB,
        }
    }

    /// The largest file of a plain form, in bytes: one that is cut off begins from the start.
    pub fn largest_of_form(self) -> u64 {
        match self {
            Self::Recording => 1000 * MB,
            Self::Material => 200 * MB,
        }
    }

    /// Whether such a file is taken, and if not, why and what to do.
    pub fn takes(self, kind: MediaType) -> Result<(), String> {
        let fine = match self {
            Self::Recording => kind.is_playable(),
            Self::Material => kind.is_document(),
        };
        if fine {
            return Ok(());
        }
        let wanted = match self {
            Self::Recording => "A recording is a video or sound that browsers play: MP4, WebM, MP3, M4A, Ogg, FLAC or WAV.",
            Self::Material => "Materials are PDF, PowerPoint, Word, Excel, OpenDocument, text, PNG or JPEG.",
        };
        Err(format!("This file is {}, whatever its name says. {wanted}", kind.words()))
    }
}

/// `1.2 GB`.
pub fn size_words(bytes: u64) -> String {
    let (one, name) = match bytes {
        0..=999 => return format!("{bytes} bytes"),
        1_000..=999_999 => (1_000, "KB"),
        1_000_000..=999_999_999 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = bytes / (one / 10);
    if tenths >= 100 { format!("{} {name}", tenths / 10) } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

crate::words! {
    /// What a file is, as its bytes say.
    MediaType {
        Mp4 => "video/mp4", WebM => "video/webm", OggVideo => "video/ogg",
        Mp3 => "audio/mpeg", M4a => "audio/mp4", Ogg => "audio/ogg", Flac => "audio/flac", Wav => "audio/wav",
        Pdf => "application/pdf", Png => "image/png", Jpeg => "image/jpeg", Text => "text/plain",
        PowerPoint => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Word => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Excel => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        OpenSlides => "application/vnd.oasis.opendocument.presentation",
        OpenText => "application/vnd.oasis.opendocument.text",
        OpenSheet => "application/vnd.oasis.opendocument.spreadsheet",
        OldPowerPoint => "application/vnd.ms-powerpoint", OldWord => "application/msword", OldExcel => "application/vnd.ms-excel",
        QuickTime => "video/quicktime", Matroska => "video/x-matroska", Avi => "video/x-msvideo", Zip => "application/zip",
        Html => "text/html", Unknown => "application/octet-stream",
    }
}

impl MediaType {
    /// Whether every browser in use plays it.
    pub fn is_playable(self) -> bool {
        use MediaType as M;
        matches!(self, M::Mp4 | M::WebM | M::OggVideo) || self.is_sound()
    }

    pub fn is_sound(self) -> bool {
        use MediaType as M;
        matches!(self, M::Mp3 | M::M4a | M::Ogg | M::Flac | M::Wav)
    }

    /// Whether it is handed out as material.
    pub fn is_document(self) -> bool {
        use MediaType as M;
        matches!(self, M::Pdf | M::Png | M::Jpeg | M::Text | M::PowerPoint | M::Word | M::Excel)
            || matches!(self, M::OpenSlides | M::OpenText | M::OpenSheet | M::OldPowerPoint | M::OldWord | M::OldExcel)
    }

    /// Whether a browser may show it in our name: nothing in it runs there.
    pub fn is_shown_inline(self) -> bool {
        self.is_playable() || matches!(self, Self::Pdf | Self::Png | Self::Jpeg)
    }

    /// The endings that its files have, the usual one first; none of kinds that are not taken.
    fn endings(self) -> &'static [&'static str] {
        use MediaType as M;
        match self {
            M::Mp4 => &["mp4", "m4v"],
            M::WebM => &["webm"],
            M::OggVideo => &["ogv", "ogg"],
            M::Mp3 => &["mp3"],
            M::M4a => &["m4a", "m4b", "mp4"],
            M::Ogg => &["ogg", "oga", "opus"],
            M::Flac => &["flac"],
            M::Wav => &["wav"],
            M::Pdf => &["pdf"],
            M::Png => &["png"],
            M::Jpeg => &["jpg", "jpeg"],
            M::Text => &["txt", "text", "md", "csv", "tsv"],
            M::PowerPoint => &["pptx"],
            M::Word => &["docx"],
            M::Excel => &["xlsx"],
            M::OpenSlides => &["odp"],
            M::OpenText => &["odt"],
            M::OpenSheet => &["ods"],
            M::OldPowerPoint => &["ppt"],
            M::OldWord => &["doc"],
            M::OldExcel => &["xls"],
            M::QuickTime | M::Matroska | M::Avi | M::Zip | M::Html | M::Unknown => &[],
        }
    }

    /// `a PDF`.
    pub fn words(self) -> &'static str {
        use MediaType as M;
        match self {
            M::Mp4 => "an MP4 video",
            M::WebM => "a WebM video",
            M::OggVideo => "an Ogg video",
            M::Mp3 | M::M4a | M::Ogg | M::Flac | M::Wav => "sound",
            M::Pdf => "a PDF",
            M::Png | M::Jpeg => "a picture",
            M::Text => "text",
            M::PowerPoint | M::OpenSlides | M::OldPowerPoint => "slides",
            M::Word | M::OpenText | M::OldWord => "a text document",
            M::Excel | M::OpenSheet | M::OldExcel => "a spreadsheet",
            M::QuickTime => "a QuickTime film, which not every browser plays",
            M::Matroska => "a Matroska film, which not every browser plays",
            M::Avi => "an AVI film, which browsers do not play",
            M::Zip => "an archive",
            M::Html => "a web page",
            M::Unknown => "of a kind that is not known here",
        }
    }
}

/// Brands of the MP4 box that hold pictures: HEIC, AVIF and raw ones.
const STILLS: [&[u8]; 11] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis", b"crx "];

/// What a file is, by its first [`TELLING`] bytes; `name` only tells apart what is packed the same way.
pub fn sniff(head: &[u8], name: &str) -> MediaType {
    use MediaType as M;
    let at = |offset: usize, wanted: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(wanted));
    let has = |wanted: &[u8]| head.windows(wanted.len()).any(|window| window == wanted);
    match head {
        _ if at(4, b"ftypqt  ") => M::QuickTime,
        _ if at(4, b"ftypM4A") || at(4, b"ftypM4B") => M::M4a,
        // Pictures of telephones come in the same box as films.
        _ if at(4, b"ftyp") && STILLS.iter().any(|brand| at(8, brand)) => M::Unknown,
        _ if at(4, b"ftyp") => M::Mp4,
        _ if at(0, b"\x1a\x45\xdf\xa3") && has(b"webm") => M::WebM,
        _ if at(0, b"\x1a\x45\xdf\xa3") => M::Matroska,
        _ if at(0, b"OggS") && has(b"theora") => M::OggVideo,
        _ if at(0, b"OggS") => M::Ogg,
        _ if at(0, b"fLaC") => M::Flac,
        _ if at(0, b"RIFF") && at(8, b"WAVE") => M::Wav,
        _ if at(0, b"RIFF") && at(8, b"AVI ") => M::Avi,
        _ if at(0, b"ID3") => M::Mp3,
        [0xff, 0xfb | 0xfa | 0xf3 | 0xf2, ..] => M::Mp3,
        _ if at(0, b"%PDF-") => M::Pdf,
        _ if at(0, b"\x89PNG\r\n\x1a\n") => M::Png,
        _ if at(0, b"\xff\xd8\xff") => M::Jpeg,
        _ if at(0, b"PK\x03\x04") => packed(head, name),
        _ if at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => old_office(name),
        _ => text(head),
    }
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// Office documents are archives that begin alike; OpenDocument says first what it is.
fn packed(head: &[u8], name: &str) -> MediaType {
    use MediaType as M;
    let says = |kind: MediaType| head.windows(kind.as_str().len()).any(|window| window == kind.as_str().as_bytes());
    if let Some(kind) = [M::OpenSlides, M::OpenText, M::OpenSheet].into_iter().find(|kind| says(*kind)) {
        return kind;
    }
    match ending(name).as_str() {
        "pptx" => M::PowerPoint,
        "docx" => M::Word,
        "xlsx" => M::Excel,
        _ => M::Zip,
    }
}

fn old_office(name: &str) -> MediaType {
    match ending(name).as_str() {
        "ppt" => MediaType::OldPowerPoint,
        "doc" => MediaType::OldWord,
        "xls" => MediaType::OldExcel,
        _ => MediaType::Unknown,
    }
}

fn text(head: &[u8]) -> MediaType {
    // A piece may end inside a letter.
    let readable = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(cause) if cause.error_len().is_none() => {
            std::str::from_utf8(head.get(..cause.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return MediaType::Unknown,
    };
    if readable.is_empty() || readable.chars().any(|letter| letter.is_control() && !letter.is_whitespace()) {
        return MediaType::Unknown;
    }
    let folded = readable.to_ascii_lowercase();
    let marks = ["<!doctype", "<html", "<head", "<body", "<script", "<svg", "<?xml", "<iframe", "<title"];
    if marks.iter().any(|mark| folded.contains(mark)) { MediaType::Html } else { MediaType::Text }
}

/// A file's own name as it is kept: text to be read, the last of a path, and never a place on a disk.
pub fn tidy_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = tidy(last);
    let name = name.trim().trim_start_matches('.').trim();
    if name.is_empty() { "file".to_owned() } else { name.chars().take(200).collect() }
}

/// A file's name with an ending of what it is: what is saved under it is opened as that and never run.
pub fn name_with_ending(kind: MediaType, name: &str) -> String {
    let endings = kind.endings();
    if endings.is_empty() || endings.contains(&ending(name).as_str()) { name.to_owned() } else { format!("{name}.{}", endings[0]) }
}

/// `Content-Disposition` with the name in both ways of writing it (RFC 6266).
pub fn disposition(inline: bool, name: &str) -> String {
    let plain: String =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() || " .-_()".contains(letter) { letter } else { '_' }).collect();
    let kind = if inline { "inline" } else { "attachment" };
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use MediaType as M;

    #[test]
    fn a_file_is_saved_under_a_name_that_ends_in_what_it_is() {
        let cases = [
            (M::Text, "slides.html", "slides.html.txt"),
            (M::Text, "notes.bat", "notes.bat.txt"),
            (M::Text, "Notes.MD", "Notes.MD"),
            (M::Pdf, "handout.hta", "handout.hta.pdf"),
            (M::Pdf, "handout.PDF", "handout.PDF"),
            (M::Wav, "talk", "talk.wav"),
        ];
        for (kind, name, saved) in cases {
            assert_eq!(name_with_ending(kind, name), saved);
        }
    }

    #[test]
    fn a_file_is_what_its_bytes_say_and_not_what_its_name_says() {
        let cases: [(&[u8], &str, M); 24] = [
            (b"\0\0\0\x18ftypheic\0\0\0\0", "IMG_0001.mp4", M::Unknown),
            (b"\0\0\0\x18ftypavif\0\0\0\0", "slide.mp4", M::Unknown),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", "talk.exe", M::Mp4),
            (b"\0\0\0\x14ftypqt  ", "talk.mp4", M::QuickTime),
            (b"\0\0\0\x1cftypM4A ", "talk.mp4", M::M4a),
            (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "x", M::WebM),
            (b"\x1a\x45\xdf\xa3\x9fB\x82\x88matroska", "x.webm", M::Matroska),
            (b"RIFF\x24\0\0\0WAVEfmt ", "x.mp4", M::Wav),
            (b"RIFF\x24\0\0\0AVI LIST", "x.mp4", M::Avi),
            (b"ID3\x04\0", "x", M::Mp3),
            (b"\xff\xfb\x90\x44", "x", M::Mp3),
            (b"OggS\0\x02", "x", M::Ogg),
            (b"fLaC\0", "x", M::Flac),
            (b"%PDF-1.7", "talk.mp4", M::Pdf),
            (b"\x89PNG\r\n\x1a\n", "x", M::Png),
            (b"PK\x03\x04\x14\0", "slides.PPTX", M::PowerPoint),
            (b"PK\x03\x04\x14\0mimetypeapplication/vnd.oasis.opendocument.presentation", "slides.zip", M::OpenSlides),
            (b"PK\x03\x04\x14\0", "talk.mp4", M::Zip),
            (b"<!DOCTYPE html><script>alert(1)</script>", "slides.pdf", M::Html),
            (b"  \n<svg onload=x>", "x.png", M::Html),
            (b"MZ\x90\0\x03", "talk.mp4", M::Unknown),
            ("Grüße an alle\n".as_bytes(), "x.mp4", M::Text),
            (b"", "x.mp4", M::Unknown),
            (b"\0\0\0", "x.mp4", M::Unknown),
        ];
        for (head, name, kind) in cases {
            assert_eq!(sniff(head, name), kind, "{name} {head:?}");
        }
    }

    #[test]
    fn a_recording_is_what_browsers_play_and_a_web_page_is_never_material() {
        for kind in [M::Mp4, M::WebM, M::Wav, M::Mp3] {
            assert_eq!(Purpose::Recording.takes(kind), Ok(()));
        }
        let said = Purpose::Recording.takes(M::Pdf).unwrap_err();
        assert!(said.starts_with("This file is a PDF, whatever its name says."), "{said}");
        for kind in M::ALL.iter().filter(|kind| !kind.is_playable()) {
            assert!(Purpose::Recording.takes(*kind).is_err(), "{kind}");
        }
        assert!(Purpose::Material.takes(M::Html).is_err() && Purpose::Material.takes(M::Zip).is_err());
        assert!(!M::Html.is_shown_inline() && !M::Text.is_shown_inline());
    }

    #[test]
    fn a_name_is_the_last_of_a_path_and_leads_nowhere() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\talk final.mp4", "talk final.mp4"),
            ("..", "file"),
            ("", "file"),
            (".htaccess", "htaccess"),
            ("a\r\nSet-Cookie: x.mp4", "a Set-Cookie: x.mp4"),
            ("<img src=x onerror=alert(1)>.pdf", "<img src=x onerror=alert(1)>.pdf"),
        ] {
            assert_eq!(tidy_name(given), kept, "{given:?}");
        }
        assert_eq!(tidy_name(&"ä".repeat(500)).chars().count(), 200);
    }

    #[test]
    fn a_name_in_a_header_breaks_out_of_nothing() {
        assert_eq!(
            disposition(false, "a\"; x=\r\n<b>ü.pdf"),
            "attachment; filename=\"a__ x____b__.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%0D%0A%3Cb%3E%C3%BC.pdf"
        );
        assert_eq!(disposition(true, "talk.mp4"), "inline; filename=\"talk.mp4\"; filename*=UTF-8''talk.mp4");
    }

    #[test]
    fn sizes_are_told_in_round_numbers() {
        for (bytes, words) in
            [(0, "0 bytes"), (1_234, "1.2 KB"), (52_428_800, "52 MB"), (2_000_000_000, "2.0 GB"), (21_474_836_480, "21 GB")]
        {
            assert_eq!(size_words(bytes), words);
        }
    }
}
