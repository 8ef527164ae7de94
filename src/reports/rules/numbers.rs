//! Whether what people type can be what it should be: a state, an NPI, an NABP e-Profile ID.

/// The states and territories whose boards give licenses.
pub const STATES: &str = "AL AK AS AZ AR CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY";

pub fn is_state(word: &str) -> bool {
    word.len() == 2 && STATES.split(' ').any(|state| state == word)
}

/// Whether this is an NPI: ten digits whose last checks the others (Luhn, after the prefix of health care).
pub fn is_npi(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|sign| sign.to_digit(10)).collect();
    if digits.len() != 10 || text.len() != 10 {
        return false;
    }
    let doubled = |(place, digit): (usize, &u32)| if place % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit };
    // 80840 before it adds 24.
    (24 + digits.iter().rev().enumerate().map(doubled).sum::<u32>()) % 10 == 0
}

/// Whether this can be an NABP e-Profile ID: five to eight digits.
pub fn is_nabp_id(text: &str) -> bool {
    (5..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
