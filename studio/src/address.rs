//! The address of a page: the name of the fixture in the path, the draft in the query, the state in the
//! fragment.

use std::{sync::OnceLock, time::Duration};

use leptos::{leptos_dom::helpers::debounce, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
    location::Location,
};

use crate::{
    browser::{self, Keep},
    language::t,
    share::{self, DecodeError},
    state::{StudioState, View},
    store::{OpenDraft, Store},
    texts,
};

/// The path of the folder that the studio is served from.
static ROOT: OnceLock<String> = OnceLock::new();

/// The path of the fixtures in it. Fixtures were once called cases, and addresses are shared.
const FIXTURES: &str = "cases/";

/// The page of the previews in it.
const PREVIEW: &str = "preview/";

/// The name of a fixture that is not in the gallery.
pub const CUSTOM: &str = "own";

/// What is before the id of a draft in the query. A draft is in this browser only: elsewhere the fragment
/// has the state.
const DRAFT: &str = "draft=";

/// The key of the undo history in the session storage, before the draft or fixture that it belongs to.
const STEPS: &str = "consent-studio:steps:";

/// The key of JSON with an error in the session storage, before what it belongs to.
const TYPED: &str = "consent-studio:typed:";

/// The key of the address that a page had when it was left, and of the one that it should have had.
const LEFT: &str = "consent-studio:left";

/// How long the state must be unchanged before it is written to the address. Safari throws an error
/// after 100 changes of the address in 30 seconds.
const WRITE_DELAY: Duration = Duration::from_millis(350);

/// Sets the path of the folder that the studio is served from, once. It begins and ends with `/`.
pub fn set_root(path: String) {
    drop(ROOT.set(path));
}

/// The path of the gallery: the folder. Unless it was set, that of a backend.
pub fn gallery() -> &'static str {
    ROOT.get().map_or("/studio/", String::as_str)
}

/// The base of the router.
pub fn base() -> &'static str {
    gallery().trim_end_matches('/')
}

/// The path of the previews.
pub fn preview() -> String {
    format!("{}{PREVIEW}", gallery())
}

fn fixture_path(name: &str) -> String {
    format!("{}{FIXTURES}{name}", gallery())
}

/// The address of a fixture, or of a draft of it.
pub fn workbench(name: &str, draft: Option<&str>, state: &StudioState) -> String {
    full(&fixture_path(name), draft, &share::encode(state))
}

/// The address of a fixture as the gallery has it.
pub fn as_found(name: &str) -> String {
    full(&fixture_path(name), None, "")
}

/// The address of the matrix of a fixture.
pub fn matrix(name: &str, draft: Option<&str>, state: &StudioState) -> String {
    full(&format!("{}/matrix", fixture_path(name)), draft, &share::encode(state))
}

/// The address of the storyboard of a fixture's service.
pub fn storyboard(name: &str, draft: Option<&str>, state: &StudioState) -> String {
    full(&format!("{}/storyboard", fixture_path(name)), draft, &share::encode(state))
}

/// The address of the comparison of a fixture with another state.
pub fn compare(name: &str, draft: Option<&str>, state: &StudioState) -> String {
    full(&format!("{}/compare", fixture_path(name)), draft, &share::encode(state))
}

/// The address of what is open.
pub fn of_open(store: Store, to: fn(&str, Option<&str>, &StudioState) -> String) -> String {
    to(&store.name.read(), open_draft(store).as_deref(), &store.state())
}

fn full(path: &str, draft: Option<&str>, code: &str) -> String {
    let query = draft.map(|id| format!("?{DRAFT}{id}")).unwrap_or_default();
    format!("{path}{query}#{code}")
}

/// The name of the fixture in a path.
pub fn fixture_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(gallery())?.strip_prefix(FIXTURES)?.trim_end_matches('/');
    let view =
        ["/matrix", "/storyboard", "/compare"].iter().find_map(|view| name.strip_suffix(view));
    Some(view.unwrap_or(name)).filter(|name| !name.is_empty())
}

