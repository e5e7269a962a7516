//! The fixture as a form.

use consent_contract::problem::{Code, Problem};
use consent_fixtures::Screen;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::field::{area, at_place, choice, choice_that, free, list, section, text, truth};
use crate::{explain, place, plain_text, store::Store};

type Choices = &'static [(Option<&'static str>, &'static str)];

const PURPOSES: Choices =
    &[(Some("sign_up"), "Signing up"), (Some("additional_consent"), "Additional consent")];
const MODES: Choices = &[(Some("live"), "Live"), (Some("test"), "Test app")];
const POLICIES: Choices = &[
    (Some("required_only"), "Covers what is required"),
    (Some("everything"), "Covers optional items, too"),
];
const KINDS: Choices = &[
    (Some("service"), "Terms of service"),
    (Some("privacy_collection"), "Collection of personal information"),
    (Some("marketing"), "Marketing"),
    (Some("overseas"), "Transfer abroad"),
    (Some("sensitive"), "Sensitive information"),
];
const HIGHLIGHTS: Choices = &[
    (Some("promotion"), "Promotion"),
    (Some("sensitive"), "Sensitive information"),
    (Some("retention"), "Retention"),
    (Some("recipient"), "Recipient"),
];
const COLLECTS: Choices = &[
    (None, "Nothing"),
    (Some("email"), "E-mail address"),
    (Some("phone"), "Phone number"),
    (Some("name"), "Name"),
    (Some("birthday"), "Birthday"),
    (Some("address"), "Address"),
];
const RELATIONS: Choices =
    &[(Some("none"), "None yet"), (Some("added"), "Added"), (Some("blocked"), "Blocked")];
const MOMENTS: Choices = &[
    (Some("asking"), "Nothing was answered yet"),
    (Some("filled"), "What is required is ticked"),
    (Some("something_missing"), "Something is missing"),
    (Some("text_open"), "A text is open"),
    (Some("text_loading"), "A text is on its way"),
    (Some("text_failed"), "A text could not be read"),
    (Some("submitting"), "The decision is on its way"),
    (Some("offline"), "No connection"),
    (Some("silent"), "No answer"),
    (Some("busy"), "Too busy"),
    (Some("trouble"), "Something else answered"),
    (Some("not_sent"), "It could not be sent"),
    (Some("leaving"), "Going on"),
    (Some("leaving_stuck"), "Going on takes too long"),
    (Some("text_changed"), "A text has changed"),
    (Some("refreshed"), "Read again"),
    (Some("checking_again"), "Checking"),
    (Some("expires_soon"), "Time runs out"),
];
const REASONS: Choices = &[
    (Some("unreadable"), "The answer cannot be read"),
    (Some("bad_target"), "The address to go on to was refused"),
    (Some("offline"), "No connection"),
    (Some("silent"), "No answer"),
    (Some("busy"), "Too busy"),
    (Some("trouble"), "Something else answered"),
];
const CODES: Choices = &[
    (Some("challenge_not_found"), "Not found"),
    (Some("challenge_expired"), "Expired"),
    (Some("already_decided"), "Already decided"),
    (Some("wrong_session"), "Another browser session"),
    (Some("simple_sign_up_inactive"), "Service not approved"),
    (Some("not_a_test_member"), "Not a test member"),
    (Some("under_age"), "Under age"),
];
const PAGES: Choices = &[
    (Some("greeting"), "A member is greeted"),
    (Some("sign_up"), "Sign-up one tap away"),
    (Some("log_in"), "Ordinary login"),
    (Some("not_signed_in"), "The attempt came to nothing"),
];

/// The form for the kind of screen that the fixture shows.
pub fn view(store: Store) -> AnyView {
    let kind = Memo::new(move |_| std::mem::discriminant(&store.fixture.read().screen));
    (move || {
        kind.track();
        let about = section(
            "The case",
            false,
            vec![
                text(store, "Title", "/title".into(), false),
                text(store, "What to look at", "/about".into(), false),
            ],
        );
        let fields = match store.fixture.read_untracked().screen {
            Screen::Consent(_) => consent(store),
            Screen::Loading { .. } => vec![section(
                "Loading",
                true,
                vec![truth(store, "For long enough to be spoken of", "/slow".into())],
            )],
            Screen::Problem(_) => vec![problem(store)],
            Screen::Stopped(_) => vec![section(
                "The screen stops by itself",
                true,
                vec![choice(store, "Because", "/why".into(), REASONS)],
            )],
            Screen::AutoLogin(_) => auto_login(store),
        };
        view! { <div class="form">{fields} {about}</div> }
    })
    .into_any()
}

