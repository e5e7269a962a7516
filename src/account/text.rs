//! A text exactly as it was shown.

use std::sync::Arc;

use consent_contract::{
    account::{LocalisedStatement, NewerText, ShownText, Statement, TextPage, text_path},
    name,
    request::shown_statements,
};
use leptos::prelude::*;

use super::{fact, header, moment::WithDay, untrusted_in, words::words};
use crate::{
    components::{Alert, AlertVariant, non_empty},
    consent::document_view::{Above, DocumentView},
    i18n::{self, Locale},
};

/// The title of the text.
pub fn heading(page: &TextPage, locale: Locale) -> &str {
    match &page.text {
        ShownText::Term(document) => &document.title,
        ShownText::Statement(_) => words(locale).statement_heading,
    }
}

pub fn view(page: &TextPage, locale: Locale) -> AnyView {
    let words = words(locale);
    let heading = non_empty(name::clean(heading(page, locale))).into_any();
    let lead = page.agreed_at.clone();
    let lead = lead.map(|at| view! { <WithDay text=words.text_agreed at locale/> }.into_any());
    let newer = page.newer.as_ref().map(|newer| newer_version(newer, &page.client_id, locale));
    let text = match &page.text {
        ShownText::Term(document) => {
            let document = Arc::new(document.clone());
            view! { <DocumentView document locale above=Above::H1/> }.into_any()
        }
        ShownText::Statement(LocalisedStatement { locale: language, statement }) => {
            self::statement(statement, Some(language), locale)
        }
    };
    view! {
        {header(heading, lead)}
        {newer}
        <div class="account-page__text">{text}</div>
    }
    .into_any()
}

fn newer_version(newer: &NewerText, client_id: &str, locale: Locale) -> AnyView {
    let words = words(locale);
    let (href, at) = (text_path(client_id, &newer.digest), newer.effective_from.clone());
    view! {
        <div class="account-page__notice">
            <Alert variant=AlertVariant::Info>
                <p>
                    <WithDay text=words.newer_version at locale/>
                    " "
                    <a class="link" href=href>{words.read_newer}</a>
                </p>
            </Alert>
        </div>
    }
    .into_any()
}

/// What was stated about the provision of personal information, in this language: what the items share,
/// then what differs for some of them.
pub fn statement(statement: &Statement, language: Option<&str>, locale: Locale) -> AnyView {
    let texts = i18n::texts(locale);
    let terms = [texts.recipient, texts.purpose, texts.retention, texts.refusal_effect];
    let groups = statement.groups();
    let first = groups[0].statements;
    let groups: Vec<_> = groups
        .iter()
        .enumerate()
        .map(|(place, group)| {
            let above = place.checked_sub(1).map(|above| groups[above].statements);
            let shown = shown_statements(group.statements, first, above);
            let facts: Vec<_> = (0..4)
                .filter(|at| shown[*at])
                .map(|at| fact(terms[at], vec![untrusted_in(group.statements[at], language)]))
                .collect();
            let items: Vec<_> = group
                .items
                .iter()
                .map(|(_, label, required)| {
                    let need = if *required { texts.required } else { texts.optional };
                    view! { {need} " " {untrusted_in(label, language)} }.into_any()
                })
                .collect();
            view! { <dl class="facts">{facts} {fact(words(locale).statement_items, items)}</dl> }
        })
        .collect();
    groups.into_any()
}
