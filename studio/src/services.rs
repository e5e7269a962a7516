//! A service of a services.toml as a fixture, and what is handed to a developer.

use consent_contract::request::PersonalInfo;
use consent_fixtures::{Consent, Fixture, Screen, Stage, Translations};
use consent_lint::{Finding, lint};
use consent_services::{
    ALWAYS, Fault, LeftOut, Sample, Shown, TextInFile, Written, changed_under_their_version,
    difference::{Line, difference},
    look, missing, secrets, show, texts, write, write_look,
};

use crate::{
    accounts::{User, to_the_sample, user_of, users},
    file_look::{self, FileLook},
    language::{t, tf},
    new_service::new_service,
    source::Source,
    state::Language,
    theme::Theme,
    translations,
};

/// What a draft that came from no file is written into.
const NEW: &str = "[[service]]\nname = \"\"\ncompany = \"\"\n\n[service.personal_info]\nrecipient = \"\"\n\
    purpose = \"\"\nretention = \"\"\nrefusal_effect = \"\"\n";

/// The name of its file.
const NEW_FILE: &str = "services.toml";

/// The user whom a file is read for.
fn with_user<T>(call: impl FnOnce(&Sample<'_>) -> T) -> T {
    let template = new_service();
    let request = template.request().expect("a new service asks");
    call(&Sample { request, value: &|id| User::Sample.value(id) })
}

/// What a file gets of a fixture. None for another page than the consent screen.
fn shown(fixture: &Fixture) -> Option<Shown> {
    let Screen::Consent(consent) = &fixture.screen else { return None };
    Some(Shown { request: consent.request.clone(), documents: consent.documents.clone() })
}

/// A service of a file, for a new user.
///
/// # Errors
/// The first fault of the service.
pub fn fixture(toml: &str, index: usize) -> Result<Fixture, Fault> {
    let Shown { request, documents } = with_user(|user| show(toml, index, ALWAYS, user))?;
    let listed = consent_services::services(toml)?.into_iter().nth(index);
    let client_id = listed.and_then(|it| it.client_id);
    let name = Some(request.service.name.clone()).filter(|it| !it.is_empty());
    let fixture = Fixture {
        title: name.or(client_id).unwrap_or_else(|| t("A service").to_owned()),
        about: String::new(),
        screen: Screen::Consent(Box::new(Consent {
            stage: Stage::Asking,
            request,
            documents,
            typed: [].into(),
        })),
        theme: FileLook::of(&look(toml, index)?).theme,
        notes: Vec::new(),
        translations: Translations::new(),
    };
    // Names may be of a form that no request has.
    Fixture::from_json(&fixture.to_json()).map_err(|error| Fault {
        line: 1,
        column: 1,
        reason: error.message,
    })
}

/// A draft of a file in another language, as the backend would send it: with the texts that the file has
/// in that language, once it is saved, also while they are too few for the language to be offered. Unchanged where
/// the file has none.
#[must_use]
pub fn in_language(fixture: &Fixture, source: &Source, language: Language) -> Fixture {
    match language.tag() {
        ALWAYS => fixture.clone(),
        tag => translated(fixture, source, tag).unwrap_or_else(|| fixture.clone()),
    }
}

/// A file with what was edited, in Korean and in other languages.
fn written(
    toml: &str,
    service: usize,
    edited: &Shown,
    translations: &Translations,
    user: &Sample<'_>,
) -> Result<Written, Fault> {
    let Written { toml, mut left_out } = write(toml, service, edited, user)?;
    let translated = translations::write(&toml, service, translations)?;
    left_out.extend(translated.left_out);
    Ok(Written { toml: translated.toml, left_out })
}

/// The file of a draft with what was edited, without its look. None for another page than the consent
/// screen, or for a file that cannot be read any more.
#[must_use]
pub fn with_texts(fixture: &Fixture, source: &Source) -> Option<String> {
    let (toml, edited) = (source.toml()?, shown(fixture)?);
    let written =
        with_user(|user| written(&toml, source.service, &edited, &fixture.translations, user));
    Some(written.ok()?.toml)
}

/// The languages that users are offered a service of a file in.
#[must_use]
pub fn offered_languages(toml: &str, service: usize) -> Vec<String> {
    let shown = with_user(|user| show(toml, service, ALWAYS, user)).ok();
    let languages = shown.and_then(|it| it.request.languages).unwrap_or_default();
    languages.split(' ').map(str::to_owned).collect()
}

fn translated(fixture: &Fixture, source: &Source, language: &str) -> Option<Fixture> {
    let toml = source.toml()?;
    let edited = shown(fixture)?;
    let read = with_user(|user| {
        let written = written(&toml, source.service, &edited, &fixture.translations, user).ok()?;
        let texts = texts(&written.toml, source.service).ok()?;
        let is_in_language = |text: &TextInFile| matches!(text, TextInFile::Translated(languages) if languages.contains_key(language));
        texts.values().any(is_in_language).then_some(())?;
        show(&written.toml, source.service, language, user).ok()
    })?;
    let mut fixture = fixture.clone();
    let Screen::Consent(consent) = &mut fixture.screen else { return None };
    let request = &mut consent.request;
    // Also while the file has too few texts in the language: it is that of the screen, too.
    language.clone_into(&mut request.locale);
    request.languages = read.request.languages;
    request.service.name = read.request.service.name;
    request.service.company = read.request.service.company;
    for term in &mut request.terms {
        if let Some(read) = read.request.terms.iter().find(|it| it.tag == term.tag) {
            term.title.clone_from(&read.title);
            for (highlight, read) in term.highlights.iter_mut().zip(&read.highlights) {
                highlight.text.clone_from(&read.text);
            }
        }
    }
    let PersonalInfo { recipient, purpose, retention, refusal_effect, items, .. } =
        read.request.personal_info;
    let info = &mut request.personal_info;
    (info.recipient, info.purpose) = (recipient, purpose);
    (info.retention, info.refusal_effect) = (retention, refusal_effect);
    for item in &mut info.items {
        if let Some(read) = items.iter().find(|it| it.id == item.id) {
            item.label.clone_from(&read.label);
            item.recipient.clone_from(&read.recipient);
            item.purpose.clone_from(&read.purpose);
            item.retention.clone_from(&read.retention);
            item.refusal_effect.clone_from(&read.refusal_effect);
        }
    }
    for channel in &mut request.channels {
        let mut channels = read.request.channels.iter();
        if let Some(read) = channels.find(|it| it.public_id == channel.public_id) {
            channel.name.clone_from(&read.name);
        }
    }
    consent.documents.extend(read.documents);
    Some(fixture)
}

/// A finding, and the languages that it was found in.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundIn {
    pub languages: Vec<String>,
    pub finding: Finding,
}

