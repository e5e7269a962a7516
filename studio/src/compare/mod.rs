//! What is open and another state: both previews, and what differs.

mod choice;
mod differences;
mod list;
mod stage;

use consent_screen::browser::document;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::{
    address,
    components::{
        LanguageControl, NotFound, Notice, RadioGroup, ThemeControl, ViewSwitch, WidthControl,
        ZoomControl,
    },
    language::{t, t_in, tf},
    state::{Counterpart, Layout, Version},
    store::Store,
};
use choice::OtherChoice;
use differences::{Difference, Sides, State, differences};
use list::DifferenceList;
use stage::Stage;

/// What the parts of the page have in common.
#[derive(Clone, Copy)]
struct Shared {
    /// None while nothing is chosen.
    other: Memo<Option<Other>>,
    differences: Memo<Vec<Difference>>,
    /// The places that the previews bring into view, as JSON Pointers; empty for none.
    shown: RwSignal<Sides<String>>,
}

/// The state that what is open is compared with.
#[derive(Debug, Clone, PartialEq)]
struct Other {
    with: Counterpart,
    name: String,
    version: Version,
}

/// The page of the comparison.
#[component]
pub fn ComparePage() -> impl IntoView {
    let store = expect_context::<Store>();
    address::open_current(store);
    view! {
        <Show when=move || store.found.get() fallback=NotFound>
            <Compare />
        </Show>
    }
}

#[component]
fn Compare() -> impl IntoView {
    let store = expect_context::<Store>();
    // An address may compare with nothing yet.
    let choose = move || {
        let is_open = store.found.get();
        if is_open && store.compare.read().with.is_none() {
            let with = untrack(|| choice::usual(store));
            store.compare.write().with = Some(with);
        }
    };
    untrack(choose);
    Effect::new(move |_| choose());
    let other = Memo::new(move |_| {
        let with = store.compare.read().with.clone()?;
        let version = with.version(&store.name.read())?;
        Some(Other { name: choice::name(&with), with, version })
    });
    let differences = Memo::new(move |_| {
        let (other, fixture, theme) = (other.read(), store.fixture.read(), store.theme());
        let Some(Other { version, .. }) = &*other else { return Vec::new() };
        let open = State { fixture: &fixture, theme: &theme };
        differences(open, State { fixture: &version.fixture, theme: &version.theme })
    });
    let shown = RwSignal::new(Sides::default());
    provide_context(Shared { other, differences, shown });
    view! {
        <div class="compare-page">
            <Header />
            <Notice />
            <main class="compare">
                <DifferenceList />
                <Stage />
            </main>
        </div>
    }
}

#[component]
fn Header() -> impl IntoView {
    let store = expect_context::<Store>();
    let title = move || {
        let draft = store.saved_draft();
        draft.map_or_else(|| t(&store.fixture.read().title).to_owned(), |draft| draft.name)
    };
    Effect::new(move |_| {
        document::set_title(&tf("{name} · Compare · Preview studio", &[("name", &title())]));
    });
    view! {
        <header class="view-head">
            <div class="bar">
                <A href=address::gallery() exact=true attr:class="link">{t("All fixtures")}</A>
                <h1 class="bar__title bar__title--grows">{title}</h1>
                <ViewSwitch />
            </div>
            <div class="view-tools" role="group" aria-label=t("Comparison")>
                <OtherChoice />
                <RadioGroup
                    legend="Layout"
                    value=Signal::derive(move || store.compare.read().layout)
                    on_change=move |layout| store.compare.write().layout = layout
                />
                <Show when=move || store.compare.read().layout == Layout::Fade>
                    <Fade />
                </Show>
                <LanguageControl view=store.view />
                <ThemeControl view=store.view />
                <ZoomControl />
                <WidthControl />
            </div>
        </header>
    }
}

/// How much of the other state is seen.
#[component]
fn Fade() -> impl IntoView {
    let store = expect_context::<Store>();
    let Shared { other, .. } = expect_context();
    let fade = Memo::new(move |_| store.compare.read().fade);
    let text = move || {
        let name = other.read().as_ref().map(|it| it.name.clone()).unwrap_or_default();
        tf("{percent} % of “{name}”", &[("percent", &fade.get()), ("name", &name)])
    };
    view! {
        <div class="field fade">
            <label for="fade">{t("Fade")}</label>
            <div class="fade__ends">
                <span aria-hidden="true">{t_in("state", "Open")}</span>
                <input
                    id="fade"
                    type="range"
                    min="0"
                    max="100"
                    step="5"
                    aria-valuetext=text
                    prop:value=move || fade.get().to_string()
                    on:input:target=move |event| {
                        if let Ok(percent) = event.target().value().parse::<u8>() {
                            store.compare.write().fade = percent.min(100);
                        }
                    }
                />
                <span aria-hidden="true">{t_in("state", "Other")}</span>
            </div>
        </div>
    }
}