/// The id of the draft in a query.
fn draft_id(query: &str) -> Option<&str> {
    let mut parameters = query.trim_start_matches('?').split('&');
    parameters.find_map(|it| it.strip_prefix(DRAFT)).filter(|id| !id.is_empty())
}

fn open_draft(store: Store) -> Option<String> {
    store.draft.read().as_ref().map(|it| it.id.clone())
}

/// Opens the fixture of the current address. A page calls this before it renders, so that it never
/// shows the fixture of the previous page.
pub fn open_current(store: Store) {
    let Location { pathname, search, hash, .. } = use_location();
    untrack(|| open(store, &pathname.read(), &search.read(), &hash.read()));
}

/// Keeps the store and the address in sync: opens what the address names, and writes changes back.
pub fn sync(store: Store) {
    let Location { pathname, search, hash, .. } = use_location();
    // Pages of other fixtures, and fragments that are typed or pasted.
    Effect::new(move |_| {
        let (path, query, hash) = (pathname.get(), search.get(), hash.get());
        untrack(|| open(store, &path, &query, &hash));
    });

    let shown = move || {
        let (search, hash) = (search.read_untracked(), hash.read_untracked());
        full(&pathname.read_untracked(), draft_id(&search), fragment(&hash))
    };
    // What the address should be.
    let wanted = move || {
        let path = pathname.get();
        if fixture_name(&path) != Some(store.name.read().as_str()) {
            return None;
        }
        let code = share::encode(&store.state());
        let is_readable = store.unreadable_address.read().as_ref() != Some(&code);
        is_readable.then(|| full(&path, open_draft(store).as_deref(), &code))
    };
    let navigate = use_navigate();
    let mut write = debounce(WRITE_DELAY, move |address: String| {
        // The user may have left the page.
        if untrack(wanted).as_ref() == Some(&address) && untrack(shown) != address {
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                resolve: false,
                ..Default::default()
            };
            navigate(&address, options);
            browser::forget(Keep::InTab, LEFT);
        }
    });
    Effect::new(move |_| {
        if let Some(address) = wanted() {
            write(address);
        }
    });

    // After a reload the steps can still be undone, and what the address did not have yet is there.
    browser::on_window("pagehide", move |_| {
        untrack(|| {
            keep_steps(store);
            keep_typed(store);
            // The browser's address, which comes back: the router's is ahead of it while it is written.
            let (path, query, hash) = browser::address();
            let shown = full(&path, draft_id(&query), fragment(&hash));
            if let Some(wanted) = wanted().filter(|wanted| *wanted != shown) {
                let left = serde_json::json!([shown, wanted]).to_string();
                browser::keep(Keep::InTab, LEFT, &left);
            }
        });
    });

    // A full page load would start at the top and announce the title.
    Effect::new(move |before: Option<String>| {
        let path = pathname.get();
        if before.is_some_and(|before| before != path) {
            browser::when_drawn(browser::focus_heading);
        }
        path
    });
}

fn fragment(hash: &str) -> &str {
    hash.trim_start_matches('#')
}

