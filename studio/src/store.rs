//! The state of the studio, shared by its pages.

use consent_fixtures::{Fixture, named};
use consent_lint::{
    Finding,
    rendered::{self, Rendered},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    accounts::{Audience, audience, is_same_but_for_the_user},
    browser,
    drafts::{Drafts, SavedDraft},
    hearing::Hearing,
    history::History,
    language::{t, t_in, tf},
    message::Sought,
    opened::OpenedServices,
    services, share,
    source::Source,
    state::{
        BoardOptions, Comparison, Frame, Matrix, PreviewState, Selection, StudioState, View, Zoom,
    },
    theme::Theme,
    translations,
};

/// The maximum size of a stored undo history, in bytes of JSON: it is compressed while a page is left.
const MAX_STEPS_BYTES: usize = 2_000_000;

/// What undo and redo apply to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The fixture, as JSON that [`Fixture::from_json`] parses.
    pub fixture: Value,
    pub theme: Theme,
}

impl Snapshot {
    /// The smallest fixture. The gallery shows none, and to read one would be half of what it does at its start.
    fn of_nothing() -> Self {
        let fixture = json!({ "title": "", "about": "", "screen": "loading", "slow": false });
        Self { fixture, theme: Theme::default() }
    }

    pub fn of(fixture: &Fixture, theme: Theme) -> Self {
        let fixture = serde_json::to_value(fixture).expect("a fixture always becomes JSON");
        Self { fixture, theme }
    }

    /// The fixture. None if the JSON is none: a history only has valid ones.
    pub fn parsed(&self) -> Option<Fixture> {
        Fixture::from_json(&self.fixture.to_string()).ok()
    }
}

/// The draft that is edited.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDraft {
    pub id: String,
    /// Its data as this tab last read or wrote it.
    pub code: String,
}

/// A handle to the state.
#[derive(Clone, Copy)]
pub struct Store {
    /// The fixture of the gallery that was opened, or another name for one from a file.
    pub name: RwSignal<String>,
    /// Whether the address names a fixture.
    pub found: RwSignal<bool>,
    pub history: RwSignal<History<Snapshot>>,
    /// The data as it was opened: a draft is made of it once it is changed.
    pub opened: RwSignal<Snapshot>,
    /// The drafts of this browser.
    pub drafts: RwSignal<Drafts>,
    /// The draft that is edited, if one is.
    pub draft: RwSignal<Option<OpenDraft>>,
    /// The file that the draft came from, if it did.
    pub source: Memo<Option<Source>>,
    /// The accounts to which the file of the draft can be shown: none without a file.
    pub audience: Memo<Audience>,
    /// An opened file of which a service is to be chosen.
    pub choosing: RwSignal<Option<OpenedServices>>,
    /// The id of the draft whose service and theme the cards of the gallery are shown with.
    pub shown_with: RwSignal<Option<String>>,
    pub view: RwSignal<View>,
    pub frame: RwSignal<Frame>,
    pub matrix: RwSignal<Matrix>,
    pub storyboard: RwSignal<BoardOptions>,
    pub compare: RwSignal<Comparison>,
    pub zoom: RwSignal<Zoom>,
    /// The languages that the panel Texts shows beside Korean. None before any was chosen.
    pub languages: RwSignal<Option<Vec<String>>>,
    /// The place of the field that has the focus, as a JSON Pointer; empty for none.
    pub edited: RwSignal<String>,
    /// What the preview has measured of itself.
    pub measured: RwSignal<Option<Rendered>>,
    /// The finding that the preview outlines.
    pub sought: RwSignal<Option<Sought>>,
    /// What is heard of the preview.
    pub hearing: Hearing,
    /// The last action, for screen readers.
    pub announcement: RwSignal<String>,
    /// JSON with an error, as it was typed.
    pub invalid_json: RwSignal<Option<String>>,
    /// A message for every user; empty for none.
    pub notice: RwSignal<String>,
    /// The code of the state that is shown for an unreadable address.
    pub unreadable_address: RwSignal<Option<String>>,
    pub fixture: Memo<Fixture>,
    pub findings: Memo<Vec<Finding>>,
}

