//! What differs between the data of two states, in the words of the form.

mod value;

use consent_fixtures::Fixture;
use consent_services::difference::{Line, difference};
use serde_json::{Map, Value};

use crate::{
    language::{t, tf},
    plain_text, texts,
    theme::{Theme, tokens},
    translations::{Entry, differing},
    words,
};
use value::{displayed, humanized, kind_of_page, name};

/// A state, and the tokens that were changed.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    pub fixture: &'a Fixture,
    pub theme: &'a Theme,
}

/// Something of what is open, and of what it is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sides<T> {
    pub open: T,
    pub other: T,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The part of the form, and the item in it: `Terms`, `“Terms of service”`.
    pub within: Vec<String>,
    pub field: String,
    /// The places in both fixtures, as JSON Pointers. None on a side without the field, and for a token.
    pub at: Sides<Option<String>>,
    pub what: What,
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Values as the form shows them. None on a side without the field.
    Value(Sides<Option<String>>),
    /// A full text, line by line: what the other state has was removed, what the open one has was added.
    Text(Vec<Line>),
}

/// The keys by which items of a list are the same, wherever they are in it.
const KEYS: [&str; 3] = ["tag", "id", "public_id"];

/// Part of the form for what the form does not have.
const DATA: &str = "Data";

/// That of another kind of page.
const PAGE: &str = "Page";

