//! Spaces as they are announced.

/// A text with single spaces.
pub fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_single() {
        assert_eq!(collapsed("  [필수]\n 이용약관 "), "[필수] 이용약관");
        assert_eq!(collapsed(" \n"), "");
    }
}
