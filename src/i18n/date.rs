//! Days, as each language writes them.
//!
//! Not through `Intl`: the view is also built on a server, where there is none, and both must say
//! the same.

use super::{Locale, texts};

/// Years of the Buddhist calendar before those of the Gregorian.
const BUDDHIST_YEARS: usize = 543;

/// The day of an RFC 3339 time or date, written out. What is not one comes back as it is.
#[must_use]
pub fn date(locale: Locale, rfc3339: &str) -> String {
    let texts = texts(locale);
    written(texts.date, texts.months, rfc3339).unwrap_or_else(|| rfc3339.to_owned())
}

fn written(pattern: &str, months: &str, rfc3339: &str) -> Option<String> {
    let mut numbers = rfc3339.get(..10)?.split('-').map(|part| part.parse::<usize>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if month == 0 || month > 12 {
        return None;
    }
    let mut parts = pattern.split('{');
    let mut written = parts.next()?.to_owned();
    for part in parts {
        let (slot, after) = part.split_once('}')?;
        let number = match slot {
            "d" => day,
            "m" => month,
            "b" => year + BUDDHIST_YEARS,
            "M" => {
                written += months.split(' ').nth(month - 1)?;
                written += after;
                continue;
            }
            _ => year,
        };
        written += &number.to_string();
        written += after;
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CLDR 46, the long format of each language.
    #[test]
    fn each_language_has_its_own_order() {
        let time = "2026-11-01T09:30:00Z";
        for (tag, day) in [
            ("ko", "2026년 11월 1일"),
            ("en", "1 November 2026"),
            ("ja", "2026年11月1日"),
            ("zh-Hans", "2026年11月1日"),
            ("zh-Hant", "2026年11月1日"),
            ("vi", "1 tháng 11, 2026"),
            ("th", "1 พฤศจิกายน 2569"),
            ("ar", "1 نوفمبر 2026"),
        ] {
            assert_eq!(date(Locale::of(tag).expect("a language"), time), day);
        }
        assert_eq!(date(Locale::JA, "2026-01-31"), "2026年1月31日");
    }

    #[test]
    fn what_is_not_a_date_is_shown_as_it_is() {
        for text in ["", "soon", "2026-13-01", "2026-00-01", "9999999999999", "이천이십육년"]
        {
            assert_eq!(date(Locale::EN, text), text);
            assert_eq!(date(Locale::KO, text), text);
        }
    }
}
