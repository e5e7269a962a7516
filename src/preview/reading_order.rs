//! Every fixture is read in the order of the screen: who asks, who answers, the terms with their important
//! content, the statements, the items with their values, the channels, and what was agreed to before.
//! The order in the markup is the order in which a screen reader reads (WCAG 2.2, 1.3.2).

use consent_contract::{
    channel,
    item::ItemKey,
    locale::Locale,
    name,
    request::{ConsentRequest, Service, shown_statements},
    value,
};
use consent_fixtures::{Consent, Fixture, Localization, Screen, Stage};

use super::view;
use crate::{i18n, ssr};

/// The text of some HTML, without markup, and without what is hidden from screen readers.
fn text(html: &str) -> String {
    let mut text = String::new();
    // The nesting of elements inside a hidden one.
    let mut hidden: u32 = 0;
    let mut rest = html;
    while let Some((before, markup)) = rest.split_once('<') {
        if hidden == 0 {
            text += before;
        }
        let (tag, after) = markup.split_once('>').expect("a tag ends");
        rest = after;
        let is_void = ["input", "img", "br"].iter().any(|it| tag.starts_with(it));
        if tag.starts_with('/') {
            hidden = hidden.saturating_sub(1);
        } else if !is_void && (hidden > 0 || tag.contains("aria-hidden=\"true\"")) {
            hidden += 1;
        }
        text.push('\n');
    }
    text += rest;
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, letter)| text.replace(entity, letter))
}

/// Panics unless the texts occur one after the other.
fn occur_in_order(name: &str, page: &str, texts: &[String]) {
    let mut rest = page;
    for text in texts.iter().map(|text| name::clean(text)).filter(|text| !text.is_empty()) {
        let Some((_, after)) = rest.split_once(&text) else {
            panic!("{name}: {text:?} is not among what follows: {rest}\n\nall of it: {page}");
        };
        rest = after;
    }
}

fn service(service: &Service) -> [String; 3] {
    let host = service.destination_origin.trim_start_matches("https://").to_owned();
    [service.name.clone(), service.company.clone(), host]
}

/// The service's and the account's texts on the form, in order.
fn asked(consent: &Consent) -> Vec<String> {
    let request = &consent.request;
    let mut texts: Vec<String> = service(&request.service).into();
    texts.push(request.account.nickname.clone());
    texts.push(request.account.identifier.clone());
    for term in &request.terms {
        texts.push(term.title.clone());
        texts.extend(term.highlights.iter().map(|it| it.text.clone()));
    }
    let info = &request.personal_info;
    let mut above = None;
    for items in info.groups() {
        let statements = info.statements_of(&items[0]);
        let first = info.statements_of(&info.items[0]);
        let shown = shown_statements(statements, first, above.replace(statements));
        texts.extend((0..4).filter(|at| shown[*at]).map(|at| statements[at].clone()));
        for item in items {
            texts.push(item.label.clone());
            texts.extend(item.value.clone());
        }
    }
    texts.extend(channel::offered(request).iter().map(|it| it.name.clone()));
    texts.extend(request.already_agreed.terms.iter().map(|it| it.title.clone()));
    texts.extend(request.already_agreed.personal_info.iter().map(|it| it.label.clone()));
    texts
}

fn in_every_language(check: impl Fn(&str, &Fixture, &str, Locale)) {
    for named in consent_fixtures::all() {
        for locale in Locale::all() {
            let speech = Localization::In(locale);
            let localized = named.fixture.localized(speech);
            let html = ssr::html(|| view(&named.fixture, speech));
            check(&named.name, &localized, &html, locale);
        }
    }
}

#[test]
fn every_fixture_is_read_in_the_order_of_the_screen() {
    in_every_language(|name, fixture, html, _| match &fixture.screen {
        Screen::Consent(consent) => occur_in_order(name, &text(html), &asked(consent)),
        Screen::AutoLogin(it) => occur_in_order(name, &text(html), &service(&it.service)),
        _ => {}
    });
}

/// An error is read after the label of its row, and before the next row.
#[test]
fn an_error_is_read_within_its_row() {
    in_every_language(|name, fixture, html, locale| {
        let Screen::Consent(consent) = &fixture.screen else { return };
        if consent.stage != Stage::SomethingMissing {
            return;
        }
        let texts = i18n::texts(locale);
        let errors = errors(&consent.request, &consent.typed, |fault| match fault {
            None => texts.error_agree.to_owned(),
            Some((kind, fault, typed)) => texts.value_error(Some(kind), fault, typed),
        });
        let form = html.split_once("<fieldset").expect("a group").1;
        let rows = errors.into_iter().flat_map(|(label, error)| [label, error]);
        occur_in_order(name, &text(&["<fieldset", form].concat()), &rows.collect::<Vec<_>>());
    });
}

type Fault<'a> = (consent_contract::request::Collect, value::ValueFault, &'a str);

/// The label of each required row, and its error: nothing is ticked, or a value is not accepted.
fn errors(
    request: &ConsentRequest,
    typed: &std::collections::BTreeMap<String, String>,
    words: impl Fn(Option<Fault<'_>>) -> String,
) -> Vec<(String, String)> {
    if typed.is_empty() {
        let terms = request.terms.iter().filter(|it| it.required).map(|it| it.title.clone());
        let items = request.personal_info.items.iter().filter(|it| it.required);
        let rows = terms.chain(items.map(|it| it.label.clone()));
        return rows.map(|label| (label, words(None))).collect();
    }
    let items = request.personal_info.items.iter();
    items
        .filter_map(|item| {
            let (kind, typed) = (item.to_collect()?, typed.get(&item.id)?);
            let fault = value::normalise(kind, typed).err()?;
            Some((item.label.clone(), words(Some((kind, fault, typed)))))
        })
        .collect()
}

/// The parts of a row are named by its key: what describes a checkbox exists.
#[test]
fn what_describes_a_checkbox_exists() {
    in_every_language(|name, fixture, html, _| {
        let Screen::Consent(consent) = &fixture.screen else { return };
        let terms = consent.request.terms.iter().map(|it| ItemKey::Term(it.tag.clone()));
        let items = consent.request.personal_info.items.iter();
        for key in terms.chain(items.map(|it| ItemKey::Item(it.id.clone()))) {
            for part in ["", "-details", "-fault", "-beside"] {
                let id = format!("id=\"{key}{part}\"");
                assert_eq!(html.matches(&id).count(), 1, "{name}: {id}");
            }
        }
    });
}

#[test]
fn the_text_of_a_page_is_without_markup_and_without_what_is_hidden() {
    let html = r#"<p class="a">a &lt;b&gt;<span aria-hidden="true">x<i>y</i>z</span><input/>c</p>"#;
    assert_eq!(text(html).split_whitespace().collect::<Vec<_>>(), ["a", "<b>", "c"]);
}

/// The order would not be noticed otherwise.
#[test]
#[should_panic(expected = "is not among what follows")]
fn texts_out_of_order_are_found() {
    occur_in_order("made up", "second\nfirst", &["first".to_owned(), "second".to_owned()]);
}
