//! The storyboard of a service: its states, what leads to them, and the texts that they show.

use consent_contract::{document::Block, request::Highlight};
use consent_fixtures::{
    Fixture, Localization, Screen, named,
    storyboard::{self, Edge, SERVICE, Step},
};
use consent_lint::Finding;

use super::adapted::{adapted, is_demo};
use crate::{language::t, state::Selection};

/// The states of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    pub chapters: Vec<Chapter>,
    pub left_out: Vec<LeftOut>,
}

/// A part of the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Chapter {
    pub title: &'static str,
    pub about: &'static str,
    pub columns: Vec<Column>,
}

/// A step of the main path, and its branches.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub step: Card,
    pub branches: Vec<Card>,
}

/// A state.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// In the order of reading, counted from 1.
    pub number: usize,
    /// The name of the fixture.
    pub name: &'static str,
    pub chapter: &'static str,
    /// As it is shown.
    pub shown: Fixture,
    /// As it is edited: its texts are those of the language that the form edits.
    pub edited: Fixture,
    /// What leads here. None for a beginning.
    pub entry: Option<Entry>,
    /// What leads from here, except for what the entry of another state shows.
    pub exits: Vec<Exit>,
    pub terms: Vec<TermText>,
    pub findings: Vec<Finding>,
    /// Whether the page lists agreements of the demo, under the name of the service.
    pub is_sample: bool,
}

/// What leads to a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub from: Place,
    pub when: &'static str,
    pub way: Way,
}

/// How the way to a state is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// An arrow from the step before.
    Along,
    /// A line down from the step.
    Down,
    /// In words: the other state is not beside this one.
    Far,
}

/// What leads from a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    pub when: &'static str,
    /// None: the service.
    pub to: Option<Place>,
}

/// A state of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: &'static str,
    pub title: String,
}

/// A state that is not on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub title: String,
    /// A sentence.
    pub reason: String,
}

/// A term that a state asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct TermText {
    pub title: String,
    pub version: String,
    pub required: bool,
    /// A BCP 47 tag.
    pub locale: String,
    pub highlights: Vec<Highlight>,
    /// None for a term without a full text.
    pub blocks: Option<Vec<Block>>,
    /// The number of the first state with the same text.
    pub first: usize,
}

impl Board {
    /// The board of a service. `shown`: its sign-up with texts in the language of the previews; `edited`:
    /// as it is edited.
    #[must_use]
    pub fn new(shown: &Fixture, edited: &Fixture, localization: Localization) -> Self {
        let storyboard = storyboard::storyboard();
        let mut left_out = Vec::new();
        let mut columns: Vec<(&storyboard::Chapter, Vec<Vec<State>>)> = Vec::new();
        for chapter in &storyboard.chapters {
            let mut of_chapter: Vec<Vec<State>> = Vec::new();
            for step in &chapter.steps {
                let all = [step].into_iter().chain(&step.branches);
                let states = all.filter_map(|step| match State::new(step, shown, edited) {
                    Ok(state) => Some(state),
                    Err(it) => {
                        left_out.push(it);
                        None
                    }
                });
                // Without its step, the first of the branches is one.
                let states: Vec<_> = states.collect();
                if !states.is_empty() {
                    of_chapter.push(states);
                }
            }
            columns.push((chapter, of_chapter));
        }
        let usual = storyboard.left_out.iter().filter_map(|it| {
            let title = t(&named(&it.fixture)?.fixture.title).to_owned();
            Some(LeftOut { title, reason: t(&it.reason).to_owned() })
        });
        left_out.extend(usual);
        let entries = entries(&columns);
        let mut number = 0;
        let mut known: Vec<TermText> = Vec::new();
        let is_sample = !is_demo(edited);
        let mut card = |chapter: &'static str, state: &State| {
            number += 1;
            let terms = terms(&state.shown.localized(localization), number, &mut known);
            Card {
                number,
                name: state.name,
                chapter,
                entry: entries.iter().find(|(name, _)| *name == state.name).map(|it| it.1.clone()),
                exits: exits(state, &entries, &columns),
                terms,
                findings: state.shown.lint(),
                is_sample: is_sample && matches!(state.shown.screen, Screen::Account(_)),
                shown: state.shown.clone(),
                edited: state.edited.clone(),
            }
        };
        let chapters = columns.iter().filter(|(_, columns)| !columns.is_empty());
        let chapters = chapters.map(|(chapter, columns)| Chapter {
            title: t(&chapter.title),
            about: t(&chapter.about),
            columns: columns
                .iter()
                .map(|states| {
                    let mut cards = states.iter().map(|state| card(t(&chapter.title), state));
                    let step = cards.next().expect("a column has a state");
                    Column { step, branches: cards.collect() }
                })
                .collect(),
        });
        Self { chapters: chapters.collect(), left_out }
    }

    /// Every state, in the order of reading.
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        let columns = self.chapters.iter().flat_map(|chapter| &chapter.columns);
        columns.flat_map(|column| [&column.step].into_iter().chain(&column.branches))
    }
}

