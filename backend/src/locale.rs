//! Which language to speak: asked for by the service, else by the browser, else Korean.

use std::fmt;

/// A language of this backend's own pages. Texts of services may come in others too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    Ko,
    En,
    Ja,
}

impl Locale {
    pub const ALL: [Self; 3] = [Self::Ko, Self::En, Self::Ja];

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The best of this backend's own languages for what is wished.
    #[must_use]
    pub fn choose<'a>(wishes: impl IntoIterator<Item = &'a str>) -> Self {
        let tags = Self::ALL.map(Self::tag);
        let chosen = best(wishes, &tags).unwrap_or(tags[0]);
        Self::ALL.into_iter().find(|locale| locale.tag() == chosen).unwrap_or(Self::Ko)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The first wish that can be met, by lookup (RFC 4647, 3.4): `en-GB` is met by `en`, never `en` by
/// `en-GB`.
#[must_use]
pub fn best<'a, 'b>(
    wishes: impl IntoIterator<Item = &'a str>,
    available: &[&'b str],
) -> Option<&'b str> {
    wishes.into_iter().find_map(|wish| {
        let mut wish = wish.trim();
        loop {
            if let Some(found) = available.iter().find(|tag| tag.eq_ignore_ascii_case(wish)) {
                return Some(*found);
            }
            wish = wish.rsplit_once('-')?.0;
        }
    })
}

/// The languages of an `Accept-Language` header (RFC 9110, 12.5.4), the most wished first.
#[must_use]
pub fn accepted(header: &str) -> Vec<&str> {
    let mut wishes: Vec<(&str, f32)> = header
        .split(',')
        .filter_map(|part| {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let quality = match parameters.trim().strip_prefix("q=") {
                Some(quality) => quality.trim().parse().ok()?,
                None => 1.0,
            };
            (quality > 0.0 && !tag.trim().is_empty()).then_some((tag.trim(), quality))
        })
        .collect();
    // Stable: of equal wishes the first one stays first.
    wishes.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    wishes.into_iter().map(|(tag, _)| tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrower_wish_is_met_by_the_wider_language() {
        assert_eq!(best(["fr", "en-GB", "ko"], &["ko", "en"]), Some("en"));
        assert_eq!(best(["EN"], &["ko", "en"]), Some("en"));
        assert_eq!(best(["en"], &["ko", "en-GB"]), None);
        assert_eq!(Locale::choose(["zh"]), Locale::Ko);
        assert_eq!(Locale::choose(["ja-JP"]), Locale::Ja);
    }

    #[test]
    fn quality_orders_the_wishes() {
        assert_eq!(accepted("ko;q=0.5, ja, en;q=0.9, fr;q=0, de;q=x"), ["ja", "en", "ko"]);
        assert!(accepted("").is_empty());
    }
}
