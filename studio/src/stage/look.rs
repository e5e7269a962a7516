//! How the page on the stage looks: its theme whatever the system's is, its size, its direction.
//!
//! A page cannot tell its browser to be dark, so its style sheets are changed instead: conditions
//! that ask for the system's wish are replaced by ones that always or never hold.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::{CssGroupingRule, CssMediaRule, CssRuleList, CssStyleSheet, HtmlElement, MediaList};

use crate::{
    state::{ColorScheme, View},
    theme::{Theme, tokens},
};

/// A condition that always holds, and one that never does, where they stand among others.
const ALWAYS: &str = "(min-width: 0px)";
const NEVER: &str = "(max-width: 0px)";

thread_local! {
    /// Every condition of the style sheets, as it was written.
    static CONDITIONS: RefCell<Option<Vec<(MediaList, String)>>> = const { RefCell::new(None) };
}

/// Changes the look of the page.
pub fn put_on(view: &View, theme: &Theme) {
    let document = web_sys::window().and_then(|window| window.document());
    let root = document.and_then(|document| document.document_element());
    let Some(root) = root.and_then(|root| root.dyn_into::<HtmlElement>().ok()) else { return };
    for (media, written) in conditions() {
        media.set_media_text(&decided(&written, view.scheme));
    }
    drop(root.set_attribute("dir", if view.rtl { "rtl" } else { "ltr" }));
    let forced = view.scheme == ColorScheme::Forced;
    drop(root.toggle_attribute_with_force("data-forced", forced));
    let dark = view.scheme != ColorScheme::Light;
    let style = root.style();
    let set = |name: &str, value: &str| drop(style.set_property(name, value));
    set("color-scheme", if dark { "dark" } else { "light" });
    set("font-size", &format!("{}%", view.text));
    for token in tokens() {
        let own = Theme::default().value(&token.name, dark);
        let value = theme.value(&token.name, dark);
        if value == own {
            drop(style.remove_property(&token.name));
        } else {
            set(&token.name, &value);
        }
    }
}

/// A condition with the system's wish decided.
fn decided(condition: &str, scheme: ColorScheme) -> String {
    let hold = |holds: bool| if holds { ALWAYS } else { NEVER };
    let dark = scheme != ColorScheme::Light;
    let forced = scheme == ColorScheme::Forced;
    condition
        .replace("prefers-color-scheme:", "prefers-color-scheme: ")
        .replace("forced-colors:", "forced-colors: ")
        .replace(":  ", ": ")
        .replace("(prefers-color-scheme: dark)", hold(dark))
        .replace("(prefers-color-scheme: light)", hold(!dark))
        .replace("(forced-colors: active)", hold(forced))
        .replace("(forced-colors: none)", hold(!forced))
}

fn conditions() -> Vec<(MediaList, String)> {
    let known = CONDITIONS.with_borrow(Clone::clone);
    known.unwrap_or_else(|| {
        let found = all_conditions();
        CONDITIONS.set(Some(found.clone()));
        found
    })
}

fn all_conditions() -> Vec<(MediaList, String)> {
    let mut found = Vec::new();
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return found;
    };
    let sheets = document.style_sheets();
    for at in 0..sheets.length() {
        let sheet = sheets.item(at).and_then(|sheet| sheet.dyn_into::<CssStyleSheet>().ok());
        // A sheet of another origin hides its rules.
        if let Some(Ok(rules)) = sheet.map(|sheet| sheet.css_rules()) {
            collect(&rules, &mut found);
        }
    }
    found
}

fn collect(rules: &CssRuleList, found: &mut Vec<(MediaList, String)>) {
    for at in 0..rules.length() {
        let Some(rule) = rules.item(at) else { continue };
        if let Some(media) = rule.dyn_ref::<CssMediaRule>() {
            found.push((media.media(), media.media().media_text()));
        }
        // Layers and other conditions hold rules, too.
        if let Some(group) = rule.dyn_ref::<CssGroupingRule>() {
            collect(&group.css_rules(), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_s_wish_is_decided_and_other_conditions_stay() {
        let dark = "(prefers-color-scheme: dark)";
        assert_eq!(decided(dark, ColorScheme::Dark), ALWAYS);
        assert_eq!(decided(dark, ColorScheme::Light), NEVER);
        assert_eq!(decided("(prefers-color-scheme:dark)", ColorScheme::Dark), ALWAYS);
        assert_eq!(decided("(forced-colors: active)", ColorScheme::Forced), ALWAYS);
        assert_eq!(decided("(forced-colors: active)", ColorScheme::Dark), NEVER);
        let width = "(width >= 40rem) and (height >= 30rem)";
        assert_eq!(decided(width, ColorScheme::Dark), width);
        assert_eq!(
            decided(&format!("{dark} and (width > 1px)"), ColorScheme::Dark),
            format!("{ALWAYS} and (width > 1px)")
        );
    }
}
