//! Edits of values, as places in a file and what stands there.

use consent_contract::{
    document::Block,
    request::{Highlight, PersonalInfo, PersonalInfoItem, Term},
};
use toml::de::DeValue;

use crate::{
    fault::Wrong,
    keys::{OWN, is_collected, word},
    layout::{self, Splice, Value},
    literal,
    reader::{self, ALWAYS, Reader, in_language},
    text,
};

/// Edits of values, as they are collected.
pub struct Edits<'a> {
    toml: &'a str,
    splices: Vec<Splice>,
}

impl<'a> Edits<'a> {
    pub fn of(toml: &'a str) -> Self {
        Self { toml, splices: Vec::new() }
    }

    /// The file with the edits.
    pub fn applied(self) -> String {
        layout::spliced(self.toml, self.splices)
    }

    fn replace(&mut self, value: &Value<'_>, new: String) {
        self.splices.push(Splice { range: value.span(), new });
    }

    fn add(&mut self, table: &Value<'_>, key: &str, new: &str) {
        self.splices.extend(layout::with_key(self.toml, table, key, new));
    }

    /// A string in the place of a value, in its style.
    fn rewrite(&mut self, value: &Value<'_>, new: &str) {
        let written = self.toml.get(value.span());
        self.replace(value, literal::string(new, written, layout::newline(self.toml)));
    }

    pub fn text(&mut self, table: &Value<'_>, key: &str, old: &str, new: &str) {
        if old == new {
            return;
        }
        let found = table.get_ref().as_table().and_then(|it| it.get(key));
        match found {
            None => self.add(table, key, &literal::string(new, None, layout::newline(self.toml))),
            Some(value) => match value.get_ref() {
                DeValue::Table(texts) => match in_language(texts, ALWAYS) {
                    Some(text) => self.rewrite(text, new),
                    None => self.add(value, ALWAYS, &literal::string(new, None, "\n")),
                },
                _ => self.rewrite(value, new),
            },
        }
    }

    pub fn flag(&mut self, table: &Value<'_>, key: &str, old: bool, new: bool) {
        if old != new {
            match table.get_ref().as_table().and_then(|it| it.get(key)) {
                Some(value) => self.replace(value, new.to_string()),
                None => self.add(table, key, &new.to_string()),
            }
        }
    }

    pub fn word(&mut self, table: &Value<'_>, key: &str, old: &str, new: &str) {
        self.text(table, key, old, new);
    }

    /// A string or a text that may be missing.
    pub fn string(
        &mut self,
        table: &Value<'_>,
        key: &str,
        old: Option<String>,
        new: Option<String>,
    ) {
        match (old, new) {
            (old, Some(new)) => self.text(table, key, old.as_deref().unwrap_or_default(), &new),
            (Some(_), None) => self.splices.extend(layout::without_key(self.toml, table, key)),
            (None, None) => {}
        }
    }

    pub fn term(&mut self, table: &Value<'_>, old: &Term, new: &Term) -> Result<(), Wrong> {
        self.word(table, "kind", &word(old.kind), &word(new.kind));
        self.flag(table, "required", old.required, new.required);
        self.word(table, "version", &old.version, &new.version);
        self.text(table, "title", &old.title, &new.title);
        let highlights = Reader::new(ALWAYS).tables(reader::table(table)?, "highlights")?;
        for (new, was) in new.highlights.iter().zip(counterparts(&old.highlights, &new.highlights))
        {
            if let Some((table, old)) =
                was.and_then(|at| Some((*highlights.get(at)?, &old.highlights[at])))
            {
                self.word(table, "kind", &word(old.kind), &word(new.kind));
                self.text(table, "text", &old.text, &new.text);
            }
        }
        Ok(())
    }

