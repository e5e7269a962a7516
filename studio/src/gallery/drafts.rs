//! The drafts of this browser: a row of cards that can be renamed, duplicated and deleted.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::components::A;

use super::card::{FRAME, SCALE};
use crate::{
    address,
    browser::{self, Keep, OnDevice},
    components::PreviewFrame,
    drafts::SavedDraft,
    language::{t, tf},
    services,
    state::{PreviewState, Selection, StudioState, View},
    store::Store,
    texts, thumbnail,
};

/// The key of the draft that was deleted last in this tab.
const DELETED: &str = "consent-studio:deleted";

/// The id of the button that undoes a deletion.
const UNDO: &str = "undo-deletion";

/// The drafts whose name contains the query, and what was deleted last.
#[component]
pub fn MyDrafts(query: RwSignal<String>, view: RwSignal<View>) -> impl IntoView {
    let store = expect_context::<Store>();
    let deleted = RwSignal::new(kept_deleted());
    Effect::new(move |_| match &*deleted.read() {
        Some(draft) => {
            let json = serde_json::to_string(draft).unwrap_or_default();
            browser::keep(Keep::InTab, DELETED, &json);
        }
        None => browser::forget(Keep::InTab, DELETED),
    });
    let ids = Memo::new(move |_| {
        let query = query.read().trim().to_lowercase();
        let drafts = store.drafts.read();
        let found = drafts.all().iter().filter(|it| it.name.to_lowercase().contains(&query));
        found.map(|it| it.id.clone()).collect::<Vec<_>>()
    });
    let has_unsaved = move || store.drafts.read().all().iter().any(|it| !it.is_kept);
    view! {
        <Show when=move || !ids.read().is_empty() || deleted.read().is_some()>
            <section class="gallery__group" aria-labelledby="my-drafts">
                <h2 id="my-drafts">{t(texts::MY_DRAFTS)}</h2>
                <p>{t(texts::ABOUT_DRAFTS)}</p>
                <Show when=has_unsaved>
                    <p class="error">{t(texts::DRAFTS_NOT_SAVED)}</p>
                </Show>
                <div role="status">
                    {move || deleted.get().map(|draft| view! { <Deleted draft deleted /> })}
                </div>
                <ul class="cards">
                    <For each=move || ids.get() key=String::clone let:id>
                        <DraftCard id view deleted />
                    </For>
                </ul>
            </section>
        </Show>
    }
}

fn kept_deleted() -> Option<SavedDraft> {
    serde_json::from_str(&browser::kept(Keep::InTab, DELETED)?).ok()
}

#[component]
fn Deleted(draft: SavedDraft, deleted: RwSignal<Option<SavedDraft>>) -> impl IntoView {
    let store = expect_context::<Store>();
    let text = texts::deleted(&draft.name);
    let undo = move |_| {
        let link = link_id(&draft.id);
        store.drafts.write().add(&OnDevice, draft.clone());
        deleted.set(None);
        browser::when_drawn(move || browser::focus(&link));
    };
    view! {
        <div class="deleted">
            <p>{text}</p>
            <button class="tool" id=UNDO on:click=undo>{t(texts::UNDO_DELETION)}</button>
        </div>
    }
}

fn link_id(draft: &str) -> String {
    format!("draft:{draft}")
}

fn rename_id(draft: &str) -> String {
    format!("rename:{draft}")
}