/// What a developer gets.
#[derive(Debug, Clone, PartialEq)]
pub struct HandOver {
    /// The name of the file.
    pub file: String,
    /// Whether the file was there before.
    pub is_new: bool,
    /// What the service is called in the file.
    pub client_id: Option<String>,
    pub toml: String,
    /// Secrets are masked.
    pub lines: Vec<Line>,
    pub left_out: Vec<LeftOut>,
    /// What a running service still needs.
    pub missing: Vec<String>,
    /// The tags of terms that need another version.
    pub same_version: Vec<String>,
    /// What the rules find now, and did not find in the file before.
    pub findings: Vec<FoundIn>,
    /// How many secrets the file has.
    pub secrets: usize,
}

impl HandOver {
    /// How many lines are added and removed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let count = |is_it: fn(&Line) -> bool| self.lines.iter().filter(|it| is_it(it)).count();
        (count(|it| matches!(it, Line::Added(_))), count(|it| matches!(it, Line::Removed(_))))
    }
}

/// What a developer gets of a draft. `theme`: the tokens that were changed. None for another page than the
/// consent screen, or for a file that cannot be read any more.
#[must_use]
pub fn hand_over(fixture: &Fixture, theme: &Theme, source: Option<&Source>) -> Option<HandOver> {
    let mut edited = shown(fixture)?;
    let (old, service) = match source {
        Some(source) => {
            let users = users(source);
            let user = &users[user_of(fixture, &users)];
            edited.request = to_the_sample(&edited.request, user);
            (source.toml()?, source.service)
        }
        None => (NEW.to_owned(), 0),
    };
    let read = |toml: &str, language: &str| match source {
        Some(_) => with_user(|user| show(toml, service, language, user)).ok(),
        None => with_own_user(&edited, |user| show(toml, service, language, user)).ok(),
    };
    let write = |user: &Sample<'_>| written(&old, service, &edited, &fixture.translations, user);
    let written = match source {
        Some(_) => with_user(write),
        None => with_own_user(&edited, write),
    };
    let Written { toml, mut left_out } = written.ok()?;
    let theme = fixture.theme.overlaid(theme);
    let WithLook { toml, low_contrast } = with_look(&toml, service, &theme, &mut left_out)?;
    let (before, now) = (read(&old, ALWAYS)?, read(&toml, ALWAYS)?);
    let mut findings: Vec<FoundIn> = Vec::new();
    let languages = now.request.languages.as_deref().unwrap_or(ALWAYS);
    for language in languages.split(' ') {
        let of = |toml: &str| read(toml, language).map(|it| lint(&it.request)).unwrap_or_default();
        let known = if source.is_some() { of(&old) } else { Vec::new() };
        let is_new = |it: &Finding| {
            !known.iter().any(|old| (old.rule.id, &old.what) == (it.rule.id, &it.what))
        };
        for finding in of(&toml).into_iter().filter(is_new) {
            let finding = Finding { at: format!("/request{}", finding.at), ..finding };
            let same = |it: &&mut FoundIn| {
                (it.finding.rule.id, &it.finding.at) == (finding.rule.id, &finding.at)
            };
            match findings.iter_mut().find(same) {
                Some(same) => same.languages.push(language.to_owned()),
                None => findings.push(FoundIn { languages: vec![language.to_owned()], finding }),
            }
        }
    }
    findings.sort_by_key(|it| it.finding.rule.severity);
    let secrets = secrets(&toml);
    let shown_before = if source.is_some() { old.as_str() } else { "" };
    let mut lines = difference(shown_before, &toml);
    for line in &mut lines {
        if let Line::Same(it) | Line::Added(it) | Line::Removed(it) = line {
            for secret in &secrets {
                it.text = it.text.replace(secret.as_str(), MASK);
            }
        }
    }
    let listed = consent_services::services(&toml).ok()?.into_iter().nth(service)?;
    Some(HandOver {
        file: source.map_or(NEW_FILE, |it| &it.file).to_owned(),
        is_new: source.is_none(),
        client_id: listed.client_id,
        missing: missing(&toml, service).into_iter().flatten().chain(low_contrast).collect(),
        same_version: match source {
            Some(_) => same_version((&old, &before), (&toml, &now), service),
            None => Vec::new(),
        },
        toml,
        lines,
        left_out,
        findings,
        secrets: secrets.len(),
    })
}

