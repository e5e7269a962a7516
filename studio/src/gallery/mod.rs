//! Every fixture at a glance, and the drafts of this browser.

mod card;
mod drafts;
mod index;

use std::cell::Cell;

use consent_fixtures::{Caption, Fixture, Group, groups};
use consent_screen::browser::document;
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_navigate};

use crate::{
    address,
    browser::{self, Keep},
    components::{LanguageControl, Notice, OpenFile, ServerServices, StudioLanguage, ThemeControl},
    language::{t, tf},
    new_service::new_service,
    opening, services,
    state::View,
    store::Store,
    texts,
};
use card::Card;
use drafts::MyDrafts;
use index::{Index, heading_id};

/// The key under which a closed hint is stored.
const HINT: &str = "consent-studio:hint-read";

/// The first page.
#[component]
pub fn Gallery() -> impl IntoView {
    let store = expect_context::<Store>();
    let view = RwSignal::new(View::default());
    let query = RwSignal::new(String::new());
    document::set_title(t("Preview studio"));
    let found = Memo::new(move |_| matching(&query.read()));
    let drawn = drawn_step_by_step();
    let has_tools = Memo::new(move |_| drawn.get() > 0);
    let has_drafts = Memo::new(move |_| drawn.get() > 1);
    let is_done = Memo::new(move |_| drawn.get() >= STEPS + groups().len());
    let shown = move || {
        let mut found = found.get();
        found.truncate(drawn.get().saturating_sub(STEPS));
        found
    };
    let count = move || found.read().iter().map(|(_, fixtures)| fixtures.len()).sum::<usize>();
    let navigate = use_navigate();
    // A fixture that is not in the gallery is a draft from the start.
    let open = Callback::new(move |fixture: Fixture| {
        opening::as_draft(store, &navigate, fixture, view.get_untracked(), None);
    });
    // The draft whose service and theme the cards are shown with.
    let guest = Memo::new(move |_| {
        let drafts = store.drafts.read();
        let draft = drafts.find(store.shown_with.read().as_ref()?)?;
        let snapshot = draft.snapshot().ok()?;
        let fixture = snapshot.parsed()?;
        let fixture = match &draft.source {
            Some(source) => services::in_language(&fixture, source, view.read().language),
            None => fixture,
        };
        Some((fixture, snapshot.theme))
    });
    let last = move || {
        let drafts = store.drafts.read();
        let state = |it: &crate::drafts::SavedDraft| it.state(View::default()).ok();
        let mut latest = drafts.all().iter().filter_map(|it| Some((it, state(it)?)));
        latest.next().map(|(it, state)| address::workbench(&it.fixture, Some(&it.id), &state))
    };
    view! {
        <header class="bar">
            <h1 class="bar__title">{t("Preview studio")}</h1>
            <p class="bar__about">{t("Every state of the consent screen, before users see it.")}</p>
            {move || last().map(|last| view! {
                <A href=last exact=true attr:class="link">{t("Continue")}</A>
            })}
            <button class="tool tool--main" on:click=move |_| open.run(new_service())>
                {t(texts::NEW_SERVICE)}
            </button>
            <StudioLanguage />
        </header>
        <Notice />
        <main class="gallery">
            <Hint />
            <Show when=move || has_tools.get()>
                <div class="gallery__tools">
                    <div class="field field--search">
                        <label for="search">{t("Search")}</label>
                        <input id="search" type="search" autocomplete="off" bind:value=query />
                    </div>
                    <LanguageControl view />
                    <ThemeControl view />
                    <ShowWith />
                    <OpenFile id="open-fixture" on_open=open />
                    <ServerServices />
                    <p class="gallery__count" role="status">
                        {move || is_done.get().then(|| tf("{count} fixtures", &[("count", &count())]))}
                    </p>
                </div>
            </Show>
            <Show when=move || has_drafts.get()>
                <MyDrafts query view />
                <Show when=move || count() != 0 fallback=move || view! { <NoMatch query /> }>
                    <div class="gallery__body">
                        <Index found is_done />
                        <div class="gallery__groups">
                            <For
                                each=shown
                                key=|(group, fixtures)| {
                                    let names: Vec<&str> =
                                        fixtures.iter().map(|it| it.name.as_str()).collect();
                                    format!("{}:{}", group.title, names.join(" "))
                                }
                                let((group, fixtures))
                            >
                                <section class="gallery__group">
                                    <h2 id=heading_id(group) tabindex="-1">{t(&group.title)}</h2>
                                    <p>{t(&group.about)}</p>
                                    <ul class="cards">
                                        {fixtures.into_iter().map(|caption| view! {
                                            <Card caption view guest />
                                        }).collect_view()}
                                    </ul>
                                </section>
                            </For>
                        </div>
                    </div>
                </Show>
            </Show>
        </main>
    }
}