#[component]
fn DraftCard(
    id: String,
    view: RwSignal<View>,
    deleted: RwSignal<Option<SavedDraft>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let (link, rename) = (link_id(&id), rename_id(&id));
    let draft = Memo::new({
        let id = id.clone();
        move |_| store.drafts.read().find(&id).cloned()
    });
    let name =
        Memo::new(move |_| draft.read().as_ref().map(|it| it.name.clone()).unwrap_or_default());
    let state = Memo::new(move |_| draft.read().as_ref()?.state(view.get()).ok());
    let shown = Memo::new(move |_| {
        let source = draft.read().as_ref().and_then(|it| it.source.clone());
        let state = state.get()?;
        Some(match (source, state.preview.fixture.fixture()) {
            (Some(source), Some(fixture)) => {
                let fixture = services::in_language(&fixture, &source, state.preview.view.language);
                let fixture = Selection::Custom(Box::new(fixture));
                StudioState { preview: PreviewState { fixture, ..state.preview }, ..state }
            }
            _ => state,
        })
    });
    let file = move || {
        let draft = draft.read();
        draft.as_ref()?.source.as_ref().map(|it| view! { <p>{texts::from_file(&it.file)}</p> })
    };
    let href = move || {
        let (draft, state) = (draft.read(), state.read());
        let both = draft.as_ref().zip(state.as_ref());
        both.map(|(draft, state)| address::workbench(&draft.fixture, Some(&draft.id), state))
    };
    let changed = move || {
        let time = draft.read().as_ref().map(|it| browser::local_time(it.changed_at));
        time.map(|time| tf("Changed {time}", &[("time", &time)]))
    };
    let is_unsaved = move || draft.read().as_ref().is_some_and(|it| !it.is_kept);
    let renaming = RwSignal::new(false);
    view! {
        <li class="card">
            {move || match shown.get() {
                Some(shown) => view! { <Picture shown name /> }.into_any(),
                None => view! { <p class="error">{t(texts::DRAFT_UNREADABLE)}</p> }.into_any(),
            }}
            <h3>
                {move || match href() {
                    Some(href) => view! {
                        <A href exact=true attr:id=link.clone()>{name}</A>
                    }.into_any(),
                    None => view! { <span>{name}</span> }.into_any(),
                }}
            </h3>
            <p>{changed}</p>
            {file}
            <Show when=is_unsaved>
                <p class="badge badge--error">{t(texts::NOT_SAVED)}</p>
            </Show>
            <Show
                when=move || renaming.get()
                fallback={
                    let id = id.clone();
                    move || view! { <Actions id=id.clone() name renaming deleted /> }
                }
            >
                <Rename
                    id=id.clone()
                    name=name.get_untracked()
                    on_close=Callback::new({
                        let rename = rename.clone();
                        move |()| {
                            renaming.set(false);
                            let rename = rename.clone();
                            browser::when_drawn(move || browser::focus(&rename));
                        }
                    })
                />
            </Show>
        </li>
    }
}

#[component]
fn Picture(shown: StudioState, name: Memo<String>) -> impl IntoView {
    view! {
        <PreviewFrame
            state=Signal::stored(shown.preview)
            frame=FRAME
            height=thumbnail::HEIGHT
            scale=SCALE
            title=name
            thumbnail=true
        />
    }
}

#[component]
fn Actions(
    id: String,
    name: Memo<String>,
    renaming: RwSignal<bool>,
    deleted: RwSignal<Option<SavedDraft>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let label = move |action: &'static str| move || texts::of_draft(action, &name.read());
    let field = field_id(&id);
    let open = move |_| {
        renaming.set(true);
        let field = field.clone();
        browser::when_drawn(move || browser::focus(&field));
    };
    let rename = rename_id(&id);
    let of = id.clone();
    let duplicate = move |_| {
        let new_id = browser::new_id();
        let copy = store.drafts.write().duplicate(&OnDevice, &of, new_id, browser::now());
        if let Some(copy) = copy {
            store.announce(&tf("Duplicated as “{name}”", &[("name", &copy)]));
        }
    };
    let delete = move |_| {
        if store.shown_with.get_untracked().as_ref() == Some(&id) {
            store.shown_with.set(None);
        }
        let gone = store.drafts.write().delete(&OnDevice, &id);
        if gone.is_some() {
            deleted.set(gone);
            // The button with the focus is gone.
            browser::when_drawn(|| browser::focus(UNDO));
        }
    };
    view! {
        <div class="card__tools">
            <button class="tool" id=rename aria-label=label(t(texts::RENAME)) on:click=open>
                {t(texts::RENAME)}
            </button>
            <button class="tool" aria-label=label(t(texts::DUPLICATE)) on:click=duplicate>
                {t(texts::DUPLICATE)}
            </button>
            <button class="tool" aria-label=label(t(texts::DELETE)) on:click=delete>
                {t(texts::DELETE)}
            </button>
        </div>
    }
}

fn field_id(draft: &str) -> String {
    format!("name:{draft}")
}

#[component]
fn Rename(id: String, name: String, on_close: Callback<()>) -> impl IntoView {
    let store = expect_context::<Store>();
    let typed = RwSignal::new(name);
    let field = field_id(&id);
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        store.drafts.write().rename(&OnDevice, &id, &typed.read_untracked());
        on_close.run(());
    };
    let cancel_by_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            on_close.run(());
        }
    };
    view! {
        <form class="card__tools" on:submit=save on:keydown=cancel_by_key>
            <div class="field">
                <label for=field.clone()>{t(texts::DRAFT_NAME)}</label>
                <input id=field type="text" autocomplete="off" required bind:value=typed />
            </div>
            <button class="tool tool--main" type="submit">{t(texts::SAVE_NAME)}</button>
            <button class="tool" type="button" on:click=move |_| on_close.run(())>
                {t(texts::CANCEL)}
            </button>
        </form>
    }
}
