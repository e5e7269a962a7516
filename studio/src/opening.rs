//! The draft that is made of an opened file.

use consent_fixtures::Fixture;
use leptos::prelude::*;
use leptos_router::NavigateOptions;

use crate::{
    address, keeping,
    language::t,
    opened::{self, OpenedServices},
    source::Source,
    state::{PreviewState, Selection, View},
    store::{Snapshot, Store},
    theme::Theme,
};

/// Makes a draft of a fixture, and goes to it.
pub fn as_draft(
    store: Store,
    navigate: &impl Fn(&str, NavigateOptions),
    mut fixture: Fixture,
    view: View,
    source: Option<Source>,
) {
    let theme = edited_theme(&mut fixture, source.as_ref());
    let snapshot = Snapshot::of(&fixture, theme.clone());
    let draft = keeping::add(store, t(&fixture.title), address::CUSTOM, &snapshot, source);
    let fixture = Selection::Custom(Box::new(fixture));
    let preview = PreviewState { fixture, view, theme };
    let id = draft.as_ref().map(|it| it.id.as_str());
    let address = address::workbench(address::CUSTOM, id, &preview.into());
    navigate(&address, NavigateOptions { resolve: false, ..Default::default() });
}

/// The look of a file is what is edited: a token can go back to the screen's own.
fn edited_theme(fixture: &mut Fixture, source: Option<&Source>) -> Theme {
    match source {
        Some(_) => std::mem::take(&mut fixture.theme),
        None => Theme::default(),
    }
}

/// Makes a draft of each service of a file, and goes to the gallery, which lists them.
///
/// # Errors
/// As [`opened::service`], for the first service that cannot be shown; then there is no draft.
pub fn all(
    store: Store,
    navigate: &impl Fn(&str, NavigateOptions),
    services: &OpenedServices,
) -> Result<(), String> {
    let read = (0..services.list.len()).map(|index| opened::service(&services.file, index));
    let read: Vec<_> = read.collect::<Result<_, _>>()?;
    // The latest draft is the first of the list.
    for (mut fixture, source) in read.into_iter().rev() {
        let theme = edited_theme(&mut fixture, Some(&source));
        let snapshot = Snapshot::of(&fixture, theme);
        keeping::add(store, t(&fixture.title), address::CUSTOM, &snapshot, Some(source));
    }
    navigate(address::gallery(), NavigateOptions { resolve: false, ..Default::default() });
    Ok(())
}

/// Makes a draft of the only service of a file, or asks for one of several.
///
/// # Errors
/// As [`opened::service`].
pub fn choose(
    store: Store,
    navigate: &impl Fn(&str, NavigateOptions),
    services: OpenedServices,
) -> Result<(), String> {
    if services.list.len() > 1 {
        store.choosing.set(Some(services));
        return Ok(());
    }
    let (fixture, source) = opened::service(&services.file, 0)?;
    as_draft(store, navigate, fixture, View::default(), Some(source));
    Ok(())
}
