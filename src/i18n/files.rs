//! The language files that ship, compiled in: for servers, previews and tests.

use super::Locale;

macro_rules! files {
    ($($tag:literal)*) => {
        /// The file of the screen.
        pub fn screen(locale: Locale) -> Option<&'static str> {
            match locale.tag() {
                $($tag => Some(include_str!(concat!("../../public/texts/", $tag, ".json"))),)*
                _ => None,
            }
        }

        /// The file of a server's pages.
        #[cfg(any(feature = "ssr", feature = "preview"))]
        pub fn server(locale: Locale) -> Option<&'static str> {
            match locale.tag() {
                $($tag => Some(include_str!(concat!("../../public/texts/server/", $tag, ".json"))),)*
                _ => None,
            }
        }
    };
}

files! { "ko" "en" "ja" "zh-Hans" "zh-Hant" "vi" "th" "ar" }