fn consent(store: Store) -> Vec<AnyView> {
    let at = |name: &str| format!("/request{name}");
    vec![
        section(
            "What is asked",
            true,
            vec![
                choice(store, "Stage", "/moment".into(), MOMENTS),
                choice(store, "Purpose", at("/purpose"), PURPOSES),
                choice(store, "“Agree to all”", at("/agree_all"), POLICIES),
            ],
        ),
        section(
            "Terms",
            true,
            vec![list(store, "Terms", at("/terms"), "a term", "/title", new_term, term)],
        ),
        section(
            "Personal information",
            false,
            vec![
                text(store, "Recipient", at("/personal_info/recipient"), false),
                text(store, "Purpose", at("/personal_info/purpose"), false),
                text(store, "Retention", at("/personal_info/retention"), false),
                text(store, "Effect of refusing", at("/personal_info/refusal_effect"), false),
                list(
                    store,
                    "Items",
                    at("/personal_info/items"),
                    "an item",
                    "/label",
                    new_item,
                    item,
                ),
            ],
        ),
        section(
            "Channels",
            true,
            vec![
                truth(
                    store,
                    "The account is on the messenger",
                    at("/account/messenger_registered"),
                ),
                list(
                    store,
                    "Channels",
                    at("/channels"),
                    "a channel",
                    "/name",
                    new_channel,
                    channel,
                ),
            ],
        ),
        section("Service", false, service(store, &at("/service"))),
        section("Account", false, account(store, &at("/account"))),
        section(
            "Already agreed",
            false,
            vec![
                list(
                    store,
                    "Terms agreed to",
                    at("/already_agreed/terms"),
                    "a term",
                    "/title",
                    |list| {
                        json!({"tag": free(list, "tag", "agreed_"), "title": "이용약관",
                               "version": "2026-11-01", "agreed_at": "2026-11-01T00:00:00Z"})
                    },
                    |store, at| {
                        [
                            text(store, "Title", format!("{at}/title"), false),
                            text(store, "Version", format!("{at}/version"), false),
                            text(store, "Agreed at (RFC 3339)", format!("{at}/agreed_at"), false),
                        ]
                        .into_any()
                    },
                ),
                list(
                    store,
                    "Items agreed to",
                    at("/already_agreed/personal_info"),
                    "an item",
                    "/label",
                    |list| {
                        json!({"id": free(list, "id", "agreed_"), "label": "닉네임",
                               "agreed_at": "2026-11-01T00:00:00Z"})
                    },
                    |store, at| {
                        [
                            text(store, "Label", format!("{at}/label"), false),
                            text(store, "Agreed at (RFC 3339)", format!("{at}/agreed_at"), false),
                        ]
                        .into_any()
                    },
                ),
            ],
        ),
    ]
}

fn new_term(list: &Value) -> Value {
    let tag = free(list, "tag", "term_");
    json!({"tag": tag, "title": "새 약관", "kind": "service", "required": false,
           "version": "2026-11-01", "digest": format!("sha256-{tag}"), "highlights": []})
}

fn new_item(list: &Value) -> Value {
    json!({"id": free(list, "id", "item_"), "label": "새 항목", "required": false,
           "value": null, "collect": null})
}

fn new_channel(list: &Value) -> Value {
    json!({"public_id": free(list, "public_id", "_channel_"), "name": "새 채널", "icon_url": null,
           "primary": false, "requested": true, "relation": "none"})
}

fn term(store: Store, at: String) -> AnyView {
    // Of the term that stands here now: rows stay when terms are moved.
    let tag = at_place(store, &format!("{at}/tag"));
    let document = move || {
        let tag = tag.read().as_str().unwrap_or_default().to_owned();
        area(
            store,
            "Full text (# heading, - list, | table |)",
            format!("/documents/{tag}"),
            |typed| json!(plain_text::blocks(typed)),
            |blocks| {
                let blocks: Vec<_> = serde_json::from_value(blocks.clone()).unwrap_or_default();
                plain_text::typed(&blocks)
            },
        )
    };
    vec![
        text(store, "Title", format!("{at}/title"), false),
        choice(store, "Kind", format!("{at}/kind"), KINDS),
        truth(store, "Required", format!("{at}/required")),
        text(store, "Version", format!("{at}/version"), false),
        list(
            store,
            "Highlights: what is seen without opening anything",
            format!("{at}/highlights"),
            "a highlight",
            "/text",
            |_| json!({"kind": "retention", "text": "탈퇴하거나 동의를 거둘 때까지"}),
            |store, at| {
                [
                    choice(store, "Kind", format!("{at}/kind"), HIGHLIGHTS),
                    text(store, "Text", format!("{at}/text"), false),
                ]
                .into_any()
            },
        ),
        document.into_any(),
    ]
    .into_any()
}

fn item(store: Store, at: String) -> AnyView {
    [
        text(store, "Label", format!("{at}/label"), false),
        truth(store, "Required", format!("{at}/required")),
        text(store, "Value of the account, masked; none when empty", format!("{at}/value"), true),
        choice(store, "Without one, ask for", format!("{at}/collect"), COLLECTS),
    ]
    .into_any()
}

fn channel(store: Store, at: String) -> AnyView {
    let place = at.rsplit('/').next().and_then(|it| it.parse().ok()).unwrap_or(usize::MAX);
    let words = move || {
        let explained = store.fixture.read().request().map(explain::channels).unwrap_or_default();
        explained.into_iter().find(|it| it.place == place).map(|it| it.words).unwrap_or_default()
    };
    (
        text(store, "Name", format!("{at}/name"), false),
        truth(store, "Primary", format!("{at}/primary")),
        truth(store, "The service asked for it by name", format!("{at}/requested")),
        choice(store, "The account and the channel", format!("{at}/relation"), RELATIONS),
        view! { <p class="explained">{words}</p> },
    )
        .into_any()
}

