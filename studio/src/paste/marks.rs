//! What stands before the items of a list, where a list is only written like one.

/// Signs of lists without numbers. A hyphen or a dash is one only before a space.
const BULLETS: &str = "•·ㆍ∙⋅●○◦◉▪▫■□◆◇▶▷►‣⁃❖➢✓-–—";

/// Numbers and letters in circles and brackets; not `㈜`, with which names of companies begin.
fn is_enclosed(c: char) -> bool {
    matches!(c, '①'..='⒵' | 'Ⓐ'..='⓿' | '㈀'..='㈛' | '㉠'..='㉾' | '㊀'..='㊿')
}

/// The text of an item without the sign before it. None for a text that has none.
pub fn without_bullet(text: &str) -> Option<&str> {
    let first = text.chars().next().filter(|it| BULLETS.contains(*it))?;
    let rest = text[first.len_utf8()..].strip_prefix(' ')?;
    Some(rest.trim()).filter(|it| !it.is_empty())
}

/// Whether a text begins with a number of a list: `1.`, `가)`, `(a)`, `①`.
pub fn is_numbered(text: &str) -> bool {
    let Some((mark, rest)) = split(text) else { return false };
    is_number(mark) && !rest.trim().is_empty()
}

/// The mark of a text, and the rest.
fn split(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    // A space after one in a circle is often left out.
    if is_enclosed(first) { Some(text.split_at(first.len_utf8())) } else { text.split_once(' ') }
}

/// Whether a mark is a number, and no bullet: bullets of Word are letters of a symbol font.
pub fn is_number(mark: &str) -> bool {
    let mark = mark.trim();
    let first = mark.chars().next();
    if first.is_some_and(is_enclosed) {
        return mark.chars().count() == 1;
    }
    let inner = match mark.strip_prefix('(').or_else(|| mark.strip_prefix('（')) {
        Some(inner) => inner.strip_suffix([')', '）']),
        None => mark.strip_suffix(['.', ')', '）']),
    };
    inner.is_some_and(|inner| inner.split('.').all(is_counter))
}

/// `12`, `가`, `b`, `iv`.
fn is_counter(text: &str) -> bool {
    const SYLLABLES: &str = "가나다라마바사아자차카타파하";
    let is_roman = |it: char| "ivxIVX".contains(it);
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(one), None) if one.is_ascii_alphabetic() || SYLLABLES.contains(one) => true,
        (Some(_), _) if text.len() <= 3 && text.bytes().all(|it| it.is_ascii_digit()) => true,
        (Some(_), Some(_)) => text.len() <= 5 && text.chars().all(is_roman),
        _ => false,
    }
}

/// The number of an item of `<ol>`.
pub fn counted(number: usize, kind: &str) -> String {
    let letter = |first: u8| char::from(first + ((number.max(1) - 1) % 26) as u8);
    match kind {
        "a" => format!("{}.", letter(b'a')),
        "A" => format!("{}.", letter(b'A')),
        _ => format!("{number}."),
    }
}

/// The level of a paragraph that is the title of a part of a Korean contract and nothing else: 1 for a
/// chapter, 2 for an article.
pub fn part(text: &str) -> Option<u8> {
    if matches!(text, "부칙" | "부 칙") {
        return Some(1);
    }
    let rest = text.strip_prefix('제')?.trim_start();
    let digits = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
    let after = rest[digits..].trim_start();
    let unit = after.chars().next().filter(|_| digits > 0)?;
    let mut title = after[unit.len_utf8()..].trim_start();
    if let Some(branch) = title.strip_prefix('의') {
        title = branch.trim_start().trim_start_matches(|it: char| it.is_ascii_digit()).trim_start();
    }
    let is_short = title.chars().count() <= 40 && !title.ends_with('.');
    let is_bracketed =
        [('(', ')'), ('[', ']'), ('【', '】'), ('（', '）')].iter().any(|(open, close)| {
            title.starts_with(*open)
                && title.find(*close) == title.rfind(*close)
                && title.ends_with(*close)
        });
    match unit {
        '편' | '장' | '절' | '관' => is_short.then_some(1),
        '조' => (is_short && (title.is_empty() || is_bracketed)).then_some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_list_differs_from_other_beginnings() {
        for text in [
            "1. 이름",
            "가. 이름",
            "나) 이름",
            "(3) 이름",
            "①이름",
            "① 이름",
            "⑴ 이름",
            "iv. x",
            "1.2. x",
        ] {
            assert!(is_numbered(text), "{text}");
        }
        for text in [
            "2026. 11. 1.부터",
            "제1조 이름",
            "회사는. 합니다",
            "1.",
            "서비스(이하",
            "etc. and",
            "①",
        ] {
            assert!(!is_numbered(text), "{text}");
        }
        for bullet in ["·", "o", "§", "\u{f0b7}", "-", "Ø"] {
            assert!(!is_number(bullet), "{bullet}");
        }
        assert_eq!(without_bullet("• 이름"), Some("이름"));
        assert_eq!(without_bullet("- 이름"), Some("이름"));
        for text in ["-5도", "이름", "•", "—"] {
            assert_eq!(without_bullet(text), None, "{text}");
        }
    }

    #[test]
    fn the_title_of_a_part_stands_alone() {
        for (text, level) in [
            ("제1장 총칙", Some(1)),
            ("제 2 장", Some(1)),
            ("부칙", Some(1)),
            ("제1조 (목적)", Some(2)),
            ("제3조의2【정의】", Some(2)),
            ("제1조(목적) 이 약관은 회사가 정합니다.", None),
            ("제1조(목적)에 따라 (이하 생략)", None),
            ("제1조에 따라 처리합니다", None),
            ("제품", None),
            ("제1회", None),
        ] {
            assert_eq!(part(text), level, "{text}");
        }
    }
}
