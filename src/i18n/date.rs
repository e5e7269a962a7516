//! Days, as each language writes them.
//!
//! Not through `Intl`: the view is also built on a server, where there is none, and both must say
//! the same.

use super::Locale;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day of an RFC 3339 time or date, written out. What is not one comes back as it is.
#[must_use]
pub fn date(locale: Locale, rfc3339: &str) -> String {
    let parts = || {
        let day = rfc3339.get(..10)?;
        let mut numbers = day.split('-').map(|part| part.parse::<usize>().ok());
        let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let name = MONTHS.get(month.checked_sub(1)?)?;
        Some(match locale {
            Locale::Ko => format!("{year}년 {month}월 {day}일"),
            Locale::En => format!("{day} {name} {year}"),
            Locale::Ja => format!("{year}年{month}月{day}日"),
        })
    };
    parts().unwrap_or_else(|| rfc3339.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_order() {
        let time = "2026-11-01T09:30:00Z";
        assert_eq!(date(Locale::Ko, time), "2026년 11월 1일");
        assert_eq!(date(Locale::En, time), "1 November 2026");
        assert_eq!(date(Locale::Ja, "2026-11-01"), "2026年11月1日");
    }

    #[test]
    fn what_is_not_a_date_is_shown_as_it_is() {
        for text in ["", "soon", "2026-13-01", "2026-00-01", "9999999999999", "이천이십육년"]
        {
            assert_eq!(date(Locale::En, text), text);
        }
    }
}
