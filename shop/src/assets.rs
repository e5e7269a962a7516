//! The style sheet and the drawings, built into the binary.

const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// One sheet for the browser, a file for each concern here. The first declares the layers.
const SHEET: &str = concat!(
    include_str!("../public/tokens.css"),
    include_str!("../public/base.css"),
    include_str!("../public/layout.css"),
    include_str!("../public/components.css"),
    include_str!("../public/behind.css"),
    include_str!("../public/goods.css"),
    include_str!("../public/account.css"),
);

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        const FILES: &[(&str, &str, &[u8])] = &[
            ("shop.css", CSS, SHEET.as_bytes()),
            $(($name, SVG, include_bytes!(concat!("../public/", $name))),)*
        ];
    };
}

files! {
    "mark.svg",
    "table.svg",
    "first-flush.svg",
    "roasted-hojicha.svg",
    "buckwheat-tea.svg",
    "citron-tea.svg",
    "celadon-cup.svg",
    "moon-jar-teapot.svg",
    "yakgwa.svg",
    "chestnut-yanggaeng.svg",
}

/// The names of all files under `/assets/`.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _, _)| *name)
}

/// Content type and bytes of `/assets/{name}`.
#[must_use]
pub fn find(name: &str) -> Option<(&'static str, &'static [u8])> {
    FILES
        .iter()
        .find(|(known, _, _)| *known == name)
        .map(|(_, content_type, bytes)| (*content_type, *bytes))
}