    /// The full text of a term. One that has no form in the file stays.
    pub fn markdown(&mut self, term: &Value<'_>, old: &[Block], new: &[Block]) {
        if old == new || new.is_empty() {
            return;
        }
        let texts = term.get_ref().as_table().and_then(|it| it.get("text"));
        let value = texts.and_then(|it| match it.get_ref() {
            DeValue::Table(texts) => in_language(texts, ALWAYS),
            _ => Some(it),
        });
        let newline = layout::newline(self.toml);
        match (value.and_then(|it| Some((it, it.get_ref().as_str()?))), texts) {
            (Some((value, source)), _) => {
                if let Some(text) = text::rewritten(&source.replace("\r\n", "\n"), new) {
                    let written = self.toml.get(value.span());
                    self.replace(value, literal::string(&text, written, newline));
                }
            }
            (None, texts) => {
                let Some(text) = text::format(new) else { return };
                let text = literal::string(&text, None, newline);
                match texts {
                    Some(texts) => self.add(texts, ALWAYS, &text),
                    None => self.add(term, "text", &text),
                }
            }
        }
    }

    /// A text in another language than Korean. `new`: what it shall be, from what stands there; none where
    /// it has no form in the file.
    pub fn translation(
        &mut self,
        table: &Value<'_>,
        key: &str,
        language: &str,
        is_removed: bool,
        new: impl FnOnce(Option<&str>) -> Option<String>,
    ) {
        let newline = layout::newline(self.toml);
        let name = literal::key(language);
        match table.get_ref().as_table().and_then(|it| it.get(key)) {
            None => {
                if let Some(new) = new(None) {
                    let new = literal::string(&new, None, newline);
                    self.add(table, key, &format!("{{ {name} = {new} }}"));
                }
            }
            Some(value) => match value.get_ref() {
                DeValue::Table(texts) => match texts.get(language) {
                    Some(_) if is_removed => {
                        self.splices.extend(layout::without_key(self.toml, value, language));
                    }
                    Some(text) => {
                        if let Some(new) = new(text.get_ref().as_str())
                            && text.get_ref().as_str() != Some(&*new)
                        {
                            self.rewrite(text, &new);
                        }
                    }
                    None => {
                        if let Some(new) = new(None) {
                            self.add(value, &name, &literal::string(&new, None, newline));
                        }
                    }
                },
                shared => {
                    let new = new(None).filter(|new| shared.as_str() != Some(&**new));
                    if let (Some(new), Some(korean)) = (new, self.toml.get(value.span())) {
                        let new = literal::string(&new, None, newline);
                        self.replace(value, format!("{{ {ALWAYS} = {korean}, {name} = {new} }}"));
                    }
                }
            },
        }
    }

    pub fn statements(&mut self, info: &Value<'_>, old: &PersonalInfo, new: &PersonalInfo) {
        self.text(info, "recipient", &old.recipient, &new.recipient);
        self.text(info, "purpose", &old.purpose, &new.purpose);
        self.text(info, "retention", &old.retention, &new.retention);
        self.text(info, "refusal_effect", &old.refusal_effect, &new.refusal_effect);
    }

    pub fn item(&mut self, table: &Value<'_>, old: &PersonalInfoItem, new: &PersonalInfoItem) {
        self.text(table, "label", &old.label, &new.label);
        self.flag(table, "required", old.required, new.required);
        self.flag(table, "collect", is_collected(old), is_collected(new));
        let goes_on =
            |it: &PersonalInfoItem| it.may_be_empty.filter(|it| *it).map(|_| "continue".to_owned());
        self.string(table, "when_missing", goes_on(old), goes_on(new));
        for (key, (old, new)) in
            OWN.into_iter().zip(old.own_statements().into_iter().zip(new.own_statements()))
        {
            self.string(table, key, old.clone(), new.clone());
        }
    }
}

/// For each new highlight the old one that it was: an equal one, else the one at its place.
pub fn counterparts(old: &[Highlight], new: &[Highlight]) -> Vec<Option<usize>> {
    let mut free: Vec<bool> = vec![true; old.len()];
    let mut take = |at: Option<usize>| at.filter(|at| std::mem::take(&mut free[*at]));
    let mut equal: Vec<Option<usize>> = Vec::new();
    for (index, highlight) in new.iter().enumerate() {
        let same_place = old.get(index).filter(|it| *it == highlight).map(|_| index);
        let found = same_place.or_else(|| {
            let taken = |at: &usize| equal.contains(&Some(*at));
            (0..old.len()).find(|at| old[*at] == *highlight && !taken(at))
        });
        equal.push(take(found));
    }
    let rest = equal
        .into_iter()
        .enumerate()
        .map(|(index, was)| was.or_else(|| take(Some(index).filter(|index| *index < old.len()))));
    rest.collect()
}
