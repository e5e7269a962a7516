//! The rules about the data of a request.

mod channels;
mod documents;
pub mod fixes;
mod language;
mod marketing;
mod names;
mod provision;
mod screen;
mod terms;
mod texts;

use consent_contract::{channel, request::ConsentRequest};

use crate::{
    Findings, Rule,
    text::{Pattern, Text, literal},
    words,
};

/// The rules, by what they are about.
pub const ALL: [&[Rule]; 9] = [
    terms::ALL,
    documents::ALL,
    marketing::ALL,
    provision::ALL,
    texts::ALL,
    language::ALL,
    names::ALL,
    channels::ALL,
    screen::ALL,
];

/// Checks a request.
pub fn check(request: &ConsentRequest) -> Findings {
    let mut findings = Findings::default();
    // With the texts as they were written: what is wrong with them is not shown.
    names::check(&mut findings, request);
    let request = &crate::as_shown(request);
    let screen = Screen::of(request);
    terms::check(&mut findings, &screen);
    marketing::check(&mut findings, &screen);
    provision::check(&mut findings, &screen);
    texts::check(&mut findings, &screen);
    language::check(&mut findings, request);
    channels::check(&mut findings, request);
    screen::check(&mut findings, request);
    findings
}

/// Checks the full texts. Places are beside the request.
pub fn check_documents(request: &ConsentRequest, has_text: &dyn Fn(&str) -> bool) -> Findings {
    let mut findings = Findings::default();
    documents::check(&mut findings, request, has_text);
    findings
}

/// A request as it is shown, for the rules about wording.
struct Screen<'a> {
    request: &'a ConsentRequest,
    /// The names on the screen. A service called "Reading Nights" sends nothing by night.
    names: Vec<Pattern>,
}

impl<'a> Screen<'a> {
    fn of(request: &'a ConsentRequest) -> Self {
        let service = &request.service;
        let channels = request.channels.iter().map(|it| &it.name);
        let names = [&service.company, &service.name].into_iter().chain(channels);
        Self { request, names: names.filter_map(|name| literal(name)).collect() }
    }

    /// A text in normal form, without the names on the screen.
    fn read(&self, text: &str) -> Text {
        let mut text = words::read(text);
        for name in &self.names {
            text.leave_out(name);
        }
        text
    }
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The name of a service, a company or a channel.
    Name,
    /// The recipient: a name, with or without a place and a contact.
    Recipient,
    /// The title of a term.
    Title,
    /// The label of an item.
    Label,
    /// A highlight or a statement about the provision.
    Statement,
}

/// Every text of a service that is visible without opening anything, with its place.
fn texts(request: &ConsentRequest) -> Vec<(String, Role, &str)> {
    let mut texts = vec![
        ("/service/name".to_owned(), Role::Name, request.service.name.as_str()),
        ("/service/company".to_owned(), Role::Name, request.service.company.as_str()),
    ];
    for (place, term) in request.terms.iter().enumerate() {
        texts.push((format!("/terms/{place}/title"), Role::Title, &term.title));
        for (number, highlight) in term.highlights.iter().enumerate() {
            let at = format!("/terms/{place}/highlights/{number}/text");
            texts.push((at, Role::Statement, &highlight.text));
        }
    }
    let info = &request.personal_info;
    if !info.items.is_empty() {
        let is_shown = |at: usize| info.items.iter().any(|it| it.own_statements()[at].is_none());
        let statements = [
            ("recipient", Role::Recipient, &info.recipient),
            ("purpose", Role::Statement, &info.purpose),
            ("retention", Role::Statement, &info.retention),
            ("refusal_effect", Role::Statement, &info.refusal_effect),
        ];
        for (at, (name, role, text)) in statements.into_iter().enumerate() {
            if is_shown(at) {
                texts.push((format!("/personal_info/{name}"), role, text));
            }
        }
        for (place, item) in info.items.iter().enumerate() {
            let at = format!("/personal_info/items/{place}/label");
            texts.push((at, Role::Label, &item.label));
            for ((name, role, _), own) in statements.iter().zip(item.own_statements()) {
                if let Some(own) = own {
                    texts.push((format!("/personal_info/items/{place}/{name}"), *role, own));
                }
            }
        }
    }
    let offered = channel::decide(request);
    for (place, (channel, decision)) in offered.into_iter().enumerate() {
        if decision.is_ok() {
            texts.push((format!("/channels/{place}/name"), Role::Name, &channel.name));
        }
    }
    texts
}

/// Whether a text has no letter and no digit.
fn is_blank(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}
