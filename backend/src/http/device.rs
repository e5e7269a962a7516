//! Browser and system, as a `User-Agent` names them: for the user's own list of sessions. A hint, and
//! nothing to trust. Only the names below are kept, never the header.

use axum::http::{HeaderMap, header};

use super::headers;

/// Marks of browsers, and names. Most browsers carry the marks of others: the first match counts.
const BROWSERS: [(&str, &str); 12] = [
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(inapp", "NAVER"),
    ("Whale/", "Whale"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("AppleWebKit/", "WebKit"),
];

/// Marks of systems, and names.
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("X11", "Linux"),
    ("Linux", "Linux"),
];

/// A browser and its system, as far as they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Device {
    browser: Option<&'static str>,
    system: Option<&'static str>,
}

impl Device {
    /// What these headers name.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let user_agent = headers::get_lossy(headers, header::USER_AGENT).unwrap_or_default();
        let first = |marks: &[(&str, &'static str)]| {
            marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
        };
        Self { browser: first(&BROWSERS), system: first(&SYSTEMS) }
    }

    /// `Chrome, Android`; none when nothing is known.
    #[must_use]
    pub fn label(self) -> Option<String> {
        let names: Vec<&str> = self.browser.into_iter().chain(self.system).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(user_agent: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, user_agent.parse().unwrap());
        Device::of(&headers).label()
    }

    #[test]
    fn browsers_are_distinguished_although_they_carry_each_others_marks() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, expected) in [
            (
                format!("Mozilla/5.0 (Linux; Android 15; SM-S921N) {webkit} Chrome/142.0.0.0 Mobile Safari/537.36"),
                "Chrome, Android",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 15) {webkit} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36"),
                "Samsung Internet, Android",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 15; wv) {webkit} Version/4.0 Chrome/142.0 Mobile Safari/537.36;KAKAOTALK 2510"),
                "KakaoTalk, Android",
            ),
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"),
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1".to_owned(),
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
                "Firefox, Linux",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15".to_owned(),
                "Safari, macOS",
            ),
        ] {
            assert_eq!(label(&user_agent).as_deref(), Some(expected), "{user_agent}");
        }
    }

    #[test]
    fn what_is_unknown_has_no_label() {
        assert_eq!(label("curl/8.0"), None);
        assert_eq!(Device::of(&HeaderMap::new()).label(), None);
        assert_eq!(label("<script>alert(1)</script> Windows"), Some("Windows".to_owned()));
    }
}
