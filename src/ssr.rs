//! The screen as HTML, for a server: the components of the app, rendered once, as a form that works
//! without a script. Where the app runs, it replaces this page (see [`crate::consent::initial`]).

use std::sync::Arc;

use consent_contract::{
    account::AccountPage, changes::TextChanges, document::Document, in_app::Platform, page_path,
    problem::Problem,
};
use leptos::prelude::*;

use crate::{
    account,
    api::ApiError,
    auto_login::{self, Visit},
    consent::{
        self, ConsentForm, ConsentPage, GuardianFields, TextPage,
        state::{FormState, Page, State, stop},
        text_changes::{self, ChangesPage},
    },
    i18n::{self, Locale, Recovery},
};

/// A rendered page: the parts of an HTML document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedPage {
    /// The language of the page: a BCP 47 tag.
    pub language: &'static str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// Text, not yet escaped.
    pub title: String,
    /// HTML for the body.
    pub body: String,
    /// The page's own style sheet, beside the screen's. Usually empty.
    pub style: &'static str,
    /// The page's own script. A module, for browsers that can run the app.
    pub script: &'static str,
}

/// The form of a challenge, with the answers so far. `messenger` is the in-app browser that shows it.
#[must_use]
pub fn form(
    challenge: &str,
    locale: Locale,
    messenger: Option<Platform>,
    form: FormState,
) -> RenderedPage {
    let incomplete = !form.errors().is_empty();
    let state = State::Form(Box::new(form));
    let mut rendered = page(Page { locale, state }, |page| {
        ConsentForm::for_challenge(page, challenge).in_messenger(messenger)
    });
    if incomplete {
        // A screen reader reads the title first when the page has loaded again.
        rendered.title = [i18n::texts(locale).summary_title, &rendered.title].join(" · ");
    }
    rendered
}

/// The form for a guardian, who answers for the user. It has no app.
#[must_use]
pub fn guardian_form(locale: Locale, form: FormState, guardian: GuardianFields) -> RenderedPage {
    let incomplete = guardian.has_errors() || !form.errors().is_empty();
    let state = State::Form(Box::new(form));
    let mut rendered =
        page(Page { locale, state }, |page| ConsentForm::for_page(page).for_guardian(guardian));
    if incomplete {
        rendered.title = [i18n::texts(locale).summary_title, &rendered.title].join(" · ");
    }
    rendered
}

/// A problem, with its recovery action. None for a problem whose only recovery is a retry: that
/// takes a script.
#[must_use]
pub fn problem(locale: Locale, problem: Problem) -> Option<RenderedPage> {
    if i18n::texts(locale).problem(problem.code).recovery == Recovery::RetryOrCancel {
        return None;
    }
    let state = stop(ApiError::Problem { problem: Box::new(problem), retry_after: None });
    Some(page(Page { locale, state }, ConsentForm::for_page))
}

/// The landing page for a service link opened in the in-app browser.
#[must_use]
pub fn auto_login(locale: Locale, visit: &Visit<'_>) -> RenderedPage {
    RenderedPage {
        style: auto_login::STYLE,
        script: auto_login::SCRIPT,
        ..render(locale, auto_login::title(visit, locale), || auto_login::view(visit, locale))
    }
}

/// One of the account pages.
#[must_use]
pub fn account(locale: Locale, page: &AccountPage) -> RenderedPage {
    RenderedPage {
        style: account::STYLE,
        ..render(locale, account::title(page, locale), || account::view(page, locale))
    }
}

/// The full text of a term, with a button back to the form, whose fields are kept.
#[must_use]
pub fn text(
    challenge: &str,
    locale: Locale,
    title: &str,
    document: &Document,
    form: &[(String, String)],
) -> RenderedPage {
    text_below(&page_path(challenge), locale, title, document, form)
}

