//! Which state is compared with what is open.

use consent_fixtures::{Fixture, groups, named};
use leptos::prelude::*;

use super::Shared;
use crate::{
    drafts::{Drafts, SavedDraft},
    language::{t, tf},
    services,
    source::Source,
    state::{Counterpart, Version},
    store::Store,
    texts,
};

/// The fixture that a service without another state is compared with.
const SIGN_UP: &str = "sign-up";

/// The values of the options; of a draft and a fixture, what is before its id and its name.
const GALLERY: &str = "gallery";
const FILE: &str = "file";
const DRAFT: &str = "draft:";
const FIXTURE: &str = "fixture:";
/// A draft that is not on this device.
const COPY: &str = "copy";

/// What a comparison begins with: the state before it was changed, or else the latest other draft.
pub fn usual(store: Store) -> Counterpart {
    let before = before(store).or_else(|| {
        let name = store.name.read();
        named(&name).map(|_| Counterpart::Gallery)
    });
    let drafts = others(store);
    before
        .or_else(|| drafts.iter().find_map(draft))
        .unwrap_or_else(|| Counterpart::Fixture(SIGN_UP.to_owned()))
}

/// What a state is called.
pub fn name(with: &Counterpart) -> String {
    match with {
        Counterpart::Gallery => t(texts::AS_THE_GALLERY).to_owned(),
        Counterpart::File(_) => t(texts::AS_THE_FILE).to_owned(),
        Counterpart::Draft { name, .. } => name.clone(),
        Counterpart::Fixture(name) => {
            named(name).map_or_else(|| name.clone(), |it| t(&it.fixture.title).to_owned())
        }
    }
}

/// The file with the texts of a state in other languages, if it is on this device.
pub fn source(store: Store, with: &Counterpart) -> Option<Source> {
    match with {
        Counterpart::File(_) => store.source.get(),
        Counterpart::Draft { id, .. } => store.drafts.read().find(id)?.source.clone(),
        Counterpart::Gallery | Counterpart::Fixture(_) => None,
    }
}

/// The service as the file of the open draft had it.
fn before(store: Store) -> Option<Counterpart> {
    let source = store.source.get()?;
    let mut fixture = services::fixture(&source.toml()?, source.service).ok()?;
    // As when it was opened: the look of the file is what is edited.
    let theme = std::mem::take(&mut fixture.theme);
    Some(Counterpart::File(Box::new(Version { fixture, theme })))
}

fn draft(draft: &SavedDraft) -> Option<Counterpart> {
    let version = Box::new(version(draft)?);
    Some(Counterpart::Draft { id: draft.id.clone(), name: draft.name.clone(), version })
}

fn version(draft: &SavedDraft) -> Option<Version> {
    let snapshot = draft.snapshot().ok()?;
    // What reviewers wrote is not compared.
    let fixture = Fixture { notes: Vec::new(), ..snapshot.parsed()? };
    Some(Version { fixture, theme: snapshot.theme })
}

/// The drafts, except for the one that is open.
fn others(store: Store) -> Vec<SavedDraft> {
    let open = store.draft.get().map(|it| it.id);
    let drafts = store.drafts.read();
    drafts.all().iter().filter(|it| Some(&it.id) != open.as_ref()).cloned().collect()
}

fn value_of(with: &Counterpart, drafts: &Drafts) -> String {
    match with {
        Counterpart::Gallery => GALLERY.to_owned(),
        Counterpart::File(_) => FILE.to_owned(),
        Counterpart::Draft { id, .. } if drafts.find(id).is_none() => COPY.to_owned(),
        Counterpart::Draft { id, .. } => format!("{DRAFT}{id}"),
        Counterpart::Fixture(name) => format!("{FIXTURE}{name}"),
    }
}

fn chosen(store: Store, value: &str) -> Option<Counterpart> {
    if let Some(id) = value.strip_prefix(DRAFT) {
        return draft(store.drafts.read().find(id)?);
    }
    if let Some(name) = value.strip_prefix(FIXTURE) {
        return Some(Counterpart::Fixture(name.to_owned()));
    }
    match value {
        GALLERY => Some(Counterpart::Gallery),
        FILE => before(store),
        _ => None,
    }
}

/// The choice, and a hint where the chosen draft has changed since.
#[component]
pub fn OtherChoice() -> impl IntoView {
    let store = expect_context::<Store>();
    let Shared { other, shown, .. } = expect_context();
    let value = Memo::new(move |_| {
        let (other, drafts) = (other.read(), store.drafts.read());
        other.as_ref().map(|it| value_of(&it.with, &drafts)).unwrap_or_default()
    });
    let set = move |with: Option<Counterpart>| {
        if let Some(with) = with {
            store.announce(&tf("Compared with {name}", &[("name", &name(&with))]));
            store.compare.write().with = Some(with);
            shown.set(Default::default());
        }
    };
    let option = move |of: String, label: String| {
        let selected = *value.read() == of;
        view! { <option value=of selected=selected>{label}</option> }
    };
    let in_gallery = move || store.original().is_some();
    let has_file = move || store.source.read().is_some() || *value.read() == FILE;
    let has_drafts = move || *value.read() == COPY || !others(store).is_empty();
    let listed = move || {
        others(store)
            .into_iter()
            .map(|it| option(format!("{DRAFT}{}", it.id), it.name))
            .collect_view()
    };
    let copied = move || {
        let other = other.read();
        let name = other.as_ref().map(|it| it.name.clone()).unwrap_or_default();
        (*value.read() == COPY).then(|| option(COPY.to_owned(), texts::copied(&name)))
    };
    let latest = Memo::new(move |_| {
        let (other, drafts) = (other.read(), store.drafts.read());
        let Counterpart::Draft { id, version: seen, .. } = &other.as_ref()?.with else {
            return None;
        };
        let found = drafts.find(id)?;
        (version(found)? != **seen).then(|| draft(found)).flatten()
    });
    view! {
        <div class="field compare-with">
            <label for="compare-with">{t("Compare with")}</label>
            <select
                id="compare-with"
                prop:value=move || value.get()
                on:change:target=move |event| {
                    set(untrack(|| chosen(store, &event.target().value())));
                }
            >
                {move || (in_gallery() || has_file()).then(|| view! {
                    <optgroup label=t("Before it was changed")>
                        {in_gallery().then(|| option(GALLERY.into(), t(texts::AS_THE_GALLERY).into()))}
                        {has_file().then(|| option(FILE.into(), t(texts::AS_THE_FILE).into()))}
                    </optgroup>
                })}
                {move || has_drafts().then(|| view! {
                    <optgroup label=t(texts::MY_DRAFTS)>{copied()}{listed()}</optgroup>
                })}
                {groups().iter().map(|group| view! {
                    <optgroup label=t(&group.title)>
                        {move || group.fixtures.iter().map(|it| {
                            option(format!("{FIXTURE}{}", it.name), t(&it.title).to_owned())
                        }).collect_view()}
                    </optgroup>
                }).collect_view()}
            </select>
        </div>
        <div role="status" class="compare-latest">
            {move || latest.get().map(|with| view! {
                <p>{t(texts::DRAFT_WENT_ON)}</p>
                <button class="tool" on:click=move |_| set(Some(with.clone()))>{t(texts::USE_LATEST)}</button>
            })}
        </div>
    }
}
