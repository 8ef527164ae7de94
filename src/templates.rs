//! Templates from the binary: compiled once, strict, with the few helpers that pages and letters share.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::thread;

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason};
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::money;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Files;

/// Every template by its path without the ending: `events/show`, `mail/promoted/body.html`; cloning it is cheap.
#[derive(Clone)]
pub struct Templates(Arc<Handlebars<'static>>);

impl Templates {
    /// Compiles every template; fails with the name and place of the first that does not compile. They are part
    /// of the binary, so a process compiles them once, however many services it starts (tests start hundreds).
    pub fn load() -> Result<Self> {
        static COMPILED: OnceLock<Templates> = OnceLock::new();
        if let Some(compiled) = COMPILED.get() {
            return Ok(compiled.clone());
        }
        let compiled = Self::compile()?;
        Ok(COMPILED.get_or_init(|| compiled).clone())
    }

    /// Compiling is most of what a start takes, so every processor does a share.
    fn compile() -> Result<Self> {
        // Notes for template authors lie beside the templates.
        let paths: Vec<_> = Files::iter().filter(|path| !path.ends_with(".md")).collect();
        let shares = thread::available_parallelism().map_or(1, usize::from);
        let (own, others) = paths.split_at(paths.len() / shares);
        thread::scope(|scope| {
            let hands: Vec<_> = others.chunks(own.len().max(1)).map(|share| scope.spawn(|| compile_share(share))).collect();
            let mut all = compile_share(own)?;
            for hand in hands {
                let share = hand.join().unwrap_or_else(|_| Err(Error::internal("compiling templates panicked")))?;
                share.get_templates().iter().for_each(|(name, template)| all.register_template(name, template.clone()));
            }
            all.register_helper("money", Box::new(money_helper));
            all.register_helper("paragraphs", Box::new(paragraphs_helper));
            Ok(Self(Arc::new(all)))
        })
    }

    /// Renders HTML: every value is escaped.
    pub fn html(&self, name: &str, view: &impl Serialize) -> Result<String> {
        self.0.render(name, view).map_err(|cause| Error::internal(format!("template {name}: {cause}")))
    }

    /// Renders plain text: nothing is escaped, so never for a browser.
    pub fn text(&self, name: &str, view: &impl Serialize) -> Result<String> {
        // Escaping belongs to the registry; undoing it here spares a second registry of the same templates.
        let html = self.html(name, view)?;
        Ok(unescape(&html))
    }

    /// The names of all templates, for the test that renders or walks them.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.get_templates().keys().cloned().collect();
        names.sort();
        names
    }
}

fn compile_share(paths: &[Cow<'static, str>]) -> Result<Handlebars<'static>> {
    let mut share = Handlebars::new();
    share.set_strict_mode(true);
    // An indented call of a part would indent the text inside text areas.
    share.set_prevent_indent(true);
    for path in paths {
        let Some(file) = Files::get(path) else { continue };
        let text = String::from_utf8(file.data.into_owned()).map_err(|_| Error::internal(format!("{path} is not UTF-8")))?;
        let name = path.strip_suffix(".hbs").unwrap_or(path);
        share.register_template_string(name, text).map_err(|cause| Error::internal(format!("template {path}: {cause}")))?;
    }
    Ok(share)
}

/// Undoes exactly what the registry's HTML escaping does; `&amp;` last, so that nothing is undone twice.
fn unescape(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#x60;", "`")
        .replace("&#x3D;", "=")
        .replace("&amp;", "&")
}

type Rendering = HelperResult;

fn parameter<'a>(helper: &'a Helper<'_>, index: usize) -> std::result::Result<&'a serde_json::Value, RenderErrorReason> {
    helper.param(index).map(handlebars::PathAndJson::value).ok_or(RenderErrorReason::ParamNotFoundForIndex("helper", index))
}

/// `{{money cents currency}}` → `$4,245.75`.
fn money_helper(helper: &Helper<'_>, _: &Handlebars<'_>, _: &Context, _: &mut RenderContext<'_, '_>, out: &mut dyn Output) -> Rendering {
    let cents = parameter(helper, 0)?.as_i64().unwrap_or_default();
    let currency = parameter(helper, 1)?.as_str().unwrap_or("USD").to_owned();
    out.write(&handlebars::html_escape(&money::format_cents(cents, &currency)))?;
    Ok(())
}

/// `{{paragraphs text}}`: plain text with blank lines becomes escaped `<p>` elements, single breaks `<br>`.
fn paragraphs_helper(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> Rendering {
    let text = parameter(helper, 0)?.as_str().unwrap_or_default().replace("\r\n", "\n");
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        out.write("<p>")?;
        out.write(&handlebars::html_escape(paragraph).replace('\n', "<br>"))?;
        out.write("</p>")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_compiles() {
        Templates::load().unwrap();
    }

    #[test]
    fn plain_text_is_what_was_given() {
        let given = "O'Brien & <Söhne> \"x\" `a`=b &amp;";
        assert_eq!(unescape(&handlebars::html_escape(given)), given);
    }
}