/// The tags of terms that changed under their version, in Korean or in another language.
fn same_version(
    (old, before): (&str, &Shown),
    (new, now): (&str, &Shown),
    service: usize,
) -> Vec<String> {
    let mut tags = changed_under_their_version(before, now);
    let languages = translations::changed(old, new, service);
    let same = now.request.terms.iter().filter(|term| {
        let old = before.request.terms.iter().find(|it| it.tag == term.tag);
        old.is_some_and(|old| old.version == term.version) && languages.contains(&term.tag)
    });
    for term in same {
        if !tags.contains(&term.tag) {
            tags.push(term.tag.clone());
        }
    }
    tags
}

/// A file with the look of a service.
struct WithLook {
    toml: String,
    /// Why a backend would refuse it, as sentences.
    low_contrast: Vec<String>,
}

/// Writes the look that a theme is into a file. None for a file that cannot be read any more.
fn with_look(
    toml: &str,
    service: usize,
    theme: &Theme,
    left_out: &mut Vec<LeftOut>,
) -> Option<WithLook> {
    let before = FileLook::of(&look(toml, service).ok()?);
    let (changes, no_place) = file_look::changes(&before.theme, theme);
    let toml = write_look(toml, service, &changes).ok()?;
    let now = FileLook::of(&look(&toml, service).ok()?);
    let (unwritten, _) = file_look::changes(&now.theme, theme);
    left_out.extend(before.unknown);
    left_out.extend(no_place);
    left_out.extend(unwritten.into_iter().map(|change| LeftOut {
        at: "/theme".to_owned(),
        reason: tf(
            "The file has no place for `{key}` of the look: edit it there.",
            &[("key", &change.key)],
        ),
    }));
    let low = now.theme.low_contrast();
    let low_contrast = low.into_iter().map(|it| format!("look: {}.", it.reason)).collect();
    Some(WithLook { toml, low_contrast })
}

/// What stands for a secret.
const MASK: &str = "••••••••";

/// The user of a draft that came from no file is its own.
fn with_own_user<T>(edited: &Shown, call: impl FnOnce(&Sample<'_>) -> T) -> T {
    let items = &edited.request.personal_info.items;
    let value = |id: &str| items.iter().find(|it| it.id == id)?.value.clone();
    call(&Sample { request: &edited.request, value: &value })
}

#[cfg(test)]
mod tests;
