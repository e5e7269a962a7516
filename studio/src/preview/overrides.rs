//! Overrides the theme, text size and direction of the page.
//!
//! A page cannot set the colour scheme that its browser reports, so the media queries in its style sheets
//! are replaced by ones that always or never match.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::{CssGroupingRule, CssMediaRule, CssRuleList, CssStyleSheet, HtmlElement, MediaList};

use crate::{
    state::{ColorScheme, View},
    theme::{Theme, tokens},
};

/// A media feature that always matches, and one that never does.
const ALWAYS: &str = "(min-width: 0px)";
const NEVER: &str = "(max-width: 0px)";

thread_local! {
    /// Every media query of the style sheets, with its original text.
    static MEDIA_QUERIES: RefCell<Option<Vec<(MediaList, String)>>> = const { RefCell::new(None) };
}

/// Applies a view and a theme to the page.
pub fn apply(view: &View, theme: &Theme) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let root = document.document_element();
    let Some(root) = root.and_then(|root| root.dyn_into::<HtmlElement>().ok()) else { return };
    for (media, original) in media_queries() {
        media.set_media_text(&scaled(&overridden(&original, view.scheme), view.text));
    }
    // On the body: the direction of the root is that of the language.
    if let Some(body) = document.body() {
        drop(match view.rtl {
            true => body.set_attribute("dir", "rtl"),
            false => body.remove_attribute("dir"),
        });
    }
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

/// A media query with the system's preferences overridden. A printed preview is as on the screen.
fn overridden(query: &str, scheme: ColorScheme) -> String {
    if query == "print" {
        return NEVER.to_owned();
    }
    let constant = |matches: bool| if matches { ALWAYS } else { NEVER };
    let dark = scheme != ColorScheme::Light;
    let forced = scheme == ColorScheme::Forced;
    query
        .replace("prefers-color-scheme:", "prefers-color-scheme: ")
        .replace("forced-colors:", "forced-colors: ")
        .replace(":  ", ": ")
        .replace("(prefers-color-scheme: dark)", constant(dark))
        .replace("(prefers-color-scheme: light)", constant(!dark))
        .replace("(forced-colors: active)", constant(forced))
        .replace("(forced-colors: none)", constant(!forced))
}

/// A media query at a text size in percent. Lengths in `rem` and `em` are of the browser's default text
/// size there (Media Queries 4, 1.3), which a page cannot change: as it grows, so do they.
fn scaled(query: &str, text: u16) -> String {
    let mut scaled = String::new();
    let mut rest = query;
    while let Some(start) = rest.find(|it: char| it.is_ascii_digit()) {
        let is_part = |it: char| it.is_ascii_digit() || it == '.';
        let end = rest[start..].find(|it| !is_part(it)).map_or(rest.len(), |length| start + length);
        let after = &rest[end..];
        let unit = after.split(|it: char| !it.is_ascii_alphabetic()).next();
        let number = rest[start..end].parse::<f64>().ok();
        scaled += &rest[..start];
        match number.filter(|_| matches!(unit, Some("rem" | "em"))) {
            Some(number) => scaled += &(number * f64::from(text) / 100.0).to_string(),
            None => scaled += &rest[start..end],
        }
        rest = after;
    }
    scaled + rest
}

fn media_queries() -> Vec<(MediaList, String)> {
    let known = MEDIA_QUERIES.with_borrow(Clone::clone);
    known.unwrap_or_else(|| {
        let found = collect_media_queries();
        MEDIA_QUERIES.set(Some(found.clone()));
        found
    })
}

fn collect_media_queries() -> Vec<(MediaList, String)> {
    let mut found = Vec::new();
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return found;
    };
    let sheets = document.style_sheets();
    for at in 0..sheets.length() {
        let sheet = sheets.item(at).and_then(|sheet| sheet.dyn_into::<CssStyleSheet>().ok());
        // The rules of a sheet of another origin cannot be read.
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
        // Layers and other groups contain rules too.
        if let Some(group) = rule.dyn_ref::<CssGroupingRule>() {
            collect(&group.css_rules(), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_grow_with_the_text() {
        let window = "(width >= 40rem) and (height >= 30.5em) and (min-width: 0px)";
        let twice = "(width >= 80rem) and (height >= 61em) and (min-width: 0px)";
        assert_eq!(scaled(window, 200), twice);
        assert_eq!(scaled("(height < 30rem)", 125), "(height < 37.5rem)");
        for query in ["print", "(aspect-ratio: 16/9)", "(resolution: 2dppx)", "(height < 30rem)"] {
            assert_eq!(scaled(query, 100), query);
        }
        assert_eq!(scaled("(resolution: 2dppx)", 200), "(resolution: 2dppx)");
    }

    #[test]
    fn only_the_system_s_preferences_are_overridden() {
        let dark = "(prefers-color-scheme: dark)";
        assert_eq!(overridden(dark, ColorScheme::Dark), ALWAYS);
        assert_eq!(overridden(dark, ColorScheme::Light), NEVER);
        assert_eq!(overridden("(prefers-color-scheme:dark)", ColorScheme::Dark), ALWAYS);
        assert_eq!(overridden("(forced-colors: active)", ColorScheme::Forced), ALWAYS);
        assert_eq!(overridden("(forced-colors: active)", ColorScheme::Dark), NEVER);
        assert_eq!(overridden("print", ColorScheme::Light), NEVER);
        let width = "(width >= 40rem) and (height >= 30rem)";
        assert_eq!(overridden(width, ColorScheme::Dark), width);
        assert_eq!(
            overridden(&format!("{dark} and (width > 1px)"), ColorScheme::Dark),
            format!("{ALWAYS} and (width > 1px)")
        );
    }
}
