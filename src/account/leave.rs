//! Asks before the connection with a service ends.

use consent_contract::{
    account::{LeavePage, field, leave_path, service_path},
    name, redirect,
};
use leptos::prelude::*;

use super::{header, words::words};
use crate::{
    components::{Alert, AlertVariant, LinkButton, Variant, WithName},
    consent::service::ServiceHeader,
    i18n::{self, Locale, after_sentence, fill},
};

pub fn view(page: &LeavePage, locale: Locale) -> AnyView {
    let words = words(locale);
    let texts = i18n::texts(locale);
    let service = page.service.clone();
    let name = service.name.clone();
    let heading = view! { <WithName text=words.leave_heading name/> }.into_any();
    let required = page.required.as_ref().map(|title| {
        let text = fill(words.leave_required, &name::clean(title));
        view! {
            <div class="account-page__notice">
                <Alert variant=AlertVariant::Warning><p>{text}</p></Alert>
            </div>
        }
    });
    let notified = match page.is_service_notified {
        true => words.leave_notified,
        false => words.leave_not_notified,
    };
    let channels: Vec<_> = page.channels.iter().map(|channel| name::clean(channel)).collect();
    let channels = (!channels.is_empty())
        .then(|| view! { <li>{fill(words.leave_channels, &channels.join(", "))}</li> });
    let policy =
        page.service.privacy_policy_url.clone().filter(|url| redirect::origin(url).is_ok());
    let policy = policy.map(|url| {
        view! {
            " "
            <a class="link" href=url rel="noopener noreferrer">{texts.privacy_policy}</a>
        }
    });
    // A service that is not configured any more states nothing.
    let header_of_service = (!service.company.is_empty()).then(|| {
        view! { <div class="account-page__service"><ServiceHeader service texts/></div> }
    });
    let retention = (!page.retention.is_empty())
        .then(|| fill(words.leave_retention, &name::clean(&page.retention)));
    view! {
        {header_of_service}
        {header(heading, None)}
        {required}
        <section class="account-page__prose" aria-labelledby="what-follows">
            <h2 class="account-page__subheading" id="what-follows">{words.leave_what_follows}</h2>
            <ul class="account-page__bullets">
                <li>{words.leave_consents_end}</li>
                <li>{notified}</li>
                <li>
                    {words.leave_data}
                    {after_sentence(words.leave_data)}
                    {retention}
                    {policy}
                </li>
                {channels}
                <li>{words.leave_coming_back}</li>
            </ul>
        </section>
        <div class="actions">
            <form class="actions__buttons" method="post" action=leave_path(&page.client_id)>
                <input type="hidden" name=field::CSRF_TOKEN value=page.csrf_token.clone()/>
                <LinkButton variant=Variant::Secondary href=service_path(&page.client_id)>
                    {words.stay}
                </LinkButton>
                <button type="submit" class=Variant::Secondary.class()>{words.leave_confirm}</button>
            </form>
        </div>
    }
    .into_any()
}
