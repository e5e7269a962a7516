//! The states of the screen without a backend: the same components with a mock. Nothing here can send
//! a request or record anything.
//!
//! For the studio, for tests and for screenshots; the end user's bundle is built without it.

mod mock_backend;
mod page;
#[cfg(all(test, feature = "ssr"))]
mod reading_order;
mod server_page;

use std::sync::Arc;

use consent_contract::{auto_login::Page, request::ConsentRequest};
use consent_fixtures::{
    AutoLogin, AutoLoginPage, ChangedText, Fixture, LANGUAGES, Localization, Screen,
};
use leptos::prelude::*;

pub use crate::components::PicturesFromDisk;
pub use page::{is_reached, page};

use crate::{
    account,
    auto_login::{self, Visit},
    consent::{ConsentForm, ConsentPage, text_changes::ChangesPage},
    i18n::{self, Locale, reasons},
};

/// The target of links in a preview: no page, but a valid path.
const NOWHERE: &str = "/preview";

/// The case, in the language of choice, as a page that can be tried.
#[must_use]
pub fn view(case: &Fixture, speech: Localization) -> AnyView {
    i18n::offer_shipped();
    i18n::pseudo::turn(speech == Localization::Pseudo);
    let localized = case.localized(speech);
    match &localized.screen {
        Screen::AutoLogin(it) => auto_login(it, speech),
        Screen::Account(page) => account::view(page, speech.locale()),
        Screen::TextChanges(it) => text_changes(it, speech),
        Screen::ServerPage(name) => server_page::view(name, speech.locale()),
        _ => {
            let page = page(&localized, speech.locale());
            let form = ConsentForm::for_preview(page, mock_backend::of(case, speech));
            view! { <ConsentPage form/> }.into_any()
        }
    }
}

/// A request with its reasons in sentences and its languages, as a backend sends them.
fn with_reason(mut request: ConsentRequest) -> ConsentRequest {
    i18n::offer_shipped();
    request.languages.get_or_insert_with(|| LANGUAGES.map(Locale::tag).join(" "));
    if let (None, Some(locale)) = (&request.reason, Locale::of(&request.locale)) {
        request.heading = reasons::heading(&request, locale);
        request.reason = reasons::sentences(&request, locale);
    }
    request
}

fn text_changes(it: &ChangedText, speech: Localization) -> AnyView {
    let (document, changes) = (Arc::new(it.document.clone()), Arc::new(it.changes.clone()));
    let title = document.title.clone();
    let (action, locale) = (NOWHERE.to_owned(), speech.locale());
    view! { <ChangesPage action locale title document changes form=Vec::new()/> }.into_any()
}

fn auto_login(it: &AutoLogin, speech: Localization) -> AnyView {
    let visit = Visit {
        page: match it.page {
            AutoLoginPage::Welcome | AutoLoginPage::NotSignedIn => Page::Welcome,
            AutoLoginPage::SignUp => Page::SignUp,
            AutoLoginPage::LogIn => Page::LogIn,
        },
        client_id: "preview",
        service: &it.service,
        account: it.account.as_ref(),
        log_in_url: NOWHERE,
        look_around_url: NOWHERE,
        redirect_uri: NOWHERE,
        outside_url: it.opens_outside.then_some(NOWHERE),
        app_files: &[],
    };
    match it.page {
        AutoLoginPage::NotSignedIn => auto_login::not_signed_in(&visit, speech.locale()),
        _ => auto_login::view(&visit, speech.locale()),
    }
}
