//! A text as the rules read it: normalised, so that one pattern finds a word however it is written.

use std::{collections::BTreeSet, ops::Range};

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

/// Latin words that may lie between two parts of a pattern.
const LATIN_GAP: usize = 6;
/// Characters that may lie between two parts of a pattern in another script.
const JOINED_GAP: usize = 12;

/// Takes the place of a phrase that is left out.
const BLANK: char = '\0';

/// A normalised text (Unicode NFKC, lower case, one form of each dash, dot and quotation mark).
#[derive(Debug, Clone)]
pub struct Text {
    /// Words in Latin letters and digits, and punctuation marks.
    tokens: Vec<String>,
    /// The tokens that end a clause: marks, and words that begin another one.
    token_clauses: BTreeSet<usize>,
    /// The whole text without spaces, hyphens, middle dots and quotation marks: Korean is written with
    /// and without them (수집·이용, 수집 이용).
    joined: String,
    /// The byte offsets in `joined` at which a word begins or ends.
    borders: BTreeSet<usize>,
    /// Those of them at which there is white space.
    spaces: BTreeSet<usize>,
    /// The byte offsets in `joined` at which a clause ends.
    clauses: BTreeSet<usize>,
}

/// A place in a text: in its tokens, or in its joined form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    Tokens(Range<usize>),
    Bytes(Range<usize>),
}

impl Text {
    /// `clause_words`: words that begin a new clause, in normal form (but, 지만).
    pub fn new(text: &str, clause_words: &[String]) -> Self {
        let plain = normal(text);
        let mut joined = String::with_capacity(plain.len());
        let mut borders = BTreeSet::from([0]);
        let mut spaces = BTreeSet::new();
        let mut clauses = BTreeSet::new();
        let mut chars = plain.chars().peekable();
        while let Some(c) = chars.next() {
            if c.is_whitespace() {
                spaces.insert(joined.len());
            }
            if c.is_whitespace() || matches!(c, '-' | '·' | '"' | '\'') || is_bracket(c) {
                borders.insert(joined.len());
                continue;
            }
            if !c.is_alphanumeric() {
                borders.extend([joined.len(), joined.len() + c.len_utf8()]);
            }
            let in_number = chars.peek().is_some_and(char::is_ascii_digit)
                && joined.ends_with(|it: char| it.is_ascii_digit());
            joined.push(c);
            if ends_clause(c) && !in_number {
                clauses.insert(joined.len());
            }
        }
        borders.insert(joined.len());
        for word in clause_words.iter().filter(|word| !word.is_ascii()) {
            clauses.extend(joined.match_indices(word.as_str()).map(|(at, found)| at + found.len()));
        }
        let tokens = tokens(&plain);
        let ends = tokens.iter().enumerate();
        let ends = ends.filter(|(_, it)| is_clause_mark(it) || clause_words.contains(it));
        let token_clauses = ends.map(|(at, _)| at).collect();
        Self { tokens, token_clauses, joined, borders, spaces, clauses }
    }

    /// The first occurrence of a pattern.
    pub fn find(&self, pattern: &Pattern) -> Option<Span> {
        match pattern {
            Pattern::Latin(parts) => self.find_tokens(parts).map(Span::Tokens),
            Pattern::Joined(_) if self.joined.is_ascii() => None,
            Pattern::Joined(parts) => self.find_bytes(parts).map(Span::Bytes),
        }
    }

    fn find_tokens(&self, parts: &[Vec<Word>]) -> Option<Range<usize>> {
        let begins = |part: &[Word], at: usize| {
            let tokens = self.tokens.get(at..at + part.len());
            tokens.is_some_and(|tokens| part.iter().zip(tokens).all(|(word, it)| word.is(it)))
        };
        let (first, rest) = parts.split_first()?;
        (0..self.tokens.len()).filter(|at| begins(first, *at)).find_map(|start| {
            let mut end = start + first.len();
            for part in rest {
                let last = (end + LATIN_GAP).min(self.tokens.len());
                let reach = self.token_clauses.range(end..last).next().copied().unwrap_or(last);
                end = (end..=reach).find(|at| begins(part, *at))? + part.len();
            }
            Some(start..end)
        })
    }

    fn find_bytes(&self, parts: &[Joined]) -> Option<Range<usize>> {
        let (first, rest) = parts.split_first()?;
        self.occurrences(first, 0).find_map(|found| {
            let mut end = found.end;
            for part in rest {
                let next = self.occurrences(part, end).next()?;
                let gap = self.joined[end..next.start].chars().count();
                let crosses = self.clauses.range(end..=next.start).any(|at| *at > end);
                if gap > JOINED_GAP || crosses {
                    return None;
                }
                end = next.end;
            }
            Some(found.start..end)
        })
    }

