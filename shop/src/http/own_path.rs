//! Paths of the shop itself, where a browser may be sent.

/// The longest path that is kept, in bytes.
const LONGEST: usize = 500;

/// A path of this shop, or none: no other host (`//evil.example`, `/\evil.example`), no control
/// character that could end a header.
#[must_use]
pub fn own_path(text: &str) -> Option<&str> {
    let is_own = text.starts_with('/')
        && !text[1..].starts_with(['/', '\\'])
        && text.len() <= LONGEST
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains('\\');
    is_own.then_some(text)
}

/// A path with a parameter added to its query.
#[must_use]
pub fn with_parameter(path: &str, parameter: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{parameter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_shop_pass() {
        for path in ["/", "/goods/yakgwa?in_app=android", "/order/20261127-123456"] {
            assert_eq!(own_path(path), Some(path));
        }
        for path in [
            "",
            "goods",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nX: y",
            "/a b",
            "/\u{202e}",
            "/\t/evil.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(own_path(path), None, "{path:?}");
        }
        assert_eq!(own_path(&format!("/{}", "a".repeat(LONGEST))), None);
    }

    #[test]
    fn a_parameter_joins_the_query() {
        assert_eq!(with_parameter("/a", "as=guest"), "/a?as=guest");
        assert_eq!(with_parameter("/a?b=c", "as=guest"), "/a?b=c&as=guest");
    }
}
