//! Every small edit of a configuration takes effect, or is refused where it was made.

use std::{collections::BTreeSet, sync::LazyLock};

use consent_backend::config::{Catalog, Source};
use proptest::prelude::*;

/// Everything that a configuration can say, in every way of writing it, and nothing that is the
/// default: a line that is taken away changes something.
const WHOLE: &str = r###"[sign_in]
login_url = "https://login.example/"
account_header = "x-account"
auth_time_header = "x-auth-time"
attribute_headers = { email = "x-email", under_14 = "x-child" }

[[service]]
client_id = "shop"
name = { ko = "가게", en = "The Shop", ja = "お店" }
company.ko = "가게 주식회사"
company.en = "The Shop Inc."
company.ja = "お店株式会社"
redirect_uris = [
  "https://shop.example/callback",
  "com.example.shop:/callback",
]
initiate_login_uri = "https://shop.example/login"
privacy_policy_url = "https://shop.example/privacy"
client_secret = "a secret that is long"
verified = true
approved = true
min_age = 14
agree_all = "everything"
ask_again = "after_grace"
grace = "60 days"

[[service.terms]]
tag = "tos"
kind = "sensitive"
required = true
version = "1"
effective_from = 2026-01-01
title = { ko = "이용약관", en = "Terms", ja = "利用規約" }
text = { ko = "물건을 팝니다.", en = "We sell things.", ja = "物を売ります。" }
highlights = [{ kind = "retention", text = { ko = "일 년", en = "a year", ja = "一年" } }]

[[service.terms]]
tag = "news"
kind = "marketing"
required = false
only_when_requested = true
ask_again = "at_once"
version = "2026-02"
effective_from = "2026-02-01"

[service.terms.title]
ko = "소식"
en = "News"
ja = "お知らせ"

[service.terms.text]
ko = """
## 제1조

소식을 보냅니다.

- 하나
- 둘
"""
en = "We send news."
ja = '''
お知らせを送ります。
'''

[[service.terms.highlights]]
kind = "promotion"
text = "e-mail"

[[service.terms]]
tag = "tos"
kind = "service"
required = true
version = "2"
grace = "7 days"
effective_from = 2031-01-01
title = { ko = "이용약관", en = "Terms", ja = "利用規約" }
text = { ko = "많이 팝니다.", en = "We sell a lot.", ja = "たくさん売ります。" }

[service.personal_info]
recipient = "The Shop Inc."
purpose = { ko = "주문", en = "Orders", ja = "注文" }
retention = { ko = "일 년", en = "A year", ja = "一年" }
refusal_effect = { ko = "가입할 수 없습니다", en = "No sign-up", ja = "登録できません" }

[[service.personal_info.items]]
id = "account_email"
label = { ko = "이메일", en = "Email", ja = "メール" }
required = true
collect = true

[[service.personal_info.items]]
id = "phone_number"
label = { ko = "전화", en = "Phone", ja = "電話" }
required = true
only_when_requested = true
recipient = { ko = "가게페이", en = "Shop Pay", ja = "お店ペイ" }
retention = { ko = "오 년", en = "Five years", ja = "五年" }

[[service.personal_info.items.earlier_wordings]]
retention = { ko = "5년", en = "5 years", ja = "5年" }

[[service.personal_info.earlier_wordings]]
purpose = { ko = "주문 처리", en = "Processing orders", ja = "注文処理" }
retention = { ko = "1년", en = "One year", ja = "1年" }

[[service.channels]]
public_id = "_shop"
name = { ko = "가게", en = "The Shop", ja = "お店" }
primary = true

[[service.channels]]
public_id = "_sale"
name = "Sale"

[[service]]
client_id = "trial"
name = "Trial"
company = "Trial Inc."
redirect_uris = ["https://trial.example/callback"]
mode = "test"
test_members = ["hana@example.com"]
approved = true

[service.personal_info]
recipient = "Trial Inc."
purpose = "Trying"
retention = "A day"
refusal_effect = "None"

[[account]]
id = "hana@example.com"
nickname = "하나"
email = "hana@example.com"
phone = "01012345678"
name = "김하나"
birthday = 2000-02-29
address = "서울시 중구 세종대로 110"
messenger_registered = false
under_14 = true
note = { ko = "회원", en = "A member" }

[account.channels]
_shop = "added"
_sale = "blocked"

[[account.links]]
service = "shop"
how = "combined_screen"
at = "2026-01-31T09:00:00Z"
terms = { tos = "1", news = "2026-02" }
items = ["account_email"]