impl Store {
    /// No fixture is open yet.
    pub fn new() -> Self {
        let snapshot = Snapshot::of_nothing();
        let history = RwSignal::new(History::new(snapshot.clone()));
        let measured = RwSignal::new(None);
        let fixture = Memo::new(move |before: Option<&Fixture>| {
            // The history only has valid fixtures.
            history.read().now().parsed().or_else(|| before.cloned()).expect("a fixture")
        });
        let (drafts, draft) = (RwSignal::new(Drafts::default()), RwSignal::new(None));
        let source = Memo::new(move |_| {
            let open: Option<OpenDraft> = draft.get();
            drafts.read().find(&open?.id)?.source.clone()
        });
        let audience = Memo::new(move |_| source.read().as_ref().map(audience).unwrap_or_default());
        let findings = Memo::new(move |_| {
            // With what Look has changed, in both colour schemes: only one of them is measured.
            let fixture = fixture.get();
            let theme = fixture.theme.overlaid(&history.read().now().theme);
            let mut findings = Fixture { theme, ..fixture }.lint();
            findings.extend(measured.read().as_ref().map(rendered::check).unwrap_or_default());
            findings.sort_by_key(|finding| finding.rule.severity);
            findings
        });
        Self {
            name: RwSignal::default(),
            found: RwSignal::default(),
            history,
            opened: RwSignal::new(snapshot),
            drafts,
            draft,
            source,
            audience,
            choosing: RwSignal::default(),
            shown_with: RwSignal::default(),
            view: RwSignal::default(),
            frame: RwSignal::default(),
            matrix: RwSignal::default(),
            storyboard: RwSignal::default(),
            compare: RwSignal::default(),
            zoom: RwSignal::default(),
            languages: RwSignal::default(),
            edited: RwSignal::default(),
            measured,
            sought: RwSignal::default(),
            hearing: Hearing::default(),
            announcement: RwSignal::default(),
            invalid_json: RwSignal::default(),
            notice: RwSignal::default(),
            unreadable_address: RwSignal::default(),
            fixture,
            findings,
        }
    }

    /// Opens a fixture as the gallery has it, unless that is open. False if there is none of this name.
    pub fn open(self, name: &str) -> bool {
        let is_draft = self.draft.with_untracked(Option::is_some);
        let is_as_found = || {
            let fixture = Selection::Gallery(name.to_owned());
            let found = PreviewState { fixture, view: View::default(), theme: Theme::default() };
            untrack(|| self.state()) == StudioState::from(found)
        };
        if self.name.with_untracked(|open| open == name) && !is_draft && is_as_found() {
            return true;
        }
        let Some(found) = named(name) else { return false };
        self.view.set(View::default());
        self.frame.set(Frame::default());
        self.matrix.set(Matrix::default());
        self.storyboard.set(BoardOptions::default());
        self.compare.set(Comparison::default());
        self.replace(name, Snapshot::of(&found.fixture, Theme::default()));
        true
    }

    /// Opens the state of an address. False if that names a fixture that is not in the gallery.
    pub fn load(self, name: &str, state: StudioState) -> bool {
        let StudioState { preview, frame, matrix, storyboard, compare } = state;
        let PreviewState { fixture, view, theme } = preview;
        let Some(fixture) = fixture.fixture() else { return false };
        self.view.set(view.offered());
        self.frame.set(frame.offered());
        self.matrix.set(matrix);
        self.storyboard.set(storyboard);
        self.compare.set(compare.offered());
        self.replace(name, Snapshot::of(&fixture, theme));
        // Undo returns to the fixture of the gallery.
        if let Some(original) = named(name).filter(|original| original.fixture != fixture) {
            let now = self.snapshot();
            let mut history = History::new(Snapshot::of(&original.fixture, now.theme.clone()));
            history.change(now, None);
            self.history.set(history);
        }
        true
    }

    /// Stores the undo history: all of it if there is room, else the latest steps. `of`: what it belongs
    /// to.
    pub fn keep_steps(self, of: &str, keep: impl Fn(&str) -> bool) {
        let mut history = self.history.get_untracked();
        loop {
            let code = share::encode_within(MAX_STEPS_BYTES, &(of, &history));
            if code.is_some_and(|code| keep(&code)) || !history.forget_some() {
                return;
            }
        }
    }

    /// Restores an undo history, if it belongs to what is open and ends at the current state.
    pub fn restore_steps(self, of: &str, steps: &str) {
        let Ok((belongs_to, history)) = share::decode::<(String, History<Snapshot>)>(steps) else {
            return;
        };
        if belongs_to == of && *history.now() == self.snapshot() {
            self.history.set(history);
        }
    }

    /// The draft that is edited, as it was saved.
    pub fn saved_draft(self) -> Option<SavedDraft> {
        let open = self.draft.read();
        self.drafts.read().find(&open.as_ref()?.id).cloned()
    }

    /// Whether the latest change is in no storage.
    pub fn is_unsaved(self) -> bool {
        self.saved_draft().is_some_and(|draft| !draft.is_kept)
    }

    fn replace(self, name: &str, snapshot: Snapshot) {
        name.clone_into(&mut self.name.write());
        self.opened.set(snapshot.clone());
        self.draft.set(None);
        self.history.set(History::new(snapshot));
        self.invalid_json.set(None);
        self.languages.set(None);
        self.measured.set(None);
        self.hearing.clear();
        self.notice.set(String::new());
        self.unreadable_address.set(None);
    }

