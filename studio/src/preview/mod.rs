//! The app inside the preview frames: the screen, rendered from the fixture in the address.
//!
//! It sends no requests: there is no backend, links and forms are inert, and the server's policy allows
//! it to load its own files only.

mod dom;
mod inert;
mod measure;
mod notes;
mod outlines;
mod overrides;
mod pictures;
mod places;
mod reading;

use std::{
    any::Any,
    cell::{Cell, RefCell},
};

use consent_fixtures::{Fixture, Screen, Stage};
use consent_screen::{browser::document, i18n, preview::PicturesFromDisk};
use leptos::{mount::mount_to, prelude::*};

use crate::{
    browser,
    message::{FromPreview, Sought, ToPreview},
    share::{self, DecodeError},
    state::PreviewState,
};

/// A mounted view, and the state that it shows; none for an error.
struct Mounted {
    state: Option<PreviewState>,
    _handle: Box<dyn Any>,
}

thread_local! {
    static MOUNTED: RefCell<Option<Mounted>> = const { RefCell::new(None) };
    /// Whether the form is shown, and the user has not answered anything yet.
    static UNTOUCHED: Cell<bool> = const { Cell::new(false) };
    /// The key of the place that is edited; empty for none.
    static EDITED: RefCell<String> = const { RefCell::new(String::new()) };
    /// The keys of the places that differ from another state.
    static CHANGED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// What a finding is about.
    static SOUGHT: RefCell<Option<Sought>> = const { RefCell::new(None) };
}

/// Renders the fixture of the address, and follows its changes.
pub fn start() {
    i18n::offer_shipped();
    inert::disable_links_and_forms();
    inert::keep_thumbnail_still();
    notes::listen();
    // In two tasks: the gallery has many frames in its thread.
    let code = browser::fragment();
    let decoded = decode(&code);
    browser::soon(move || {
        if browser::fragment() == code {
            show(decoded);
        }
    });
    browser::on_window("hashchange", |_| show(decode(&browser::fragment())));
    browser::on_window("resize", |_| measure());
    browser::on_window("message", |event| {
        let message = browser::message_from_parent(&event);
        if let Some(message) = message.and_then(|json| serde_json::from_str(&json).ok()) {
            receive(message);
        }
    });
    browser::on_window("mouseover", |event| reading::pointed(&event));
    // A click on "agree to all" also ticks.
    for event in ["click", "input", "change"] {
        browser::on_window(event, |event| {
            UNTOUCHED.set(UNTOUCHED.get() && !event.is_trusted());
            reading::changed();
        });
    }
}

/// The studio sends each message again when the page was drawn: the same one changes nothing.
fn receive(message: ToPreview) {
    match message {
        ToPreview::Edited(key) => {
            if EDITED.replace(key.clone()) != key {
                browser::when_drawn(show_edited);
            }
        }
        ToPreview::Changed(keys) => {
            CHANGED.set(keys);
            show_changed();
        }
        ToPreview::Notes(notes) => notes::show(notes),
        ToPreview::Listen(on) => reading::listen(on),
        ToPreview::Point(index) => reading::point(index),
        ToPreview::Find(sought) => find(sought),
    }
}

fn post(message: &FromPreview) {
    browser::post_to_parent(&serde_json::to_string(message).expect("a message becomes JSON"));
}

fn show(decoded: Result<(PreviewState, Fixture), DecodeError>) {
    match decoded {
        Ok((state, fixture)) => {
            let theme = fixture.theme.overlaid(&state.theme);
            overrides::apply(&state.view.offered(), &theme);
            if !update(&state) {
                render(state, fixture);
            }
            measure();
        }
        Err(error) => {
            document::set_title("Nothing to show");
            mount(None, move || view! { <Failed error /> }.into_any());
        }
    }
}

fn decode(code: &str) -> Result<(PreviewState, Fixture), DecodeError> {
    let state: PreviewState = share::decode(code)?;
    let mut fixture = state.fixture.fixture().ok_or(DecodeError::NotAState)?;
    if let Some(root) = browser::root() {
        // The preview has a folder of its own in the studio's.
        pictures::resolve(&mut fixture, root.trim_end_matches("preview/"));
    }
    Ok((state, fixture))
}

/// Keeps the mounted view where only its theme or size has changed, and with it the user's answers. False
/// if it has to be rendered again.
fn update(state: &PreviewState) -> bool {
    MOUNTED.with_borrow_mut(|mounted| {
        let before = mounted.as_mut().and_then(|it| it.state.as_mut());
        let Some(before) = before.filter(|before| {
            before.fixture == state.fixture && before.view.language == state.view.language
        }) else {
            return false;
        };
        before.clone_from(state);
        true
    })
}

fn render(state: PreviewState, fixture: Fixture) {
    let localization = state.view.language.localization();
    let locale = localization.locale();
    document::set_language(locale.tag(), i18n::texts(locale).direction);
    document::set_title(&fixture.title);
    let unanswered =
        matches!(&fixture.screen, Screen::Consent(consent) if consent.stage == Stage::Asking);
    UNTOUCHED.set(unanswered);
    mount(Some(state), move || {
        provide_context(PicturesFromDisk);
        consent_screen::preview::view(&fixture, localization)
    });
    browser::when_drawn(show_edited);
}

/// Brings what is edited into view, and outlines it.
fn show_edited() {
    EDITED.with_borrow(|key| outlines::show_edited(key));
}

/// Outlines what a finding is about. It is brought into view and reported once, and outlined again on a
/// page that was drawn again.
fn find(sought: Option<Sought>) {
    let is_new = SOUGHT.with_borrow(|before| *before != sought);
    let is_any = sought.is_some();
    SOUGHT.set(sought);
    let found = SOUGHT.with_borrow(|sought| outlines::show_found(sought.as_ref()));
    if is_new && is_any {
        if let Some(first) = found.first() {
            places::bring_into_view(first);
        }
        post(&FromPreview::Found(found.len()));
    }
}

/// Outlines what differs from another state.
fn show_changed() {
    CHANGED.with_borrow(|keys| outlines::show_changed(keys));
}

/// Replaces the mounted view.
fn mount(state: Option<PreviewState>, view: impl FnOnce() -> AnyView + 'static) {
    MOUNTED.take();
    let Some(root) = document::mount_point() else { return };
    let handle = Box::new(mount_to(root, view));
    inert::keep_focus();
    MOUNTED.set(Some(Mounted { state, _handle: handle }));
}

#[component]
fn Failed(error: DecodeError) -> impl IntoView {
    view! {
        <main class="page">
            <div class="problem">
                <h1 class="page-heading">"Nothing to show"</h1>
                <p class="lead">{error.to_string()} "."</p>
            </div>
        </main>
    }
}

/// Measures the next frame, and sends the result to the studio, unless that does not read it.
fn measure() {
    if inert::is_unmeasured() {
        return;
    }
    browser::when_drawn(|| {
        measure::report(UNTOUCHED.get());
        notes::refresh();
    });
}