/// What is drawn before the groups: the tools, and then the drafts.
const STEPS: usize = 2;

/// How much of the page is there: nothing below the introduction, then the steps, then one group more each time.
/// All in one step would keep the page from answering on a slow device. Later it is there at once, so that the
/// browser finds the place where it was scrolled to.
fn drawn_step_by_step() -> RwSignal<usize> {
    thread_local! {
        static WAS_DRAWN: Cell<bool> = const { Cell::new(false) };
    }
    fn go_on(drawn: RwSignal<usize>) {
        browser::soon(move || {
            let Some(now) = drawn.try_get_untracked() else { return };
            drawn.set(now + 1);
            if now + 1 < STEPS + groups().len() {
                go_on(drawn);
            }
        });
    }
    if WAS_DRAWN.replace(true) {
        return RwSignal::new(STEPS + groups().len());
    }
    let drawn = RwSignal::new(0);
    go_on(drawn);
    drawn
}

/// The fixtures with the query in their name, title or description.
fn matching(query: &str) -> Vec<(&'static Group, Vec<&'static Caption>)> {
    let query = query.trim().to_lowercase();
    let matches = |it: &&Caption| {
        let Caption { name, title, about, .. } = it;
        let texts = [name, title, about, t(title), t(about)];
        texts.iter().any(|text| text.to_lowercase().contains(&query))
    };
    let group = |group: &'static Group| {
        let fixtures: Vec<_> = group.fixtures.iter().filter(matches).collect();
        (!fixtures.is_empty()).then_some((group, fixtures))
    };
    groups().iter().filter_map(group).collect()
}

/// Which service and theme the cards are shown with: their own, or those of a draft.
#[component]
fn ShowWith() -> impl IntoView {
    let store = expect_context::<Store>();
    let drafts = Memo::new(move |_| {
        let drafts = store.drafts.read();
        drafts.all().iter().map(|it| (it.id.clone(), it.name.clone())).collect::<Vec<_>>()
    });
    let value = move || store.shown_with.get().unwrap_or_default();
    view! {
        <Show when=move || !drafts.read().is_empty()>
            <div class="field">
                <label for="show-with">{t(texts::SHOW_WITH)}</label>
                <select
                    id="show-with"
                    prop:value=value
                    on:change:target=move |event| {
                        let id = event.target().value();
                        store.shown_with.set(Some(id).filter(|id| !id.is_empty()));
                    }
                >
                    <option value="" selected=move || value().is_empty()>{t(texts::SHOW_WITH_OWN)}</option>
                    {move || drafts.get().into_iter().map(|(id, name)| {
                        let selected = value() == id;
                        view! { <option value=id selected=selected>{name}</option> }
                    }).collect_view()}
                </select>
            </div>
        </Show>
    }
}

/// An introduction, until it is closed once.
#[component]
fn Hint() -> impl IntoView {
    let open = RwSignal::new(browser::kept(Keep::OnDevice, HINT).is_none());
    let close = move |_| {
        // Where storage is blocked it comes again.
        browser::keep(Keep::OnDevice, HINT, "yes");
        open.set(false);
    };
    view! {
        <Show when=move || open.get()>
            <aside class="hint">
                <p>
                    {t("Each picture is the real screen. Open one to change its service, terms and \
                        channels, to see it in other languages, themes and widths, and to check it \
                        against the rules of consent. Nothing you do here is sent anywhere.")}
                </p>
                <button class="tool" on:click=close>{t("Got it")}</button>
            </aside>
        </Show>
    }
}

#[component]
fn NoMatch(query: RwSignal<String>) -> impl IntoView {
    let show_all = move |_| {
        query.set(String::new());
        browser::focus("search");
    };
    view! {
        <div class="empty">
            <p>
                {move || {
                    tf("No fixture has “{query}” in its name or description.", &[("query", &query.get())])
                }}
            </p>
            <button class="tool" on:click=show_all>{t("Show all")}</button>
        </div>
    }
}
