//! Days and times, as each language writes them.

use leptos::prelude::*;

use crate::{
    components::non_empty,
    i18n::{Locale, around, date},
};

/// The day of an RFC 3339 time.
#[component]
pub fn Day(at: String, locale: Locale) -> impl IntoView {
    let text = date(locale, &at);
    view! { <time datetime=at>{text}</time> }
}

/// The day and time of an RFC 3339 time, with its time zone.
#[component]
pub fn Moment(at: String, locale: Locale) -> impl IntoView {
    let text = date_and_time(locale, &at);
    view! { <time datetime=at>{text}</time> }
}

/// A text with the day of an RFC 3339 time in its slot.
#[component]
pub fn WithDay(text: &'static str, at: String, locale: Locale) -> impl IntoView {
    let (before, after) = around(text);
    view! {
        {non_empty(before.to_owned())}
        <Day at locale/>
        {non_empty(after.to_owned())}
    }
}

/// A text with an RFC 3339 time in its slot.
#[component]
pub fn WithMoment(text: &'static str, at: String, locale: Locale) -> impl IntoView {
    let (before, after) = around(text);
    view! {
        {non_empty(before.to_owned())}
        <Moment at locale/>
        {non_empty(after.to_owned())}
    }
}

/// What is not a time comes back as it is.
fn date_and_time(locale: Locale, at: &str) -> String {
    let parts = || {
        let clock = at.get(11..16)?;
        // Behind the seconds, and a fraction of them.
        let zone = at.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        let zone = if zone == "Z" { "" } else { zone };
        Some([&*date(locale, at), " ", clock, " (UTC", zone, ")"].concat())
    };
    parts().unwrap_or_else(|| at.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_zone() {
        let seoul = "2026-11-26T13:31:07+09:00";
        assert_eq!(date_and_time(Locale::KO, seoul), "2026년 11월 26일 13:31 (UTC+09:00)");
        assert_eq!(date_and_time(Locale::EN, seoul), "26 November 2026 13:31 (UTC+09:00)");
        let utc = "2026-11-26T04:31:07.5Z";
        assert_eq!(date_and_time(Locale::JA, utc), "2026年11月26日 04:31 (UTC)");
        assert_eq!(date_and_time(Locale::EN, "soon"), "soon");
    }
}