/// What differs, in the order of the form.
#[must_use]
pub fn differences(open: State<'_>, other: State<'_>) -> Vec<Difference> {
    let json = |state: State<'_>| serde_json::to_value(state.fixture).unwrap_or_default();
    let (open_json, other_json) = (json(open), json(other));
    let mut found = Found::default();
    let kinds = Sides {
        open: kind_of_page(&open_json["screen"]),
        other: kind_of_page(&other_json["screen"]),
    };
    if kinds.open == kinds.other {
        found.compare_roots(&open_json, &other_json);
        found.compare_translations(open, other);
    } else {
        // The data of different pages has nothing in common.
        let what = What::Value(Sides { open: Some(kinds.open), other: Some(kinds.other) });
        found.add(&[PAGE.into()], t(PAGE).into(), Sides::default(), what);
        for at in ["/title", "/about"] {
            let places = Sides { open: at.to_owned(), other: at.to_owned() };
            found.compare(&[], &places, &open_json[&at[1..]], &other_json[&at[1..]]);
        }
    }
    found.compare_themes(open, other);
    found.in_order()
}

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn add(&mut self, within: &[String], field: String, at: Sides<Option<String>>, what: What) {
        self.0.push(Difference { within: within.to_vec(), field, at, what });
    }

    fn compare_roots(&mut self, open: &Value, other: &Value) {
        let without_texts = |fixture: &Value| {
            let mut fields = fixture.as_object().cloned().unwrap_or_default();
            for key in ["documents", "theme", "notes", "translations", "screen"] {
                fields.remove(key);
            }
            fields
        };
        let root = Sides { open: String::new(), other: String::new() };
        self.compare_fields(&[], &root, &without_texts(open), &without_texts(other));
        self.compare_documents(open, other);
    }

    /// Two values of the same field. `within`: the items that the field is in.
    fn compare(&mut self, within: &[String], at: &Sides<String>, open: &Value, other: &Value) {
        if open == other {
            return;
        }
        match (open, other) {
            (Value::Object(open), Value::Object(other)) => {
                self.compare_fields(within, at, open, other);
            }
            (Value::Array(open), Value::Array(other)) => {
                self.compare_lists(within, at, open, other)
            }
            _ => self.compare_values(within, at, Some(open), Some(other)),
        }
    }

    fn compare_fields(
        &mut self,
        within: &[String],
        at: &Sides<String>,
        open: &Map<String, Value>,
        other: &Map<String, Value>,
    ) {
        let mut keys: Vec<&String> = open.keys().chain(other.keys()).collect();
        keys.sort_by_key(|key| (words::position(&format!("{}/{key}", at.open)), *key));
        keys.dedup();
        for key in keys {
            let place = at.below(key);
            match (open.get(key), other.get(key)) {
                (Some(open), Some(other)) => self.compare(within, &place, open, other),
                // A field that may be left out means the same as one without a value.
                (open, other) if is_nothing(open) && is_nothing(other) => {}
                (open, other) => self.compare_values(within, &place, open, other),
            }
        }
    }

    fn compare_lists(
        &mut self,
        within: &[String],
        at: &Sides<String>,
        open: &[Value],
        other: &[Value],
    ) {
        let key = KEYS.into_iter().find(|key| is_key(key, open) && is_key(key, other));
        let same = |one: &Value, index: usize, list: &[Value]| match key {
            Some(key) => list.iter().position(|it| it[key] == one[key]),
            None => (index < list.len()).then_some(index),
        };
        let label = words::label(&at.open).map_or_else(
            || humanized(at.open.rsplit('/').next().unwrap_or_default()),
            |label| words::without_hint(t(label)).to_owned(),
        );
        for (index, item) in open.iter().enumerate() {
            let name = name(item).unwrap_or_else(|| format!("{label} {}", index + 1));
            match same(item, index, other) {
                Some(found) => {
                    let at = Sides {
                        open: format!("{}/{index}", at.open),
                        other: format!("{}/{found}", at.other),
                    };
                    let within = [within, &[name][..]].concat();
                    self.compare(&within, &at, item, &other[found]);
                }
                None => {
                    let place = Sides { open: Some(format!("{}/{index}", at.open)), other: None };
                    let what = Sides { open: Some(name), other: None };
                    self.add_in_section(within, &at.open, label.clone(), place, what);
                }
            }
        }
        for (index, item) in other.iter().enumerate() {
            if same(item, index, open).is_none() {
                let name = name(item).unwrap_or_else(|| format!("{label} {}", index + 1));
                let place = Sides { open: None, other: Some(format!("{}/{index}", at.other)) };
                let what = Sides { open: None, other: Some(name) };
                self.add_in_section(within, &at.other, label.clone(), place, what);
            }
        }
        if key.is_some() {
            self.compare_orders(within, at, &label, open, other, &same);
        }
    }

    /// The order of what both lists have.
    fn compare_orders(
        &mut self,
        within: &[String],
        at: &Sides<String>,
        label: &str,
        open: &[Value],
        other: &[Value],
        same: &impl Fn(&Value, usize, &[Value]) -> Option<usize>,
    ) {
        let common: Vec<(&Value, usize)> = open
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((item, same(item, index, other)?)))
            .collect();
        if common.is_sorted_by_key(|(_, index)| *index) {
            return;
        }
        let names =
            |items: Vec<&Value>| items.into_iter().filter_map(name).collect::<Vec<_>>().join(", ");
        let mut as_other: Vec<_> = common.clone();
        as_other.sort_by_key(|(_, index)| *index);
        let what = Sides {
            open: Some(names(common.into_iter().map(|it| it.0).collect())),
            other: Some(names(as_other.into_iter().map(|it| it.0).collect())),
        };
        let places = Sides { open: Some(at.open.clone()), other: Some(at.other.clone()) };
        self.add_in_section(
            within,
            &at.open,
            tf("Order of {list}", &[("list", &lower(label))]),
            places,
            what,
        );
    }

    fn compare_values(
        &mut self,
        within: &[String],
        at: &Sides<String>,
        open: Option<&Value>,
        other: Option<&Value>,
    ) {
        let mut shown = Sides {
            open: open.map(|it| displayed(&at.open, it)),
            other: other.map(|it| displayed(&at.other, it)),
        };
        if shown.open == shown.other {
            // As a field shows them they are the same.
            shown = Sides { open: open.map(Value::to_string), other: other.map(Value::to_string) };
        }
        let place = |at: &String, value: Option<&Value>| value.map(|_| at.clone());
        let places = Sides { open: place(&at.open, open), other: place(&at.other, other) };
        let label = words::label(&at.open).map(|it| words::without_hint(t(it)));
        let label = label.map_or_else(
            || humanized(at.open.rsplit('/').next().unwrap_or_default()),
            str::to_owned,
        );
        self.add_in_section(within, &at.open, label, places, shown);
    }

    fn add_in_section(
        &mut self,
        within: &[String],
        at: &str,
        field: String,
        places: Sides<Option<String>>,
        values: Sides<Option<String>>,
    ) {
        let section = section(at);
        self.add(&[&[section][..], within].concat(), field, places, What::Value(values));
    }

    /// Full texts belong to the term with their tag.
    fn compare_documents(&mut self, open: &Value, other: &Value) {
        let empty = Map::new();
        let texts = |fixture: &Value| fixture["documents"].as_object().cloned();
        let (open_texts, other_texts) = (texts(open), texts(other));
        let (open_texts, other_texts) =
            (open_texts.as_ref().unwrap_or(&empty), other_texts.as_ref().unwrap_or(&empty));
        let mut tags: Vec<&String> = open_texts.keys().chain(other_texts.keys()).collect();
        tags.sort();
        tags.dedup();
        for tag in tags {
            let at = format!("/documents/{tag}");
            let [one, two] = [open_texts.get(tag), other_texts.get(tag)];
            if one == two {
                continue;
            }
            let term = term(open, tag).or_else(|| term(other, tag)).and_then(name);
            let within = ["Terms".to_owned(), term.unwrap_or_else(|| format!("“{tag}”"))];
            let place = |text: Option<&Value>| text.map(|_| at.clone());
            let places = Sides { open: place(one), other: place(two) };
            let lines = difference(&as_text(two), &as_text(one));
            let field = words::label(&at).map_or(tag.as_str(), |it| words::without_hint(t(it)));
            self.add(&within, field.to_owned(), places, What::Text(lines));
        }
    }

    /// What was entered in other languages belongs to the item that it is a text of.
    fn compare_translations(&mut self, open: State<'_>, other: State<'_>) {
        for entered in differing(open.fixture, other.fixture) {
            let Entry { within: (section, item), label, at, .. } = entered.entry;
            let item = item.map(|it| tf("“{name}”", &[("name", &it)]));
            let within: Vec<_> = std::iter::once(section.to_owned()).chain(item).collect();
            let places = Sides { open: Some(at.clone()), other: Some(at) };
            let what = What::Value(Sides { open: entered.open, other: entered.other });
            self.add(&within, texts::in_language(label, &entered.language), places, what);
        }
    }

    fn compare_themes(&mut self, open: State<'_>, other: State<'_>) {
        let shown = |state: State<'_>| state.fixture.theme.overlaid(state.theme);
        let (open, other) = (shown(open), shown(other));
        for (dark, scheme) in [(false, t("Light")), (true, t("Dark"))] {
            for token in tokens() {
                let (open, other) = (open.value(&token.name, dark), other.value(&token.name, dark));
                if open != other {
                    let what = What::Value(Sides { open: Some(open), other: Some(other) });
                    let within = ["Look".to_owned(), scheme.to_owned()];
                    self.add(&within, token.name.clone(), Sides::default(), what);
                }
            }
        }
    }

    /// In the order of the form; what is in one item together.
    fn in_order(self) -> Vec<Difference> {
        let Self(mut differences) = self;
        let mut items: Vec<Vec<String>> = Vec::new();
        for difference in &differences {
            if !items.contains(&difference.within) {
                items.push(difference.within.clone());
            }
        }
        let section = |it: &Difference| {
            let title = it.within.first().map(String::as_str).unwrap_or_default();
            // Whether there is another page comes first, and the look after the data.
            if title == PAGE { 0 } else { words::section_position(title).saturating_add(1) }
        };
        let item = |it: &Difference| items.iter().position(|within| *within == it.within);
        differences.sort_by_key(|it| (section(it), item(it)));
        differences
    }
}

impl Sides<String> {
    fn below(&self, key: &str) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self { open: format!("{}/{key}", self.open), other: format!("{}/{key}", self.other) }
    }
}

/// The part of the form with a place. Of what has no field there, the part with what is around it.
fn section(at: &str) -> String {
    let around = std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|it| it.0));
    let mut sections =
        around.filter(|at| at.matches('/').count() > 1 || words::label(at).is_some());
    sections.find_map(words::section).unwrap_or(DATA).to_owned()
}

fn is_nothing(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}

fn is_key(key: &str, list: &[Value]) -> bool {
    list.iter().all(|it| it[key].is_string())
}

fn term<'a>(fixture: &'a Value, tag: &str) -> Option<&'a Value> {
    let terms = fixture.pointer("/request/terms")?.as_array()?;
    terms.iter().find(|it| it["tag"] == tag)
}

fn as_text(blocks: Option<&Value>) -> String {
    let blocks = blocks.and_then(|it| serde_json::from_value::<Vec<_>>(it.clone()).ok());
    blocks.map(|it| plain_text::format(&it)).unwrap_or_default()
}

fn lower(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
