//! Carries events into the state machine, and what it wants done out to the browser.

use std::{pin::Pin, sync::Arc};

use consent_contract::{answers::Answers, item::ItemKey, problem::Code, request::ConsentRequest};
use leptos::{prelude::*, tachys::renderer::types, task::spawn_local};

use super::{
    controls::{self, Control, FormField},
    painted::Painted,
    places::Places,
    state::{Asking, Effect, Event, Page, State, Stop, Target, Timer, step},
};
use crate::{
    api,
    components::{HEADING_ID, LiveTruth},
    i18n::Locale,
    platform::{clock, focus, input::Drawn, leave, watch},
};

/// The id of the list of what is in the way.
pub const SUMMARY_ID: &str = "summary";
/// The id of the notice above the form.
pub const NOTICE_ID: &str = "notice";

/// The id of the box with a full text.
pub const TEXT_ID: &str = "text-box";
/// The id of the list of languages.
pub const LANGUAGE_ID: &str = "language";

/// A handle to the page's state.
#[derive(Clone, Copy)]
pub struct Machine {
    pub page: RwSignal<Page>,
    kept: StoredValue<Kept>,
    /// What the form consists of in the page.
    controls: StoredValue<Vec<Control>, LocalStorage>,
}

/// What goes along with the state and is none of it.
#[derive(Default)]
struct Kept {
    /// Whose consent this is. None for a page that only shows a state: it can do nothing.
    challenge: Option<Arc<str>>,
    /// For each kind of effect that ends in an event, the number of the newest: an older one's
    /// event is dropped, so that a late answer cannot undo a newer one.
    newest: [u32; KINDS],
    /// The items that are drawn.
    places: Places,
    /// One for each of them: its tick has changed. A row follows its own and not the whole page, for
    /// there may be thousands of rows.
    ticks: Vec<Trigger>,
    /// What is in the way of agreeing has changed, or which texts cannot be read.
    faults: Option<Trigger>,
    /// In the place of the backend.
    #[cfg(feature = "preview")]
    world: Option<World>,
}

/// What a preview has for a backend: the event that an effect ends in, after so many milliseconds.
#[cfg(feature = "preview")]
pub type World = Arc<dyn Fn(&Effect) -> Option<(u32, Event)> + Send + Sync>;

/// Words that follow the state.
pub type LiveWords = Arc<dyn Fn() -> String + Send + Sync>;

const KINDS: usize = 9;

/// The place of an effect in [`Machine::newest`].
#[derive(Clone, Copy)]
enum Kind {
    Read,
    ReadText,
    Decide,
    Extend,
    Timer(Timer),
}

