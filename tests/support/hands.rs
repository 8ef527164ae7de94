//! What a person does with a page in a browser: types, presses, ticks, waits.

use super::browser::Browser;
use fantoccini::Locator;
use std::time::{Duration, Instant};

impl Browser {
    /// Types into the field of this name.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.client().find(Locator::Css(&format!("[name='{name}']:not([type=hidden])"))).await;
        let field = field.unwrap_or_else(|error| panic!("no field {name}: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{name} takes no text: {error}"));
    }

    /// Presses the button or follows the link with these words.
    pub async fn press(&self, words: &str) {
        let path = format!("//*[self::a or self::button][contains(normalize-space(.), \"{words}\")][not(@aria-hidden)]");
        let found = self.client().find(Locator::XPath(&path)).await;
        let found = found.unwrap_or_else(|error| panic!("nothing to press says {words:?}: {error}"));
        found.click().await.unwrap_or_else(|error| panic!("{words:?} cannot be pressed: {error}"));
    }

    /// Ticks the box or radio button with this value.
    pub async fn tick(&self, name: &str, value: &str) {
        let label = format!("//label[.//input[@name='{name}' and @value='{value}']]");
        let found = self.client().find(Locator::XPath(&label)).await;
        found.unwrap_or_else(|error| panic!("no choice {name}={value}: {error}")).click().await.expect("a choice can be made");
    }

    /// Waits until the page says this, at most ten seconds.
    pub async fn wait_for(&self, words: &str) -> String {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return text;
            }
            assert!(Instant::now() < until, "{words:?} never came:\n{text}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}
