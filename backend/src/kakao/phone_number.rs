//! Phone numbers as Kakao's API writes them.

/// A number as `+82 10-1234-5678`: the country, a space, and the national number with hyphens and
/// without its leading zero. A number without a country is a Korean one. Numbers of other countries
/// stay as they are: the documents have no form for them.
#[must_use]
pub fn international(number: &str) -> String {
    let national = match number.strip_prefix('+') {
        Some(rest) => rest.strip_prefix("82"),
        None => Some(number),
    };
    match national {
        Some(national) => format!("+82 {}", hyphenated(national.trim_start_matches('0'))),
        None => number.to_owned(),
    }
}

/// A number as it is dialled in Korea: `010-1234-5678`. Numbers of other countries stay as they are.
#[must_use]
pub fn domestic(number: &str) -> String {
    match number.strip_prefix("+82") {
        Some(national) => format!("0{}", hyphenated(national.trim_start_matches('0'))),
        None if number.starts_with('0') => {
            format!("0{}", hyphenated(number.trim_start_matches('0')))
        }
        None => number.to_owned(),
    }
}

/// Area, exchange and the last four digits. The area of Seoul has one digit, every other has two.
fn hyphenated(digits: &str) -> String {
    let area = if digits.starts_with('2') { 1 } else { 2 };
    match digits.split_at_checked(area) {
        Some((area, rest)) if rest.len() > 4 => {
            let (exchange, last) = rest.split_at(rest.len() - 4);
            format!("{area}-{exchange}-{last}")
        }
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_korean_number_has_its_country_and_hyphens() {
        for number in ["01012345678", "+821012345678", "+8201012345678"] {
            assert_eq!(international(number), "+82 10-1234-5678", "{number}");
            assert_eq!(domestic(number), "010-1234-5678", "{number}");
        }
        assert_eq!(international("0212345678"), "+82 2-1234-5678");
        assert_eq!(international("021234567"), "+82 2-123-4567");
        assert_eq!(domestic("+8221234567"), "02-123-4567");
        assert_eq!(international("0311234567"), "+82 31-123-4567");
    }

    #[test]
    fn other_numbers_stay_as_they_are() {
        assert_eq!(international("+14155550123"), "+14155550123");
        assert_eq!(domestic("+14155550123"), "+14155550123");
        // A number for calls to companies has no area.
        assert_eq!(domestic("15441234"), "15441234");
        assert_eq!(domestic(""), "");
    }
}
