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
use crate::{browser, state::Choice, store::Store};

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
                <div><dt>"Service"</dt><dd><bdi lang=lang.clone()>{request.service.name}</bdi></dd></div>
                <div><dt>"Company"</dt><dd><bdi lang=lang>{request.service.company}</bdi></dd></div>
                <div>
                    <dt>"Destination"</dt>
                    <dd><bdi>{request.service.destination_origin}</bdi></dd>
                </div>
                {draft(store).map(|draft| view! { <div><dt>"Draft"</dt><dd>{draft}</dd></div> })}
                <div><dt>"Language"</dt><dd>{store.view.read().language.label()}</dd></div>
                <div><dt>"Theme"</dt><dd>{theme.get().scheme().label()}</dd></div>
                <div><dt>"Printed on"</dt><dd>{browser::today()}</dd></div>
            </dl>
            <Provision info lang=request.locale />
        }
    })
    };
    view! {
        <section class="paper cover" aria-label="Cover">
            <h2>"Storyboard of " <bdi>{move || service_name(&sign_up.read())}</bdi></h2>
            {facts}
            <h3>"States"</h3>
            {move || board.get().chapters.into_iter().map(|chapter| {
                let cards = chapter.columns.into_iter();
                let cards = cards.flat_map(|it| std::iter::once(it.step).chain(it.branches));
                view! {
                    <p class="cover__chapter">{chapter.title}</p>
                    <p>{cards.map(|it| format!("{} {}", it.number, it.shown.title)).collect::<Vec<_>>().join(" · ")}</p>
                }
            }).collect_view()}
        </section>
    }
}

/// The name of the open draft, and the file that it came from.
fn draft(store: Store) -> Option<String> {
    let draft = store.saved_draft()?;
    Some(match &draft.source {
        Some(source) => format!("{}, from {}", draft.name, source.file),
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
            let item = |it: &PersonalInfoItem| {
                format!("{} ({})", it.label, if it.required { "required" } else { "optional" })
            };
            let items: Vec<_> = items.iter().map(item).collect();
            view! {
                <dl class="facts-list" lang=lang.clone()>
                    <div><dt lang="en">"Items"</dt><dd>{items.join(", ")}</dd></div>
                    <div><dt lang="en">"Recipient"</dt><dd>{recipient}</dd></div>
                    <div><dt lang="en">"Purpose"</dt><dd>{purpose}</dd></div>
                    <div><dt lang="en">"Retention"</dt><dd>{retention}</dd></div>
                    <div><dt lang="en">"If refused"</dt><dd>{refusal}</dd></div>
                </dl>
            }
        })
        .collect();
    Some(view! {
        <h3>"Personal information at sign-up"</h3>
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
        [] => "None".to_owned(),
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
            <p class="facts__number">"State " {number} " of " {total}</p>
            <p class="facts__about">{card.shown.about}</p>
            <dl class="facts-list">
                <div>
                    <dt>"Service"</dt>
                    <dd><bdi lang=lang>{move || service_name(&sign_up.read())}</bdi></dd>
                </div>
                <div><dt>"Chapter"</dt><dd>{card.chapter}</dd></div>
                <div><dt>"Language"</dt><dd>{move || store.view.read().language.label()}</dd></div>
                <div><dt>"Theme"</dt><dd>{move || theme.get().scheme().label()}</dd></div>
                <div><dt>"Versions"</dt><dd>{versions}</dd></div>
                <div><dt>"Printed on"</dt><dd>{browser::today()}</dd></div>
            </dl>
            {card.is_sample.then(|| view! {
                <p>"The agreements on this page are those of the demo, under the name of the service."</p>
            })}
            <p class="facts__not-drawn">"The picture was not loaded. Print with the button of the storyboard."</p>
            <h4>"Findings"</h4>
            {move || {
                let findings = findings();
                match findings.is_empty() {
                    true => view! { <p>"Nothing was found."</p> }.into_any(),
                    false => findings.into_iter().map(printed).collect_view().into_any(),
                }
            }}
            <Notes state=card.edited />
        </div>
    }
}

fn printed(Finding { rule, at, what }: Finding) -> impl IntoView {
    let place = if at.is_empty() { "the page".to_owned() } else { at };
    view! {
        <div class="printed-finding">
            <p><strong>{rule.id}</strong> " · " {rule.severity.name()}</p>
            <p>{what}</p>
            <p class="printed-finding__source">{rule.source} " · at " <code>{place}</code></p>
        </div>
    }
}

/// The full texts of the terms that a state asks for. A text that an earlier state has is not repeated.
#[component]
pub fn Texts(card: Card) -> impl IntoView {
    let number = card.number;
    (!card.terms.is_empty()).then(|| {
        view! {
            <div class="paper texts">
                <h4>"Texts"</h4>
                {card.terms.into_iter().map(|term| view! { <Text term number /> }).collect_view()}
            </div>
        }
    })
}

#[component]
fn Text(term: TermText, number: usize) -> impl IntoView {
    let TermText { title, version, required, locale, highlights, blocks, first } = term;
    let required = if required { "required" } else { "optional" };
    let version = match version.is_empty() {
        true => ", without a version".to_owned(),
        false => format!(", version {version}"),
    };
    let heading = view! {
        <p class="text__title">
            <strong lang=locale.clone()>{title}</strong> {version} ", " {required}
        </p>
    };
    if first != number {
        let also = format!("The full text is with state {first}.");
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
        None => view! { <p>"This term has no full text."</p> }.into_any(),
    };
    view! { <div class="text">{heading}{highlights}{blocks}</div> }.into_any()
}

/// The last page.
#[component]
pub fn Signature() -> impl IntoView {
    let Shared { board, sign_up, .. } = expect_context();
    let total = move || board.read().cards().count();
    view! {
        <section class="paper signature" aria-label="Signature">
            <h2>"Signature"</h2>
            <p>
                "I have read the " {total} " states of "
                <bdi>{move || service_name(&sign_up.read())}</bdi>
                ", their texts and the findings, as printed on " {browser::today()} "."
            </p>
            <p>
                "The findings are engineering advice, not legal advice: each rule is an engineer’s \
                 reading of a text."
            </p>
            <dl class="signature__lines">
                {["Name", "Company and role", "Date", "Signature"].map(|line| view! {
                    <div><dt>{line}</dt><dd></dd></div>
                }).collect_view()}
            </dl>
        </section>
    }
}
