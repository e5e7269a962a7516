//! The address of a page: the name of the fixture in the path, the state in the fragment.

use std::time::Duration;

use leptos::{leptos_dom::helpers::debounce, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
    location::Location,
};

use crate::{
    browser::{self, Keep},
    share,
    state::StudioState,
    store::Store,
};

/// The base of the router.
pub const BASE: &str = "/studio";

/// The path of the gallery.
pub const GALLERY: &str = "/studio/";

/// The path of the fixtures. Fixtures were once called cases, and addresses are shared.
const FIXTURES: &str = "/studio/cases/";

/// The name of a fixture that is not in the gallery.
pub const CUSTOM: &str = "own";

/// The key of the last address in the local storage.
const LAST: &str = "consent-studio:last";

/// The key of the undo history in the session storage.
const STEPS: &str = "consent-studio:steps";

/// How long the state must be unchanged before it is written to the address. Safari throws an error
/// after 100 changes of the address in 30 seconds.
const WRITE_DELAY: Duration = Duration::from_millis(350);

/// The address of a fixture.
pub fn workbench(name: &str, state: &StudioState) -> String {
    format!("{FIXTURES}{name}#{}", share::encode(state))
}

/// The address of the matrix of a fixture.
pub fn matrix(name: &str, state: &StudioState) -> String {
    format!("{FIXTURES}{name}/matrix#{}", share::encode(state))
}

/// The address that was last open in this browser.
pub fn last() -> Option<String> {
    browser::kept(Keep::OnDevice, LAST).filter(|address| address.starts_with(FIXTURES))
}

/// The name of the fixture in a path.
fn fixture_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(FIXTURES)?.trim_end_matches('/');
    Some(name.strip_suffix("/matrix").unwrap_or(name)).filter(|name| !name.is_empty())
}

/// Opens the fixture of the current address. A page calls this before it renders, so that it never
/// shows the fixture of the previous page.
pub fn open_current(store: Store) {
    let Location { pathname, hash, .. } = use_location();
    untrack(|| open(store, &pathname.read(), &hash.read()));
}

/// Keeps the store and the address in sync: opens what the address names, and writes changes back.
pub fn sync(store: Store) {
    let Location { pathname, hash, .. } = use_location();
    // Pages of other fixtures, and fragments that are typed or pasted.
    Effect::new(move |_| {
        let (path, hash) = (pathname.get(), hash.get());
        untrack(|| open(store, &path, &hash));
    });

    let navigate = use_navigate();
    let mut write = debounce(WRITE_DELAY, move |(path, code): (String, String)| {
        // The user may have left the page.
        if pathname.get_untracked() != path {
            return;
        }
        if fragment(&hash.read_untracked()) != code {
            let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
            navigate(&format!("#{code}"), options);
        }
        browser::keep(Keep::OnDevice, LAST, &format!("{path}#{code}"));
    });
    Effect::new(move |_| {
        let path = pathname.get();
        let code = share::encode(&store.state());
        let is_open = fixture_name(&path) == Some(store.name.read().as_str());
        if is_open && store.unreadable_address.read().as_ref() != Some(&code) {
            write((path, code));
        }
    });

    // After a reload the steps can still be undone.
    browser::on_window("pagehide", move |_| keep_steps(store));

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

fn open(store: Store, path: &str, hash: &str) {
    let Some(name) = fixture_name(path) else { return };
    let code = fragment(hash);
    let was_open = store.name.with(|open| open == name);
    if was_open && code == share::encode(&store.state()) {
        // A file was opened before its address was.
        store.found.set(true);
        return;
    }
    let found = match code {
        "" => with_steps(store, || store.open(name)),
        code => match share::decode(code) {
            Ok(state) => with_steps(store, || store.load(name, state)),
            Err(error) => {
                let found = store.open(name);
                let consequence = match (was_open, found) {
                    (true, _) => " The preview is unchanged.",
                    (false, true) => " This is the fixture as the gallery has it.",
                    (false, false) => "",
                };
                store.notice.set(format!("{}.{consequence}", capitalized(&error.to_string())));
                // The address stays until something is changed: the user may have no other copy.
                if found && !was_open {
                    store.unreadable_address.set(Some(share::encode(&store.state())));
                }
                found
            }
        },
    };
    store.found.set(found);
}

/// Opens something, and restores its undo history if this tab has it.
fn with_steps(store: Store, open: impl FnOnce() -> bool) -> bool {
    let kept = browser::kept(Keep::InTab, STEPS);
    keep_steps(store);
    let found = open();
    if let Some(steps) = kept {
        store.restore_steps(&steps);
    }
    found
}

fn keep_steps(store: Store) {
    if store.name.with_untracked(|name| !name.is_empty()) {
        browser::keep(Keep::InTab, STEPS, &store.steps());
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_fixture_is_in_the_path_of_its_pages() {
        for path in
            ["/studio/cases/sign-up", "/studio/cases/sign-up/", "/studio/cases/sign-up/matrix"]
        {
            assert_eq!(fixture_name(path), Some("sign-up"), "{path}");
        }
        for path in [GALLERY, FIXTURES, "/studio", "/cases/sign-up"] {
            assert_eq!(fixture_name(path), None, "{path}");
        }
    }
}
