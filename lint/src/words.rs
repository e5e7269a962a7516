//! Phrases that indicate what a text is about, in the screen's three languages. They find usual wording
//! only: a text can say the same in other words, and the same words can be about something else.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::text::{Pattern, Span, Text};

/// The lists of each language, from `words/*.json`.
static WORDS: LazyLock<[Lists; 3]> = LazyLock::new(|| {
    let files = [
        include_str!("../words/ko.json"),
        include_str!("../words/en.json"),
        include_str!("../words/ja.json"),
    ];
    files.map(|file| serde_json::from_str(file).unwrap_or_else(|error| panic!("words: {error}")))
});

/// Words that begin a new clause, in normal form.
static CLAUSE_WORDS: LazyLock<Vec<String>> =
    LazyLock::new(|| WORDS.iter().flat_map(|lists| lists.clause_words.clone()).collect());

macro_rules! lists {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// The lists of one language. Each pattern has an example or a source.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Lists {
            /// Words that begin a new clause: no pattern and no negation reaches over one.
            clause_words: Vec<String>,
            /// Names of statutes, which are read over everywhere.
            statutes: List,
            $($(#[doc = $doc])* pub $name: List,)*
        }

        #[cfg(test)]
        impl Lists {
            fn all(&self) -> Vec<(&'static str, &List)> {
                vec![("statutes", &self.statutes), $((stringify!($name), &self.$name),)*]
            }
        }
    };
}

lists! {
    /// What takes back the words beside it.
    negation,
    /// Words without a content of their own, beside a vague phrase.
    filler,
    /// Advertising by its name.
    advertising,
    /// Advertising by other names.
    promotion,
    terms_of_service,
    privacy_policy,
    collection,
    third_party_provision,
    overseas_transfer,
    /// Sensitive data (PIPA 23; Act on the Protection of Personal Information 2(3) in Japan).
    sensitive,
    resident_number,
    unique_identifier,
    /// A list that is left open.
    open_list,
    /// Words that end in "등" and are complete.
    complete_words,
    double_negative,
    /// Ticking the box refuses.
    ticks_to_refuse,
    /// Whole texts that say that there is nothing.
    nothing,
    no_disadvantage,
    no_registration,
    /// Something else that is impossible.
    impossible,
    required,
    optional,
    withdrawal,
    no_withdrawal,
    night,
    /// Day and night at once.
    all_hours,
    email,
    other_media,
    /// Companies that are not named.
    unnamed_company,
    /// Texts that say nothing yet.
    placeholder,
    vague_purpose,
    vague_retention,
    period,
    countries,
    urgency,
    social_proof,
    steering,
    deemed_consent,
    paid,
    cost_of_withdrawal,
    hard_withdrawal,
    contract_performance,
    imitates_the_screen,
}

/// Patterns, each with an example or a source, and longer phrases that mean something else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    #[serde(default)]
    words: BTreeMap<Pattern, String>,
    #[serde(default)]
    except: BTreeMap<Pattern, String>,
}

/// A list of a language.
pub type Of = fn(&Lists) -> &List;

impl List {
    /// The text without what only looks like a word of this list.
    fn read<'a>(&self, text: &'a Text) -> Cow<'a, Text> {
        let mut read = Cow::Borrowed(text);
        for pattern in self.except.keys().filter(|pattern| text.find(pattern).is_some()) {
            read.to_mut().leave_out(pattern);
        }
        read
    }

    /// The longest word in the text: "passport no." is no negation of "passport".
    fn find(&self, text: &Text) -> Option<Span> {
        let found = self.words.keys().filter_map(|pattern| Some((pattern, text.find(pattern)?)));
        found.max_by_key(|(pattern, _)| pattern.length()).map(|(_, span)| span)
    }
}

/// A text in normal form, without the names of statutes.
pub fn read(text: &str) -> Text {
    let mut text = Text::new(text, &CLAUSE_WORDS);
    for pattern in WORDS.iter().flat_map(|lists| lists.statutes.words.keys()) {
        text.leave_out(pattern);
    }
    text
}

/// Whether a text has a word of a list.
pub fn has(text: &Text, of: Of) -> bool {
    WORDS.iter().map(of).any(|list| list.find(&list.read(text)).is_some())
}

/// Whether a text has a word of a list that nothing beside it takes back: "not by night" has none.
pub fn affirms(text: &Text, of: Of) -> bool {
    WORDS.iter().map(of).any(|list| {
        let mut rest = list.read(text);
        while let Some(span) = list.find(&rest) {
            if !has(&text.around(&span), |it| &it.negation) {
                return true;
            }
            rest.to_mut().blank(&span);
        }
        false
    })
}

