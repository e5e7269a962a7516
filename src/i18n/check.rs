//! Whether the files of a language are complete: what a server reads that starts, and a test for the
//! languages that ship.

use std::collections::{BTreeMap, BTreeSet};

use consent_contract::json::{self, Entries};

use super::{files, plural, server};

type Texts = BTreeMap<String, String>;

/// The two files of a language that have every text.
#[derive(Debug)]
pub struct Language {
    pub tag: &'static str,
    pub name: &'static str,
    screen: String,
    server: server::Sections,
}

impl Language {
    /// Makes the texts of a language on offer available.
    pub fn load(self) {
        if let Ok(locale) = super::load(&self.screen) {
            server::load(locale, self.server);
        }
    }
}

/// The file for the server's pages of a language that ships.
#[must_use]
pub fn shipped_server(tag: &str) -> Option<&'static str> {
    files::server(tag)
}

/// Reads the files of a language, for the screen and for the server's pages, and compares them with
/// those in English: names, slots, and the plural forms of the language.
///
/// # Errors
/// What is wrong, a line for each: `screen: no \`agree\``.
pub fn read(tag: &str, screen: &str, server: &str) -> Result<Language, Vec<String>> {
    let mut faults = Vec::new();
    let texts: Texts = match json::read::<Entries>(screen) {
        Ok(Entries(entries)) => entries.into_iter().collect(),
        Err(_) => return Err(vec!["screen: not a JSON object of texts".to_owned()]),
    };
    let sections = match server::read(server) {
        Ok(sections) => sections,
        Err(error) => return Err(vec![format!("server: {error}")]),
    };
    let is = |name: &str, it: &dyn Fn(&str) -> bool| texts.get(name).is_some_and(|text| it(text));
    if !is("locale", &|text| text == tag) {
        faults.push(format!("screen: `locale` is not `{tag}`, the name of the file"));
    }
    if !is("direction", &|text| ["ltr", "rtl"].contains(&text)) {
        faults.push("screen: `direction` is neither `ltr` nor `rtl`".to_owned());
    }
    if !is("name", &is_name) {
        faults.push("screen: `name` is empty, or has a `;`".to_owned());
    }
    if !is("date", &is_date) {
        faults.push("screen: `date` needs `{d}`, `{m}` or `{M}`, and `{y}` or `{b}`".to_owned());
    }
    let months = texts.get("months").map_or(0, |it| it.split(' ').count());
    if is("date", &|text| text.contains("{M}")) && months != 12 {
        faults.push(format!("screen: `months` has {months} names"));
    }
    let rules = texts.get("plural").map_or("", String::as_str);
    faults.extend(
        rules.split(' ').filter(|rule| !rule.is_empty() && !plural::is_rule(rule)).map(|rule| {
            format!("screen: `plural` has `{rule}`, which is not like `few=%100:3-10`")
        }),
    );
    let of = Compared::new(rules, faults);
    faults = of.sections(&screen_sections(&texts), &screen_sections(&english_screen()), "screen");
    let of = Compared::new(rules, faults);
    let server = owned(&sections);
    faults = of.sections(&server, &owned(&english_server()), "server");
    match (faults.is_empty(), texts.get("name")) {
        (true, Some(name)) => Ok(Language {
            tag: tag.to_owned().leak(),
            name: name.clone().leak(),
            screen: screen.to_owned(),
            server: sections,
        }),
        _ => Err(faults),
    }
}

fn english_screen() -> Texts {
    let english = files::screen("en").unwrap_or_default();
    json::read::<Entries>(english).map(|it| it.0.into_iter().collect()).unwrap_or_default()
}

fn english_server() -> server::Sections {
    server::read(files::server("en").unwrap_or_default()).unwrap_or_default()
}

type Sections = BTreeMap<String, Texts>;

fn screen_sections(texts: &Texts) -> Sections {
    [(String::new(), texts.clone())].into()
}

fn owned(sections: &server::Sections) -> Sections {
    let text = |(name, text): (&&str, &&str)| ((*name).to_owned(), (*text).to_owned());
    sections
        .iter()
        .map(|(section, texts)| ((*section).to_owned(), texts.iter().map(text).collect()))
        .collect()
}

/// The name of a language stands in a list, between `;`.
fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && !name.contains(|c: char| c == ';' || c.is_control())
}

/// Whether a pattern of a day has a day, a month and a year, and nothing else.
fn is_date(pattern: &str) -> bool {
    let slots = slots(pattern);
    let has = |any: &[&str]| slots.iter().filter(|it| any.contains(&it.as_str())).count() == 1;
    slots.len() == 3 && has(&["{d}"]) && has(&["{m}", "{M}"]) && has(&["{y}", "{b}"])
}

