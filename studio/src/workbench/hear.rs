//! What a screen reader announces of the preview.

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    browser,
    language::{current, t, t_in},
    store::Store,
    utterance::{Announcement, Utterance},
};

/// The lines of the list, for the arrow keys.
const LINES: &str = ".heard__line";

/// The page in reading order, and what is announced by itself. Pointing at one shows the other.
#[component]
pub fn Hear() -> impl IntoView {
    let store = expect_context::<Store>();
    let hearing = store.hearing;
    hearing.on.set(true);
    on_cleanup(move || {
        hearing.on.try_set(false);
        hearing.pointed_here.try_set(None);
    });
    let language = move || store.view.read().language.localization().locale().tag();
    // One line is a stop of the Tab key.
    let stop = RwSignal::new(0);
    let count = move || hearing.utterances.read().len();
    let lines = move || {
        hearing
            .utterances
            .get()
            .into_iter()
            .enumerate()
            .map(|(index, utterance)| {
                view! {
                    <Line index utterance stop />
                }
            })
            .collect_view()
    };
    view! {
        <div class="hear">
            <p class="panel__lead">
                {t("What a screen reader announces when it reads the page from the top: role, name, \
                    description and state. Each product has words of its own for them. \
                    Move with the arrow keys; the preview outlines the line.")}
            </p>
            <h2 class="visually-hidden">{t("In reading order")}</h2>
            <Show when=move || count() != 0 fallback=|| view! { <p role="status">{t("Listening")}</p> }>
                <ol class="heard" lang=language on:keydown=|event| move_among_lines(&event)>
                    {lines}
                </ol>
            </Show>
            <Announcements />
        </div>
    }
}

#[component]
fn Line(index: usize, utterance: Utterance, stop: RwSignal<usize>) -> impl IntoView {
    let hearing = expect_context::<Store>().hearing;
    let point = move || hearing.pointed_here.set(Some(index));
    let leave = move || hearing.pointed_here.set(None);
    let is_pointed = move || hearing.pointed_there.get() == Some(index);
    let Utterance { role, name, description, value, states } = utterance;
    let is_text = role.is_empty();
    let part = |class: &'static str, text: String| {
        (!text.is_empty()).then(|| view! { " " <span class=class>{text}</span> })
    };
    view! {
        <li>
            <button
                class="heard__line"
                class:heard__line--text=is_text
                class:heard__line--pointed=is_pointed
                tabindex=move || if stop.get() == index { "0" } else { "-1" }
                on:mouseenter=move |_| point()
                on:mouseleave=move |_| leave()
                on:focus=move |_| {
                    stop.set(index);
                    point();
                }
                on:blur=move |_| leave()
            >
                {(!is_text).then(|| view! {
                    <span class="heard__role" lang=current()>{t_in("role", &role).to_owned()}</span>
                })}
                {part("heard__name", name)}
                {part("heard__description", description)}
                {part("heard__value", value)}
                {states.into_iter().map(|state| view! {
                    " " <span class="heard__state" lang=current()>{t_in("state", &state).to_owned()}</span>
                }).collect_view()}
            </button>
        </li>
    }
}

#[component]
fn Announcements() -> impl IntoView {
    let store = expect_context::<Store>();
    let announcements = store.hearing.announcements;
    let language = move || store.view.read().language.localization().locale().tag();
    let is_empty = move || announcements.read().is_empty();
    view! {
        <section class="hear__live" aria-labelledby="announced">
            <h2 id="announced">{t("Announced by itself")}</h2>
            <Show
                when=move || !is_empty()
                fallback=|| view! {
                    <p>{t("Nothing yet. Use the preview: leave a required box empty and agree.")}</p>
                }
            >
                <ol class="heard" lang=language>
                    {move || announcements.get().into_iter().map(|Announcement { politeness, text }| view! {
                        <li class="heard__announcement">
                            <span class="heard__role" lang=current()>{t_in("role", politeness.name())}</span>
                            " "
                            <span class="heard__name">{text}</span>
                        </li>
                    }).collect_view()}
                </ol>
                <button class="tool" on:click=move |_| announcements.set(Vec::new())>{t("Clear")}</button>
            </Show>
        </section>
    }
}

fn move_among_lines(event: &KeyboardEvent) {
    let is_moved = match event.key().as_str() {
        "ArrowDown" => browser::move_focus(LINES, |at, count| (at + 1).min(count - 1)),
        "ArrowUp" => browser::move_focus(LINES, |at, _| at.saturating_sub(1)),
        "Home" => browser::move_focus(LINES, |_, _| 0),
        "End" => browser::move_focus(LINES, |_, count| count - 1),
        _ => false,
    };
    if is_moved {
        event.prevent_default();
    }
}