fn open(store: Store, path: &str, query: &str, hash: &str) {
    let Some(name) = fixture_name(path) else { return };
    let (mut id, mut code) = (draft_id(query).map(str::to_owned), fragment(hash).to_owned());
    if let Some(left) = left(&full(path, id.as_deref(), &code)) {
        (id, code) = left;
    }
    let is_first = store.name.read().is_empty();
    let was_open = *store.name.read() == name && open_draft(store) == id;
    if was_open && code == share::encode(&store.state()) {
        // A file was opened before its address was.
        store.found.set(true);
        return;
    }
    let steps_of = id.clone().unwrap_or_else(|| name.to_owned());
    let steps = browser::kept(Keep::InTab, &format!("{STEPS}{steps_of}"));
    keep_steps(store);
    let draft = id.as_deref().and_then(|id| store.drafts.read().find(id).cloned());
    let state = match (&*code, &draft) {
        ("", None) => None,
        ("", Some(draft)) => Some(draft.state(View::default())),
        (code, _) => Some(share::decode(code)),
    };
    let found = match state {
        None => store.open(name),
        Some(Ok(state)) => store.load(name, state),
        Some(Err(error)) => {
            let found = store.open(name);
            let consequence = match (was_open, found) {
                (true, _) => t("The preview is unchanged."),
                (false, true) => t("This is the fixture as the gallery has it."),
                (false, false) => "",
            };
            let error = as_sentence(&error);
            store.notice.set(format!("{} {consequence}", t(&error)).trim_end().to_owned());
            // The address stays until something is changed: the user may have no other copy.
            if found && !was_open {
                store.unreadable_address.set(Some(share::encode(&store.state())));
            }
            store.found.set(found);
            return;
        }
    };
    store.found.set(found);
    if let Some(id) = id.filter(|_| found) {
        match draft {
            None => store.notice.set(t(texts::DRAFT_IS_GONE).to_owned()),
            Some(draft) if draft.snapshot() == Ok(store.snapshot()) => {
                store.draft.set(Some(OpenDraft { id, code: draft.code }));
            }
            Some(_) => store.notice.set(t(texts::OTHER_STATE).to_owned()),
        }
    }
    if let Some(steps) = steps {
        store.restore_steps(&steps_of, &steps);
    }
    if is_first {
        let typed = format!("{TYPED}{steps_of}");
        if let Some(json) = browser::kept(Keep::InTab, &typed) {
            store.invalid_json.set(Some(json));
            browser::forget(Keep::InTab, &typed);
        }
    }
}

/// Where this tab was left before its address was written: the draft and the code.
fn left(address: &str) -> Option<(Option<String>, String)> {
    let left = browser::kept(Keep::InTab, LEFT)?;
    let (shown, wanted): (String, String) = serde_json::from_str(&left).ok()?;
    if shown != address {
        return None;
    }
    let (path, code) = wanted.split_once('#')?;
    let id = path.split_once('?').and_then(|(_, query)| draft_id(query));
    Some((id.map(str::to_owned), code.to_owned()))
}

fn keep_steps(store: Store) {
    let name = store.name.get_untracked();
    if !name.is_empty() {
        let of = untrack(|| open_draft(store)).unwrap_or(name);
        store.keep_steps(&of, |steps| browser::keep(Keep::InTab, &format!("{STEPS}{of}"), steps));
    }
}

/// JSON with an error is in no draft: after a reload, as for another language, it is there again.
fn keep_typed(store: Store) {
    let of = open_draft(store).unwrap_or_else(|| store.name.get());
    let typed = format!("{TYPED}{of}");
    match store.invalid_json.get() {
        Some(json) => {
            browser::keep(Keep::InTab, &typed, &json);
        }
        None => browser::forget(Keep::InTab, &typed),
    }
}

/// Why an address cannot be read, in English.
pub fn as_sentence(error: &DecodeError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_fixture_is_in_the_path_of_its_pages() {
        for path in [
            "/studio/cases/sign-up",
            "/studio/cases/sign-up/",
            "/studio/cases/sign-up/matrix",
            "/studio/cases/sign-up/storyboard",
            "/studio/cases/sign-up/compare",
        ] {
            assert_eq!(fixture_name(path), Some("sign-up"), "{path}");
        }
        for path in ["/studio/", "/studio/cases/", "/studio", "/cases/sign-up"] {
            assert_eq!(fixture_name(path), None, "{path}");
        }
        assert!(consent_fixtures::named(CUSTOM).is_none(), "a fixture of the gallery has its name");
    }

    #[test]
    fn the_id_of_a_draft_is_in_the_query() {
        for query in ["draft=1a", "?draft=1a", "?x=1&draft=1a"] {
            assert_eq!(draft_id(query), Some("1a"), "{query}");
        }
        for query in ["", "?", "?draft=", "?drafts=1a"] {
            assert_eq!(draft_id(query), None, "{query}");
        }
        assert_eq!(full("/studio/cases/own", Some("1a"), "c"), "/studio/cases/own?draft=1a#c");
        assert_eq!(full("/studio/cases/own", None, ""), "/studio/cases/own#");
    }
}
