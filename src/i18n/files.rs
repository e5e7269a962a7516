//! The language files that ship, compiled in: for servers, previews and tests.

macro_rules! files {
    ($($tag:literal)*) => {
        /// The file of the screen.
        pub fn screen(tag: &str) -> Option<&'static str> {
            match tag {
                $($tag => Some(include_str!(concat!("../../public/texts/", $tag, ".json"))),)*
                _ => None,
            }
        }

        /// The file of a server's pages.
        #[cfg(any(feature = "ssr", feature = "preview"))]
        pub fn server(tag: &str) -> Option<&'static str> {
            match tag {
                $($tag => Some(include_str!(concat!("../../public/texts/server/", $tag, ".json"))),)*
                _ => None,
            }
        }
    };
}

files! { "ko" "en" "ja" "zh-Hans" "zh-Hant" "vi" "th" "ar" }
