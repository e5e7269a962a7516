//! A receipt, to read and to print.

use consent_contract::{
    account::{ReceiptLine, ReceiptPage, receipt_download_path, text_path},
    name,
};
use leptos::prelude::*;

use super::{
    Part, agreement::State, fact, header, moment::Moment, text, untrusted_in, words::words,
};
use crate::{
    components::{LinkButton, ProperName, Variant},
    i18n::{self, Locale},
};

pub fn view(page: &ReceiptPage, locale: Locale) -> AnyView {
    let words = words(locale);
    let texts = i18n::texts(locale);
    let lines: Vec<_> = page.lines.iter().map(|it| line(it, page, locale)).collect();
    let lines = (!lines.is_empty()).then(|| {
        view! {
            <Part id="lines" heading=words.receipt_lines>
                <ul class="agreements">{lines}</ul>
            </Part>
        }
    });
    let statement = page.statement.as_ref().map(|statement| {
        let statement = text::statement(statement, page.locale.as_deref(), locale);
        view! { <Part id="statement" heading=texts.personal_info>{statement}</Part> }
    });
    let download = page.can_download.then(|| {
        let href = receipt_download_path(&page.receipt_id);
        view! {
            <LinkButton variant=Variant::Secondary href>{words.receipt_download}</LinkButton>
        }
    });
    view! {
        {header(words.receipt_heading.into_any(), Some(words.event(page.event).into_any()))}
        <div class="receipt">
            <dl class="facts">{facts(page, locale)}</dl>
            {lines}
            {statement}
        </div>
        <div class="account-page__ways">
            <p class="account-page__hint">{words.receipt_print}</p>
            {download}
        </div>
    }
    .into_any()
}

fn facts(page: &ReceiptPage, locale: Locale) -> Vec<AnyView> {
    let words = words(locale);
    // Not known of a service that is not configured any more.
    let company = (!page.service.company.is_empty()).then(|| {
        view! { " · " <ProperName text=page.service.company.clone()/> }
    });
    let service = view! {
        <ProperName text=page.service.name.clone()/>
        {company}
    };
    let account = view! {
        <ProperName text=page.account.nickname.clone()/>
        " "
        <ProperName text=page.account.identifier.clone()/>
    };
    let at = view! { <Moment at=page.at.clone() locale/> };
    let language = page.locale.clone().map(|tag| {
        let name = Locale::of(&tag).map_or_else(|| tag.clone(), |it| it.name().to_owned());
        let name = view! { <span lang=tag>{name}</span> };
        fact(words.receipt_language, vec![name.into_any()])
    });
    let number = view! { <code translate="no">{page.receipt_id.clone()}</code> };
    let facts = [
        fact(words.receipt_service, vec![service.into_any()]),
        fact(words.receipt_account, vec![account.into_any()]),
        fact(words.receipt_event, vec![words.event(page.event).into_any()]),
        fact(words.receipt_time, vec![at.into_any()]),
    ];
    let number = fact(words.receipt_number, vec![number.into_any()]);
    let guardian = page.guardian.clone().map(|guardian| {
        let guardian = view! { <ProperName text=guardian/> };
        fact(words.receipt_guardian, vec![guardian.into_any()])
    });
    facts.into_iter().chain(guardian).chain(language).chain([number]).collect()
}

fn line(line: &ReceiptLine, page: &ReceiptPage, locale: Locale) -> AnyView {
    let words = words(locale);
    let title = untrusted_in(&line.title, page.locale.as_deref());
    let texts = i18n::texts(locale);
    let need = line.required.map(|required| {
        let (need, class) = match required {
            true => (texts.required, "row__need row__need--required"),
            false => (texts.optional, "row__need"),
        };
        view! { <span class=class>{need}</span> " " }
    });
    let version = line.version.as_ref().map(|version| {
        let version = i18n::fill(texts.version, &name::clean(version));
        view! { <p class="agreement__about">{version}</p> }
    });
    let digest = line.digest.as_ref().map(|digest| {
        let href = text_path(&page.client_id, digest);
        view! {
            <p class="agreement__digest">
                <a class="link" href=href>{words.receipt_digest}</a>
                " "
                <code translate="no">{digest.clone()}</code>
            </p>
        }
    });
    view! {
        <li class="agreement">
            <div class="agreement__head">
                <p class="agreement__title">{need} {title}</p>
                <State state=line.state words/>
            </div>
            {version}
            {digest}
        </li>
    }
    .into_any()
}