[[account]]
id = "duri"
nickname = "두리"
"###;

/// The catalog, or the lines of its faults with their reasons.
fn read(toml: &str) -> Result<Catalog, Vec<(usize, String)>> {
    Source::built_in("services.toml", toml.to_owned())
        .catalog()
        .map_err(|faults| faults.into_iter().map(|fault| (fault.line, fault.to_string())).collect())
}

/// What a line of TOML is part of. Lines are counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// A comment, or nothing.
    Nothing,
    Header,
    /// The first line of an entry, and often the only one.
    Entry,
    /// A line of a value that began before.
    Inside,
}

struct File<'a> {
    lines: Vec<&'a str>,
    parts: Vec<Part>,
}

impl<'a> File<'a> {
    fn of(toml: &'a str) -> Self {
        let lines: Vec<&str> = toml.lines().collect();
        let mut parts = Vec::new();
        // What ends the value that is open.
        let mut open: Option<&str> = None;
        for line in &lines {
            let inside = open.is_some();
            for quotes in ["\"\"\"", "'''"] {
                if line.matches(quotes).count() % 2 == 1 {
                    open = if open == Some(quotes) { None } else { Some(quotes) };
                }
            }
            match line.trim_end() {
                it if !inside && it.ends_with('[') => open = Some("]"),
                "]" if open == Some("]") => open = None,
                _ => {}
            }
            parts.push(match line.trim() {
                _ if inside => Part::Inside,
                "" => Part::Nothing,
                it if it.starts_with('#') => Part::Nothing,
                it if it.starts_with('[') => Part::Header,
                _ => Part::Entry,
            });
        }
        Self { lines, parts }
    }

    /// The header of the table that a line stands in, or the line itself.
    fn header(&self, at: usize) -> usize {
        (0..at).rev().find(|line| self.parts[*line] == Part::Header).unwrap_or(at)
    }

    /// The first and the last line of the entry that a line is part of.
    fn entry(&self, at: usize) -> (usize, usize) {
        let inside = |line: &usize| self.parts[*line] == Part::Inside;
        let first = (0..=at).rev().find(|line| !inside(line)).unwrap_or(at);
        let last = (at + 1..self.lines.len()).take_while(inside).last().unwrap_or(at);
        (first, last)
    }

    /// The lines below a header: its table, and the tables below that.
    fn below(&self, header: usize) -> (usize, usize) {
        let name = |line: usize| self.lines[line].trim().trim_matches(['[', ']']).to_owned();
        let path = format!("{}.", name(header));
        let end = (header + 1..self.lines.len())
            .find(|line| self.parts[*line] == Part::Header && !name(*line).starts_with(&path));
        (header, end.unwrap_or(self.lines.len()))
    }
}

