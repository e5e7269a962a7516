//! The goods, their prices, and what delivery costs.

use crate::texts::{Language, Words};

mod goods;

pub use goods::GOODS;

/// One of the goods. Its drawing is `public/{slug}.svg`.
#[derive(Debug, PartialEq, Eq)]
pub struct Good {
    /// The path segment of its page, and the name that the basket stores. It never changes.
    pub slug: &'static str,
    pub kind: Kind,
    pub price_won: u64,
    /// The colour behind the drawing: a class of `shop.css`.
    pub tile: &'static str,
    name: Words,
    /// One line under the name.
    line: Words,
    story: &'static [Words],
    facts: &'static [Fact],
}

/// A row of the table of facts: weight, origin, how to brew.
#[derive(Debug, PartialEq, Eq)]
pub struct Fact {
    label: Words,
    value: Words,
}

/// A shelf of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tea,
    Ware,
    Sweets,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Tea, Kind::Ware, Kind::Sweets];

    /// The id of its section on the start page, and the end of its texts' keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Tea => "tea",
            Kind::Ware => "ware",
            Kind::Sweets => "sweets",
        }
    }
}

impl Good {
    #[must_use]
    pub fn name(&self, language: Language) -> &'static str {
        language.pick(&self.name)
    }

    #[must_use]
    pub fn line(&self, language: Language) -> &'static str {
        language.pick(&self.line)
    }

    /// The paragraphs of its page.
    pub fn story(&self, language: Language) -> impl Iterator<Item = &'static str> {
        self.story.iter().map(move |paragraph| language.pick(paragraph))
    }

    /// Pairs of label and value.
    pub fn facts(&self, language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.facts.iter().map(move |fact| (language.pick(&fact.label), language.pick(&fact.value)))
    }

    /// Path of its page.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/goods/{}", self.slug)
    }

    /// Path of its drawing.
    #[must_use]
    pub fn drawing(&self) -> String {
        format!("/assets/{}.svg", self.slug)
    }
}

/// The good with this slug.
#[must_use]
pub fn find(slug: &str) -> Option<&'static Good> {
    GOODS.iter().find(|good| good.slug == slug)
}

/// Orders of at least this many won are delivered free of charge.
pub const FREE_DELIVERY_FROM_WON: u64 = 30_000;
/// What delivery costs below that.
pub const DELIVERY_WON: u64 = 3_000;

/// What delivery costs for goods worth `goods_won`. An empty basket costs nothing.
#[must_use]
pub fn delivery_won(goods_won: u64) -> u64 {
    if goods_won == 0 || goods_won >= FREE_DELIVERY_FROM_WON { 0 } else { DELIVERY_WON }
}

/// A price as the language writes it.
#[must_use]
pub fn price(language: Language, won: u64) -> String {
    let digits = won.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match language {
        Language::Ko => format!("{grouped}원"),
        Language::En => format!("₩{grouped}"),
        Language::Ja => format!("{grouped}ウォン"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_unique_and_drawn() {
        for (index, good) in GOODS.iter().enumerate() {
            assert_eq!(find(good.slug), Some(&GOODS[index]));
            let drawing = good.drawing();
            let name = drawing.trim_start_matches("/assets/");
            assert!(crate::assets::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn no_text_of_a_good_is_empty() {
        for good in &GOODS {
            for language in Language::ALL {
                assert!(!good.name(language).is_empty() && !good.line(language).is_empty());
                assert!(good.story(language).count() > 0);
                assert!(good.story(language).all(|text| !text.is_empty()));
                assert!(good.facts(language).all(|(a, b)| !a.is_empty() && !b.is_empty()));
            }
        }
    }

    #[test]
    fn delivery_is_free_from_the_limit_on() {
        assert_eq!(delivery_won(0), 0);
        assert_eq!(delivery_won(29_999), 3_000);
        assert_eq!(delivery_won(30_000), 0);
    }

    #[test]
    fn prices_are_grouped_by_thousands() {
        assert_eq!(price(Language::Ko, 38_000), "38,000원");
        assert_eq!(price(Language::En, 1_234_567), "₩1,234,567");
        assert_eq!(price(Language::Ja, 800), "800ウォン");
    }
}