/// A file as it is compared with the one in English.
struct Compared {
    /// The categories of the language: those of its rules, and `other`.
    categories: BTreeSet<String>,
    /// Those of one number alone: a text for them may name the number in words.
    of_one_number: BTreeSet<String>,
    faults: Vec<String>,
}

/// Texts that depend on a number.
const COUNTED: [&str; 4] = ["already_agreed", "retry_in", "under_age_body", "more"];

/// Names of what is no text.
const DATA: [&str; 6] = ["locale", "name", "direction", "plural", "date", "months"];

impl Compared {
    fn new(rules: &str, faults: Vec<String>) -> Self {
        let of_rules = || rules.split(' ').filter_map(|rule| rule.split_once('='));
        let is_number = |rule: &str| rule.bytes().all(|byte| byte.is_ascii_digit());
        let categories = of_rules().map(|(category, _)| category).chain(["other"]);
        let single = of_rules().filter(|(_, rule)| is_number(rule)).map(|(category, _)| category);
        Self {
            categories: categories.map(str::to_owned).collect(),
            of_one_number: single.map(str::to_owned).collect(),
            faults,
        }
    }

    fn sections(mut self, own: &Sections, english: &Sections, file: &str) -> Vec<String> {
        let nothing = Texts::new();
        for section in own.keys().filter(|it| !english.contains_key(*it)) {
            self.faults.push(format!("{file}: there is no section `{section}`"));
        }
        for (section, english) in english {
            if server::OPTIONAL.contains(&section.as_str()) && !own.contains_key(section) {
                continue;
            }
            let place = match section.is_empty() {
                true => file.to_owned(),
                false => format!("{file}: {section}"),
            };
            let own = own.get(section).unwrap_or(&nothing);
            for name in own.keys().filter(|it| !english.contains_key(*it)) {
                self.faults.push(format!("{place}: there is no text `{name}`"));
            }
            for (name, english) in english {
                match own.get(name) {
                    None => self.faults.push(format!("{place}: no `{name}`")),
                    Some(text) => self.text(&place, name, text, english),
                }
            }
        }
        self.faults
    }

    fn text(&mut self, place: &str, name: &str, text: &str, english: &str) {
        if DATA.contains(&name) {
            return;
        }
        // Between the parts of a list there may be nothing.
        if text.trim().is_empty() && !english.trim().is_empty() && !name.contains("separator") {
            self.faults.push(format!("{place}: `{name}` is empty"));
        }
        let is_counted = COUNTED.contains(&name);
        let forms: Vec<_> = match is_counted && text.contains('|') {
            true => text.split('|').map(|it| it.split_once('=').unwrap_or(("", it))).collect(),
            false => vec![("other", text)],
        };
        let of: BTreeSet<String> =
            forms.iter().map(|(category, _)| (*category).to_owned()).collect();
        if forms.len() > 1 && (of != self.categories || forms.len() != of.len()) {
            let (of, all) = (list(&of), list(&self.categories));
            self.faults.push(format!("{place}: `{name}` has forms for {of}; it needs {all}"));
        }
        let expected = slots(plural::form(english, "other"));
        for (category, form) in forms {
            let may_lack = is_counted && self.of_one_number.contains(category);
            let found = slots(form);
            if found != expected && !(may_lack && found.is_empty()) {
                let (found, expected) = (found.join(" "), expected.join(" "));
                let what = format!("{place}: `{name}` has the slots `{found}`, not `{expected}`");
                self.faults.push(what);
            }
        }
    }
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

/// The slots of a text, in the order of the alphabet.
fn slots(text: &str) -> Vec<String> {
    let mut slots: Vec<String> = text
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(slot, _)| format!("{{{slot}}}")))
        .collect();
    slots.sort_unstable();
    slots
}

#[cfg(test)]
mod tests {
    use consent_contract::locale::{SHIPPED, entries};

    use super::*;

    fn shipped(tag: &'static str) -> (&'static str, &'static str) {
        let (screen, server) = (files::screen(tag), files::server(tag));
        (screen.expect("a file"), server.expect("a file"))
    }

    #[test]
    fn every_language_that_ships_is_complete() {
        for (tag, name) in entries(SHIPPED) {
            let (screen, server) = shipped(tag);
            match read(tag, screen, server) {
                Ok(language) => assert_eq!((language.tag, language.name), (tag, name)),
                Err(faults) => panic!("{tag}:\n{}", faults.join("\n")),
            }
        }
    }