    fn occurrences(&self, part: &Joined, from: usize) -> impl Iterator<Item = Range<usize>> {
        let found = self.joined[from..].match_indices(part.text.as_str());
        let (starts, ends) = (part.starts_word, part.ends_word);
        // No one writes a space within a short word, but two words can join to one: 관광 고객, 광고.
        let is_short = !part.has_space && part.text.chars().nth(2).is_none();
        found.map(move |(at, word)| from + at..from + at + word.len()).filter(move |it| {
            (!starts || self.borders.contains(&it.start))
                && (!ends || self.borders.contains(&it.end))
                && !(is_short && self.spaces.range(it.start + 1..it.end).next().is_some())
        })
    }

    /// Leaves out what is at a place: nothing is found there any more.
    pub fn blank(&mut self, span: &Span) {
        match span {
            Span::Tokens(range) => {
                for token in &mut self.tokens[range.clone()] {
                    *token = BLANK.to_string();
                }
            }
            Span::Bytes(range) => {
                let blank = BLANK.to_string().repeat(range.len());
                self.joined.replace_range(range.clone(), &blank);
            }
        }
    }

    /// Leaves out every occurrence of a pattern. Whether there was one.
    pub fn leave_out(&mut self, pattern: &Pattern) -> bool {
        let mut found = false;
        while let Some(span) = self.find(pattern).filter(|_| pattern.length() > 0) {
            self.blank(&span);
            found = true;
        }
        found
    }

    /// The rest of the clause behind a place, and in Latin letters also the words before it.
    pub fn around(&self, span: &Span) -> Self {
        let mut around = Self { tokens: Vec::new(), joined: String::new(), ..self.clone() };
        match span {
            Span::Tokens(range) => {
                let clause = |at: &usize| !self.token_clauses.contains(at);
                let first = range.start.saturating_sub(3);
                let before = (first..range.start).rev().take_while(clause).last();
                let last = (range.end + 4).min(self.tokens.len());
                let after = (range.end..last).take_while(clause).last();
                let before = &self.tokens[before.unwrap_or(range.start)..range.start];
                let after = &self.tokens[range.end..after.map_or(range.end, |at| at + 1)];
                let between = [BLANK.to_string()];
                around.tokens = [before, &between, after].concat();
            }
            Span::Bytes(range) => {
                let end = self.clauses.range(range.end + 1..).next().copied();
                let rest = &self.joined[range.end..end.unwrap_or(self.joined.len())];
                around.joined = rest.chars().take(JOINED_GAP).collect();
            }
        }
        around.borders = BTreeSet::from([0, around.joined.len()]);
        around.spaces.clear();
        around.clauses.clear();
        around.token_clauses.clear();
        around
    }

    /// The words of the joined form, each with the character before it: for endings that a pattern
    /// cannot describe.
    pub fn joined_words(&self) -> impl Iterator<Item = (Option<char>, &str)> {
        let ends = self.borders.iter().skip(1);
        self.borders
            .iter()
            .zip(ends)
            .map(|(from, to)| (self.joined[..*from].chars().next_back(), &self.joined[*from..*to]))
    }

    /// Whether any letter is left.
    pub fn has_letters(&self) -> bool {
        let in_latin = self.tokens.iter().any(|it| it.chars().any(char::is_alphabetic));
        in_latin || self.joined.chars().any(|c| c.is_alphabetic() && !is_latin(c))
    }
}

/// What to look for. Written in Latin letters, words are separated by spaces and `*` is any
/// ending (`advertis*`). In other scripts a pattern is found within words, unless `_` marks the border of
/// one (`_기타`), and spaces do not matter, except within one or two letters (`수 없`). ` .. ` is a gap of a
/// few words of the same clause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "String")]
pub enum Pattern {
    Latin(Vec<Vec<Word>>),
    Joined(Vec<Joined>),
}

