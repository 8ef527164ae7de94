//! Asks axe-core what of the page a browser shows breaks WCAG 2.2 AA.

use super::browser::Browser;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Target size is WCAG 2.2 AA, but axe-core leaves it off unless asked.
const RUN: &str = r#"
const done = arguments[arguments.length - 1];
axe.run(document, {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
  rules: { "target-size": { enabled: true } },
  resultTypes: ["violations"]
}).then(result => done(result.violations), error => done(String(error)));
"#;

/// What is wrong with the page, one sentence per element; empty when nothing is.
pub async fn violations(browser: &Browser) -> Vec<String> {
    // The driver evaluates scripts itself, so the page's content policy does not stand in the way.
    let client = browser.client();
    client.execute(&format!("if (!window.axe) {{ {} }}", source()), vec![]).await.expect("axe-core loads");
    let found = client.execute_async(RUN, vec![]).await.expect("axe-core runs");
    let rules = found.as_array().unwrap_or_else(|| panic!("axe-core failed: {found}"));
    rules.iter().flat_map(sentences).collect()
}

fn sentences(rule: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('\n', " ");
    let (name, help) = (text(&rule["id"]), text(&rule["help"]));
    let nodes = rule["nodes"].as_array().into_iter().flatten();
    nodes.map(|node| format!("{name}: {help}: {} ({})", text(&node["html"]), text(&node["failureSummary"]))).collect()
}

/// The source of axe-core, which bin/test puts into the build's target folder.
fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let program = std::env::current_exe().expect("the test program's place");
        let place = |target: &std::path::Path| target.join("tools/node_modules/axe-core/axe.min.js");
        let file: Option<PathBuf> = program.ancestors().map(place).find(|file| file.is_file());
        let file = file.expect("no axe-core in target/tools: bin/test installs it from tests/tools");
        std::fs::read_to_string(file).expect("axe-core's source")
    })
}