    #[test]
    fn every_file_ships() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/public/texts");
        let files = |directory: &str| -> BTreeSet<String> {
            let entries = std::fs::read_dir(directory).expect("a directory");
            let names = entries.map(|it| it.expect("a file").file_name().into_string().unwrap());
            names.filter_map(|it| it.strip_suffix(".json").map(str::to_owned)).collect()
        };
        let shipped: BTreeSet<String> = entries(SHIPPED).map(|(tag, _)| tag.to_owned()).collect();
        assert_eq!(files(directory), shipped);
        assert_eq!(files(&format!("{directory}/server")), shipped);
    }

    /// A static host has no server that writes the list.
    #[test]
    fn the_built_page_lists_the_languages_that_ship() {
        let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/index.html"));
        let list = page.split_once("name=\"languages\" content=\"").expect("a list").1;
        assert_eq!(list.split_once('"').expect("an end").0, SHIPPED);
    }

    /// A text in another language that reads as the English one was forgotten.
    #[test]
    fn no_text_was_left_untranslated() {
        let english = (english_screen(), owned(&english_server()));
        for (tag, _) in entries(SHIPPED).filter(|(tag, _)| *tag != "en") {
            let (screen, server) = shipped(tag);
            let texts: Texts = json::read::<Entries>(screen).unwrap().0.into_iter().collect();
            let sections = owned(&server::read(server).unwrap());
            let all = screen_sections(&texts).into_iter().chain(sections);
            for (section, texts) in all {
                for (name, text) in texts {
                    let of_section = match section.as_str() {
                        "" => &english.0,
                        section => &english.1[section],
                    };
                    let letters = |it: &str| it.chars().filter(|c| c.is_alphabetic()).count();
                    if letters(&text) > 2 && !DATA.contains(&&*name) {
                        assert_ne!(text, of_section[&name], "{tag} {section} {name}");
                    }
                    let is_hangul = |c: char| ('가'..='힣').contains(&c);
                    assert!(
                        !text.contains(is_hangul) || tag == "ko",
                        "{tag} {section} {name}: {text}"
                    );
                }
            }
        }
    }

    #[test]
    fn each_fault_is_named() {
        let (screen, server) = shipped("en");
        let (screen, server) = (screen.replace("\"en\"", "\"de\""), server.to_owned());
        assert!(read("de", &screen, &server).is_ok());
        let faults =
            |screen: &str, server: &str| read("de", screen, server).unwrap_err().join("\n");
        assert_eq!(faults("[]", &server), "screen: not a JSON object of texts");
        assert!(faults(&screen, "{\"a\": 1}").starts_with("server: invalid type"));
        for (from, to, fault) in [
            ("\"agree\"", "\"agrees\"", "screen: there is no text `agrees`\nscreen: no `agree`"),
            ("\"de\"", "\"fr\"", "screen: `locale` is not `de`, the name of the file"),
            ("\"ltr\"", "\"left\"", "screen: `direction` is neither `ltr` nor `rtl`"),
            ("March ", "", "screen: `months` has 11 names"),
            ("Sign up for {}", "Sign up", "screen: `sign_up_heading` has the slots ``, not `{}`"),
            (
                "Items already agreed to: {}",
                "few={} items|other={} items",
                "screen: `already_agreed` has forms for `few`, `other`; it needs `one`, `other`",
            ),
            (
                "Items already agreed to: {}",
                "one=an item|other=items",
                "screen: `already_agreed` has the slots ``, not `{}`",
            ),
            ("English", "Eng;lish", "screen: `name` is empty, or has a `;`"),
            (
                "{d} {M} {y}",
                "{d} {M}",
                "screen: `date` needs `{d}`, `{m}` or `{M}`, and `{y}` or `{b}`",
            ),
            (
                "\"one=1\"",
                "\"one=1 few=x\"",
                "screen: `plural` has `few=x`, which is not like `few=%100:3-10`",
            ),
            ("\"close\": \"Close\"", "\"close\": \" \"", "screen: `close` is empty"),
        ] {
            let broken = screen.replacen(from, to, 1);
            assert_ne!(broken, screen, "{from}");
            assert_eq!(faults(&broken, &server), fault, "{from}");
        }
        let broken = server.replacen("\"account\"", "\"accounts\"", 1);
        let faults = faults(&screen, &broken);
        assert!(faults.starts_with("server: there is no section `accounts`\n"), "{faults}");
        assert!(faults.contains("server: account: no `overview_heading`"), "{faults}");
    }
}
