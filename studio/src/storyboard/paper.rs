//! What only the printed storyboard has: a cover, what belongs to each picture, and a page to sign.

use consent_contract::request::{PersonalInfo, PersonalInfoItem};
use consent_lint::{
    Finding,
    rendered::{self, Rendered},
};
use consent_screen::consent::document_view::{Above, block};
use leptos::prelude::*;

use super::{
    Shared,
    board::{Card, TermText},
    noted::Notes,
    service_name,
};
use crate::{
    browser,
    components::Detail,
    language::{around, current, t, t_in, tf},
    state::Choice,
    store::Store,
};

/// The first page: whose states these are, and which.
#[component]
pub fn Cover() -> impl IntoView {
    let store = expect_context::<Store>();
    let Shared { board, sign_up, theme, .. } = expect_context();
    let request = move || sign_up.read().request().cloned();
    let facts = move || {
        request().map(|request| {
        let info = request.personal_info.clone();
        let lang = request.locale.clone();
        view! {
            <dl class="facts-list">
                <div><dt>{t("Service")}</dt><dd><bdi lang=lang.clone()>{request.service.name}</bdi></dd></div>
                <div><dt>{t("Company")}</dt><dd><bdi lang=lang>{request.service.company}</bdi></dd></div>
                <div>
                    <dt>{t("Destination")}</dt>
                    <dd><bdi>{request.service.destination_origin}</bdi></dd>
                </div>
                {draft(store).map(|draft| view! { <div><dt>{t("Draft")}</dt><dd>{draft}</dd></div> })}
                <div><dt>{t("Language")}</dt><dd>{t(store.view.read().language.label())}</dd></div>
                <div><dt>{t("Theme")}</dt><dd>{t(theme.get().scheme().label())}</dd></div>
                <div><dt>{t("Printed on")}</dt><dd>{browser::today()}</dd></div>
            </dl>
            <Provision info lang=request.locale />
        }
    })
    };
    let [before, after] = around(t("Storyboard of {name}"), "name");
    view! {
        <section class="paper cover" aria-label=t("Cover")>
            <h2>{before} <bdi>{move || service_name(&sign_up.read())}</bdi> {after}</h2>
            {facts}
            <h3>{t("States")}</h3>
            {move || board.get().chapters.into_iter().map(|chapter| {
                let cards = chapter.columns.into_iter();
                let cards = cards.flat_map(|it| std::iter::once(it.step).chain(it.branches));
                view! {
                    <p class="cover__chapter">{chapter.title}</p>
                    <p>{cards.map(|it| format!("{} {}", it.number, t(&it.shown.title))).collect::<Vec<_>>().join(" · ")}</p>
                }
            }).collect_view()}
        </section>
    }
}

/// The name of the open draft, and the file that it came from.
fn draft(store: Store) -> Option<String> {
    let draft = store.saved_draft()?;
    Some(match &draft.source {
        Some(source) => tf("{name}, from {file}", &[("name", &draft.name), ("file", &source.file)]),
        None => draft.name,
    })
}

/// What is stated about the personal information that a new user is asked for.
#[component]
fn Provision(info: PersonalInfo, lang: String) -> impl IntoView {
    if info.items.is_empty() {
        return None;
    }
    let groups: Vec<_> = info
        .groups()
        .map(|items| {
            let statements = items.first().map(|item| info.statements_of(item).map(Clone::clone));
            let [recipient, purpose, retention, refusal] = statements.unwrap_or_default();
            let item = |it: &PersonalInfoItem| format!("{} ({})", it.label, need(it.required));
            let items: Vec<_> = items.iter().map(item).collect();
            view! {
                <dl class="facts-list" lang=lang.clone()>
                    <div><dt lang=current()>{t("Items")}</dt><dd>{items.join(", ")}</dd></div>
                    <div><dt lang=current()>{t("Recipient")}</dt><dd>{recipient}</dd></div>
                    <div><dt lang=current()>{t("Purpose")}</dt><dd>{purpose}</dd></div>
                    <div><dt lang=current()>{t("Retention")}</dt><dd>{retention}</dd></div>
                    <div><dt lang=current()>{t("If refused")}</dt><dd>{refusal}</dd></div>
                </dl>
            }
        })
        .collect();
    Some(view! {
        <h3>{t("Personal information at sign-up")}</h3>
        {groups}
    })
}

