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
    // The look of a file is what is edited: a token can go back to the screen's own.
    let theme = match source {
        Some(_) => std::mem::take(&mut fixture.theme),
        None => Theme::default(),
    };
    let snapshot = Snapshot::of(&fixture, theme.clone());
    let draft = keeping::add(store, t(&fixture.title), address::CUSTOM, &snapshot, source);
    let fixture = Selection::Custom(Box::new(fixture));
    let preview = PreviewState { fixture, view, theme };
    let id = draft.as_ref().map(|it| it.id.as_str());
    let address = address::workbench(address::CUSTOM, id, &preview.into());
    navigate(&address, NavigateOptions { resolve: false, ..Default::default() });
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