/// Whether a text is made of words of a list only.
pub fn is_only(text: &Text, of: Of) -> bool {
    let mut rest = text.clone();
    let found = leave_out(&mut rest, of);
    leave_out(&mut rest, |it| &it.filler);
    found && !rest.has_letters()
}

/// Leaves out every word of a list. Whether there was one.
fn leave_out(text: &mut Text, of: Of) -> bool {
    let mut patterns: Vec<_> = WORDS.iter().flat_map(|lists| of(lists).words.keys()).collect();
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.length()));
    patterns.into_iter().fold(false, |found, pattern| text.leave_out(pattern) | found)
}

/// Whether a list in the text is left open.
pub fn is_open_ended(text: &Text) -> bool {
    let mut rest = text.clone();
    leave_out(&mut rest, |it| &it.complete_words);
    has(&rest, |it| &it.open_list) || rest.joined_words().any(ends_openly)
}

/// "등" (and so on) at the end of a word, with or without a particle. "1등" is the first prize.
fn ends_openly((before, word): (Option<char>, &str)) -> bool {
    /// What follows a noun (<https://en.wikipedia.org/wiki/Korean_postpositions>).
    const PARTICLES: [&str; 24] = [
        "",
        "의",
        "을",
        "이",
        "은",
        "에",
        "과",
        "도",
        "만",
        "으로",
        "에서",
        "에게",
        "까지",
        "부터",
        "이나",
        "이며",
        "이고",
        "의정보",
        "에대한",
        "에관한",
        "을위한",
        "을통한",
        "을통해",
        "으로부터",
    ];
    word.match_indices('등').any(|(at, open)| {
        let before = word[..at].chars().next_back().or(before);
        let counts = before.is_some_and(|c| c.is_numeric() || c == '\0');
        !counts && PARTICLES.contains(&&word[at + open.len()..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every list with its name.
    fn lists() -> impl Iterator<Item = (&'static str, &'static List)> {
        WORDS.iter().flat_map(Lists::all)
    }

    #[test]
    fn each_word_is_found_in_its_example() {
        let mut wrong = Vec::new();
        for (name, list) in lists() {
            for (pattern, example) in list.words.iter().chain(&list.except) {
                if Text::new(example, &CLAUSE_WORDS).find(pattern).is_none() {
                    wrong.push(format!("{name}: {pattern:?} is not in {example:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// An exception that excepts nothing would hide that its word has changed.
    #[test]
    fn each_exception_is_read_over_in_its_example() {
        let mut wrong = Vec::new();
        for (name, list) in lists() {
            for example in list.except.values() {
                let text = Text::new(example, &CLAUSE_WORDS);
                if list.find(&text).is_none() {
                    wrong.push(format!("{name}: nothing to except in {example:?}"));
                }
                if list.find(&list.read(&text)).is_some() {
                    wrong.push(format!("{name}: not excepted in {example:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn open_lists_are_told_from_words_that_end_alike() {
        let open =
            ["이메일 등", "이메일등 연락처 확인", "등으로", "이름 등을 확인", "氏名等の情報"];
        let complete = ["회원 등록", "추첨 1등", "추첨 1 등 상품", "남녀평등 기본법", "등산 모임"];
        for text in open {
            assert!(is_open_ended(&read(text)), "{text}");
        }
        for text in complete {
            assert!(!is_open_ended(&read(text)), "{text}");
        }
    }

    #[test]
    fn a_negation_takes_back_the_words_in_its_clause() {
        let night: Of = |it| &it.night;
        for text in ["야간 제외", "never at night", "夜間を除く", "야간에는 보내지 않습니다"]
        {
            assert!(has(&read(text), night) && !affirms(&read(text), night), "{text}");
        }
        for text in ["야간 포함", "not by post, and at night", "거부하지 않으면, 야간에도"]
        {
            assert!(affirms(&read(text), night), "{text}");
        }
    }

    #[test]
    fn a_text_of_nothing_but_vague_words_is_told_from_one_with_a_name() {
        let unnamed: Of = |it| &it.unnamed_company;
        for text in ["제휴사", "당사의 제휴사 및 협력사", "our partners", "提携会社各社"]
        {
            assert!(is_only(&read(text), unnamed), "{text}");
        }
        for text in ["제휴사 한빛카드 주식회사", "Partners in Crime Books Ltd."] {
            assert!(!is_only(&read(text), unnamed), "{text}");
        }
    }
}
