//! The screen as a case shows it: the components that everybody else sees, with a small world of
//! their own in the place of the backend. Nothing here can ask an endpoint or record anything.
//!
//! For the studio, for tests and for pictures; the end user's bundle is built without it.

mod page;
mod world;

use consent_contract::auto_login::Page;
use consent_fixtures::{AutoLogin, AutoLoginPage, Fixture, Localization, Screen};
use leptos::prelude::AnyView;

pub use page::{is_reached, page};

use crate::{
    auto_login::{self, Visit},
    consent::{self, Machine},
    i18n,
};

/// What a link of the preview leads to: nothing, but it looks like an address.
const NOWHERE: &str = "/preview";

/// The case, in the language of choice, as a page that can be tried.
#[must_use]
pub fn view(case: &Fixture, speech: Localization) -> AnyView {
    i18n::pretended::turn(speech == Localization::Pseudo);
    let spoken = case.localized(speech);
    match &spoken.screen {
        Screen::AutoLogin(it) => auto_login(it, speech),
        _ => {
            let page = page(&spoken, speech.locale());
            consent::page(Machine::previewing(page, world::of(case, speech)))
        }
    }
}

fn auto_login(it: &AutoLogin, speech: Localization) -> AnyView {
    let visit = Visit {
        page: match it.page {
            AutoLoginPage::Greeting | AutoLoginPage::NotSignedIn => Page::Greeting,
            AutoLoginPage::SignUp => Page::SignUp,
            AutoLoginPage::LogIn => Page::LogIn,
        },
        client_id: "preview",
        service: &it.service,
        account: it.account.as_ref(),
        log_in_url: NOWHERE,
        look_around_url: NOWHERE,
        redirect_uri: NOWHERE,
        outside_url: Some(NOWHERE),
        app_files: &[],
    };
    match it.page {
        AutoLoginPage::NotSignedIn => auto_login::not_signed_in(&visit, speech.locale()),
        _ => auto_login::view(&visit, speech.locale()),
    }
}
