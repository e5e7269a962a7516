//! One case on the bench: the preview, and everything that can be changed about it.

mod check;
pub mod choices;
mod code;
mod edit;
mod field;
pub mod files;
mod look;
mod share;

use consent_screen::browser::document;
use leptos::{html, prelude::*};
use leptos_router::hooks::use_params_map;

use crate::{
    address,
    app::{Nothing, Notice},
    browser, explain,
    preview::Preview,
    shown::{Device, TEXT_SIZES, WIDTHS},
    store::Store,
};
use choices::Choices;

/// The name under which a case is opened that is none of the gallery's.
pub const OWN: &str = "own";

/// What stands beside the preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panel {
    Edit,
    Code,
    Look,
    Check,
    Share,
}

impl Panel {
    const ALL: [Self; 5] = [Self::Edit, Self::Code, Self::Look, Self::Check, Self::Share];

    fn label(self) -> &'static str {
        match self {
            Self::Edit => "Edit",
            Self::Code => "JSON",
            Self::Look => "Look",
            Self::Check => "Check",
            Self::Share => "Share",
        }
    }
}

/// The page of a case.
#[component]
pub fn Workbench() -> impl IntoView {
    let store = expect_context::<Store>();
    let params = use_params_map();
    let name = move || params.read().get("name").unwrap_or_default();
    let there = untrack(|| address::arrive(store, &name()));
    if !there {
        return Nothing().into_any();
    }
    let panel = RwSignal::new(Panel::Edit);
    let title = move || store.case.read().title.clone();
    Effect::new(move |_| document::set_title(&format!("{} · Preview studio", title())));
    address::follow(store, untrack(name));
    browser::on_window("keydown", move |event| shortcut(store, &event));
    view! {
            <header class="bar">
                <a href="/studio/" rel="external" class="way">"All cases"</a>
                <h1 class="bar__title">{title}</h1>
                <Steps store />
                <a
                    href=move || address::of_now(store, &name(), true)
                    rel="external"
                    class="way"
                >"Matrix"</a>
            </header>
            <Notice store />
            <main class="workbench">
                <section class="panel" aria-label="What can be changed">
                    <Tabs store panel />
                    <div
                        class="panel__content"
                        role="tabpanel"
                        id="panel"
                        tabindex="0"
                        aria-labelledby=move || format!("tab-{}", panel.get().label())
                    >
                        {move || match panel.get() {
                            Panel::Edit => edit::view(store),
                            Panel::Code => view! { <code::Code store /> }.into_any(),
                            Panel::Look => view! { <look::Look store /> }.into_any(),
                            Panel::Check => {
                                let show = Callback::new(move |at: String| {
                                    panel.set(Panel::Edit);
                                    browser::when_drawn(move || browser::focus(&field::id(&at)));
                                });
                                view! { <check::Check store show /> }.into_any()
                            }
                            Panel::Share => view! { <share::Share store /> }.into_any(),
                        }}
                    </div>
                </section>
                <Stage store />
            </main>
    }
    .into_any()
}

/// Undo and redo by keyboard, where a text field has no undo of its own to lose.
fn shortcut(store: Store, event: &web_sys::Event) {
    use wasm_bindgen::JsCast;
    let Some(key) = event.dyn_ref::<web_sys::KeyboardEvent>() else { return };
    let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
    let typing = target.is_some_and(|it| it.matches("textarea").unwrap_or_default());
    if !(key.ctrl_key() || key.meta_key()) || typing {
        return;
    }
    match (key.key().to_ascii_lowercase().as_str(), key.shift_key()) {
        ("z", false) => store.undo(),
        ("z", true) | ("y", false) => store.redo(),
        _ => return,
    }
    event.prevent_default();
}

#[component]
fn Steps(store: Store) -> impl IntoView {
    // Not `disabled`: a button that has the focus would lose it.
    let off = |on: bool| (!on).then_some("true");
    let can_undo = move || store.history.read().can_undo();
    let can_redo = move || store.history.read().can_redo();
    let can_reset = move || store.is_changed() && store.origin().is_some();
    view! {
        <div class="bar__steps" role="group" aria-label="Steps">
            <button class="tool" aria-disabled=move || off(can_undo()) on:click=move |_| store.undo()>
                "Undo"
            </button>
            <button class="tool" aria-disabled=move || off(can_redo()) on:click=move |_| store.redo()>
                "Redo"
            </button>
            <button class="tool" aria-disabled=move || off(can_reset()) on:click=move |_| store.reset()>
                "Reset"
            </button>
        </div>
    }
}