/// An edited file, and the lines, from 1, where its faults may be.
#[derive(Debug)]
struct Edited {
    what: String,
    toml: String,
    lines: BTreeSet<usize>,
    /// Whether its lines are known at all: an open quote ends wherever the next one stands.
    is_placed: bool,
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Every edit of a line.
fn edits(file: &File<'_>, at: usize) -> Vec<Edited> {
    let line = file.lines[at];
    let (first, last) = file.entry(at);
    let part = file.parts[at];
    let own: BTreeSet<usize> = (first..=last).map(|line| line + 1).collect();
    let is_quote = line.contains("\"\"\"") || line.contains("'''");
    let mut edits = Vec::new();
    let mut add = |what: &str, new: &[&str], lines: BTreeSet<usize>| {
        let mut all: Vec<String> = file.lines.iter().map(|it| (*it).to_owned()).collect();
        all.splice(at..=at, new.iter().map(|it| (*it).to_owned()));
        let what = format!("{what}, line {}: {line:?} -> {new:?}", at + 1);
        edits.push(Edited { what, toml: joined(&all), lines, is_placed: !is_quote });
    };
    if part == Part::Nothing || line.trim().is_empty() {
        return edits;
    }

    let mut around = own.clone();
    match part {
        Part::Header => {
            let (from, to) = file.below(at);
            around.extend(from..=to);
            around.insert(file.header(at) + 1);
            // A table below the service's is missing in the service.
            around.extend((0..at).filter(|it| file.lines[*it] == "[[service]]").map(|it| it + 1));
            around.extend(
                (0..at).filter(|it| file.lines[*it] == "[[service.terms]]").map(|it| it + 1),
            );
        }
        _ => {
            around.insert(file.header(at) + 1);
            // Of a text in dotted keys the first line is the text's.
            let key = line.split(['.', '=']).next().unwrap_or_default();
            let same =
                |it: &usize| line.contains('.') && file.lines[*it].starts_with(&format!("{key}."));
            around.extend((file.header(at)..at).filter(same).map(|it| it + 1));
        }
    }
    // The names that are gone are missed where they are named.
    let mut named = around.clone();
    named.extend(naming(file, at));
    // Every line after the one that is gone is one earlier.
    let earlier = named.iter().map(|line| if *line > at + 1 { line - 1 } else { *line });
    add("deleted", &[], earlier.collect());

    let next: BTreeSet<usize> = own.iter().flat_map(|line| [*line, line + 1]).collect();
    add("twice", &[line, line], next.clone());

    if part == Part::Entry {
        add("an unknown key after it", &[line, "colour = \"blue\""], next.clone());
        add("an unknown key before it", &["colour = \"blue\"", line], next);
        let (key, value) = line.split_once('=').unwrap();
        for other in
            ["7", "true", "\"?\"", "[]", "[7]", "{}", "{ x = 1 }", "2020-01-01", "1.5", "nan"]
        {
            if first == last && other != value.trim() {
                add("another value", &[&format!("{key}= {other}")], named.clone());
            }
        }
    }
    if part == Part::Entry || part == Part::Header {
        for wrong in misspellings(line) {
            add("misspelt", &[&wrong], named.clone());
        }
    }
    for other in strings(line) {
        let mut lines = own.clone();
        lines.insert(file.header(at) + 1);
        lines.extend(naming(file, at));
        if other.contains("marketing") {
            // Two values that contradict each other: which of them was meant?
            lines.extend((at..at + 2).map(|it| it + 1));
        }
        add("another string", &[&other], lines);
    }
    for (from, to) in [("ko", "kr"), ("en", "fr"), ("ja", "ko"), ("ja", "e n"), ("en", "EN")] {
        let (from, to) = (format!("{from} = "), format!("{to} = "));
        if part != Part::Inside && line.contains(&from) && !line.contains(&to) {
            let mut lines = own.clone();
            lines.insert(file.header(at) + 1);
            add("another language", &[&line.replacen(&from, &to, 1)], lines);
        }
    }
    edits
}

/// The lines that name what this line declares, or what is declared below this header.
fn naming(file: &File<'_>, at: usize) -> Vec<usize> {
    let (from, to) = match file.parts[at] {
        Part::Header => file.below(at),
        _ => (at, at + 1),
    };
    let declares = |line: &&&str| {
        ["client_id = ", "tag = ", "id = ", "public_id = "].iter().any(|key| line.starts_with(key))
    };
    let touched = &file.lines[from..to.min(file.lines.len())];
    let names: Vec<&str> =
        touched.iter().filter(declares).filter_map(|line| line.split('"').nth(1)).collect();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let names_one = |line: &str| {
        names.iter().any(|name| {
            line.match_indices(name).any(|(at, _)| {
                !line[..at].ends_with(is_word) && !line[at + name.len()..].starts_with(is_word)
            })
        })
    };
    // Only accounts and members name things.
    let accounts = file.lines.iter().position(|line| *line == "[[account]]").unwrap_or(0);
    let refers = |it: usize| it >= accounts || file.lines[it].starts_with("test_members");
    // A birth year is asked for twice beside a birthday that has its year, too.
    let asks_twice = |it: usize| {
        touched.iter().any(|line| line.starts_with("with_year"))
            && file.lines[it..].iter().take(2).any(|line| *line == "id = \"birthyear\"")
    };
    (0..file.lines.len())
        .filter(|it| refers(*it) && names_one(file.lines[*it]) || asks_twice(*it))
        .map(|it| it + 1)
        .collect()
}

/// The key of a line, or the last name of a header, with a letter missing, doubled, swapped with its
/// neighbour, replaced, or in another case.
fn misspellings(line: &str) -> Vec<String> {
    let (before, key, after) = match line.trim().starts_with('[') {
        true => {
            let end = line.find(']').unwrap();
            let start = line[..end].rfind(['[', '.']).unwrap() + 1;
            (&line[..start], &line[start..end], &line[end..])
        }
        false => {
            let end = line.find(['=', '.']).unwrap();
            ("", line[..end].trim_end(), &line[line[..end].trim_end().len()..])
        }
    };
    let letters: Vec<char> = key.chars().collect();
    let last = letters.len() - 1;
    let mut wrong = Vec::new();
    for at in [0, letters.len() / 2, last] {
        let mut less = letters.clone();
        less.remove(at);
        let mut more = letters.clone();
        more.insert(at, letters[at]);
        let mut swapped = letters.clone();
        swapped.swap(at, (at + 1).min(last));
        let mut other = letters.clone();
        other[at] = if letters[at] == 'x' { 'y' } else { 'x' };
        let mut upper = letters.clone();
        upper[at] = upper[at].to_ascii_uppercase();
        wrong.extend(
            [less, more, swapped, other, upper].map(|it| it.into_iter().collect::<String>()),
        );
    }
    wrong.retain(|it| !it.is_empty() && *it != key);
    wrong.into_iter().map(|it| format!("{before}{it}{after}")).collect()
}

/// The line with each of its strings changed: a letter more, nothing, white space, and what is shown
/// otherwise than it is written.
fn strings(line: &str) -> Vec<String> {
    let mut changed = Vec::new();
    if line.contains("\"\"\"") {
        return changed;
    }
    let quotes: Vec<usize> = line.match_indices('"').map(|(at, _)| at).collect();
    for pair in quotes.chunks_exact(2) {
        let (start, end) = (pair[0] + 1, pair[1]);
        let text = &line[start..end];
        for new in [
            format!("{text}x"),
            format!("x{text}"),
            String::new(),
            " ".to_owned(),
            "**x**".to_owned(),
            "가\\u202E나".to_owned(),
            "marketing".to_owned(),
        ] {
            // As a tag it is the name of another term.
            let is_of_a_kind = new != "marketing" || line.starts_with("kind");
            if new != text && is_of_a_kind {
                changed.push(format!("{}{new}{}", &line[..start], &line[end..]));
            }
        }
    }
    changed
}

/// What is wrong with how an edit was met.
fn wrong(before: &Catalog, edited: &Edited) -> Option<String> {
    let Edited { what, toml, lines, is_placed } = edited;
    match read(toml) {
        Ok(after) if after == *before => Some(format!("{what}: nothing changed")),
        Ok(_) => None,
        Err(faults) if faults.is_empty() => Some(format!("{what}: refused without a fault")),
        Err(faults) if *is_placed && faults.iter().any(|(line, _)| !lines.contains(line)) => {
            Some(format!("{what}: expected faults in {lines:?}: {faults:#?}"))
        }
        Err(_) => None,
    }
}

/// The demo's configuration, and what it says.
static DEMO: LazyLock<(String, Catalog)> = LazyLock::new(|| {
    let toml = include_str!("../../demo/services.toml").replace("{origin}", "http://127.0.0.1:1");
    let catalog = read(&toml).unwrap_or_else(|faults| panic!("{faults:#?}"));
    (toml, catalog)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if is_full() { 200 } else { 25 }))]

    /// The demo's file is long: some of its edits each time.
    #[test]
    fn an_edit_of_the_demo_takes_effect_or_is_refused_where_it_was_made(
        line in any::<prop::sample::Index>(),
        edit in any::<prop::sample::Index>(),
    ) {
        let (toml, before) = &*DEMO;
        let file = File::of(toml);
        let edits = edits(&file, line.index(file.lines.len()));
        if !edits.is_empty() {
            let found = wrong(before, &edits[edit.index(edits.len())]);
            prop_assert!(found.is_none(), "{}", found.unwrap_or_default());
        }
    }
}