    /// Changes the fixture. Consecutive changes of the same `field` are one step. An invalid change is
    /// not made, and a notice shows the reason.
    pub fn edit(self, field: Option<&str>, change: impl FnOnce(&Value) -> Value) {
        let Snapshot { fixture, theme } = self.snapshot();
        let fixture = change(&fixture);
        match Fixture::from_json(&fixture.to_string()) {
            Ok(mut edited) => {
                let before = self.fixture.get_untracked();
                let fixture = match translations::follow(&before, &mut edited) {
                    true => Snapshot::of(&edited, Theme::default()).fixture,
                    false => fixture,
                };
                self.history.update(|history| history.change(Snapshot { fixture, theme }, field));
                self.notice.set(String::new());
            }
            Err(error) => self.notice.set(tf("Invalid change: {error}.", &[("error", &error)])),
        }
    }

    /// Changes the theme.
    pub fn edit_theme(self, field: &str, change: impl FnOnce(&mut Theme)) {
        let mut snapshot = self.snapshot();
        change(&mut snapshot.theme);
        self.history.update(|history| history.change(snapshot, Some(field)));
    }

    pub fn snapshot(self) -> Snapshot {
        self.history.with_untracked(|history| history.now().clone())
    }

    /// Announces something to screen readers, even if it is the same text as before.
    pub fn announce(self, text: &str) {
        let again = self.announcement.with_untracked(|before| before == text);
        // An unchanged live region is not read again.
        self.announcement.set(if again { format!("{text}\u{a0}") } else { text.to_owned() });
    }

    pub fn undo(self) {
        self.history.update(History::undo);
        self.announce(t("Undone"));
    }

    pub fn redo(self) {
        self.history.update(History::redo);
        self.announce(t("Redone"));
    }

    /// Restores the fixture of the gallery and the screen's own theme. Can be undone.
    pub fn reset(self) {
        if let Some(fixture) = self.original() {
            let snapshot = Snapshot::of(&fixture, Theme::default());
            self.history.update(|history| history.change(snapshot, None));
            self.announce(t_in("announced", "Reset"));
        }
    }

    /// The fixture as the gallery has it, if it is in the gallery.
    pub fn original(self) -> Option<Fixture> {
        self.name.with(|name| named(name).map(|it| it.fixture.clone()))
    }

    /// Whether anything was changed.
    pub fn is_changed(self) -> bool {
        let theme = self.history.with(|history| !history.now().theme.is_empty());
        theme || self.original().is_none_or(|original| original != *self.fixture.read())
    }

    /// What the preview shows.
    pub fn preview(self) -> PreviewState {
        self.preview_of(self.fixture.get())
    }

    fn preview_of(self, fixture: Fixture) -> PreviewState {
        let name = self.name.get();
        let is_original = named(&name).is_some_and(|it| it.fixture == fixture);
        let fixture = if is_original {
            Selection::Gallery(name)
        } else {
            Selection::Custom(Box::new(fixture))
        };
        PreviewState { fixture, view: self.view.get(), theme: self.theme() }
    }

    /// A preview as it is shown: a draft of a file has the texts of the file in the preview's language, and
    /// its user sees what a backend shows them.
    pub fn in_its_language(self, preview: PreviewState) -> PreviewState {
        let source = self.source.read();
        let Selection::Custom(fixture) = &preview.fixture else { return preview };
        let is_open = is_same_but_for_the_user(fixture, &self.fixture.read());
        let mut fixture = match &*source {
            Some(source) if is_open => {
                services::in_language(fixture, source, preview.view.language)
            }
            _ => Fixture::clone(fixture),
        };
        if is_open && let Some(served) = self.audience.read().served(&fixture, &browser::today()) {
            fixture = served.fixture;
        }
        // A text in another language does not draw the screen again.
        fixture.translations.clear();
        PreviewState { fixture: Selection::Custom(Box::new(fixture)), ..preview }
    }

    /// What a frame shows of what is open: a note does not draw the screen again.
    pub fn shown(self) -> PreviewState {
        let fixture = Fixture { notes: Vec::new(), ..self.fixture.get() };
        self.in_its_language(self.preview_of(fixture))
    }

    /// The tokens that were changed.
    pub fn theme(self) -> Theme {
        self.history.with(|history| history.now().theme.clone())
    }

    /// The theme of the fixture, with the tokens that were changed.
    pub fn shown_theme(self) -> Theme {
        self.fixture.read().theme.overlaid(&self.theme())
    }

    /// The fixture for a file, with the theme as it is shown.
    pub fn exported(self) -> Fixture {
        Fixture { theme: self.shown_theme(), ..self.fixture.get() }
    }

    /// The whole state, for an address.
    pub fn state(self) -> StudioState {
        StudioState {
            preview: self.preview(),
            frame: self.frame.get(),
            matrix: self.matrix.get(),
            storyboard: self.storyboard.get(),
            compare: self.compare.get(),
        }
    }
}

#[cfg(test)]
mod tests;
