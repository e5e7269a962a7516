//! The handle to the page's state: dispatches events to the state machine and runs its effects in
//! the browser.

use std::{pin::Pin, sync::Arc};

use consent_contract::{
    self as contract, agree_all, in_app::Platform, item::ItemKey, problem::Code,
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    controls::{self, FormControl, FormField},
    ids,
    initial::InitialPage,
    state::{Effect, Event, FormState, Page, State, Stop, Target, Timer, update},
};
use crate::{
    api,
    browser::{clock, focus, input::Control, leave, watch},
    components::HEADING_ID,
    i18n::{self, Locale, Texts},
};

/// The consent form. Components find it in the context.
#[derive(Clone, Copy)]
pub struct ConsentForm {
    pub page: RwSignal<Page>,
    inner: StoredValue<Inner>,
    /// The controls of the form in the page.
    controls: StoredValue<Vec<FormControl>, LocalStorage>,
    /// The rows of the form in the page.
    rows: StoredValue<Vec<(ItemKey, Trigger)>>,
}

#[derive(Default)]
struct Inner {
    /// None for a page that only shows a state: it can do nothing.
    challenge: Option<Arc<str>>,
    /// The messenger's in-app browser, if the page is shown there.
    messenger: Option<Platform>,
    /// For each kind of effect that ends in an event, the number of the newest: the event of an
    /// older one is dropped, so that a late response cannot undo a newer one.
    newest: [u32; KINDS],
    /// A guardian answers for the user.
    #[cfg(feature = "ssr")]
    guardian: Option<super::GuardianFields>,
    /// Replaces the backend.
    #[cfg(feature = "preview")]
    mock: Option<MockBackend>,
}

/// The backend of a preview: the event that an effect ends in, after so many milliseconds.
#[cfg(feature = "preview")]
pub type MockBackend = Arc<dyn Fn(&Effect) -> Option<(u32, Event)> + Send + Sync>;

const KINDS: usize = 9;

/// An effect that ends in an event.
#[derive(Clone, Copy)]
enum Kind {
    LoadRequest,
    LoadText,
    Decide,
    Extend,
    Timer(Timer),
}

impl Kind {
    /// The index in [`Inner::newest`].
    fn index(self) -> usize {
        match self {
            Self::LoadRequest => 0,
            Self::LoadText => 1,
            Self::Decide => 2,
            Self::Extend => 3,
            Self::Timer(Timer::Slow) => 4,
            Self::Timer(Timer::Second) => 5,
            Self::Timer(Timer::ExpiresSoon) => 6,
            Self::Timer(Timer::Expired) => 7,
            Self::Timer(Timer::Stuck) => 8,
        }
    }
}

impl ConsentForm {
    /// A page that shows a state and can do nothing: for tests and server rendering.
    #[must_use]
    pub fn for_page(page: Page) -> Self {
        Self {
            page: RwSignal::new(page),
            inner: StoredValue::new(Inner::default()),
            controls: StoredValue::new_local(Vec::new()),
            rows: StoredValue::new(Vec::new()),
        }
    }

    /// A page that shows a state, with forms that submit to the challenge: for server rendering.
    #[must_use]
    pub fn for_challenge(page: Page, challenge: &str) -> Self {
        let form = Self::for_page(page);
        form.inner.update_value(|inner| inner.challenge = Some(challenge.into()));
        form
    }

    /// A page with a mock backend: it sends no request, never redirects, and never expires.
    #[cfg(feature = "preview")]
    #[must_use]
    pub fn for_preview(page: Page, mock: MockBackend) -> Self {
        let form = Self::for_challenge(page, "preview");
        form.inner.update_value(|inner| inner.mock = Some(mock));
        form
    }

    /// A page that loads the request of a challenge; or one that continues from a server-rendered
    /// page and what the user entered there.
    #[must_use]
    pub fn start(challenge: &str, locale: Locale, initial: Option<&InitialPage>) -> Self {
        let (page, effects) = match initial {
            Some(initial) => initial.restore(locale),
            None => Page::start(locale),
        };
        let form = Self::for_challenge(page, challenge);
        watch::restored(move || form.dispatch(Event::Restored));
        watch::online(move || form.dispatch(Event::Online));
        effects.into_iter().for_each(|effect| form.run(effect));
        form
    }

    /// The page for an address that names no challenge.
    #[must_use]
    pub fn not_found(locale: Locale) -> Self {
        let code = Code::ChallengeNotFound;
        let stop = Stop::Problem { code, restart_url: None, redirect_to: None, min_age: None };
        Self::for_page(Page { locale, state: State::Stopped(stop) })
    }

