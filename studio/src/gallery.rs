//! Every case at a glance.

use consent_cases::{Case, Named, groups};
use consent_contract::lint::Severity;
use consent_screen::browser::document;
use leptos::prelude::*;

use crate::{
    address,
    browser::{self, Keep},
    preview::Preview,
    shown::{Chosen, Device, Frame, Shown},
    store::Store,
    theme::Theme,
    workbench::{OWN, choices::Choices, files},
};

/// Under what is kept that the hint was read.
const HINT: &str = "consent-studio:hint-read";

/// How a case looks in the gallery, and how much of its true size.
const CARD: Frame = Frame { width: 390, device: Device::Plain };
const CARD_SCALE: f64 = 0.5;
const CARD_HEIGHT: u16 = 640;

/// The first page.
#[component]
pub fn Gallery() -> impl IntoView {
    let store = expect_context::<Store>();
    let sought = RwSignal::new(String::new());
    let hint = RwSignal::new(browser::kept(Keep::OnDevice, HINT).is_none());
    document::set_title("Preview studio");
    let found = move || {
        let sought = sought.read().trim().to_lowercase();
        let fits = |it: &&Named| {
            sought.is_empty()
                || [&it.name, &it.case.title, &it.case.about]
                    .iter()
                    .any(|text| text.to_lowercase().contains(&sought))
        };
        let group = |group: &'static consent_cases::Group| {
            let cases: Vec<&Named> = group.cases.iter().filter(fits).collect();
            (!cases.is_empty()).then_some((group, cases))
        };
        groups().iter().filter_map(group).collect::<Vec<_>>()
    };
    let many = move || found().iter().map(|(_, cases)| cases.len()).sum::<usize>();
    let bring = Callback::new(move |case: Case| {
        files::bring(store, &case);
        browser::go(&untrack(|| address::of_now(store, OWN, false)));
    });
    view! {
        <header class="bar">
            <h1 class="bar__title">"Preview studio"</h1>
            <p class="bar__about">"The consent screen in every state, before anyone has to live with it."</p>
            {address::last().map(|last| view! {
                // A load of its own: what stands behind # is read when a page begins.
                <a class="way" rel="external" href=last>"Go on where you were"</a>
            })}
        </header>
        <main class="gallery">
            <Show when=move || hint.get()>
                <aside class="hint">
                    <p>
                        "Each picture is the real screen. Open one to change its service, terms and \
                         channels, to see it in other languages, themes and widths, and to read what \
                         the rules of consent say of it. Nothing you do here is sent anywhere."
                    </p>
                    <button
                        class="tool"
                        on:click=move |_| {
                            browser::keep(Keep::OnDevice, HINT, "yes");
                            hint.set(false);
                        }
                    >"Understood"</button>
                </aside>
            </Show>
            <div class="gallery__tools">
                <div class="field field--search">
                    <label for="search">"Search"</label>
                    <input
                        id="search"
                        type="search"
                        autocomplete="off"
                        prop:value=move || sought.get()
                        on:input=move |event| sought.set(event_target_value(&event))
                    />
                </div>
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
                <files::Bring id="bring-case" label="Open a file" on_case=bring />
                <p class="gallery__count" role="status">
                    {move || format!("{} cases", many())}
                </p>
            </div>
            <Show
                when=move || many() != 0
                fallback=move || view! {
                    <div class="empty">
                        <p>"No case has “" {move || sought.get()} "” in its name or description."</p>
                        <button class="tool" on:click=move |_| {
                            sought.set(String::new());
                            browser::focus("search");
                        }>"Show all"</button>
                    </div>
                }
            >
                <For
                    each=found
                    key=|(group, cases)| {
                        let names: Vec<&str> = cases.iter().map(|it| it.name.as_str()).collect();
                        format!("{}:{}", group.title, names.join(" "))
                    }
                    children=move |(group, cases)| view! {
                        <section class="gallery__group">
                            <h2>{group.title.as_str()}</h2>
                            <p>{group.about.as_str()}</p>
                            <ul class="cards">
                                {cases.into_iter().map(|it| card(store, it)).collect_view()}
                            </ul>
                        </section>
                    }
                />
            </Show>
        </main>
    }
}

fn card(store: Store, it: &'static Named) -> impl IntoView {
    let shown = Signal::derive(move || Shown {
        case: Chosen::Named(it.name.clone()),
        view: store.view.get(),
        theme: Theme::default(),
    });
    let findings = it.case.lint();
    let errors = findings.iter().filter(|it| it.rule.severity == Severity::Error).count();
    let said = match (errors, findings.len()) {
        (0, 0) => None,
        (0, many) => Some(("badge", format!("{many} to look at"))),
        (errors, _) => Some(("badge badge--error", format!("{errors} broken rules"))),
    };
    view! {
        <li class="card">
            <Preview
                shown
                frame=CARD
                height=CARD_HEIGHT
                scale=CARD_SCALE
                title=it.case.title.clone()
                picture=true
            />
            <h3>
                <a href=move || address::of_case(store, &it.name) rel="external">
                    {it.case.title.as_str()}
                </a>
            </h3>
            <p>{it.case.about.as_str()}</p>
            {said.map(|(class, said)| view! { <p class=class>{said}</p> })}
        </li>
    }
}