/// The full text of a term, with a button back to the form at this path.
#[must_use]
pub fn text_below(
    action: &str,
    locale: Locale,
    title: &str,
    document: &Document,
    form: &[(String, String)],
) -> RenderedPage {
    let (action, form) = (action.to_owned(), form.to_vec());
    let document = Arc::new(document.clone());
    let heading = title.to_owned();
    render(locale, title.to_owned(), || {
        view! { <TextPage action locale title=heading document form/> }.into_any()
    })
}

/// The full text of a term with what changed in it, and buttons as on the page of [`text`].
#[must_use]
pub fn changed_text(
    challenge: &str,
    locale: Locale,
    title: &str,
    document: &Document,
    changes: TextChanges,
    form: &[(String, String)],
) -> RenderedPage {
    let (action, form) = (page_path(challenge), form.to_vec());
    let (document, changes) = (Arc::new(document.clone()), Arc::new(changes));
    let heading = title.to_owned();
    let rendered = render(locale, title.to_owned(), || {
        view! { <ChangesPage action locale title=heading document changes form/> }.into_any()
    });
    RenderedPage { style: text_changes::STYLE, ..rendered }
}

fn page(page: Page, form: impl FnOnce(Page) -> ConsentForm) -> RenderedPage {
    render(page.locale, consent::title(&page), || {
        let form = form(page);
        view! { <ConsentPage form/> }.into_any()
    })
}

fn render(locale: Locale, title: String, view: impl FnOnce() -> AnyView) -> RenderedPage {
    RenderedPage {
        language: locale.tag(),
        direction: i18n::texts(locale).direction,
        title,
        body: html(view),
        style: "",
        script: "",
    }
}