    /// The same page for a guardian, who answers for the user.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn for_guardian(self, fields: super::GuardianFields) -> Self {
        self.inner.update_value(|inner| inner.guardian = Some(fields));
        self
    }

    /// The fields of the guardian who answers for the user.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn guardian(self) -> Option<super::GuardianFields> {
        self.inner.with_value(|inner| inner.guardian.clone())
    }

    /// Where the browser sends the form without the app: to the page's own address, so that a response
    /// that shows the form again has the right address.
    #[must_use]
    pub fn action(self) -> String {
        #[cfg(feature = "ssr")]
        if let Some(guardian) = self.guardian() {
            return guardian.action;
        }
        self.challenge().map(|it| contract::page_path(&it)).unwrap_or_default()
    }

    /// The challenge, if this page can do anything.
    #[must_use]
    pub fn challenge(self) -> Option<Arc<str>> {
        self.inner.with_value(|inner| inner.challenge.clone())
    }

    /// The same page, shown in the messenger's in-app browser.
    #[must_use]
    pub fn in_messenger(self, messenger: Option<Platform>) -> Self {
        self.inner.update_value(|inner| inner.messenger = messenger);
        self
    }

    /// The messenger's in-app browser, if the page is shown there.
    #[must_use]
    pub fn messenger(self) -> Option<Platform> {
        self.inner.with_value(|inner| inner.messenger)
    }

    /// The language of the page: the user's choice, once its texts are loaded. The view is built again
    /// when it changes.
    #[must_use]
    pub fn locale(self) -> Locale {
        i18n::loaded(self.chosen_locale())
    }

    /// The language that the user chose, or the one of the request.
    #[must_use]
    pub fn chosen_locale(self) -> Locale {
        self.page.with_untracked(|page| page.locale)
    }

    /// The texts of the screen in the language of the page.
    #[must_use]
    pub fn texts(self) -> &'static Texts {
        i18n::texts(self.locale())
    }

    /// A part of the page, as a memo: what depends on it is updated when that part changes.
    #[must_use]
    pub fn select<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&Page) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        self.select_on(None, Box::new(part))
    }

    /// A part of the form, as a memo. The default while there is no form.
    #[must_use]
    pub fn select_form<T: Default + PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&FormState) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        self.select(move |page| page.form().map(&part).unwrap_or_default())
    }

    /// A part of the form that a row shows, as a memo. The default while there is no form.
    ///
    /// It does not subscribe to the page: to be computed again, a memo leaves the list of subscribers and
    /// joins it again, which takes time by the length of the list, and so seconds for each tick in a form
    /// of thousands of rows.
    #[must_use]
    pub fn select_row<T: Default + PartialEq + Send + Sync + 'static>(
        self,
        row: Trigger,
        part: impl Fn(&FormState) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        let part = move |page: &Page| page.form().map(&part).unwrap_or_default();
        self.select_on(Some(row), Box::new(part))
    }

    /// Boxed: one copy of the memo's code for each type of value.
    fn select_on<T: PartialEq + Send + Sync + 'static>(
        self,
        row: Option<Trigger>,
        part: Box<dyn Fn(&Page) -> T + Send + Sync>,
    ) -> Memo<T> {
        Memo::new(move |_| {
            match row {
                Some(row) => row.track(),
                None => self.page.track(),
            }
            self.page.with_untracked(&part)
        })
    }

    /// The row of an item, for [`Self::select_row`].
    #[must_use]
    pub fn row(self, key: &ItemKey) -> Trigger {
        let row = Trigger::new();
        self.rows.update_value(|rows| rows.push((key.clone(), row)));
        row
    }

    /// The position of the row that the event alone can change. None: any row.
    fn changed_row(self, event: &Event) -> Option<usize> {
        let key = event.answered()?;
        self.rows.with_value(|rows| rows.iter().position(|(it, _)| it == key))
    }

    /// Computes again what rows show.
    fn update_rows(self, changed: Option<usize>) {
        self.rows.with_value(|rows| {
            for (at, (_, row)) in rows.iter().enumerate() {
                if changed.is_none_or(|changed| changed == at) {
                    row.notify();
                }
            }
        });
    }

    /// Whether agree-all covers an item.
    #[must_use]
    pub fn is_in_agree_all(self, required: bool) -> bool {
        self.page.with_untracked(|page| {
            page.form().is_some_and(|form| agree_all::covers(form.request.agree_all, required))
        })
    }

    /// Forgets the controls and rows of an earlier view of the form.
    pub fn clear_view(self) {
        self.controls.update_value(Vec::clear);
        self.rows.update_value(Vec::clear);
    }

    /// Registers the control of a field once it is built.
    #[must_use]
    pub fn on_build(self, field: FormField) -> Callback<Control> {
        Callback::new(move |control| {
            let control = FormControl { field: field.clone(), control };
            self.controls.update_value(|controls| controls.push(control));
        })
    }

    /// Dispatches an event. Before an agreement is sent, the page must show the state.
    pub fn dispatch(self, event: Event) {
        let differences = self.differences(&event);
        let is_altered = differences.contains(&Event::ChoicesAltered);
        differences.into_iter().for_each(|difference| self.apply(difference));
        if !is_altered {
            self.apply(event);
        }
    }

    /// The differences between the page and the state, if the event may send an agreement.
    fn differences(self, event: &Event) -> Vec<Event> {
        self.page.with_untracked(|page| match page.form() {
            Some(form) if form.may_agree_on(event) => self.controls.with_value(|controls| {
                let shown = controls.iter().map(|control| (&control.field, control.appearance()));
                controls::differences(form, shown)
            }),
            _ => Vec::new(),
        })
    }

    fn apply(self, event: Event) {
        let changed = self.changed_row(&event);
        let effects = self.page.try_update(|page| {
            // Should `update` ever panic, the page that is left asks nothing.
            let left = Page { locale: page.locale, state: State::Stopped(Stop::Unreadable) };
            let (next, effects) = update(std::mem::replace(page, left), event);
            *page = next;
            effects
        });
        self.update_rows(changed);
        effects.unwrap_or_default().into_iter().for_each(|effect| self.run(effect));
    }

    fn run(self, effect: Effect) {
        #[cfg(feature = "preview")]
        let Some(effect) = self.run_mock(effect) else { return };
        let Some(challenge) = self.challenge() else { return };
        match effect {
            Effect::LoadRequest { locale } => {
                let load = async move {
                    let answer = api::read_consent(&challenge, locale.map(Locale::tag)).await;
                    Event::RequestLoaded(answer)
                };
                self.spawn_latest(Kind::LoadRequest, Box::pin(load));
            }
            Effect::LoadText { tag, version, digest, changed, reload } => {
                let path = if changed {
                    contract::changed_document_path(&challenge, &tag, &version, &digest)
                } else {
                    contract::document_path(&tag, &version, &digest)
                };
                let load =
                    async move { Event::TextLoaded(api::read_document(&path, reload).await) };
                self.spawn_latest(Kind::LoadText, Box::pin(load));
            }
            Effect::Decide(decision) => {
                let decide =
                    async move { Event::Decided(api::decide(&challenge, &decision).await) };
                self.spawn_latest(Kind::Decide, Box::pin(decide));
            }
            Effect::Extend { csrf_token } => {
                let extend =
                    async move { Event::Extended(api::extend(&challenge, csrf_token).await) };
                self.spawn_latest(Kind::Extend, Box::pin(extend));
            }
            Effect::SetTimer(timer, ms) => {
                let fire = async move {
                    clock::sleep(ms).await;
                    Event::TimerFired(timer)
                };
                self.spawn_latest(Kind::Timer(timer), Box::pin(fire));
            }
            Effect::Leave(to) => leave::go(&to),
            Effect::Focus(Target::Summary) => focus::soon(ids::SUMMARY),
            Effect::Focus(Target::Notice) => focus::soon(ids::NOTICE),
            Effect::Focus(Target::Language) => focus::soon(ids::LANGUAGE),
            Effect::Focus(Target::Text) => focus::soon(ids::TEXT_BOX),
            Effect::Focus(Target::Heading) => focus::soon(HEADING_ID),
            Effect::Focus(Target::Current) => focus::keep(HEADING_ID),
            Effect::Focus(Target::Agree) => focus::if_lost(ids::AGREE_BUTTON),
        }
    }

    /// Runs an effect against the mock backend. Returns it where a preview needs the browser for it:
    /// the focus, and the timers that only show something.
    #[cfg(feature = "preview")]
    fn run_mock(self, effect: Effect) -> Option<Effect> {
        let Some(mock) = self.inner.with_value(|inner| inner.mock.clone()) else {
            return Some(effect);
        };
        let kind = match &effect {
            Effect::Focus(_) | Effect::SetTimer(Timer::Slow | Timer::Second | Timer::Stuck, _) => {
                return Some(effect);
            }
            Effect::SetTimer(Timer::Expired | Timer::ExpiresSoon, _) | Effect::Leave(_) => {
                return None;
            }
            Effect::LoadRequest { .. } => Kind::LoadRequest,
            Effect::LoadText { .. } => Kind::LoadText,
            Effect::Decide(_) => Kind::Decide,
            Effect::Extend { .. } => Kind::Extend,
        };
        if let Some((ms, event)) = mock(&effect) {
            let answer = async move {
                clock::sleep(ms).await;
                event
            };
            self.spawn_latest(kind, Box::pin(answer));
        }
        None
    }

    /// Dispatches the event that the future ends in, unless a newer effect of its kind was started.
    fn spawn_latest(self, kind: Kind, event: Pin<Box<dyn Future<Output = Event>>>) {
        let index = kind.index();
        let number = self.inner.try_update_value(|inner| {
            inner.newest[index] += 1;
            inner.newest[index]
        });
        spawn_local(async move {
            let event = event.await;
            if self.inner.try_with_value(|inner| inner.newest[index]) == number {
                self.dispatch(event);
            }
        });
    }
}
