//! A state of the storyboard: its frames, what leads to it, and what leads from it.

use consent_lint::{Finding, Severity};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{
    Shared,
    board::{Card, Entry, Exit, Place, Way},
    layout,
    paper::{Facts, Texts},
};
use crate::{
    address, browser,
    components::{FindingsBadge, PreviewFrame},
    language::{around, t, tf},
    state::{BoardTheme, ColorScheme, PreviewState, Selection, StudioState, View},
    store::Store,
};

/// The links of all cards.
pub const CARD_LINK: &str = ".shot__title a";

/// The id of the link of a state.
fn link_id(name: &str) -> String {
    format!("state:{name}")
}

#[component]
pub fn CardView(card: Card) -> impl IntoView {
    let store = expect_context::<Store>();
    let Shared { theme, scale, printing, .. } = expect_context();
    let title = t(&card.shown.title).to_owned();
    let shown = StoredValue::new(card.selection(&card.shown));
    let (measured, whole) = (RwSignal::new(None), RwSignal::new(None));
    printing.follow(card.number, Signal::derive(move || whole.read().is_some()));
    let preview = move |scheme: ColorScheme| PreviewState {
        fixture: shown.get_value(),
        view: View { scheme, ..store.view.get() },
        theme: store.theme(),
    };
    let first = Memo::new(move |_| preview(theme.get().scheme()));
    let held = Signal::derive(move || printing.holds_frames());
    let dark_title = tf("{title}, dark", &[("title", &title)]);
    let second = move || {
        let title = dark_title.clone();
        (theme.get() == BoardTheme::Both).then(|| {
            view! {
                <PreviewFrame
                    state=Memo::new(move |_| preview(ColorScheme::Dark))
                    frame=store.frame
                    scale=scale
                    title=title
                    thumbnail=true
                />
            }
        })
    };
    let picture = move || layout::picture(store.frame.get(), whole.get());
    let (entry, exits) = (card.entry.clone(), card.exits.clone());
    let far = entry.clone().filter(|entry| entry.way == Way::Far);
    let beside = entry.filter(|entry| entry.way != Way::Far);
    let sample = card.is_sample.then(|| {
        view! {
            <p class="shot__note">{t("With agreements of the demo")}</p>
        }
    });
    view! {
        <div
            class="shot"
            class:shot--drawn=move || whole.read().is_some()
            style=("--picture-width", move || store.frame.read().width.to_string())
            style=("--picture-height", move || picture().0.to_string())
            style=("--picture-scale", move || picture().1.to_string())
        >
            {beside.map(|entry| view! { <Beside entry /> })}
            <div class="shot__card">
                <div class="shot__frames">
                    <PreviewFrame
                        state=first
                        frame=store.frame
                        scale=scale
                        title=title.clone()
                        thumbnail=true
                        measured=measured
                        whole=whole
                        held=held
                    />
                    {second}
                </div>
                <h3 class="shot__title"><CardLink card=card.clone() title /></h3>
                <Findings card=card.clone() />
                {sample}
            </div>
            <Ways far exits />
            <Facts card=card.clone() measured />
            <Texts card />
        </div>
    }
}

/// The link to the state in the workbench: to the draft, if it is in this state.
#[component]
fn CardLink(card: Card, title: String) -> impl IntoView {
    let store = expect_context::<Store>();
    let id = link_id(card.name);
    let name = card.name;
    let edited = StoredValue::new((card.selection(&card.edited), card.edited));
    let href = move || {
        let is_open = edited.with_value(|(_, edited)| edited.screen == store.fixture.read().screen);
        if is_open {
            return address::of_open(store, address::workbench);
        }
        let fixture: Selection = edited.with_value(|(selection, _)| selection.clone());
        let preview = PreviewState { fixture, view: store.view.get(), theme: store.theme() };
        let state = StudioState { frame: store.frame.get(), ..preview.into() };
        address::workbench(name, None, &state)
    };
    view! { <A href exact=true attr:id=id>{title}</A> }
}

/// How many findings the data of a state has.
#[component]
fn Findings(card: Card) -> impl IntoView {
    let is_error = |it: &&Finding| it.rule.severity == Severity::Error;
    let errors = card.findings.iter().filter(is_error).count();
    view! { <FindingsBadge errors warnings=card.findings.len() - errors /> }
}

/// What leads here from a state beside this one: its arrow is drawn.
#[component]
fn Beside(entry: Entry) -> impl IntoView {
    let class = match entry.way {
        Way::Along => "shot__way shot__way--along",
        Way::Down | Way::Far => "shot__way shot__way--down",
    };
    view! {
        <p class=class>
            <span class="visually-hidden">
                {tf("From {title}: ", &[("title", &entry.from.title)])}
            </span>
            <span>{entry.when}</span>
        </p>
    }
}

/// What leads here from a state elsewhere, and what leads from here.
#[component]
fn Ways(far: Option<Entry>, exits: Vec<Exit>) -> impl IntoView {
    let has_some = far.is_some() || !exits.is_empty();
    let far = far.map(|Entry { from, when, .. }| {
        let [before, after] = around(t("from {title}: "), "title");
        view! { <li>{before} <GoTo place=from /> {after} {when}</li> }
    });
    let exit = |Exit { when, to }| {
        let to = match to {
            Some(place) => view! { <GoTo place /> }.into_any(),
            None => view! { <span class="ways__service">{t("the service")}</span> }.into_any(),
        };
        view! { <li>{when} " → " {to}</li> }
    };
    has_some.then(|| {
        view! {
            <ul class="ways" aria-label=t("More ways")>
                {far}
                {exits.into_iter().map(exit).collect_view()}
            </ul>
        }
    })
}

/// A button that moves the focus to a state.
#[component]
fn GoTo(place: Place) -> impl IntoView {
    let id = link_id(place.name);
    view! {
        <button class="go-to" on:click=move |_| browser::focus(&id)>{place.title}</button>
    }
}
