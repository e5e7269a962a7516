//! The screen as HTML, for a server: the same components, drawn once, as a page that works as it
//! stands. A browser may never run a script on it; where it does, the app takes it over
//! (see [`crate::consent::painted`]).

use consent_contract::{document::Document, problem::Problem};
use leptos::prelude::{AnyView, Owner, RenderHtml};

use crate::{
    api::ApiError,
    auto_login::{self, Visit},
    consent::{
        self, Machine,
        state::{Asking, Page, State, stop},
    },
    i18n::{self, Locale, Way},
};

/// A painted page: what belongs into an HTML document, and nothing of that document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Painting {
    /// The language of the page: a BCP 47 tag.
    pub language: &'static str,
    /// Text, not yet escaped.
    pub title: String,
    /// HTML for the body.
    pub body: String,
    /// Of its own, beside what the screen has: nothing in most paintings.
    pub style: &'static str,
    /// As the style. A module, for browsers that can run the app.
    pub script: &'static str,
}

/// What a challenge asks, with the answers so far.
#[must_use]
pub fn asking(challenge: &str, locale: Locale, asking: Asking) -> Painting {
    let incomplete = !asking.faults().is_empty();
    let state = State::Asking(Box::new(asking));
    let mut painting = page(Page { locale, state }, |page| Machine::painting(page, challenge));
    if incomplete {
        // Read out first when the page has loaded again.
        painting.title = [i18n::texts(locale).summary_title, &painting.title].join(" · ");
    }
    painting
}

/// Why nothing can be asked, with the way out that there is. None for a problem of which the screen
/// knows no more than that it should be tried again: that takes a script.
#[must_use]
pub fn problem(locale: Locale, problem: Problem) -> Option<Painting> {
    if i18n::texts(locale).problem(problem.code).way == Way::RetryOrCancel {
        return None;
    }
    let state = stop(ApiError::Problem { problem: Box::new(problem), retry_after: None });
    Some(page(Page { locale, state }, Machine::showing))
}

/// The page of a service's link inside the messenger.
#[must_use]
pub fn auto_login(locale: Locale, visit: &Visit<'_>) -> Painting {
    Painting {
        style: auto_login::STYLE,
        script: auto_login::SCRIPT,
        ..painted(locale, auto_login::title(visit, locale), || auto_login::view(visit, locale))
    }
}

/// The full text of a term, and the way back to the form, which goes along with it.
#[must_use]
pub fn text(
    challenge: &str,
    locale: Locale,
    title: &str,
    document: &Document,
    form: &[(String, String)],
) -> Painting {
    painted(locale, title.to_owned(), || {
        consent::text_page(challenge, locale, title, document, form)
    })
}

fn page(page: Page, machine: impl FnOnce(Page) -> Machine) -> Painting {
    painted(page.locale, consent::title(&page), || consent::page(machine(page)))
}

fn painted(locale: Locale, title: String, view: impl FnOnce() -> AnyView) -> Painting {
    Painting { language: locale.tag(), title, body: html(view), style: "", script: "" }
}

/// Signals live as long as their owner: here, as long as one painting takes. The marks that Leptos
/// sets for hydration go: the app replaces what was painted (docs/adr/008-painted-by-the-server.md).
/// Nobody else can write one, for every `<` that is not ours is escaped.
fn html(view: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    owner.cleanup();
    html.replace("<!>", "")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use consent_contract::{
        problem::Code,
        request::{ConsentRequest, ConsentState},
    };

    use super::*;

    fn sample(change: impl FnOnce(&mut ConsentRequest)) -> Painting {
        let json = include_str!("../contract/samples/ask.json");
        let Ok(ConsentState::Ask(mut request)) = ConsentState::from_json(json) else {
            panic!("the sample asks");
        };
        change(&mut request);
        asking("c-1", Locale::Ko, Asking::new(Arc::new(*request)))
    }

    /// Invariant 4: the screen is painted without a browser, as a form that works as it stands.
    #[test]
    fn the_screen_renders_on_the_host() {
        let Painting { language, title, body, .. } = sample(|_| {});
        assert_eq!((language, title.as_str()), ("ko", "한옥마켓에 가입하기"));
        for part in [
            r#"<form method="post" action="/consent/c-1""#,
            r#"name="agree""#,
            r#"value="term:tos""#,
            r#"name="shown""#,
            r#"name="value:account_email""#,
            r#"name="decision""#,
            "필수 항목 모두 동의",
            "한옥마켓 주식회사",
        ] {
            assert!(body.contains(part), "no {part} in {body}");
        }
        assert!(!body.contains("checked"), "nothing is ticked for the person");
        assert!(!body.contains("</input>"), "a void element has no closing tag");
        assert!(!body.contains("<!"), "no marks for a hydration that never comes");
        assert!(body.contains(r#"id="term:tos-fault"></p>"#), "what is empty has no space in it");
    }

    #[test]
    fn what_others_wrote_is_escaped() {
        let Painting { body, .. } = sample(|request| {
            request.service.name = "<script>alert(1)</script><!>".into();
            request.terms[0].title = "\"><img src=x>".into();
            request.csrf_token = "\"><img src=x><!>".into();
        });
        assert!(!body.contains("<script") && !body.contains("<img"), "{body}");
        assert_eq!(body.matches("&lt;!&gt;").count(), 4, "{body}");
    }

    /// A name that somebody else chose stands in an element of its own, so that it cannot reorder the
    /// words around it (rule SEC-54).
    #[test]
    fn names_of_others_are_isolated() {
        let names = ["서비스가", "회사가", "별명이", "채널이"];
        let Painting { body, .. } = sample(|request| {
            request.service.name = names[0].into();
            request.service.company = names[1].into();
            request.account.nickname = names[2].into();
            request.channels[0].name = names[3].into();
            request.personal_info.recipient.clear();
        });
        for name in names {
            let isolated = body.matches(&format!("<bdi translate=\"no\">{name}</bdi>")).count();
            assert!(isolated > 0, "{name} is not isolated");
            assert_eq!(body.matches(name).count(), isolated, "{name} stands outside, too: {body}");
        }
    }

    #[test]
    fn a_problem_is_painted_where_it_needs_no_script() {
        for code in Code::ALL {
            let painted = problem(Locale::En, Problem::new(*code));
            assert!(painted.is_none_or(|it| it.body.contains("<h1") && !it.body.contains("<form")));
        }
        let mut expired = Problem::new(Code::ChallengeExpired);
        expired.restart_url = Some("/oauth/authorize?x".into());
        let painted = problem(Locale::En, expired).expect("a page of its own");
        assert_eq!(painted.title, "Time has run out");
        assert!(painted.body.contains(r#"href="/oauth/authorize?x""#), "{}", painted.body);
    }
}