fn service(store: Store, at: &str) -> Vec<AnyView> {
    let at = |name: &str| format!("{at}{name}");
    vec![
        text(store, "Name", at("/name"), false),
        text(store, "Company", at("/company"), false),
        text(
            store,
            "Where the answer goes (https://host, or an app’s scheme:)",
            at("/destination_origin"),
            false,
        ),
        truth(store, "Verified by the operator", at("/verified")),
        choice(store, "Mode", at("/mode"), MODES),
        text(store, "Privacy policy", at("/privacy_policy_url"), true),
        text(store, "Icon: a path on this origin", at("/icon_url"), true),
    ]
}

fn account(store: Store, at: &str) -> Vec<AnyView> {
    let at = |name: &str| format!("{at}{name}");
    vec![
        text(store, "Nickname", at("/nickname"), false),
        text(store, "Identifier, masked", at("/identifier"), false),
        text(store, "Picture: a path on this origin", at("/avatar_url"), true),
        text(store, "“Not you?”: a path on this origin", at("/switch_url"), true),
    ]
}

fn problem(store: Store) -> AnyView {
    // The other fields follow the code, as they do at a backend.
    let set = Callback::new(move |code: Value| {
        let code = Code::of(code.as_str().unwrap_or_default());
        let new = serde_json::to_value(Problem::new(code)).unwrap_or_default();
        store.edit(None, |fixture| {
            let ways = ["/problem/restart_url", "/problem/redirect_to"];
            let kept: Vec<_> = ways.map(|at| (at, fixture.pointer(at).cloned())).into();
            kept.into_iter().fold(place::with(fixture, "/problem", new), |fixture, (at, old)| {
                old.map_or(fixture.clone(), |old| place::with(&fixture, at, old))
            })
        });
    });
    section(
        "The backend says no",
        true,
        vec![
            choice_that(store, "Because", "/problem/code".into(), CODES, set),
            text(
                store,
                "Start again at: a path on this origin",
                "/problem/restart_url".into(),
                true,
            ),
            text(store, "Go on to", "/problem/redirect_to".into(), true),
        ],
    )
}

fn auto_login(store: Store) -> Vec<AnyView> {
    vec![
        section("The page", true, vec![choice(store, "Shows", "/page".into(), PAGES)]),
        section("Service", true, service(store, "/service")),
        section(
            "Account",
            true,
            signed_in(store).into_iter().chain(account(store, "/account")).collect(),
        ),
    ]
}

/// Whether there is an account at all.
fn signed_in(store: Store) -> Option<AnyView> {
    let there = at_place(store, "/account");
    let write = move |event| {
        let account = match event_target_checked(&event) {
            true => json!({"nickname": "하나", "avatar_url": null, "switch_url": null,
                "identifier": "ha***@example.com", "messenger_registered": true}),
            false => Value::Null,
        };
        store.edit(None, |fixture| place::with(fixture, "/account", account));
    };
    let view = view! {
        <div class="check-field">
            <input
                type="checkbox"
                id="signed-in"
                prop:checked=move || !there.read().is_null()
                on:change=write
            />
            <label for="signed-in">"Somebody is signed in"</label>
        </div>
    };
    Some(view.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_fixtures::{Fixture, Stage};

    /// Every choice is one that the contract knows, and every stage can be chosen.
    #[test]
    fn the_choices_are_those_of_the_contract() {
        let fixture =
            serde_json::to_value(&consent_fixtures::named("sign-up").unwrap().fixture).unwrap();
        for (at, choices) in [
            ("/moment", MOMENTS),
            ("/request/purpose", PURPOSES),
            ("/request/agree_all", POLICIES),
            ("/request/service/mode", MODES),
            ("/request/terms/0/kind", KINDS),
            ("/request/personal_info/items/0/collect", COLLECTS),
            ("/request/channels/0/relation", RELATIONS),
        ] {
            for (json, _) in choices {
                let changed = place::with(&fixture, at, json!(json));
                assert!(Fixture::from_json(&changed.to_string()).is_ok(), "{at} = {json:?}");
            }
        }
        assert_eq!(MOMENTS.len(), Stage::ALL.len());
    }

    #[test]
    fn what_is_added_is_a_case_still() {
        let fixture =
            serde_json::to_value(&consent_fixtures::named("sign-up").unwrap().fixture).unwrap();
        for (at, new) in [
            ("/request/terms", new_term as fn(&Value) -> Value),
            ("/request/personal_info/items", new_item),
            ("/request/channels", new_channel),
        ] {
            // Two more, the first of all away, and one more: none is called like another.
            let add =
                |fixture: &Value| place::appended(fixture, at, new(fixture.pointer(at).unwrap()));
            let added = add(&place::without(&add(&add(&fixture)), at, 0));
            assert_eq!(Fixture::from_json(&added.to_string()).map(drop), Ok(()), "{at}");
        }
    }
}