#[component]
fn Tabs(store: Store, panel: RwSignal<Panel>) -> impl IntoView {
    let id = |it: Panel| format!("tab-{}", it.label());
    // One tab is a stop of the Tab key; the arrows go from tab to tab (WAI-ARIA APG, tabs).
    let go = move |event: leptos::ev::KeyboardEvent| {
        let at = Panel::ALL.iter().position(|it| *it == panel.get_untracked()).unwrap_or_default();
        let many = Panel::ALL.len();
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % many,
            "ArrowLeft" => (at + many - 1) % many,
            "Home" => 0,
            "End" => many - 1,
            _ => return,
        };
        event.prevent_default();
        panel.set(Panel::ALL[next]);
        browser::focus(&id(Panel::ALL[next]));
    };
    view! {
        <div class="tabs" role="tablist" aria-label="What can be changed" on:keydown=go>
            {Panel::ALL.map(|it| view! {
                <button
                    class="tabs__tab"
                    role="tab"
                    id=id(it)
                    aria-controls="panel"
                    aria-selected=move || if panel.get() == it { "true" } else { "false" }
                    tabindex=move || if panel.get() == it { "0" } else { "-1" }
                    on:click=move |_| panel.set(it)
                >
                    {it.label()}
                    {(it == Panel::Check).then_some(move || {
                        let many = store.findings.read().len();
                        (many > 0).then(|| view! {
                            " " <span class="tabs__count">{many}</span>
                        })
                    })}
                </button>
            }).collect_view()}
        </div>
    }
}

/// The preview, and how it is looked at.
#[component]
fn Stage(store: Store) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let room = RwSignal::new(f64::INFINITY);
    let measure = move || {
        if let Some(Some(place)) = place.try_get_untracked() {
            room.try_set(f64::from(place.client_width()));
        }
    };
    place.on_load(move |_| browser::when_drawn(measure));
    browser::on_window("resize", move |_| measure());
    let scale = move || (room.get() / f64::from(store.frame.read().width)).min(1.0);
    let channels = move || store.case.read().request().map(explain::channels).unwrap_or_default();
    view! {
        <section class="stage" aria-label="Preview">
            <div class="stage__tools">
                <Choices
                    legend="Language"
                    value=Signal::derive(move || store.view.read().speaks)
                    set=move |speaks| store.view.write().speaks = speaks
                />
                <Choices
                    legend="Theme"
                    value=Signal::derive(move || store.view.read().scheme)
                    set=move |scheme| store.view.write().scheme = scheme
                />
                <choices::Sizes
                    id="width"
                    label="Width"
                    unit="px"
                    sizes=&WIDTHS
                    value=Signal::derive(move || store.frame.read().width)
                    set=move |width| store.frame.write().width = width
                />
                <choices::Sizes
                    id="text"
                    label="Text"
                    unit="%"
                    sizes=&TEXT_SIZES
                    value=Signal::derive(move || store.view.read().text)
                    set=move |text| store.view.write().text = text
                />
                <choices::Select
                    id="device"
                    label="Around it"
                    value=Signal::derive(move || store.frame.read().device)
                    set=move |device: Device| store.frame.write().device = device
                />
                <div class="check-field">
                    <input
                        type="checkbox"
                        id="rtl"
                        prop:checked=move || store.view.read().rtl
                        on:change=move |event| store.view.write().rtl = event_target_checked(&event)
                    />
                    <label for="rtl">"Right to left"</label>
                </div>
            </div>
            {move || explain::moment(&store.case.read()).map(|words| view! {
                <p class="explained explained--hidden">{words}</p>
            })}
            <ul class="stage__channels" aria-label="Channels">
                {move || channels().into_iter().map(|it| view! {
                    <li class:explained=true class:explained--hidden=!it.offered>{it.words}</li>
                }).collect_view()}
            </ul>
            <div class="stage__place" node_ref=place>
                <Preview
                    shown=Signal::derive(move || store.shown())
                    frame=store.frame
                    scale=Signal::derive(scale)
                    title=Signal::derive(move || format!("Preview: {}", store.case.read().title))
                    heard=store.seen
                />
            </div>
        </section>
    }
}
