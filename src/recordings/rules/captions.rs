//! Captions as WebVTT, checked strictly: what is wrong is said with its line, so that the file can be mended.

use crate::incoming::{Unreadable, utf8};

/// The most cues that are taken: a cue a second for six hours.
const MOST: usize = 21_600;

/// The longest line of a caption, in characters; two of them cover half of a phone's screen.
const LONGEST_LINE: usize = 500;

/// Captions that were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captions {
    /// The text as it is kept: UTF-8, without a byte order mark, lines ended as Unix does.
    pub text: String,
    pub cues: usize,
}

/// Checks a file.
pub fn read(bytes: &[u8]) -> Result<Captions, Unreadable> {
    let text = utf8(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    if text.contains('\0') {
        return Err(Unreadable::because("The file contains zero bytes. Save it as plain text."));
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut at = header(&lines)?;
    let (mut cues, mut last_start) = (0, 0);
    while at < lines.len() {
        if lines[at].trim().is_empty() {
            at += 1;
            continue;
        }
        let end = (at..lines.len()).find(|line| lines[*line].trim().is_empty()).unwrap_or(lines.len());
        if let Some(start) = block(&lines, at, end, last_start)? {
            (cues, last_start) = (cues + 1, start);
            if cues > MOST {
                return Err(Unreadable::at(number(at), format!("There are more than {MOST} captions.")));
            }
        }
        at = end;
    }
    if cues == 0 {
        return Err(Unreadable::because("There is no caption in this file."));
    }
    Ok(Captions { text, cues })
}

fn number(index: usize) -> u64 {
    index as u64 + 1
}

/// The first line and what follows it until a blank one; gives the line after it.
fn header(lines: &[&str]) -> Result<usize, Unreadable> {
    let first = lines.first().copied().unwrap_or_default();
    let is_right = first.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
    if !is_right {
        let looks_like_srt = first.trim() == "1" && lines.get(1).is_some_and(|line| line.contains("-->"));
        let hint = if looks_like_srt { " This looks like SubRip (.srt): convert it to WebVTT first." } else { "" };
        return Err(Unreadable::at(1, format!("The first line must be WEBVTT.{hint}")));
    }
    let end = (1..lines.len()).find(|line| lines[*line].trim().is_empty()).unwrap_or(lines.len());
    match (1..end).find(|line| lines[*line].contains("-->")) {
        Some(line) => Err(Unreadable::at(number(line), "There must be an empty line between WEBVTT and the first caption.")),
        None => Ok(end),
    }
}

/// A block between empty lines: a caption gives its start in milliseconds, a note or a style nothing.
fn block(lines: &[&str], at: usize, end: usize, last_start: i64) -> Result<Option<i64>, Unreadable> {
    let first = lines[at].trim();
    let is_named = |name: &str| first.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
    if is_named("NOTE") || first == "STYLE" || first == "REGION" {
        return match (at..end).find(|line| lines[*line].contains("-->")) {
            Some(line) => {
                Err(Unreadable::at(number(line), format!("“-->” may not stand in a {} block; is an empty line missing?", word(first))))
            }
            None => Ok(None),
        };
    }
    let timing = if lines[at].contains("-->") { at } else { at + 1 };
    if timing >= end || !lines[timing].contains("-->") {
        return Err(Unreadable::at(number(at), "This is no caption: its times (00:00:01.000 --> 00:00:04.000) are missing."));
    }
    let start = times(lines[timing]).map_err(|said| Unreadable::at(number(timing), said))?;
    if start < last_start {
        return Err(Unreadable::at(number(timing), "This caption starts before the one above it. Put them in order."));
    }
    if timing + 1 >= end {
        return Err(Unreadable::at(number(timing), "This caption has no words."));
    }
    for (at, words) in lines.iter().enumerate().take(end).skip(timing + 1) {
        if words.contains("-->") {
            return Err(Unreadable::at(number(at), "There must be an empty line before the next caption."));
        }
        if words.chars().count() > LONGEST_LINE {
            return Err(Unreadable::at(number(at), format!("This line has more than {LONGEST_LINE} characters.")));
        }
    }
    Ok(Some(start))
}

fn word(first: &str) -> &str {
    first.split_whitespace().next().unwrap_or_default()
}

/// The start of a caption in milliseconds, when its line of times is right.
fn times(line: &str) -> Result<i64, String> {
    let Some((from, rest)) = line.split_once("-->") else { return Err("The arrow --> is missing.".to_owned()) };
    let mut rest = rest.split_whitespace();
    let (from, until) = (time(from.trim())?, time(rest.next().unwrap_or_default())?);
    if until <= from {
        return Err("This caption ends before it begins.".to_owned());
    }
    match rest.find(|setting| setting.split_once(':').is_none_or(|(name, value)| !is_setting(name) || value.is_empty())) {
        Some(wrong) => Err(format!("“{wrong}” is no setting of a caption (vertical, line, position, size, align, region).")),
        None => Ok(from),
    }
}

fn is_setting(name: &str) -> bool {
    ["vertical", "line", "position", "size", "align", "region"].contains(&name)
}

/// `MM:SS.mmm` or `HH:MM:SS.mmm`.
fn time(text: &str) -> Result<i64, String> {
    let wrong = || format!("“{text}” is no time; write it as 00:01:02.500.");
    if text.contains(',') {
        return Err(format!("“{text}” has a comma; in WebVTT it is a dot: {}.", text.replace(',', ".")));
    }
    let (clock, fraction) = text.split_once('.').ok_or_else(wrong)?;
    let digits = |text: &str, fewest: usize, most: usize| -> Option<i64> {
        let fine = (fewest..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if fine { text.parse().ok() } else { None }
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [minutes, seconds] => (Some(0), digits(minutes, 2, 2), digits(seconds, 2, 2)),
        [hours, minutes, seconds] => (digits(hours, 2, 3), digits(minutes, 2, 2), digits(seconds, 2, 2)),
        _ => return Err(wrong()),
    };
    let thousandths = digits(fraction, 3, 3);
    match (hours, minutes.filter(|minutes| *minutes < 60), seconds.filter(|seconds| *seconds < 60), thousandths) {
        (Some(hours), Some(minutes), Some(seconds), Some(thousandths)) => Ok(((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn captions_that_are_right_are_taken() {
        let file = "\u{feff}WEBVTT - Opening\r\nKind: captions\r\n\r\nNOTE made by hand\r\n\r\nSTYLE\r\n::cue { color: white }\r\n\r\n1\r\n\
            00:01.000 --> 00:04.000 align:start position:10%\r\n<v Ada>Welcome.\r\nTwo lines.\r\n\r\n00:00:04.000 --> 01:00:05.500\r\nMore.";
        let captions = read(file.as_bytes()).unwrap();
        assert_eq!(captions.cues, 2);
        assert!(captions.text.starts_with("WEBVTT - Opening\nKind"), "{:?}", captions.text);
    }

    #[test]
    fn what_is_wrong_with_captions_is_said_with_its_line() {
        let cases: [(&str, &str); 17] = [
            ("", "Line 1: The first line must be WEBVTT."),
            (
                "1\n00:00:01,000 --> 00:00:02,000\nHi\n",
                "Line 1: The first line must be WEBVTT. This looks like SubRip (.srt): convert it to WebVTT first.",
            ),
            ("WEBVTTX\n", "Line 1: The first line must be WEBVTT."),
            ("WEBVTT\n00:01.000 --> 00:02.000\nHi\n", "Line 2: There must be an empty line between WEBVTT and the first caption."),
            ("WEBVTT\n\n00:01,000 --> 00:02,000\nHi\n", "Line 3: “00:01,000” has a comma; in WebVTT it is a dot: 00:01.000."),
            ("WEBVTT\n\n00:01.000 --> 00:02\nHi\n", "Line 3: “00:02” is no time; write it as 00:01:02.500."),
            ("WEBVTT\n\n00:61.000 --> 01:02.000\nHi\n", "Line 3: “00:61.000” is no time; write it as 00:01:02.500."),
            ("WEBVTT\n\n1:00:01.000 --> 1:00:02.000\nHi\n", "Line 3: “1:00:01.000” is no time; write it as 00:01:02.500."),
            ("WEBVTT\n\n00:02.000 --> 00:01.000\nHi\n", "Line 3: This caption ends before it begins."),
            (
                "WEBVTT\n\nid\n00:05.000 --> 00:06.000\nHi\n\n00:01.000 --> 00:02.000\nHo\n",
                "Line 7: This caption starts before the one above it. Put them in order.",
            ),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\n\nHi\n", "Line 3: This caption has no words."),
            (
                "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n00:03.000 --> 00:04.000\nHo\n",
                "Line 5: There must be an empty line before the next caption.",
            ),
            ("WEBVTT\n\nHi\n", "Line 3: This is no caption: its times (00:00:01.000 --> 00:00:04.000) are missing."),
            (
                "WEBVTT\n\n00:01.000 --> 00:02.000 top:3\nHi\n",
                "Line 3: “top:3” is no setting of a caption (vertical, line, position, size, align, region).",
            ),
            ("WEBVTT\n\nNOTE x\n00:01.000 --> 00:02.000\nHi\n", "Line 4: “-->” may not stand in a NOTE block; is an empty line missing?"),
            ("WEBVTT\n\nNOTE nothing else\n", "There is no caption in this file."),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\0\n", "The file contains zero bytes. Save it as plain text."),
        ];
        for (file, said) in cases {
            assert_eq!(read(file.as_bytes()).unwrap_err().to_string(), said, "{file:?}");
        }
        assert_eq!(read(b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\n").unwrap_err().line, Some(4));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_check_fail_itself(text in "(WEBVTT\n\n)?([0-9:.,\\-> a\n]{0,60})") {
            let _ = read(text.as_bytes());
        }
    }
}
