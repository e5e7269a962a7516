//! The words around the consent of a guardian: the sections `child` and `guardian` of a language file. A
//! child's page has words that a child understands.

use consent_screen::texts;

use super::link::Ended;
use crate::{consent::GuardianState, http::words::Words, locale::Locale};

texts! {
    /// The child's page: a title and a text for each state, and the button that sends a link.
    Child in "child" {
        not_asked_title,
        not_asked,
        not_asked_send,
        waiting_title,
        waiting,
        waiting_send,
        expired_title,
        expired,
        expired_send,
        refused_title,
        refused,
        refused_send,
        look_again,
        service,
        sent_to,
        address,
        back,
        open_in_demo,
        fault_address,
        fault_unavailable,
        fault_too_many,
        fault_refused,
    }
}

texts! {
    /// The guardian's pages and message.
    Guardian in "guardian" {
        unknown_title,
        unknown,
        expired_title,
        expired,
        not_needed_title,
        not_needed,
        agreed_title,
        agreed,
        refused_title,
        refused,
        /// Slot: the service.
        heading,
        lead,
        /// Slot: `{service}`.
        mail_subject,
        /// Slots: `{service}`, `{child}`, `{link}`.
        mail,
    }
}

/// The words of the child's page.
pub struct ChildWords {
    pub title: &'static str,
    pub text: &'static str,
    /// The button that sends a link.
    pub send: &'static str,
    /// Whether the guardian has answered by now.
    pub look_again: &'static str,
}

pub fn child(state: GuardianState, locale: Locale) -> ChildWords {
    let child = Child::of(locale);
    let (title, text, send) = match state {
        GuardianState::NotAsked => (child.not_asked_title, child.not_asked, child.not_asked_send),
        GuardianState::Waiting => (child.waiting_title, child.waiting, child.waiting_send),
        GuardianState::Expired => (child.expired_title, child.expired, child.expired_send),
        GuardianState::Refused => (child.refused_title, child.refused, child.refused_send),
    };
    ChildWords { title, text, send, look_again: child.look_again }
}

pub fn service(locale: Locale) -> &'static str {
    Child::of(locale).service
}

pub fn sent_to(locale: Locale) -> &'static str {
    Child::of(locale).sent_to
}

pub fn address(locale: Locale) -> &'static str {
    Child::of(locale).address
}

pub fn back(locale: Locale) -> &'static str {
    Child::of(locale).back
}

pub fn open_in_demo(locale: Locale) -> &'static str {
    Child::of(locale).open_in_demo
}

/// In the order of the faults of the child's page.
pub fn fault(index: usize, locale: Locale) -> &'static str {
    let child = Child::of(locale);
    let faults =
        [child.fault_address, child.fault_unavailable, child.fault_too_many, child.fault_refused];
    faults.get(index).copied().unwrap_or_default()
}

/// A page of the guardian's without a form.
pub fn ended(ended: Ended, locale: Locale) -> Words {
    let guardian = Guardian::of(locale);
    let (title, text) = match ended {
        Ended::Unknown => (guardian.unknown_title, guardian.unknown),
        Ended::Expired => (guardian.expired_title, guardian.expired),
        Ended::NotNeeded => (guardian.not_needed_title, guardian.not_needed),
        Ended::Agreed => (guardian.agreed_title, guardian.agreed),
        Ended::Refused => (guardian.refused_title, guardian.refused),
    };
    Words { title, text }
}

/// The heading of the guardian's screen, with `{}` for the service, and what is below it.
pub fn screen(locale: Locale) -> (&'static str, &'static str) {
    let guardian = Guardian::of(locale);
    (guardian.heading, guardian.lead)
}

/// The e-mail to the guardian.
pub struct Mail {
    pub subject: String,
    pub text: String,
}

pub fn mail(locale: Locale, service: &str, child: &str, link: &str) -> Mail {
    let guardian = Guardian::of(locale);
    let names = [("service", service), ("child", child), ("link", link)];
    Mail { subject: filled(guardian.mail_subject, &names), text: filled(guardian.mail, &names) }
}

/// A text with names in its slots.
fn filled(text: &str, names: &[(&str, &str)]) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (slot, after) = part.split_once('}').unwrap_or_default();
        filled += names.iter().find(|(it, _)| *it == slot).map_or("", |(_, name)| name);
        filled += after;
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_service_the_child_and_the_link_once() {
        for locale in Locale::all() {
            let Mail { subject, text } = mail(locale, "{child}", "Hana", "https://id.example/g");
            assert!(subject.contains("{child}"), "{locale}: {subject}");
            assert!(text.contains("\n\nhttps://id.example/g\n\n"), "{locale}: {text}");
            assert_eq!(text.matches("Hana").count(), 1, "{locale}: {text}");
            assert_eq!(text.matches("{child}").count(), text.matches('{').count(), "{locale}");
        }
    }
}
