//! Saves what is edited as a draft, at every change.

use leptos::prelude::*;

use crate::{
    address,
    browser::{self, Keep, OnDevice},
    drafts::{Outcome, SavedDraft, code},
    language::t,
    share,
    source::Source,
    state::{PreviewState, Selection, StudioState},
    store::{OpenDraft, Snapshot, Store},
    texts,
};

/// The key under which earlier versions kept the one state that was seen last, as its address.
const LAST: &str = "consent-studio:last";

/// Reads the drafts, and keeps them in step with what is edited here and in other tabs.
pub fn sync(store: Store) {
    refresh(store);
    import_last(store);
    browser::on_window("storage", move |_| refresh(store));
    Effect::new(move |_| {
        let now = store.history.with(|history| history.now().clone());
        untrack(|| save(store, &now));
    });
    browser::on_window("beforeunload", move |event| {
        if untrack(|| store.is_unsaved()) {
            event.prevent_default();
        }
    });
}

fn refresh(store: Store) {
    store.drafts.update(|drafts| drafts.refresh(&OnDevice));
}

/// Adds a draft under a name like the wanted one, and returns it. `source`: the file that it came from.
pub fn add(
    store: Store,
    wanted: &str,
    fixture: &str,
    snapshot: &Snapshot,
    source: Option<Source>,
) -> Option<OpenDraft> {
    let code = code(snapshot)?;
    let id = browser::new_id();
    store.drafts.update(|drafts| {
        let name = drafts.unused_name(wanted);
        let (changed_at, fixture) = (browser::now(), fixture.to_owned());
        let (id, code) = (id.clone(), code.clone());
        let is_kept = false;
        drafts.add(&OnDevice, SavedDraft { id, name, fixture, changed_at, code, source, is_kept });
    });
    Some(OpenDraft { id, code })
}

fn save(store: Store, now: &Snapshot) {
    let name = store.name.get();
    let Some(open) = store.draft.get() else {
        if !name.is_empty() && *store.opened.read() != *now {
            let title = now.parsed().map(|it| it.title).unwrap_or_default();
            store.draft.set(add(store, t(&title), &name, now, None));
        }
        return;
    };
    let Some(code) = code(now).filter(|code| *code != open.code) else { return };
    let outcome =
        store.drafts.write().change(&OnDevice, &open.id, &open.code, code.clone(), browser::now());
    if outcome == Outcome::ChangedElsewhere {
        let SavedDraft { name: wanted, source, .. } = store.saved_draft().unwrap_or_default();
        refresh(store);
        store.draft.set(add(store, &wanted, &name, now, source));
        store.notice.set(t(texts::CHANGED_ELSEWHERE).to_owned());
    } else {
        store.draft.set(Some(OpenDraft { id: open.id, code }));
    }
}

/// What earlier versions kept becomes a draft.
fn import_last(store: Store) {
    let Some(last) = browser::kept(Keep::OnDevice, LAST) else { return };
    if let Some((name, snapshot)) = edited(&last) {
        let title = snapshot.parsed().map(|it| it.title).unwrap_or_default();
        let added = add(store, &title, &name, &snapshot, None);
        let id = added.map(|it| it.id).unwrap_or_default();
        if store.drafts.read_untracked().find(&id).is_none_or(|it| !it.is_kept) {
            return;
        }
    }
    browser::forget(Keep::OnDevice, LAST);
}

/// The name of the fixture and the data in an address, if the data was edited.
fn edited(address: &str) -> Option<(String, Snapshot)> {
    let (path, code) = address.split_once('#')?;
    let name = address::fixture_name(path)?;
    let StudioState { preview: PreviewState { fixture, theme, .. }, .. } =
        share::decode(code).ok()?;
    let is_edited = matches!(fixture, Selection::Custom(_)) || !theme.is_empty();
    let snapshot = Snapshot::of(&fixture.fixture()?, theme);
    is_edited.then(|| (name.to_owned(), snapshot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{state::View, theme::Theme};

    #[test]
    fn what_an_earlier_version_kept_becomes_a_draft_if_it_was_edited() {
        let address = |fixture, theme| {
            let preview = PreviewState { fixture, view: View::default(), theme };
            address::workbench("sign-up", None, &preview.into())
        };
        let gallery = || Selection::Gallery("sign-up".into());
        assert_eq!(edited(&address(gallery(), Theme::default())), None, "it was only seen");
        let theme = Theme { light: [("--ink".into(), "#111".into())].into(), ..Theme::default() };
        let (name, snapshot) = edited(&address(gallery(), theme.clone())).unwrap();
        assert_eq!((name.as_str(), &snapshot.theme), ("sign-up", &theme));
        let mut fixture = gallery().fixture().unwrap();
        fixture.title = "Mine".into();
        let own = Selection::Custom(Box::new(fixture.clone()));
        let (_, snapshot) = edited(&address(own, Theme::default())).unwrap();
        assert_eq!(snapshot.parsed(), Some(fixture));
        assert_eq!(edited("/studio/cases/sign-up#1.broken"), None);
        assert_eq!(edited("/studio/"), None);
    }
}