impl Pattern {
    /// How much text it takes, to leave out longer patterns first.
    pub fn length(&self) -> usize {
        match self {
            Self::Latin(parts) => parts.iter().flatten().map(|word| word.text.len()).sum(),
            Self::Joined(parts) => parts.iter().map(|part| part.text.len()).sum(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    text: String,
    /// Whether any ending may follow.
    open: bool,
}

impl Word {
    fn is(&self, token: &str) -> bool {
        if self.open { token.starts_with(&self.text) } else { token == self.text }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Joined {
    text: String,
    starts_word: bool,
    ends_word: bool,
    /// Written as two words.
    has_space: bool,
}

impl From<String> for Pattern {
    fn from(pattern: String) -> Self {
        let parts = pattern.split(" .. ");
        if pattern.chars().all(|c| !c.is_alphabetic() || is_latin(c)) {
            return Self::Latin(parts.map(latin_part).collect());
        }
        let joined = |part: &str| Joined {
            text: Text::new(part.trim_matches('_'), &[]).joined,
            starts_word: part.starts_with('_'),
            ends_word: part.ends_with('_'),
            has_space: part.contains(' '),
        };
        Self::Joined(parts.map(joined).collect())
    }
}

fn latin_part(part: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for word in part.split_whitespace() {
        let (word, open) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
        words.extend(tokens(&normal(word)).into_iter().map(|text| Word { text, open: false }));
        if let Some(last) = words.last_mut() {
            last.open |= open;
        }
    }
    words
}

/// A name, which is found as it is written.
pub fn literal(name: &str) -> Option<Pattern> {
    let text = Text::new(name, &[]);
    if !text.has_letters() {
        return None;
    }
    if name.chars().all(|c| !c.is_alphabetic() || is_latin(c)) {
        let words = text.tokens.into_iter().map(|text| Word { text, open: false });
        return Some(Pattern::Latin(vec![words.collect()]));
    }
    let (starts_word, ends_word, has_space) = (false, false, name.contains(' '));
    let joined = Joined { text: text.joined, starts_word, ends_word, has_space };
    Some(Pattern::Joined(vec![joined]))
}

fn normal(text: &str) -> String {
    let plain = |c: char| match c {
        // Middle dots as Korean and Japanese keyboards type them. NFKC makes U+119E of U+318D.
        '\u{119e}' | 'ㆍ' | '・' | '･' | '‧' | '∙' | '•' | '⋅' => '·',
        '’' | '‘' | 'ʼ' | '`' => '\'',
        '“' | '”' | '„' => '"',
        '‐'..='―' | '−' => '-',
        '〜' | '∼' => '~',
        '。' => '.',
        '、' => ',',
        _ => c,
    };
    let text: String = text.chars().map(plain).nfkc().map(plain).collect();
    text.to_lowercase()
}

/// Latin words, and the marks between them.
fn tokens(plain: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    let mut before = ' ';
    let mut chars = plain.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_digit = chars.peek().is_some_and(char::is_ascii_digit);
        let in_number = matches!(c, ',' | '.') && before.is_ascii_digit() && next_is_digit;
        let is_part = c.is_ascii_digit() || is_latin(c) || c == '\'' && in_word || in_number;
        match tokens.last_mut() {
            Some(word) if is_part && in_word => word.push(c),
            _ if is_part
                || !c.is_whitespace() && !c.is_alphanumeric() && !matches!(c, '-' | '"' | '\'') =>
            {
                tokens.push(c.to_string());
            }
            _ => {}
        }
        in_word = is_part;
        before = c;
    }
    for token in &mut tokens {
        // A quotation mark, or the end of a plural (24 hours' notice).
        token.truncate(token.trim_end_matches('\'').len());
    }
    tokens
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && c < '\u{250}'
}

fn is_bracket(c: char) -> bool {
    matches!(c, '「' | '」' | '『' | '』' | '【' | '】' | '<' | '>' | '[' | ']')
}

fn ends_clause(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | '!' | '?' | ')' | '(')
}

fn is_clause_mark(token: &str) -> bool {
    token.chars().all(ends_clause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(pattern: &str, text: &str) -> bool {
        Text::new(text, &["지만".into(), "but".into()]).find(&pattern.to_owned().into()).is_some()
    }

    #[test]
    fn spelling_does_not_matter() {
        for (pattern, text) in [
            ("처리방침", "개인정보 처리 방침"),
            ("수집이용", "수집·이용"),
            ("수집이용", "수집ㆍ이용"),
            ("수집이용", "수집・이용"),
            ("プライバシーポリシー", "プライバシー・ポリシー"),
            ("プライバシーポリシー", "ﾌﾟﾗｲﾊﾞｼｰﾎﾟﾘｼｰ"),
            ("광고", "\u{1100}\u{116a}\u{11bc}\u{1100}\u{1169}"),
            ("third part*", "Third-Party"),
            ("third part*", "third‐parties"),
            ("don't", "Don’t"),
            ("24時間", "２４時間"),
            ("24/7", "open 24/7!"),
            ("sms", "SMS로 보냅니다"),
        ] {
            assert!(finds(pattern, text), "{pattern} in {text}");
        }
    }

    #[test]
    fn words_have_borders() {
        for (pattern, text) in [
            ("app", "Apparel House"),
            ("night*", "Knight Books"),
            ("ad", "ads"),
            ("_기타", "통기타 레슨"),
            ("밤_", "밤낚시"),
            ("광고", "관광 고객"),
        ] {
            assert!(!finds(pattern, text), "{pattern} in {text}");
        }
        assert!(finds("_기타", "주문 처리 및 기타 업무") && finds("밤_", "매일 밤"));
    }

    #[test]
    fn the_parts_of_a_pattern_are_in_one_clause() {
        assert!(finds("withdraw* .. consent", "Until you withdraw your consent"));
        assert!(!finds("withdraw* .. consent", "You withdraw, and your consent ends"));
        assert!(!finds("not .. sign up", "It is not sent but you sign up"));
        assert!(finds("가입 .. 없", "가입 절차를 진행할 수 없습니다"));
        assert!(!finds("가입 .. 없", "가입할 수 있지만 알림이 없습니다"));
    }

    #[test]
    fn what_is_left_out_is_not_found() {
        let mut text = Text::new("광고주 이용약관, 광고 수신", &[]);
        assert!(text.leave_out(&"광고주".to_owned().into()));
        assert!(text.find(&"광고".to_owned().into()).is_some());
        assert!(text.leave_out(&"광고".to_owned().into()));
        assert!(text.find(&"광고".to_owned().into()).is_none());
    }
}
