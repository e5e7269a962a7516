//! The signed-in browsers, and signing out.

use consent_contract::account::{
    END_EVERY_SESSION, END_SESSION, SessionEntry, SessionsPage, field,
};
use leptos::prelude::*;

use super::{header, moment::WithMoment, words::words};
use crate::{
    components::{ProperName, Variant},
    consent::account::AccountSection,
    i18n::{self, Locale},
};

pub fn view(page: &SessionsPage, locale: Locale) -> AnyView {
    let words = words(locale);
    let account = page.account.clone();
    let sessions: Vec<_> =
        page.sessions.iter().map(|it| session(it, &page.csrf_token, locale)).collect();
    view! {
        {header(words.sessions.into_any(), Some(words.sessions_lead.into_any()))}
        <AccountSection account texts=i18n::texts(locale)/>
        <ul class="agreements account-page__part">{sessions}</ul>
        <div class="account-page__ways">
            <p class="account-page__hint">{words.sessions_note}</p>
            <form class="cancel" method="post" action=END_EVERY_SESSION>
                <input type="hidden" name=field::CSRF_TOKEN value=page.csrf_token.clone()/>
                <button type="submit" class=Variant::Secondary.class()>
                    {words.end_every_session}
                </button>
            </form>
        </div>
    }
    .into_any()
}

fn session(session: &SessionEntry, csrf_token: &str, locale: Locale) -> AnyView {
    let words = words(locale);
    let device = match &session.device {
        Some(device) => view! { <ProperName text=device.clone()/> }.into_any(),
        None => words.unknown_device.into_any(),
    };
    let current = session.is_current.then(|| {
        view! { <span class="state state--agreed">{words.current_session}</span> }
    });
    let label = match &session.device {
        Some(device) => view! { <ProperName text=device.clone()/> }.into_any(),
        None => words.unknown_device.into_any(),
    };
    let (signed_in_at, ends_at) = (session.signed_in_at.clone(), session.ends_at.clone());
    view! {
        <li class="agreement">
            <div class="agreement__head">
                <p class="agreement__title">{device}</p>
                {current}
            </div>
            <p class="agreement__about">
                <span class="agreement__part">
                    <WithMoment text=words.signed_in_at at=signed_in_at locale/>
                </span>
                " "
                <span class="agreement__part">
                    <WithMoment text=words.session_ends_at at=ends_at locale/>
                </span>
            </p>
            <div class="agreement__actions">
                <form class="agreement__withdraw" method="post" action=END_SESSION>
                    <input type="hidden" name=field::CSRF_TOKEN value=csrf_token.to_owned()/>
                    <button
                        type="submit"
                        class=Variant::Link.class()
                        name=field::SESSION
                        value=session.reference.clone()
                    >
                        <span class="visually-hidden">{label} " "</span>
                        {words.end_session}
                    </button>
                </form>
            </div>
        </li>
    }
    .into_any()
}

/// After every session has ended.
pub fn signed_out(locale: Locale) -> AnyView {
    let words = words(locale);
    header(words.signed_out_heading.into_any(), Some(words.signed_out_text.into_any()))
}
