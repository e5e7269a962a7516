//! Browsers inside of apps, by what they say of themselves. A hint and never a proof: a client that
//! writes `KAKAOTALK` into a user agent gets another page, and nothing that is not theirs.

/// The system that the messenger runs on. Its in-app browsers close in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Android,
    Ios,
    /// Neither says so: the messenger on a desktop, or the sample of the oldest document.
    Other,
}

/// What the messenger writes into its user agent ("Auto-login from Kakao Talk": it contains this).
const MESSENGER: &str = "KAKAOTALK";

/// The messenger's in-app browser, if this user agent is one. Other apps have in-app browsers, too
/// (LINE, Instagram, Facebook, Naver): they are browsers like any other, because none is known to
/// be signed in there.
#[must_use]
pub fn messenger(user_agent: &str) -> Option<Platform> {
    user_agent.contains(MESSENGER).then(|| Platform::of(user_agent))
}

impl Platform {
    fn of(user_agent: &str) -> Self {
        if user_agent.contains("Android") {
            Self::Android
        } else if ["iPhone", "iPad", "iPod"].iter().any(|it| user_agent.contains(it)) {
            Self::Ios
        } else {
            Self::Other
        }
    }

    /// The address that closes the messenger's browser, where `window.close()` did not. Used by many
    /// and undocumented; the Android one does nothing on iOS.
    #[must_use]
    pub fn close_url(self) -> Option<&'static str> {
        match self {
            Self::Android => Some("kakaotalk://inappbrowser/close"),
            Self::Ios => Some("kakaoweb://closeBrowser"),
            Self::Other => None,
        }
    }
}

/// The address that opens one of our own pages in the system's browser. `origin` is our own, and
/// `path` begins at it: what is built from anything else would send people anywhere.
///
/// None for what is no path of our own.
#[must_use]
pub fn open_outside(origin: &str, path: &str) -> Option<String> {
    crate::redirect::is_own_path(path).then(|| {
        let url = encoded(&format!("{origin}{path}"));
        format!("kakaotalk://web/openExternal?url={url}")
    })
}

/// Percent-encoded, everything but the unreserved characters of RFC 3986.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The user agents of `samples/user-agents.tsv`: what each is, and what is expected of it.
    fn matrix() -> Vec<[&'static str; 3]> {
        include_str!("../samples/user-agents.tsv")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let columns: Vec<_> = line.split('\t').collect();
                columns.try_into().expect("three columns: name, treatment, user agent")
            })
            .collect()
    }

    #[test]
    fn every_browser_of_the_matrix_is_treated_as_expected() {
        let mut seen = Vec::new();
        for [name, expected, user_agent] in matrix() {
            let treatment = match messenger(user_agent) {
                Some(Platform::Android) => "messenger android",
                Some(Platform::Ios) => "messenger ios",
                Some(Platform::Other) => "messenger",
                None => "browser",
            };
            assert_eq!(treatment, expected, "{name}: {user_agent}");
            seen.push(treatment);
        }
        for treatment in ["messenger android", "messenger ios", "messenger", "browser"] {
            assert!(seen.contains(&treatment), "nothing is treated as {treatment}");
        }
    }

    #[test]
    fn the_messenger_closes_in_its_own_way() {
        assert_eq!(Platform::Android.close_url(), Some("kakaotalk://inappbrowser/close"));
        assert_eq!(Platform::Ios.close_url(), Some("kakaoweb://closeBrowser"));
        assert_eq!(Platform::Other.close_url(), None);
    }

    #[test]
    fn only_our_own_pages_are_opened_outside() {
        assert_eq!(
            open_outside("https://id.example", "/auto-login?a=b&c=%20").as_deref(),
            Some(
                "kakaotalk://web/openExternal?url=https%3A%2F%2Fid.example%2Fauto-login%3Fa%3Db%26c%3D%2520"
            )
        );
        for other in
            ["https://evil.example/", "//evil.example", "/\\evil.example", "", ".evil.example"]
        {
            assert_eq!(open_outside("https://id.example", other), None, "{other}");
        }
    }
}
