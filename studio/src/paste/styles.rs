//! Which paragraphs are headings, by the styles of word processors.

use std::collections::BTreeMap;

use super::tree::Element;

/// The level of a document's title, above that of its first headings.
const TITLE: u8 = 0;

/// The levels of headings by class, from the style sheet of what was copied.
pub struct Styles(BTreeMap<String, u8>);

impl Styles {
    /// Reads the style sheets: Hancom names its outline styles there, and Word the level of a style.
    pub fn of(root: &Element) -> Self {
        let mut levels = BTreeMap::new();
        for sheet in root.all().into_iter().filter(|it| it.tag == "style") {
            let text = sheet.text();
            for (selectors, body) in text.split('}').filter_map(|it| it.split_once('{')) {
                let Some(level) = level_of(body) else { continue };
                let classes = selectors.split([',', ' ', '\n']).filter_map(|it| it.split_once('.'));
                levels.extend(classes.map(|(_, class)| (class.trim().to_lowercase(), level)));
            }
        }
        Self(levels)
    }

    /// The level of a heading, counted from 1. None for anything else.
    pub fn heading(&self, element: &Element) -> Option<u8> {
        if let Some(level) = element.tag.strip_prefix('h').and_then(|it| it.parse().ok()) {
            return Some(level).filter(|it| (1..=6).contains(it));
        }
        if element.attribute("role") == "heading" {
            return Some(element.number("aria-level").map_or(2, |it| it.clamp(1, 9) as u8));
        }
        if let Some(level) = element.style("mso-outline-level") {
            return level.parse().ok().filter(|it| (1..=9).contains(it));
        }
        element.classes().find_map(|class| {
            let class = class.to_lowercase();
            match class.strip_prefix("mso").unwrap_or_default() {
                "title" => Some(TITLE),
                "subtitle" => Some(1),
                other => match other.strip_prefix("heading").and_then(|it| it.parse().ok()) {
                    Some(level) => Some(level),
                    None => self.0.get(&class).copied(),
                },
            }
        })
    }
}

/// The level that the declarations of a style give: `style-name:"개요 1"` or `mso-outline-level:1`.
fn level_of(declarations: &str) -> Option<u8> {
    declarations.split(';').filter_map(|it| it.split_once(':')).find_map(|(name, value)| {
        let value = value.trim().trim_matches(['"', '\'']).trim();
        let number = |prefix: &str| value.strip_prefix(prefix)?.trim().parse().ok();
        match name.trim() {
            "style-name" => match value {
                "제목" | "Title" => Some(TITLE),
                _ => ["개요", "제목", "Outline"].into_iter().find_map(number),
            },
            "mso-outline-level" => number(""),
            _ => None,
        }
    })
}
