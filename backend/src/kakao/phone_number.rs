//! Phone numbers as Kakao writes them.

/// A number as Kakao writes it: `+82 10-1234-5678`. Foreign numbers stay as they are.
#[must_use]
pub fn international(number: &str) -> String {
    let Some(national) = number.strip_prefix("+82").or_else(|| number.strip_prefix('0')) else {
        return number.to_owned();
    };
    let digits = national.trim_start_matches('0');
    let area = if digits.starts_with('2') { 1 } else { 2 };
    match (digits.get(..area), digits.get(area..)) {
        (Some(area), Some(rest)) if rest.len() > 4 => {
            let (head, tail) = rest.split_at(rest.len() - 4);
            format!("+82 {area}-{head}-{tail}")
        }
        _ => format!("+82 {digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_written_as_kakao_does() {
        for (number, written) in [
            ("+821012345678", "+82 10-1234-5678"),
            ("01012345678", "+82 10-1234-5678"),
            ("+8221234567", "+82 2-123-4567"),
            ("0212345678", "+82 2-1234-5678"),
            ("+4915112345678", "+4915112345678"),
        ] {
            assert_eq!(international(number), written);
        }
    }
}