impl Card {
    /// A fixture of the card as a preview names it: by its name, if the gallery has it so.
    #[must_use]
    pub fn selection(&self, fixture: &Fixture) -> Selection {
        match named(self.name).is_some_and(|it| it.fixture == *fixture) {
            true => Selection::Gallery(self.name.to_owned()),
            false => Selection::Custom(Box::new(fixture.clone())),
        }
    }

    /// The versions of its terms, each once, in the order of the screen.
    #[must_use]
    pub fn versions(&self) -> Vec<&str> {
        let mut versions: Vec<&str> = Vec::new();
        for term in self.terms.iter().filter(|term| !term.version.is_empty()) {
            if !versions.contains(&&*term.version) {
                versions.push(&term.version);
            }
        }
        versions
    }
}

/// A step of the storyboard that the service has.
struct State {
    name: &'static str,
    edges: &'static [Edge],
    shown: Fixture,
    edited: Fixture,
}

impl State {
    fn new(step: &'static Step, shown: &Fixture, edited: &Fixture) -> Result<Self, LeftOut> {
        let fixture = &named(&step.fixture).expect("a step is a fixture").fixture;
        let left_out = |reason| LeftOut { title: t(&fixture.title).to_owned(), reason };
        Ok(Self {
            name: &step.fixture,
            edges: &step.to,
            shown: adapted(fixture, shown).map_err(left_out)?,
            edited: adapted(fixture, edited).map_err(left_out)?,
        })
    }

    fn place(&self) -> Place {
        Place { name: self.name, title: t(&self.shown.title).to_owned() }
    }

    fn edge_to(&self, name: &str) -> Option<&'static Edge> {
        self.edges.iter().find(|edge| edge.to == name)
    }
}

type Columns = [(&'static storyboard::Chapter, Vec<Vec<State>>)];

/// What leads to each state: of a step, first what the step before does; of a branch, what the step or a
/// branch above does; then whatever comes first.
fn entries(columns: &Columns) -> Vec<(&'static str, Entry)> {
    let all = || columns.iter().flat_map(|(_, columns)| columns).flatten();
    let mut entries = Vec::new();
    for (_, columns) in columns {
        for (at, states) in columns.iter().enumerate() {
            for (below, state) in states.iter().enumerate() {
                let before = at.checked_sub(1).and_then(|before| columns[before].first());
                let beside: Vec<(&State, Way)> = match below {
                    0 => before.map(|it| (it, Way::Along)).into_iter().collect(),
                    _ => states[..below].iter().map(|it| (it, Way::Down)).collect(),
                };
                let far = all().map(|it| (it, Way::Far));
                let entry = beside.into_iter().chain(far).find_map(|(from, way)| {
                    let when = t(&from.edge_to(state.name)?.when);
                    Some(Entry { from: from.place(), when, way })
                });
                entries.extend(entry.map(|entry| (state.name, entry)));
            }
        }
    }
    entries
}

/// What leads from a state, except for what another state's entry shows, and what leads nowhere here.
fn exits(state: &State, entries: &[(&'static str, Entry)], columns: &Columns) -> Vec<Exit> {
    let is_shown = |edge: &Edge| {
        entries.iter().any(|(name, entry)| *name == edge.to && entry.from.name == state.name)
    };
    let place = |name: &str| {
        let mut all = columns.iter().flat_map(|(_, columns)| columns).flatten();
        all.find(|it| it.name == name).map(State::place)
    };
    let edges = state.edges.iter().filter(|edge| !is_shown(edge));
    edges
        .filter_map(|Edge { when, to }| match place(to) {
            None if to != SERVICE => None,
            to => Some(Exit { when: t(when), to }),
        })
        .collect()
}

/// The terms of a fixture in its language. `known`: those of the states before, to which it adds.
fn terms(fixture: &Fixture, number: usize, known: &mut Vec<TermText>) -> Vec<TermText> {
    let Screen::Consent(consent) = &fixture.screen else { return Vec::new() };
    let read = consent.request.terms.iter().map(|term| TermText {
        title: term.title.clone(),
        version: term.version.clone(),
        required: term.required,
        locale: consent.request.locale.clone(),
        highlights: term.highlights.clone(),
        blocks: consent.documents.get(&term.tag).cloned(),
        first: number,
    });
    read.map(|term| {
        let same = known.iter().find(|it| TermText { first: number, ..(*it).clone() } == term);
        match same {
            Some(same) => same.clone(),
            None => {
                known.push(term.clone());
                term
            }
        }
    })
    .collect()
}

#[cfg(test)]
mod tests;
