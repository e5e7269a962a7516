//! Texts that depend on a number, by the plural categories of CLDR
//! (<https://cldr.unicode.org/index/cldr-spec/plural-rules>).
//!
//! A text has its forms between `|`, each behind its category: `one={} day|other={} days`. A text
//! without forms is for every number. The file of a language names the categories in its `plural`, of
//! which the first that holds counts: `one=1 few=%100:3-10`, where `%100:` is the rest of a division.
//! Every other number is `other`.
//!
//! Not through `Intl`: the view is also built on a server, where there is none.

use super::Texts;

impl Texts {
    /// A text that depends on a number, with the number in its slot.
    #[must_use]
    pub fn count(&self, text: &str, number: usize) -> String {
        let form = form(text, category(self.plural, number));
        match form.split_once("{}") {
            Some((before, after)) => [before, &number.to_string(), after].concat(),
            // "one second" has no slot.
            None => form.to_owned(),
        }
    }
}

/// The form of a text for a category; without forms the text itself.
pub(super) fn form<'a>(text: &'a str, category: &str) -> &'a str {
    let mut other = text;
    for form in text.split('|') {
        match form.split_once('=') {
            Some((of, form)) if of == category => return form,
            Some(("other", form)) => other = form,
            _ => {}
        }
    }
    other
}

/// The category of a number by the rules of a language. What is no rule holds for nothing.
pub(super) fn category(rules: &str, number: usize) -> &str {
    for rule in rules.split(' ') {
        let Some((category, mut ranges)) = rule.split_once('=') else { continue };
        let mut number = number;
        if let Some((divisor, rest)) = ranges.split_once(':') {
            number =
                number.checked_rem(digits(divisor.trim_start_matches('%'))).unwrap_or(NO_NUMBER);
            ranges = rest;
        }
        for range in ranges.split(',') {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            let (from, to) = (digits(from), digits(to));
            if (from..=to).contains(&number) && to != NO_NUMBER {
                return category;
            }
        }
    }
    "other"
}

/// Whether a rule can be read: `few=2-4`, `few=%100:3-10,13`.
#[cfg(any(feature = "ssr", feature = "preview", test))]
pub(super) fn is_rule(rule: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let Some((category, ranges)) = rule.split_once('=') else { return false };
    let ranges = match ranges.strip_prefix('%').map(|it| it.split_once(':')) {
        None => ranges,
        Some(Some((divisor, ranges))) if is_number(divisor) && digits(divisor) > 0 => ranges,
        Some(_) => return false,
    };
    let is_range = |range: &str| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        is_number(from) && is_number(to)
    };
    !category.is_empty() && ranges.split(',').all(is_range)
}

/// Larger than any number.
const NO_NUMBER: usize = usize::MAX;

fn digits(text: &str) -> usize {
    text.parse().unwrap_or(NO_NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Locale, texts};

    #[test]
    fn a_rule_that_holds_for_nothing_is_none() {
        for rule in ["one=1", "few=2-4,22", "many=%100:11-99", "one=%10:1"] {
            assert!(is_rule(rule), "{rule}");
        }
        for rule in [
            "one",
            "=1",
            "one=",
            "one=x",
            "one=%10",
            "one=%0:1",
            "one=%:1",
            "few=2-",
            "one=1\tfew=2",
        ] {
            assert!(!is_rule(rule), "{rule}");
        }
    }

    /// CLDR 46, common/supplemental/plurals.xml: cardinals, whole numbers.
    #[test]
    fn numbers_have_the_categories_of_their_language() {
        for (tag, categories) in [
            ("ko", ""),
            ("ja", ""),
            ("zh-Hans", ""),
            ("zh-Hant", ""),
            ("vi", ""),
            ("th", ""),
            ("en", "1 one"),
            (
                "ar",
                "0 zero, 1 one, 2 two, 3 few, 10 few, 11 many, 99 many, 100 other, 102 other, \
                 103 few, 111 many, 199 many, 200 other, 203 few, 1000 other, 1011 many",
            ),
        ] {
            let rules = texts(Locale::of(tag).expect("a language")).plural;
            for number in [0, 2, 5, 21, 100] {
                if categories.is_empty() || tag == "en" {
                    assert_eq!(category(rules, number), "other", "{tag} {number}");
                }
            }
            for pair in categories.split(", ").filter(|it| !it.is_empty()) {
                let (number, of) = pair.split_once(' ').expect("a number and a category");
                assert_eq!(category(rules, number.parse().expect("a number")), of, "{tag} {pair}");
            }
        }
    }

    /// A language that does not ship: the format is enough for it. The first rule counts.
    #[test]
    fn the_rules_of_other_languages_can_be_written() {
        let russian = "many=%100:11-14 one=%10:1 few=%10:2-4 many=%10:0,5-9";
        for (number, of) in [
            (1, "one"),
            (11, "many"),
            (21, "one"),
            (3, "few"),
            (13, "many"),
            (5, "many"),
            (100, "many"),
        ] {
            assert_eq!(category(russian, number), of, "{number}");
        }
        for broken in ["one", "one=", "one=x", "one=%0:1", "one=%:1", "one=1-", "=1=", "%"] {
            assert_eq!(category(broken, 2), "other", "{broken}");
        }
    }

    #[test]
    fn the_form_of_the_number_is_shown() {
        let english = texts(Locale::EN);
        let days = "one={} day|other={} days";
        assert_eq!(english.count(days, 1), "1 day");
        assert_eq!(english.count(days, 3), "3 days");
        assert_eq!(texts(Locale::KO).count("{}개", 3), "3개");
        let arabic = texts(Locale::of("ar").expect("a language"));
        assert_eq!(arabic.count("one=a|two=b|other=c {}", 5), "c 5", "a form that is missing");
        assert_eq!(arabic.count(arabic.retry_in, 1), "ستُعاد المحاولة بعد ثانية واحدة.");
        assert_eq!(arabic.count(arabic.retry_in, 4), "ستُعاد المحاولة بعد 4 ثوانٍ.");
        assert_eq!(arabic.count(arabic.retry_in, 16), "ستُعاد المحاولة بعد 16 ثانية.");
    }
}