/// One in so many edits is made by default.
const SAMPLED: usize = 12;

/// Whether all of them are.
fn is_full() -> bool {
    std::env::var_os("CONSENT_TEST_FULL").is_some()
}

/// Which edits those are: `CONSENT_TEST_SEED`, or others in each run.
fn seed() -> usize {
    match std::env::var("CONSENT_TEST_SEED") {
        Ok(seed) => seed.parse().expect("CONSENT_TEST_SEED is a number"),
        Err(_) => std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos() as usize / 1000,
    }
}

#[test]
fn every_edit_takes_effect_or_is_refused_where_it_was_made() {
    let before = read(WHOLE).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let file = File::of(WHOLE);
    let all: Vec<Edited> = (0..file.lines.len()).flat_map(|at| edits(&file, at)).collect();
    assert!(all.len() > 3000, "{}", all.len());
    let seed = seed();
    let step = if is_full() { 1 } else { SAMPLED };
    println!("CONSENT_TEST_SEED={seed} makes the same edits");
    let sample = all.iter().skip(seed % step).step_by(step);
    let found: Vec<String> = sample.filter_map(|edited| wrong(&before, edited)).collect();
    let shown = found.len().min(20);
    assert!(found.is_empty(), "{} of {}: {}", found.len(), all.len(), found[..shown].join("\n"));
}
