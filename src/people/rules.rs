//! How names and e-mail addresses are tidied, folded for comparing and searching, and checked.

use unicode_normalization::UnicodeNormalization;

/// A name or line of text as it is kept: composed, without invisible or direction-changing
/// characters, with single spaces. What people typed is otherwise left alone, letter case included.
pub fn tidy(text: &str) -> String {
    let visible: String = text.nfc().filter(|c| !is_invisible(*c)).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Control characters, zero-width spaces, byte-order marks and direction overrides: they hide or spoof.
/// The joiners U+200C and U+200D stay, since scripts and emoji are built with them.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}')
}

/// A text folded for comparing and searching: case, accents, punctuation and spacing do not count.
/// `Siobhán O’Brien` and `siobhan o'brien` fold alike.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in tidy(text).nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ð' => folded.push('d'),
            '’' | '‘' | '\'' | 'ʻ' | 'ʼ' | '`' | '´' | '.' | '\u{200C}' | '\u{200D}' => {}
            c if c.is_alphanumeric() => folded.push(c),
            // Scripts of combining signs lose their marks above; whatever else remains separates words.
            _ => folded.push(' '),
        }
    }
    let folded = folded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    // A name of only emoji or signs still has to be found by itself.
    if folded.is_empty() { tidy(text).to_lowercase() } else { folded }
}

/// An e-mail address folded for comparing, or `None` when it is not one that mail can be sent to.
pub fn email_key(email: &str) -> Option<String> {
    let email = email.trim();
    let strict = email_address::Options::default().without_display_text().without_domain_literal().with_required_tld();
    let parsed = email_address::EmailAddress::parse_with_options(email, strict).ok()?;
    // A quoted local part is legal and nowhere in use; it is what attacks on mail headers look like.
    if email.len() > 254
        || parsed.local_part().starts_with('"')
        || email.contains(char::is_whitespace)
        || email.chars().any(char::is_control)
    {
        return None;
    }
    let domain = url::Host::parse(parsed.domain()).ok()?.to_string();
    let labels_fine =
        domain.contains('.') && domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    let key = format!("{}@{domain}", parsed.local_part().nfc().collect::<String>().to_lowercase());
    (labels_fine && key.parse::<lettre::Address>().is_ok()).then_some(key)
}

/// The domain of a folded e-mail address.
pub fn domain_of(email_key: &str) -> &str {
    email_key.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Given and family name, where there are both.
pub fn full_name(given: &str, family: &str) -> String {
    [given.trim(), family.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_fold_alike() {
        for (left, right) in [
            ("Siobhán O’Brien", "siobhan obrien"),
            ("José Álvarez-Núñez", "Jose\u{301} A\u{301}lvarez Nu\u{301}n\u{303}ez"),
            ("김민준", "\u{1100}\u{1175}\u{11B7}\u{1106}\u{1175}\u{11AB}\u{110C}\u{116E}\u{11AB}"),
            ("Łukasz Żółć", "lukasz zolc"),
            ("  Leading And  Double  Spaces ", "leading and double spaces"),
            ("\u{202E}evil\u{202C} Name", "evil name"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} / {right}");
        }
    }

    #[test]
    fn nothing_folds_to_nothing() {
        assert_eq!(fold("👩🏽‍⚕️"), tidy("👩🏽‍⚕️").to_lowercase());
        assert!(!fold("王小明").is_empty());
    }

    #[test]
    fn addresses_are_taken_only_when_mail_can_reach_them() {
        for good in ["test@iana.org", "Maya.Okafor@Hospital.example", "a+b@x.co", "jürgen@münchen.example"] {
            assert!(email_key(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "test",
            "@",
            "test@",
            "test@io",
            "a b@x.org",
            ".test@iana.org",
            "test@-iana.org",
            "\"q\"@x.org",
            "a@b.org\nBcc: c@d.org",
            "a@[127.0.0.1]",
        ] {
            assert!(email_key(bad).is_none(), "{bad}");
        }
        assert_eq!(email_key(" Test@IANA.org ").as_deref(), Some("test@iana.org"));
    }
}
