//! The consent page in all its states.

use consent_contract::name;
use leptos::prelude::*;

use super::{
    ConsentForm,
    form::{Form, heading},
    loading::{Leaving, Loading},
    state::{Announcement, Page, State},
};
use crate::{
    browser::document,
    components::{HEADING_ID, Keyed, LiveRegion},
    i18n::{self, Locale, Texts, fill},
    problem::{self, ProblemPage},
};

/// The content of the page. It is built again when this changes, and only then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Loading,
    Form {
        revision: u32,
    },
    Leaving,
    /// One stop never follows another without loading in between.
    Stopped,
}

impl Content {
    fn of(page: &Page) -> Self {
        match &page.state {
            State::Loading { .. } => Self::Loading,
            State::Form(form) => Self::Form { revision: form.revision },
            State::Leaving(_) => Self::Leaving,
            State::Stopped(_) => Self::Stopped,
        }
    }
}

/// The consent page.
#[component]
pub fn ConsentPage(form: ConsentForm) -> impl IntoView {
    provide_context(form);
    let content = form.select(|page| (page.locale, Content::of(page)));
    let title = form.select(title);
    Effect::new(move |_| {
        document::set_title(&title.get());
        content.track();
        let locale = form.locale();
        document::set_language(locale.tag(), i18n::texts(locale).direction);
    });
    let view = |(_, content): (Locale, Content)| match content {
        Content::Loading => view! { <Loading/> }.into_any(),
        Content::Form { .. } => view! { <Form/> }.into_any(),
        Content::Leaving => view! { <Leaving/> }.into_any(),
        Content::Stopped => view! { <ProblemPage/> }.into_any(),
    };
    view! {
        <main class="page" aria-labelledby=HEADING_ID>
            <Keyed key=content view/>
            <LiveRegion text=announcement(form)/>
        </main>
    }
    .into_any()
}

/// The current announcement. The open dialog needs it, too: the rest of the page is inert then.
pub fn announcement(form: ConsentForm) -> Memo<String> {
    form.select(|page| {
        page.announcement().map(|it| announce(i18n::texts(page.locale), it)).unwrap_or_default()
    })
}

/// The document's title: the same as the heading.
#[must_use]
pub fn title(page: &Page) -> String {
    let texts = i18n::texts(page.locale);
    match &page.state {
        State::Loading { .. } => texts.loading.to_owned(),
        State::Leaving(_) => texts.leaving.to_owned(),
        State::Stopped(stop) => problem::text(texts, stop).heading.to_owned(),
        State::Form(form) => {
            let heading = heading(texts, &form.request);
            fill(heading, &name::clean(&form.request.service.name))
        }
    }
}

fn announce(texts: &Texts, announcement: Announcement) -> String {
    match announcement {
        Announcement::Loading => texts.loading.to_owned(),
        Announcement::Retrying(reason) => {
            i18n::sentences(&[texts.retry_reason(reason), texts.ticks_kept])
        }
        Announcement::Sending => texts.sending.to_owned(),
        Announcement::Leaving => texts.leaving.to_owned(),
        Announcement::Rechecking => texts.checking.to_owned(),
        Announcement::ExpiresSoon => texts.expires_soon.to_owned(),
        Announcement::NotSent => texts.not_sent.to_owned(),
    }
}