impl Kind {
    fn place(self) -> usize {
        match self {
            Self::Read => 0,
            Self::ReadText => 1,
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

impl Machine {
    /// A page that shows a state and can do nothing: for previews, tests, and a server that paints.
    #[must_use]
    pub fn showing(page: Page) -> Self {
        Self {
            page: RwSignal::new(page),
            kept: StoredValue::new(Kept::default()),
            controls: StoredValue::new_local(Vec::new()),
        }
    }

    /// A page that shows a state, with forms that lead to the challenge: for a server that paints.
    #[must_use]
    pub fn painting(page: Page, challenge: &str) -> Self {
        let machine = Self::showing(page);
        machine.kept.update_value(|kept| kept.challenge = Some(challenge.into()));
        machine
    }

    /// A page that goes on from a state in a world of its own: it asks no backend, never leaves, and
    /// never runs out of time.
    #[cfg(feature = "preview")]
    #[must_use]
    pub fn previewing(page: Page, world: World) -> Self {
        let machine = Self::painting(page, "preview");
        machine.kept.update_value(|kept| kept.world = Some(world));
        machine
    }

    /// A page that asks for a challenge's request, and goes on from there; or, where a server has
    /// painted it already, one that goes on from what the person has made of that.
    #[must_use]
    pub fn started(challenge: &str, locale: Locale, painted: Option<&Painted>) -> Self {
        let (page, effects) = match painted {
            Some(painted) => painted.taken_over(locale),
            None => Page::start(locale),
        };
        let machine = Self::painting(page, challenge);
        watch::restored(move || machine.send(Event::Restored));
        watch::online(move || machine.send(Event::Online));
        effects.into_iter().for_each(|effect| machine.run(effect));
        machine
    }

    /// The page for an address that names no challenge.
    #[must_use]
    pub fn not_found(locale: Locale) -> Self {
        let code = Code::ChallengeNotFound;
        let stop = Stop::Problem { code, restart_url: None, redirect_to: None };
        Self::showing(Page { locale, state: State::Stopped(stop) })
    }

    /// The challenge, if this page can do anything.
    #[must_use]
    pub fn challenge(self) -> Option<Arc<str>> {
        self.kept.with_value(|kept| kept.challenge.clone())
    }

    /// Whether something holds of what is asked, followed. No, while nothing is asked.
    ///
    /// The view follows the state through truths and words only: each further type of memo brings
    /// its own copy of Leptos's code into the bundle.
    #[must_use]
    pub fn asks(self, of: impl Fn(&Asking) -> bool + Send + Sync + 'static) -> Memo<bool> {
        let of: Box<dyn Fn(&Asking) -> bool + Send + Sync> = Box::new(of);
        Memo::new(move |_| self.page.with(|page| page.asking().is_some_and(&of)))
    }

    /// Words about the page, followed. Empty for nothing to say.
    #[must_use]
    pub fn words(self, of: impl Fn(&Page) -> String + Send + Sync + 'static) -> Memo<String> {
        let of: Box<dyn Fn(&Page) -> String + Send + Sync> = Box::new(of);
        Memo::new(move |_| self.page.with(&of))
    }

    /// Gets ready for the rows of a form that is drawn again.
    pub fn draw_rows(self, request: &ConsentRequest) {
        self.kept.update_value(|kept| {
            kept.places = Places::of(request);
            kept.ticks = (0..kept.places.count()).map(|_| Trigger::new()).collect();
            kept.faults = Some(Trigger::new());
        });
        self.controls.update_value(Vec::clear);
    }

    /// A control of the form that was drawn.
    pub fn drew(self, field: FormField, element: &types::Element) {
        let control = Drawn::of(element).map(|element| Control { field, element });
        self.controls.update_value(|controls| controls.extend(control));
    }

    /// Whether the item is ticked, followed.
    #[must_use]
    pub fn is_ticked(self, key: &ItemKey) -> LiveTruth {
        let found = self.kept.try_update_value(|kept| {
            let place = kept.places.find(key)?;
            Some((place, *kept.ticks.get(place)?))
        });
        let found = found.flatten();
        let drawn_for = self.edition();
        Arc::new(move || {
            let Some((place, tick)) = found else { return false };
            tick.track();
            // The place holds for the request that was drawn. Another one draws its own rows.
            let ticked = |asking: &Asking| {
                Some(asking.edition) == drawn_for && asking.answers.is_ticked_at(place)
            };
            self.page.with_untracked(|page| page.asking().is_some_and(ticked))
        })
    }

    fn edition(self) -> Option<u32> {
        self.page.with_untracked(|page| page.asking().map(|asking| asking.edition))
    }

    /// Words about what is wrong with an answer, followed.
    #[must_use]
    pub fn fault_words(self, of: impl Fn(&Asking) -> String + Send + Sync + 'static) -> LiveWords {
        let faults = self.kept.with_value(|kept| kept.faults);
        let of: Box<dyn Fn(&Asking) -> String + Send + Sync> = Box::new(of);
        Arc::new(move || {
            faults.iter().for_each(Track::track);
            self.page.with_untracked(|page| page.asking().map(&of)).unwrap_or_default()
        })
    }

    /// What the rows go by.
    fn rows(self) -> Option<(Answers, bool)> {
        self.page.with_untracked(|page| {
            let asking = page.asking()?;
            let is_wrong = !asking.faults().is_empty() || !asking.unreadable.is_empty();
            Some((asking.answers.clone(), is_wrong))
        })
    }

    /// Tells the rows what has changed for them. Telling a row too much is harmless: it looks again.
    fn tell_rows(self, (before, was_wrong): &(Answers, bool)) {
        let Some((now, is_wrong)) = self.rows() else { return };
        let changed = now.changed_from(before);
        let told: Vec<Trigger> = self.kept.with_value(|kept| {
            let ticks = changed.iter().filter_map(|at| kept.ticks.get(*at).copied());
            ticks.chain(kept.faults.filter(|_| *was_wrong || is_wrong)).collect()
        });
        told.iter().for_each(Notify::notify);
    }

    /// Something has happened. Before an agreement is sent, the page must show what it says.
    pub fn send(self, event: Event) {
        let differences = self.differences(&event);
        let is_altered = differences.contains(&Event::ChoicesAltered);
        differences.into_iter().for_each(|difference| self.take(difference));
        if !is_altered {
            self.take(event);
        }
    }

    /// What the page shows and the state does not hold, if the event may send an agreement.
    fn differences(self, event: &Event) -> Vec<Event> {
        self.page.with_untracked(|page| match page.asking() {
            Some(asking) if asking.may_agree_by(event) => self.controls.with_value(|controls| {
                let shown = controls.iter().map(|control| (&control.field, control.appearance()));
                controls::differences(asking, shown)
            }),
            _ => Vec::new(),
        })
    }

    fn take(self, event: Event) {
        let before = self.rows();
        let effects = self.page.try_update(|page| {
            // Should `step` ever panic, what is left says that nothing can be asked.
            let left = Page { locale: page.locale, state: State::Stopped(Stop::Unreadable) };
            let (next, effects) = step(std::mem::replace(page, left), event);
            *page = next;
            effects
        });
        if let Some(before) = before {
            self.tell_rows(&before);
        }
        effects.unwrap_or_default().into_iter().for_each(|effect| self.run(effect));
    }

    fn run(self, effect: Effect) {
        #[cfg(feature = "preview")]
        let Some(effect) = self.kept_from(effect) else { return };
        let Some(challenge) = self.challenge() else { return };
        match effect {
            Effect::Read { locale } => {
                let read = async move {
                    Event::Read(api::read_consent(&challenge, locale.map(Locale::tag)).await)
                };
                self.later(Kind::Read, Box::pin(read));
            }
            Effect::ReadText { tag, version, digest, anew } => {
                let read = async move {
                    Event::TextRead(api::read_document(&tag, &version, &digest, anew).await)
                };
                self.later(Kind::ReadText, Box::pin(read));
            }
            Effect::Decide(decision) => {
                let decide =
                    async move { Event::Decided(api::decide(&challenge, &decision).await) };
                self.later(Kind::Decide, Box::pin(decide));
            }
            Effect::Extend { csrf_token } => {
                let extend =
                    async move { Event::Extended(api::extend(&challenge, csrf_token).await) };
                self.later(Kind::Extend, Box::pin(extend));
            }
            Effect::Set(timer, ms) => {
                let ring = async move {
                    clock::sleep(ms).await;
                    Event::Rang(timer)
                };
                self.later(Kind::Timer(timer), Box::pin(ring));
            }
            Effect::Leave(to) => leave::go(&to),
            Effect::Focus(Target::Summary) => focus::soon(SUMMARY_ID),
            Effect::Focus(Target::Notice) => focus::soon(NOTICE_ID),
            Effect::Focus(Target::Language) => focus::soon(LANGUAGE_ID),
            Effect::Focus(Target::Text) => focus::soon(TEXT_ID),
            Effect::Focus(Target::Heading) => focus::soon(HEADING_ID),
        }
    }

    /// What is left of an effect for the browser, in a preview: the focus, and the clocks that only
    /// show something.
    #[cfg(feature = "preview")]
    fn kept_from(self, effect: Effect) -> Option<Effect> {
        let Some(world) = self.kept.with_value(|kept| kept.world.clone()) else {
            return Some(effect);
        };
        let kind = match &effect {
            Effect::Focus(_) | Effect::Set(Timer::Slow | Timer::Second | Timer::Stuck, _) => {
                return Some(effect);
            }
            Effect::Set(Timer::Expired | Timer::ExpiresSoon, _) | Effect::Leave(_) => return None,
            Effect::Read { .. } => Kind::Read,
            Effect::ReadText { .. } => Kind::ReadText,
            Effect::Decide(_) => Kind::Decide,
            Effect::Extend { .. } => Kind::Extend,
        };
        if let Some((ms, event)) = world(&effect) {
            let answer = async move {
                clock::sleep(ms).await;
                event
            };
            self.later(kind, Box::pin(answer));
        }
        None
    }

    /// Sends the event that the future ends in, unless a newer effect of its kind was started.
    fn later(self, kind: Kind, event: Pin<Box<dyn Future<Output = Event>>>) {
        let place = kind.place();
        let number = self.kept.try_update_value(|kept| {
            kept.newest[place] += 1;
            kept.newest[place]
        });
        spawn_local(async move {
            let event = event.await;
            if self.kept.try_with_value(|kept| kept.newest[place]) == number {
                self.send(event);
            }
        });
    }
}
