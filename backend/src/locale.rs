//! Which language to speak: asked for by the service, else by the browser, else Korean.

pub use consent_contract::locale::Locale;

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
    }

    #[test]
    fn quality_orders_the_wishes() {
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
