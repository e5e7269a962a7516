//! `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.

/// Whole seconds from the header's value. A date is not read: it would have to be compared with
/// the browser's clock, which may be years off. The caller falls back to its own waits.
#[must_use]
pub fn seconds(value: Option<&str>) -> Option<u32> {
    let value = value?.trim();
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // More digits than fit is a long time, and the caller caps long times.
    Some(value.parse().unwrap_or(u32::MAX))
}

// On the host only: proptest does not build for the browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::seconds;
    use proptest::prelude::*;

    #[test]
    fn seconds_are_read_and_all_else_is_absent() {
        assert_eq!(seconds(Some("3")), Some(3));
        assert_eq!(seconds(Some(" 120 ")), Some(120));
        assert_eq!(seconds(Some("99999999999999")), Some(u32::MAX));
        for absent in [
            None,
            Some(""),
            Some("-1"),
            Some("1.5"),
            Some("soon"),
            Some("Fri, 31 Dec 1999 23:59:59 GMT"),
        ] {
            assert_eq!(seconds(absent), None, "{absent:?}");
        }
    }

    proptest! {
        /// Digits are the number that they say, however many there are; all else is absent.
        #[test]
        fn a_number_is_read_as_it_is_written(value in "[ \t]{0,2}[0-9]{1,24}[ \t]{0,2}|[0-9+.eE-]{0,6}|\\PC{0,8}") {
            let digits = value.trim();
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let expected = is_number.then(|| digits.parse::<u128>().map_or(u32::MAX, |n| u32::try_from(n).unwrap_or(u32::MAX)));
            prop_assert_eq!(seconds(Some(&value)), expected);
        }
    }
}
