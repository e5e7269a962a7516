//! The matrix: a state combined along two axes.

use consent_fixtures::NamedFixture;
use serde::{Deserialize, Serialize};

use super::{Choice, ColorScheme, Frame, Language, PreviewState, Selection, WIDTHS};
use crate::{
    accounts::{User, shown_to},
    graft::graft,
    language::t,
};

/// The two axes of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matrix {
    pub across: Axis,
    pub down: Axis,
}

impl Default for Matrix {
    fn default() -> Self {
        Self { across: Axis::Locale, down: Axis::Theme }
    }
}

choices! {
    /// An axis of the matrix.
    Axis {
        #[default]
        Locale "Language",
        Theme "Theme",
        Width "Width",
        /// The fixtures of the same group, after this one.
        #[serde(rename = "case")]
        Fixture "Fixture",
        /// The accounts of the file that a draft came from, after a sample.
        Account "Account",
    }
}

/// A cell of the matrix, and the label of its row or column.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub label: String,
    pub preview: PreviewState,
    pub frame: Frame,
}

/// What an axis combines a state with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Beside {
    /// The other fixtures of its group.
    pub fixtures: Vec<NamedFixture>,
    /// The users of its file.
    pub users: Vec<User>,
}

/// The steps of an axis, starting from a state.
#[must_use]
pub fn steps(axis: Axis, from: &PreviewState, frame: Frame, beside: &Beside) -> Vec<Step> {
    let step = |label: &str, change: &dyn Fn(&mut PreviewState, &mut Frame)| {
        let mut step = Step { label: label.to_owned(), preview: from.clone(), frame };
        change(&mut step.preview, &mut step.frame);
        step
    };
    match axis {
        Axis::Locale => Language::ALL
            .iter()
            .map(|it| step(t(it.label()), &|preview, _| preview.view.language = *it))
            .collect(),
        Axis::Theme => ColorScheme::ALL
            .iter()
            .map(|it| step(t(it.label()), &|preview, _| preview.view.scheme = *it))
            .collect(),
        Axis::Width => WIDTHS
            .iter()
            .map(|it| step(&format!("{it} px"), &|_, frame| frame.width = *it))
            .collect(),
        // The current fixture first: it may have been changed. The others then have its service.
        Axis::Fixture => {
            let title = from.fixture.fixture().map(|fixture| fixture.title).unwrap_or_default();
            let others = beside.fixtures.iter().map(|it| {
                step(t(&it.fixture.title), &|preview, _| {
                    preview.fixture = match &from.fixture {
                        Selection::Gallery(_) => Selection::Gallery(it.name.clone()),
                        Selection::Custom(own) => {
                            Selection::Custom(Box::new(graft(&it.fixture, own)))
                        }
                    };
                })
            });
            [step(t(&title), &|_, _| {})].into_iter().chain(others).collect()
        }
        Axis::Account => {
            let Some(fixture) = from.fixture.fixture() else { return Vec::new() };
            let users = beside.users.iter().map(|user| {
                let shown = Selection::Custom(Box::new(shown_to(&fixture, user)));
                step(&user.label(), &|preview, _| preview.fixture = shown.clone())
            });
            let users: Vec<_> = users.collect();
            match users.is_empty() {
                true => vec![step(t(&fixture.title), &|_, _| {})],
                false => users,
            }
        }
    }
}
