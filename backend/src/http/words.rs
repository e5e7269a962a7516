//! The texts of the server's own pages: the section `pages` of a language file.

use consent_contract::problem::Code;
use consent_screen::texts;
use maud::{Markup, html};

use super::error::WhyNot;
use crate::locale::Locale;

/// The words of one page.
#[derive(Clone, Copy)]
pub struct Words {
    pub title: &'static str,
    pub text: &'static str,
}

texts! {
    /// Every text in one language. A title belongs to the text of its name.
    Pages in "pages" {
        csrf_rejected_title,
        csrf_rejected,
        terms_changed_title,
        terms_changed,
        continue_elsewhere_title,
        continue_elsewhere,
        missing_title,
        missing,
        invalid_value_title,
        invalid_value,
        unavailable_title,
        unavailable,
        unreadable_title,
        unreadable,
        open_again,
        form_refused_title,
        form_refused,
        open_page_again,
        invalid_redirect_title,
        invalid_redirect,
        onward_title,
        onward,
        /// Slot: the service.
        onward_link,
        confirm_title,
        confirm,
        /// Slots: `{account}`, `{service}`.
        confirm_question,
        go_on,
        cancel,
        sign_out_title,
        sign_out,
        sign_out_button,
        stay_button,
        signed_out_title,
        signed_out,
        still_signed_in_title,
        still_signed_in,
        unknown_account_title,
        unknown_account,
        account_disabled_title,
        account_disabled,
        provider_unreachable_title,
        provider_unreachable,
        provider_invalid_title,
        provider_invalid,
        sign_in_cancelled_title,
        sign_in_cancelled,
        sign_in_expired_title,
        sign_in_expired,
        not_returned_title,
        not_returned,
        no_login_page_title,
        no_login_page,
        not_confirmed_title,
        not_confirmed,
        other_account,
        sign_in_again,
        back_to_service,
        not_found_title,
        not_found,
        misdirected_title,
        misdirected,
        no_screen_title,
        no_screen,
        closing_title,
        closing,
        value_missing_title,
        /// Slots: `{service}`, and `{label}` of the value.
        value_missing,
    }
}

fn words(title: &'static str, text: &'static str) -> Words {
    Words { title, text }
}

/// A text with names in its slots. They are kept apart from our words: they may be written from right
/// to left.
#[must_use]
pub fn with_names(text: &str, names: &[(&str, &str)]) -> Markup {
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default();
    let parts = parts.map(|part| {
        let (slot, after) = part.split_once('}').unwrap_or_default();
        let name = names.iter().find(|(it, _)| *it == slot).map_or("", |(_, name)| name);
        html! { bdi { (name) } (after) }
    });
    html! { (first) @for part in parts { (part) } }
}

/// For a problem of the API that the screen has no page for.
#[must_use]
pub fn of(code: Code, locale: Locale) -> Words {
    let pages = Pages::of(locale);
    match code {
        Code::CsrfRejected => words(pages.csrf_rejected_title, pages.csrf_rejected),
        Code::TermsChanged => words(pages.terms_changed_title, pages.terms_changed),
        Code::ContinueElsewhere => words(pages.continue_elsewhere_title, pages.continue_elsewhere),
        Code::RequiredItemsMissing | Code::ItemUnanswered => {
            words(pages.missing_title, pages.missing)
        }
        Code::InvalidValue => words(pages.invalid_value_title, pages.invalid_value),
        Code::RateLimited | Code::Unavailable | Code::Other => {
            words(pages.unavailable_title, pages.unavailable)
        }
        // The rest means that the page and the server have lost each other. What ends a request is
        // not among it: the screen has a page for that.
        _ => words(pages.unreadable_title, pages.unreadable),
    }
}

/// The way back to the screen.
#[must_use]
pub fn open_again(locale: Locale) -> &'static str {
    Pages::of(locale).open_again
}

/// For a form of an account page that was refused.
#[must_use]
pub fn form_refused(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.form_refused_title, pages.form_refused)
}

/// The way back to an account page whose form was refused.
#[must_use]
pub fn open_page_again(locale: Locale) -> &'static str {
    Pages::of(locale).open_page_again
}

