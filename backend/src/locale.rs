//! Language negotiation: the service's choice, else the browser's, else Korean.

pub use consent_contract::locale::Locale;
use consent_contract::locale::is_same_language;

/// The first preferred language that is available, by lookup (RFC 4647, 3.4): `en` for `en-GB`, never
/// `en-GB` for `en`. Chinese is looked up by its script first: `zh-Hant` for `zh-TW`, before `zh`.
#[must_use]
pub fn best<'a, 'b>(
    preferred: impl IntoIterator<Item = &'a str>,
    available: &[&'b str],
) -> Option<&'b str> {
    preferred.into_iter().find_map(|language| {
        let mut language = language.trim();
        let is_chinese = |tag: &str| tag.get(..2).is_some_and(|it| it.eq_ignore_ascii_case("zh"));
        if is_chinese(language) {
            let exact = available.iter().find(|tag| tag.eq_ignore_ascii_case(language));
            let of_script = || available.iter().find(|tag| is_same_language(tag, language));
            if let Some(found) = exact.or_else(of_script) {
                return Some(*found);
            }
        }
        loop {
            if let Some(found) = available.iter().find(|tag| tag.eq_ignore_ascii_case(language)) {
                return Some(*found);
            }
            language = language.rsplit_once('-')?.0;
        }
    })
}

/// The languages of an `Accept-Language` header (RFC 9110, 12.5.4), by preference.
#[must_use]
pub fn accepted(header: &str) -> Vec<&str> {
    let mut preferred: Vec<(&str, f32)> = header
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
    // Stable: of equal qualities the first one stays first.
    preferred.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    preferred.into_iter().map(|(tag, _)| tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_falls_back_to_its_language() {
        assert_eq!(best(["fr", "en-GB", "ko"], &["ko", "en"]), Some("en"));
        assert_eq!(best(["EN"], &["ko", "en"]), Some("en"));
        assert_eq!(best(["en"], &["ko", "en-GB"]), None);
    }

    #[test]
    fn chinese_is_looked_up_by_its_script() {
        for (wanted, available, found) in [
            ("zh-TW", &["ko", "zh-Hans", "zh-Hant"][..], Some("zh-Hant")),
            ("zh-CN", &["ko", "zh-Hant", "zh-Hans"], Some("zh-Hans")),
            ("zh", &["zh-Hant", "zh-Hans"], Some("zh-Hans")),
            ("zh-HK", &["zh-TW"], Some("zh-TW")),
            ("zh-TW", &["zh-HK", "zh-TW"], Some("zh-TW")),
            ("zh-Hans-SG", &["zh-CN"], Some("zh-CN")),
            ("zh-SG", &["zh"], Some("zh")),
            // A reader of the other script reads it sooner than another language.
            ("zh-TW", &["ko", "zh"], Some("zh")),
            ("zh-CN", &["zh-Hant"], None),
            ("zha", &["zh"], None),
        ] {
            assert_eq!(best([wanted], available), found, "{wanted} {available:?}");
        }
    }

    #[test]
    fn quality_orders_the_languages() {
        assert_eq!(accepted("ko;q=0.5, ja, en;q=0.9, fr;q=0, de;q=x"), ["ja", "en", "ko"]);
        assert!(accepted("").is_empty());
    }

    #[test]
    fn the_longest_header_is_read_at_once() {
        let start = std::time::Instant::now();
        for piece in ["a-", ",", "a;q=0.5,", "a,", ";", "-"] {
            let header = piece.repeat(200_000 / piece.len());
            assert_eq!(best(accepted(&header), &["ko", "en", "ja"]), None, "{piece}");
        }
        assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
    }
}