/// Signals live as long as their owner: here, as long as the rendering. Removes the markers that
/// Leptos writes for hydration: the app replaces the page (docs/adr/008-painted-by-the-server.md).
/// Untrusted text cannot contain one, because every `<` in it is escaped.
pub(crate) fn html(view: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    owner.cleanup();
    html.replace("<!>", "").replace("<!--<() />-->", "")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use consent_contract::{
        changes::{Change, ChangedBlock, Difference, Edit, Piece},
        document::Block,
        problem::Code,
        request::{ConsentRequest, ConsentState},
    };

    use super::*;

    fn sample(change: impl FnOnce(&mut ConsentRequest)) -> RenderedPage {
        let json = include_str!("../contract/samples/ask.json");
        let Ok(ConsentState::Ask(mut request)) = ConsentState::from_json(json) else {
            panic!("the sample asks");
        };
        change(&mut request);
        form("c-1", Locale::KO, None, FormState::new(Arc::new(*request)))
    }

    #[test]
    fn a_full_width_stop_is_followed_by_the_next_sentence() {
        let json = include_str!("../contract/samples/ask.json");
        let Ok(ConsentState::Ask(request)) = ConsentState::from_json(json) else {
            panic!("the sample asks");
        };
        let ja = Locale::of("ja").expect("a language");
        let body = form("c-1", ja, None, FormState::new(Arc::new(*request))).body;
        let text = body.replace("<em>", "").replace("</em>", "");
        assert!(text.contains("。いつでもブロックできます。"), "{text}");
    }

    /// Invariant 4: the screen renders without a browser, as a form that works without a script.
    #[test]
    fn the_screen_renders_on_the_host() {
        let RenderedPage { language, title, body, .. } = sample(|_| {});
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
        assert!(!body.contains("<!"), "no markers for hydration: {body}");
        assert!(
            body.contains(r#"id="term:tos-fault" class="row__fault"></p>"#),
            "what is empty has no space in it"
        );
    }

    /// A backend that gives no reason is older than the screen.
    #[test]
    fn the_reason_is_below_the_heading() {
        let lead = |request: fn(&mut ConsentRequest)| {
            let body = sample(request).body;
            let (_, lead) = body.split_once(r#"<p class="lead">"#).expect("a lead");
            lead.split_once("</p>").expect("its end").0.to_owned()
        };
        let said =
            lead(|request| request.reason = Some("약관이 <바뀌어> 확인이 필요합니다.".into()));
        assert_eq!(said, "약관이 &lt;바뀌어&gt; 확인이 필요합니다.");
        assert_eq!(lead(|_| {}), i18n::texts(Locale::KO).sign_up_lead);
    }

    /// PIPA 17(2)5: the right to refuse, and the disadvantage.
    #[test]
    fn the_right_to_refuse_is_stated() {
        let body = sample(|request| request.personal_info.refusal_effect = "불이익".into()).body;
        assert!(body.contains("<dd>동의를 거부할 수 있습니다. 불이익</dd>"), "{body}");
    }

    /// PIPA 17(2): each recipient with what it gets, for what and for how long.
    #[test]
    fn items_with_statements_of_their_own_are_a_group_below_what_differs() {
        let body = sample(|request| {
            for item in &mut request.personal_info.items[1..] {
                item.recipient = Some("한옥<페이> 주식회사".into());
                item.refusal_effect = Some("불이익".into());
            }
        })
        .body;
        let legend = r#"<legend class="section__title">개인정보 제3자 제공</legend>"#;
        let mut sections = body.split(legend).skip(1);
        let [shared, group] = [sections.next(), sections.next()].map(|it| it.expect("a section"));
        let (group, _) = group.split_once("</fieldset>").expect("its end");
        let facts = r#"<dl class="facts"><dt>제공받는 자</dt>"#.to_owned()
            + "<dd>한옥&lt;페이&gt; 주식회사</dd><dt>동의 거부 권리와 불이익</dt>"
            + "<dd>동의를 거부할 수 있습니다. 불이익</dd></dl>";
        assert!(group.starts_with(&facts), "{group}");
        let label = |id: &str| format!(r#"id="item:{id}""#);
        assert!(shared.contains(&label("profile_nickname")), "{shared}");
        assert!(group.contains(&label("account_email")) && group.contains(&label("phone_number")));
        assert_eq!(body.matches(r#"id="privacy-policy""#).count(), 1);
        // Statements that no item on the screen shares are not on it.
        let alone = sample(|request| {
            request.personal_info.items.truncate(1);
            request.personal_info.items[0].recipient = Some("한옥페이".into());
        });
        assert!(!alone.body.contains("<dd>한옥마켓 주식회사</dd>"), "{}", alone.body);
        assert!(alone.body.contains("<dd>한옥페이</dd>"), "{}", alone.body);
        assert_eq!(alone.body.matches(legend).count(), 1);
    }

    fn changed(difference: Difference) -> RenderedPage {
        let document = Document {
            tag: "tos".into(),
            version: "2".into(),
            title: "이용약관".into(),
            locale: "ko".into(),
            digest: "sha256-x".into(),
            effective_from: "2026-12-01".into(),
            blocks: vec![Block::Paragraph { text: "3년간 보관".into() }],
        };
        let changes = TextChanges {
            agreed_version: "1".into(),
            agreed_effective_from: "2026-01-01".into(),
            difference,
        };
        let form = [("csrf_token", "c"), ("decision", "read:tos"), ("agree", "term:tos")];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        changed_text("c-1", Locale::KO, "이용약관", &document, changes, &form)
    }

    #[test]
    fn changes_are_marked_for_eyes_and_for_screen_readers() {
        let text = vec![
            Piece::Removed("<1년>간".into()),
            Piece::Added("3년간".into()),
            Piece::Same(" 보관".into()),
        ];
        let change = Change {
            section: Some("제1조".into()),
            edit: Edit::Replaced("<1년>간 보관".into(), "3년간 보관".into()),
        };
        let blocks = vec![ChangedBlock::Paragraph { text }];
        let rendered = changed(Difference::Marked { changes: vec![change], more: 1, blocks });
        for part in [
            r#"<del><span class="visually-hidden">삭제: </span>&lt;1년&gt;간</del>"#,
            r#"<ins><span class="visually-hidden">추가: </span>3년간</ins> 보관</p>"#,
            "동의하신 2026년 1월 1일 버전과 달라진 부분입니다.",
            "목록에 없는 변경: 1건",
            r#"value="full:tos""#,
            r#"value="show""#,
            r#"name="agree" value="term:tos""#,
        ] {
            assert!(rendered.body.contains(part), "no {part} in {}", rendered.body);
        }
        assert!(!rendered.body.contains("read:tos"), "the button that led here is not sent again");
        assert!(!rendered.style.is_empty());
    }

    #[test]
    fn a_rewritten_text_is_followed_by_the_old_one() {
        let old = vec![Block::Paragraph { text: "전혀 다른 글".into() }];
        let body = changed(Difference::Rewritten { old }).body;
        let place = |text: &str| body.find(text).unwrap_or_else(|| panic!("no {text} in {body}"));
        assert!(place(">변경 후 전체 내용<") < place("3년간 보관"));
        assert!(place("3년간 보관") < place(">변경 전 전체 내용<"));
        assert!(place(">변경 전 전체 내용<") < place("전혀 다른 글"));
        assert!(!body.contains("<ins>") && !body.contains("full:tos"), "{body}");
    }

    /// Chromium looks through a whole form again for each of its controls that names it by `form`.
    #[test]
    fn no_control_inside_the_form_names_it() {
        let body = sample(|_| {}).body;
        let start = body.find(r#"<form method="post""#).expect("the form begins");
        let (_, form) = body.split_at(start);
        let (form, _) = form.split_once("</form>").expect("the form ends");
        assert!(form.contains(r#"id="read:tos""#), "{form}");
        assert!(!form.contains(r#"form="consent-form""#), "{form}");
    }

    #[test]
    fn what_others_wrote_is_escaped() {
        let RenderedPage { body, .. } = sample(|request| {
            request.service.name = "<script>alert(1)</script><!>".into();
            request.terms[0].title = "\"><img src=x>".into();
            request.csrf_token = "\"><img src=x><!>".into();
        });
        assert!(!body.contains("<script") && !body.contains("<img"), "{body}");
        assert_eq!(body.matches("&lt;!&gt;").count(), 4, "{body}");
    }

    /// The messenger's browser has no tabs. Components mounted in a browser:
    /// tests/web/messenger.rs.
    #[test]
    fn the_privacy_policy_opens_a_new_window_outside_the_messenger_only() {
        let link = |messenger| {
            let json = include_str!("../contract/samples/ask.json");
            let Ok(ConsentState::Ask(request)) = ConsentState::from_json(json) else {
                panic!("the sample asks");
            };
            let body = form("c-1", Locale::KO, messenger, FormState::new(Arc::new(*request))).body;
            let (_, link) = body.split_once(r#"id="privacy-policy""#).expect("the link");
            let (link, _) = link.split_once("</a>").expect("its end");
            assert!(link.contains(r#"href="https://shop.example/privacy""#), "{link}");
            link.to_owned()
        };
        for platform in [Platform::Android, Platform::Ios, Platform::Other] {
            let inside = link(Some(platform));
            assert!(!inside.contains("target=") && !inside.contains("(새 창)"), "{inside}");
        }
        let outside = link(None);
        assert!(outside.contains(r#"target="_blank""#) && outside.contains("(새 창)"), "{outside}");
    }

    /// A name that others chose is in an element of its own, so that it cannot reorder the
    /// words around it (rule SEC-54).
    #[test]
    fn names_of_others_are_isolated() {
        let names = ["서비스가", "회사가", "별명이", "채널이"];
        let RenderedPage { body, .. } = sample(|request| {
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
    fn a_problem_is_rendered_where_it_needs_no_script() {
        for code in Code::ALL {
            let rendered = problem(Locale::EN, Problem::new(*code));
            assert!(
                rendered.is_none_or(|it| it.body.contains("<h1") && !it.body.contains("<form"))
            );
        }
        let mut expired = Problem::new(Code::ChallengeExpired);
        expired.restart_url = Some("/oauth/authorize?x".into());
        let rendered = problem(Locale::EN, expired).expect("a page of its own");
        assert_eq!(rendered.title, "This page has expired");
        assert!(rendered.body.contains(r#"href="/oauth/authorize?x""#), "{}", rendered.body);
    }
}
