//! Every state of one service in the order in which a user meets them, on the screen and on paper.

mod adapted;
mod board;
mod card;
mod controls;
mod layout;
mod noted;
mod paper;
mod printing;

use consent_fixtures::Fixture;
use consent_screen::browser::document;
use leptos::{ev::KeyboardEvent, html, prelude::*};

use crate::{
    address, browser,
    components::{NotFound, Notice},
    language::{t, tf},
    services,
    state::{BoardTheme, Language},
    store::Store,
};
use adapted::sign_up_of;
use board::{Board, Chapter, Column};
use card::{CARD_LINK, CardView};
use controls::Header;
use noted::{Noted, noted};
use paper::{Cover, Signature};
use printing::Printing;

/// What the cards have in common.
#[derive(Clone, Copy)]
struct Shared {
    board: Memo<Board>,
    /// The sign-up of the service, in the language of the previews.
    sign_up: Memo<Fixture>,
    theme: Memo<BoardTheme>,
    scale: Memo<f64>,
    printing: Printing,
    /// The states that have notes.
    noted: Memo<Vec<Noted>>,
}

/// The page of the storyboard.
#[component]
pub fn StoryboardPage() -> impl IntoView {
    let store = expect_context::<Store>();
    address::open_current(store);
    view! {
        <Show when=move || store.found.get() fallback=NotFound>
            <Storyboard />
        </Show>
    }
}

#[component]
fn Storyboard() -> impl IntoView {
    let store = expect_context::<Store>();
    let main = NodeRef::<html::Main>::new();
    let room = RwSignal::new(0.0);
    main.on_load(move |element| {
        let measured = element.clone();
        let watch = browser::Size::new(&element, move || {
            room.try_set(f64::from(measured.client_width()));
        });
        StoredValue::new_local(watch);
    });
    let language = Memo::new(move |_| store.view.read().language);
    let edited = Memo::new(move |_| sign_up_of(&store.fixture.read()));
    let shown = Memo::new(move |_| in_language(store, &edited.read(), language.get()));
    let board = Memo::new(move |_| {
        Board::new(&shown.read(), &edited.read(), language.get().localization())
    });
    let sign_up = Memo::new(move |_| shown.read().localized(language.get().localization()));
    let theme = Memo::new(move |_| match store.storyboard.read().both_themes {
        true => BoardTheme::Both,
        false => BoardTheme::of(store.view.read().scheme),
    });
    let both = move || theme.get() == BoardTheme::Both;
    let scale = Memo::new(move |_| {
        layout::scale(store.storyboard.read().zoom, store.frame.get(), both(), room.get())
    });
    let printing = Printing::new();
    let noted = Memo::new(move |_| noted(store));
    provide_context(Shared { board, sign_up, theme, scale, printing, noted });
    Effect::new(move |_| {
        let name = service_name(&sign_up.read());
        document::set_title(&tf("{name} · Storyboard · Preview studio", &[("name", &name)]));
    });
    let px = |length: f64| format!("{length}px");
    let column = move || layout::column(store.frame.get(), both(), scale.get());
    let height = move || layout::height(store.frame.get(), scale.get());
    view! {
        <Header />
        <Notice />
        <main
            class="board"
            node_ref=main
            style=("--way", px(layout::WAY))
            style=("--gap", px(layout::PAIR_GAP))
            style=("--column", move || px(column()))
            style=("--tall", move || px(height()))
            on:keydown=move |event| move_among_cards(&event)
        >
            <Cover />
            {move || board.get().chapters.into_iter().enumerate().map(|(at, chapter)| view! {
                <ChapterView chapter at />
            }).collect_view()}
            <LeftOut />
            <Signature />
        </main>
    }
}

/// The sign-up of a draft of a file with the texts of the file.
fn in_language(store: Store, sign_up: &Fixture, language: Language) -> Fixture {
    match &*store.source.read() {
        Some(source) => services::in_language(sign_up, source, language),
        None => sign_up.clone(),
    }
}

fn service_name(sign_up: &Fixture) -> String {
    sign_up.request().map(|request| request.service.name.clone()).unwrap_or_default()
}

/// The arrow keys move from state to state, as the arrows point.
fn move_among_cards(event: &KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
        return;
    }
    let is_moved = match event.key().as_str() {
        "ArrowRight" => browser::move_focus(CARD_LINK, |at, count| (at + 1).min(count - 1)),
        "ArrowLeft" => browser::move_focus(CARD_LINK, |at, _| at.saturating_sub(1)),
        "Home" => browser::move_focus(CARD_LINK, |_, _| 0),
        "End" => browser::move_focus(CARD_LINK, |_, count| count - 1),
        _ => false,
    };
    if is_moved {
        event.prevent_default();
    }
}

#[component]
fn ChapterView(chapter: Chapter, at: usize) -> impl IntoView {
    let number = at + 1;
    let id = format!("chapter-{number}");
    view! {
        <section class="chapter" aria-labelledby=id.clone()>
            <p class="chapter__number" aria-hidden="true">{number}</p>
            <h2 class="chapter__title" id=id.clone()>{chapter.title}</h2>
            <p class="chapter__about">{chapter.about}</p>
            <ol class="chapter__columns" aria-labelledby=id.clone()>
                {chapter.columns.into_iter().map(|column| view! { <ColumnView column /> }).collect_view()}
            </ol>
        </section>
    }
}

#[component]
fn ColumnView(column: Column) -> impl IntoView {
    let Column { step, branches } = column;
    let label = tf("Branches of “{title}”", &[("title", &t(&step.shown.title))]);
    let branches = (!branches.is_empty()).then(|| {
        view! {
            <ol class="column__branches" aria-label=label>
                {branches.into_iter().map(|card| view! {
                    <li class="column__branch"><CardView card /></li>
                }).collect_view()}
            </ol>
        }
    });
    view! {
        <li class="column">
            <CardView card=step />
            {branches}
        </li>
    }
}

/// The states that are not on the board, each with its reason.
#[component]
fn LeftOut() -> impl IntoView {
    let Shared { board, .. } = expect_context();
    view! {
        <section class="left-out" aria-labelledby="left-out">
            <h2 id="left-out">{t("Not on this board")}</h2>
            <p>{t("States that this service does not have, or that look like another one.")}</p>
            <dl>
                {move || board.get().left_out.into_iter().map(|it| view! {
                    <div>
                        <dt>{it.title}</dt>
                        <dd>{it.reason}</dd>
                    </div>
                }).collect_view()}
            </dl>
        </section>
    }
}
