//! The header of the storyboard: whose states, and how they are shown.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, components::A, hooks::use_navigate};

use super::{Shared, adapted::SIGN_UP, printing::PrintButton, service_name};
use crate::{
    address,
    components::{LanguageControl, RadioGroup, ViewSwitch},
    language::{t, tf},
    state::{BoardTheme, PreviewState, Selection, StudioState},
    store::Store,
    theme::Theme,
};

#[component]
pub fn Header() -> impl IntoView {
    let store = expect_context::<Store>();
    let Shared { sign_up, theme, .. } = expect_context();
    let set_theme = move |theme: BoardTheme| {
        store.storyboard.write().both_themes = theme == BoardTheme::Both;
        store.view.write().scheme = theme.scheme();
    };
    view! {
        <header class="view-head">
            <div class="bar">
                <A href=address::gallery() exact=true attr:class="link">{t("All fixtures")}</A>
                <h1 class="bar__title bar__title--grows">
                    <bdi>{move || service_name(&sign_up.read())}</bdi>
                    <span class="visually-hidden">{t(", storyboard")}</span>
                </h1>
                <ViewSwitch />
            </div>
            <div class="view-tools" role="group" aria-label=t("Storyboard")>
            <ServiceChoice />
            <LanguageControl view=store.view />
            <RadioGroup legend="Theme" value=theme on_change=set_theme />
            <RadioGroup
                legend="Zoom"
                value=Signal::derive(move || store.storyboard.read().zoom)
                on_change=move |zoom| store.storyboard.write().zoom = zoom
            />
            <div class="view-tools__print"><PrintButton /></div>
            </div>
        </header>
    }
}

/// The value of the option for the demo's service, and of that for another open fixture.
const DEMO: &str = "demo";
const OPEN: &str = "open";

/// Whose states are shown: those of the demo's service, or of a draft.
#[component]
fn ServiceChoice() -> impl IntoView {
    let store = expect_context::<Store>();
    let navigate = use_navigate();
    let drafts = Memo::new(move |_| {
        let drafts = store.drafts.read();
        drafts.all().iter().map(|it| (it.id.clone(), it.name.clone())).collect::<Vec<_>>()
    });
    let is_demo = move || *store.name.read() == SIGN_UP && !store.is_changed();
    let chosen = Memo::new(move |_| match &*store.draft.read() {
        Some(draft) => draft.id.clone(),
        None if is_demo() => DEMO.to_owned(),
        None => OPEN.to_owned(),
    });
    let choose = move |id: String| {
        let (view, frame) = (store.view.get_untracked(), store.frame.get_untracked());
        let shown = |state: StudioState| StudioState {
            frame,
            storyboard: store.storyboard.get_untracked(),
            ..state
        };
        let address = match &*id {
            OPEN => return,
            DEMO => {
                let fixture = Selection::Gallery(SIGN_UP.to_owned());
                let preview = PreviewState { fixture, view, theme: Theme::default() };
                address::storyboard(SIGN_UP, None, &shown(preview.into()))
            }
            id => {
                let drafts = store.drafts.read_untracked();
                let Some(draft) = drafts.find(id) else { return };
                let Ok(state) = draft.state(view) else { return };
                address::storyboard(&draft.fixture, Some(id), &shown(state))
            }
        };
        navigate(&address, NavigateOptions { resolve: false, ..Default::default() });
    };
    let option = move |id: &str, name: String| {
        let id = id.to_owned();
        let selected = chosen.get() == id;
        view! { <option value=id selected=selected>{name}</option> }
    };
    view! {
        <div class="field">
            <label for="service">{t("Service")}</label>
            <select
                id="service"
                prop:value=move || chosen.get()
                on:change:target=move |event| choose(event.target().value())
            >
                {move || (chosen.get() == OPEN).then(|| {
                    option(OPEN, tf("As in “{title}”", &[("title", &t(&store.fixture.read().title))]))
                })}
                {move || option(DEMO, t("The demo’s").to_owned())}
                {move || drafts.get().into_iter().map(|(id, name)| option(&id, name)).collect_view()}
            </select>
        </div>
    }
}