/// For an authorize request without a verified redirect URI.
#[must_use]
pub fn invalid_redirect(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.invalid_redirect_title, pages.invalid_redirect)
}

/// Between a form that was sent and the service.
#[must_use]
pub fn onward(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.onward_title, pages.onward)
}

/// For a member who has to confirm that an app may sign them in.
#[must_use]
pub fn confirm(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.confirm_title, pages.confirm)
}

/// The buttons there: to go on, and to cancel.
#[must_use]
pub fn confirm_buttons(locale: Locale) -> (&'static str, &'static str) {
    let pages = Pages::of(locale);
    (pages.go_on, pages.cancel)
}

/// For a person who may want to sign out.
#[must_use]
pub fn sign_out(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.sign_out_title, pages.sign_out)
}

/// The buttons there: to sign out, and to stay.
#[must_use]
pub fn sign_out_buttons(locale: Locale) -> (&'static str, &'static str) {
    let pages = Pages::of(locale);
    (pages.sign_out_button, pages.stay_button)
}

/// After signing out.
#[must_use]
pub fn signed_out(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.signed_out_title, pages.signed_out)
}

/// For a person who chose to stay.
#[must_use]
pub fn still_signed_in(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.still_signed_in_title, pages.still_signed_in)
}

/// For a person who is not signed in here, and is not sent to the login page again.
#[must_use]
pub fn not_signed_in(why: WhyNot, locale: Locale) -> Words {
    let pages = Pages::of(locale);
    match why {
        WhyNot::UnknownAccount => words(pages.unknown_account_title, pages.unknown_account),
        WhyNot::AccountDisabled => words(pages.account_disabled_title, pages.account_disabled),
        WhyNot::ProviderUnreachable => {
            words(pages.provider_unreachable_title, pages.provider_unreachable)
        }
        WhyNot::ProviderInvalid => words(pages.provider_invalid_title, pages.provider_invalid),
        WhyNot::Cancelled => words(pages.sign_in_cancelled_title, pages.sign_in_cancelled),
        WhyNot::NoAttempt => words(pages.sign_in_expired_title, pages.sign_in_expired),
        WhyNot::SignedOut => words(pages.not_returned_title, pages.not_returned),
        WhyNot::NoLoginPage => words(pages.no_login_page_title, pages.no_login_page),
        WhyNot::NotConfirmed => words(pages.not_confirmed_title, pages.not_confirmed),
    }
}

/// The way from there to the login page.
#[must_use]
pub fn sign_in_again(why: WhyNot, locale: Locale) -> &'static str {
    let pages = Pages::of(locale);
    match why {
        WhyNot::UnknownAccount | WhyNot::AccountDisabled => pages.other_account,
        WhyNot::ProviderUnreachable
        | WhyNot::ProviderInvalid
        | WhyNot::Cancelled
        | WhyNot::NoAttempt
        | WhyNot::SignedOut
        | WhyNot::NotConfirmed
        | WhyNot::NoLoginPage => pages.sign_in_again,
    }
}

/// The way to the redirect URI, with an error.
#[must_use]
pub fn back_to_the_service(locale: Locale) -> &'static str {
    Pages::of(locale).back_to_service
}

/// Where there is nothing.
#[must_use]
pub fn not_found(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.not_found_title, pages.not_found)
}

/// For a request that names the host of another server.
#[must_use]
pub fn misdirected(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.misdirected_title, pages.misdirected)
}

/// Where the built screen is missing.
#[must_use]
pub fn no_screen(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.no_screen_title, pages.no_screen)
}

/// Closing the window: the button, and what helps when it did not.
pub fn closing(locale: Locale) -> Words {
    let pages = Pages::of(locale);
    words(pages.closing_title, pages.closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_apart_from_the_words_around_it() {
        let names = [("service", "a<b"), ("account", "{service}")];
        let text = with_names("{account}: to {service}, {other}.", &names).into_string();
        assert_eq!(text, "<bdi>{service}</bdi>: to <bdi>a&lt;b</bdi>, <bdi></bdi>.");
        assert_eq!(with_names("no name", &names).into_string(), "no name");
    }
}
