//! The notes of the states on the board.

use consent_fixtures::{Fixture, Note};
use leptos::prelude::*;

use super::Shared;
use crate::{
    language::{t, tf},
    notes::place_name,
    store::Store,
};

/// A state with notes, and where they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// The name of the draft. None of a state that is in no draft.
    draft: Option<String>,
    fixture: Fixture,
}

/// The states with notes: what is open, and the drafts.
pub fn noted(store: Store) -> Vec<Noted> {
    let open_draft = store.saved_draft();
    let open_id = open_draft.as_ref().map(|it| it.id.clone());
    let open = Noted { draft: open_draft.map(|it| it.name), fixture: store.fixture.get() };
    let drafts = store.drafts.read();
    let others = drafts.all().iter().filter(|it| Some(&it.id) != open_id.as_ref());
    let others = others.filter_map(|it| {
        Some(Noted { draft: Some(it.name.clone()), fixture: it.snapshot().ok()?.parsed()? })
    });
    [open].into_iter().chain(others).filter(|it| !it.fixture.notes.is_empty()).collect()
}

/// The notes of a state.
fn of<'a>(state: &Fixture, noted: &'a [Noted]) -> impl Iterator<Item = &'a Noted> {
    noted.iter().filter(move |it| it.fixture.screen == state.screen)
}

/// The notes of a state, as they are printed. `state`: as it is edited.
#[component]
pub fn Notes(state: Fixture) -> impl IntoView {
    let Shared { noted, .. } = expect_context();
    move || {
        let noted = noted.read();
        let found: Vec<_> = of(&state, &noted).cloned().collect();
        (!found.is_empty()).then(|| {
            view! {
                <h4>{t("Notes")}</h4>
                {found.into_iter().map(printed_draft).collect_view()}
            }
        })
    }
}

fn printed_draft(Noted { draft, fixture }: Noted) -> impl IntoView {
    let from = draft.map(|name| {
        let text = tf("Of the draft “{name}”", &[("name", &name)]);
        view! { <p class="printed-note__draft">{text}</p> }
    });
    let notes = fixture.notes.iter().map(|note| printed(note, &fixture)).collect_view();
    view! { {from} {notes} }
}

fn printed(note: &Note, fixture: &Fixture) -> impl IntoView + use<> {
    let place = place_name(&note.at, fixture, &[]);
    let text = note.text.clone();
    let text = match note.resolved {
        true => view! { <p><s>{text}</s> " " {t("(resolved)")}</p> }.into_any(),
        false => view! { <p>{text}</p> }.into_any(),
    };
    view! {
        <div class="printed-finding printed-note">
            <p><strong>{note.number}</strong> " · " <bdi>{place}</bdi></p>
            {text}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_note(name: &str) -> Fixture {
        let note = Note {
            number: 1,
            text: "Larger".into(),
            at: "page".into(),
            x: 50,
            y: 50,
            resolved: false,
        };
        Fixture { notes: vec![note], ..consent_fixtures::named(name).unwrap().fixture.clone() }
    }

    #[test]
    fn the_notes_of_what_is_open_are_with_its_state() {
        Owner::new().with(|| {
            let store = Store::new();
            assert!(store.open("filled"));
            assert_eq!(noted(store), []);
            store.edit(None, |_| serde_json::to_value(with_note("filled")).unwrap());
            let noted = noted(store);
            assert_eq!(noted, [Noted { draft: None, fixture: with_note("filled") }]);
            let of_state =
                |name: &str| of(&consent_fixtures::named(name).unwrap().fixture, &noted).count();
            assert_eq!((of_state("filled"), of_state("sign-up")), (1, 0));
        });
    }
}