/// What stands beside the picture of a state: the caption, and the findings.
#[component]
pub fn Facts(card: Card, measured: RwSignal<Option<Rendered>>) -> impl IntoView {
    let store = expect_context::<Store>();
    let Shared { board, sign_up, theme, .. } = expect_context();
    let lang = move || sign_up.read().request().map(|it| it.locale.clone());
    let total = move || board.read().cards().count();
    let versions = match card.versions()[..] {
        [] => t("None").to_owned(),
        ref versions => versions.join(", "),
    };
    let (number, found) = (card.number, card.findings.clone());
    let findings = move || {
        let drawn = measured.read().as_ref().map(rendered::check).unwrap_or_default();
        let mut findings: Vec<Finding> = found.iter().cloned().chain(drawn).collect();
        findings.sort_by_key(|finding| finding.rule.severity);
        findings
    };
    view! {
        <div class="paper facts">
            <p class="facts__number">
                {move || tf("State {number} of {count}", &[("number", &number), ("count", &total())])}
            </p>
            <p class="facts__about">{t(&card.shown.about).to_owned()}</p>
            <dl class="facts-list">
                <div>
                    <dt>{t("Service")}</dt>
                    <dd><bdi lang=lang>{move || service_name(&sign_up.read())}</bdi></dd>
                </div>
                <div><dt>{t("Chapter")}</dt><dd>{card.chapter}</dd></div>
                <div><dt>{t("Language")}</dt><dd>{move || t(store.view.read().language.label())}</dd></div>
                <div><dt>{t("Theme")}</dt><dd>{move || t(theme.get().scheme().label())}</dd></div>
                <div><dt>{t("Versions")}</dt><dd>{versions}</dd></div>
                <div><dt>{t("Printed on")}</dt><dd>{browser::today()}</dd></div>
            </dl>
            {card.is_sample.then(|| view! {
                <p>{t("The agreements on this page are those of the demo, under the name of the service.")}</p>
            })}
            <p class="facts__not-drawn">{t("The picture was not loaded. Print with the button of the storyboard.")}</p>
            <h4>{t("Findings")}</h4>
            {move || {
                let findings = findings();
                match findings.is_empty() {
                    true => view! { <p>{t("Nothing was found.")}</p> }.into_any(),
                    false => findings.into_iter().map(printed).collect_view().into_any(),
                }
            }}
            <Notes state=card.edited />
        </div>
    }
}

fn printed(Finding { rule, at, what }: Finding) -> impl IntoView {
    let place = if at.is_empty() { t("the page").to_owned() } else { at };
    let [before, after] = around(t("at {place}"), "place");
    view! {
        <div class="printed-finding">
            <p><strong>{rule.id}</strong> " · " {t(rule.severity.name())}</p>
            <p><Detail text=what /></p>
            <p class="printed-finding__source">
                <span lang="en">{rule.source}</span> " · " {before} <code>{place}</code> {after}
            </p>
        </div>
    }
}

fn need(required: bool) -> &'static str {
    if required { t("required") } else { t("optional") }
}

/// The full texts of the terms that a state asks for. A text that an earlier state has is not repeated.
#[component]
pub fn Texts(card: Card) -> impl IntoView {
    let number = card.number;
    (!card.terms.is_empty()).then(|| {
        view! {
            <div class="paper texts">
                <h4>{t_in("paper", "Texts")}</h4>
                {card.terms.into_iter().map(|term| view! { <Text term number /> }).collect_view()}
            </div>
        }
    })
}

#[component]
fn Text(term: TermText, number: usize) -> impl IntoView {
    let TermText { title, version, required, locale, highlights, blocks, first } = term;
    let required = need(required);
    let version = match version.is_empty() {
        true => t(", without a version").to_owned(),
        false => tf(", version {version}", &[("version", &version)]),
    };
    let heading = view! {
        <p class="text__title">
            <strong lang=locale.clone()>{title}</strong> {version} ", " {required}
        </p>
    };
    if first != number {
        let also = tf("The full text is with state {number}.", &[("number", &first)]);
        return view! { <div class="text">{heading}<p>{also}</p></div> }.into_any();
    }
    let highlights = (!highlights.is_empty()).then(|| {
        view! {
            <ul class="text__highlights" lang=locale.clone()>
                {highlights.into_iter().map(|it| view! { <li>{it.text}</li> }).collect_view()}
            </ul>
        }
    });
    let blocks = match blocks {
        Some(blocks) => {
            let blocks: Vec<_> = blocks.iter().map(|it| block(it, Above::H2)).collect();
            view! { <div class="text__blocks" lang=locale>{blocks}</div> }.into_any()
        }
        None => view! { <p>{t("This term has no full text.")}</p> }.into_any(),
    };
    view! { <div class="text">{heading}{highlights}{blocks}</div> }.into_any()
}

/// The last page.
#[component]
pub fn Signature() -> impl IntoView {
    let Shared { board, sign_up, .. } = expect_context();
    let total = move || board.read().cards().count();
    let read = move || {
        let text = tf(
            "I have read the {count} states of {name}, their texts and the findings, as printed on {day}.",
            &[("count", &total()), ("day", &browser::today())],
        );
        around(&text, "name").map(str::to_owned)
    };
    view! {
        <section class="paper signature" aria-label=t("Signature")>
            <h2>{t("Signature")}</h2>
            <p>
                {move || read()[0].clone()}
                <bdi>{move || service_name(&sign_up.read())}</bdi>
                {move || read()[1].clone()}
            </p>
            <p>
                {t("The findings are engineering advice, not legal advice: each rule is an engineer’s \
                    reading of a text.")}
            </p>
            <dl class="signature__lines">
                {[t("Name"), t("Company and role"), t("Date"), t("Signature")].map(|line| view! {
                    <div><dt>{line}</dt><dd></dd></div>
                }).collect_view()}
            </dl>
        </section>
    }
}
