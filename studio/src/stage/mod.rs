//! What the frames hold: the screen itself, shown from the case that the address names.
//!
//! It asks nobody and leads nowhere: there is no backend behind its buttons, links and forms go
//! nowhere, and the server that serves it allows it to ask for its own files only.

mod colour;
mod look;
mod measure;
mod still;

use std::{
    any::Any,
    cell::{Cell, RefCell},
};

use consent_cases::{Moment, Screen};
use consent_screen::browser::document;
use leptos::{mount::mount_to, prelude::*};

use crate::{
    browser,
    share::{self, Unreadable},
    shown::Shown,
};

thread_local! {
    static ON_STAGE: RefCell<Option<(Shown, Box<dyn Any>)>> = const { RefCell::new(None) };
    /// Whether the case asks, and the person has not answered anything yet.
    static UNTOUCHED: Cell<bool> = const { Cell::new(false) };
}

/// Shows what the address names, and again whenever that changes.
pub fn start() {
    still::stand();
    show();
    browser::on_window("hashchange", |_| show());
    browser::on_window("resize", |_| measure());
    // A button ticks, too.
    for event in ["click", "input", "change"] {
        browser::on_window(event, |event| UNTOUCHED.set(UNTOUCHED.get() && !event.is_trusted()));
    }
}

fn show() {
    let shown = share::decode::<Shown>(&browser::fragment());
    let case = shown.and_then(|shown| match shown.case.case() {
        Some(case) => Ok((shown, case)),
        None => Err(Unreadable::NotThis),
    });
    match case {
        Ok((shown, case)) => {
            let speech = shown.view.speaks.speech();
            look::put_on(&shown.view.offered(), &shown.theme);
            // Another colour or size is no reason to lose what the person has ticked.
            let same = ON_STAGE.with_borrow(|on_stage| {
                on_stage.as_ref().is_some_and(|(before, _)| {
                    before.case == shown.case && before.view.speaks == shown.view.speaks
                })
            });
            if !same {
                document::set_language(speech.locale().tag());
                document::set_title(&case.title);
            }
            if same {
                ON_STAGE.with_borrow_mut(|on_stage| {
                    if let Some((before, _)) = on_stage {
                        *before = shown;
                    }
                });
            } else {
                UNTOUCHED.set(matches!(
                    &case.screen,
                    Screen::Consent(consent) if consent.moment == Moment::Asking
                ));
                put(Some(shown), move || consent_screen::preview::view(&case, speech));
            }
            measure();
        }
        Err(why) => {
            document::set_title("Nothing to show");
            put(None, move || {
                view! {
                    <main class="page">
                        <div class="problem">
                            <h1 class="page-heading">"Nothing to show"</h1>
                            <p class="lead">{why.to_string()} "."</p>
                        </div>
                    </main>
                }
                .into_any()
            });
        }
    }
}

/// Measures what is drawn next.
fn measure() {
    browser::when_drawn(|| measure::tell(UNTOUCHED.get()));
}

/// Takes away what is on the stage and puts something else there.
fn put(shown: Option<Shown>, view: impl FnOnce() -> AnyView + 'static) {
    ON_STAGE.take();
    let Some(place) = document::mount_point() else { return };
    let handle: Box<dyn Any> = Box::new(mount_to(place, view));
    still::keep_focus();
    // Without a case there is nothing that could be the same the next time.
    let nothing = || Shown {
        case: crate::shown::Chosen::Named(String::new()),
        view: crate::shown::View::default(),
        theme: crate::theme::Theme::default(),
    };
    ON_STAGE.set(Some((shown.unwrap_or_else(nothing), handle)));
}
