//! The texts of the error pages: the sections `kakao`, for users, and `kakao_developers` of a language
//! file.

use consent_screen::{i18n::server, texts};

use crate::{http::words::Words, kakao::koe::Koe, locale::Locale};

texts! {
    /// For the person in front of the page.
    User in "kakao" {
        unavailable_title,
        unavailable,
        not_a_test_member_title,
        not_a_test_member,
        logout_redirect_title,
        logout_redirect,
        other_title,
        other,
    }
}

texts! {
    /// For the developer of the service: headings, and a cause and a remedy for each code.
    Developers in "kakao_developers" {
        heading,
        cause,
        remedy,
        malformed_request_cause,
        malformed_request_remedy,
        unavailable_cause,
        unavailable_remedy,
        login_is_off_cause,
        login_is_off_remedy,
        not_a_test_member_cause,
        not_a_test_member_remedy,
        redirect_uri_not_registered_cause,
        redirect_uri_not_registered_remedy,
        logout_redirect_uri_not_registered_cause,
        logout_redirect_uri_not_registered_remedy,
        wrong_key_type_cause,
        wrong_key_type_remedy,
        wrong_client_secret_cause,
        wrong_client_secret_remedy,
        unknown_client_cause,
        unknown_client_remedy,
        no_channel_cause,
        no_channel_remedy,
        unsupported_response_type_cause,
        unsupported_response_type_remedy,
        implicit_flow_cause,
        implicit_flow_remedy,
        invalid_parameter_cause,
        invalid_parameter_remedy,
        scope_not_configured_cause,
        scope_not_configured_remedy,
        missing_parameter_cause,
        missing_parameter_remedy,
        too_many_token_requests_cause,
        too_many_token_requests_remedy,
        other_redirect_uri_cause,
        other_redirect_uri_remedy,
        unsupported_grant_type_cause,
        unsupported_grant_type_remedy,
        missing_refresh_token_cause,
        missing_refresh_token_remedy,
        invalid_code_cause,
        invalid_code_remedy,
        invalid_refresh_token_cause,
        invalid_refresh_token_remedy,
        invalid_id_token_cause,
        invalid_id_token_remedy,
    }
}

/// The words of one page.
pub struct KoeWords {
    /// For the person in front of the page.
    pub user: Words,
    /// For the developer of the service.
    pub cause: &'static str,
    pub remedy: &'static str,
}

/// The headings for developers: the section, the cause, the remedy.
#[must_use]
pub fn labels(locale: Locale) -> (&'static str, &'static str, &'static str) {
    let it = Developers::of(locale);
    (it.heading, it.cause, it.remedy)
}

/// The language of what is for developers: English, where a language file has nothing for them.
#[must_use]
pub fn for_developers(locale: Locale) -> Locale {
    if server::has(locale, "kakao_developers") { locale } else { Locale::EN }
}

/// The words for an error code.
#[must_use]
pub fn of(koe: Koe, locale: Locale) -> KoeWords {
    let (cause, remedy) = cause_and_remedy(koe, locale);
    KoeWords { user: user(koe, locale), cause, remedy }
}

fn user(koe: Koe, locale: Locale) -> Words {
    let it = User::of(locale);
    let (title, text) = match koe {
        Koe::Unavailable => (it.unavailable_title, it.unavailable),
        Koe::NotATestMember => (it.not_a_test_member_title, it.not_a_test_member),
        Koe::LogoutRedirectUriNotRegistered => (it.logout_redirect_title, it.logout_redirect),
        _ => (it.other_title, it.other),
    };
    Words { title, text }
}

fn cause_and_remedy(koe: Koe, locale: Locale) -> (&'static str, &'static str) {
    let it = Developers::of(locale);
    match koe {
        Koe::MalformedRequest => (it.malformed_request_cause, it.malformed_request_remedy),
        Koe::Unavailable => (it.unavailable_cause, it.unavailable_remedy),
        Koe::LoginIsOff => (it.login_is_off_cause, it.login_is_off_remedy),
        Koe::NotATestMember => (it.not_a_test_member_cause, it.not_a_test_member_remedy),
        Koe::RedirectUriNotRegistered => {
            (it.redirect_uri_not_registered_cause, it.redirect_uri_not_registered_remedy)
        }
        Koe::LogoutRedirectUriNotRegistered => (
            it.logout_redirect_uri_not_registered_cause,
            it.logout_redirect_uri_not_registered_remedy,
        ),
        Koe::WrongKeyType => (it.wrong_key_type_cause, it.wrong_key_type_remedy),
        Koe::WrongClientSecret => (it.wrong_client_secret_cause, it.wrong_client_secret_remedy),
        Koe::UnknownClient => (it.unknown_client_cause, it.unknown_client_remedy),
        Koe::NoChannel => (it.no_channel_cause, it.no_channel_remedy),
        Koe::UnsupportedResponseType => {
            (it.unsupported_response_type_cause, it.unsupported_response_type_remedy)
        }
        Koe::ImplicitFlow => (it.implicit_flow_cause, it.implicit_flow_remedy),
        Koe::InvalidParameter => (it.invalid_parameter_cause, it.invalid_parameter_remedy),
        Koe::ScopeNotConfigured => (it.scope_not_configured_cause, it.scope_not_configured_remedy),
        Koe::MissingParameter => (it.missing_parameter_cause, it.missing_parameter_remedy),
        Koe::TooManyTokenRequests => {
            (it.too_many_token_requests_cause, it.too_many_token_requests_remedy)
        }
        Koe::OtherRedirectUri => (it.other_redirect_uri_cause, it.other_redirect_uri_remedy),
        Koe::UnsupportedGrantType => {
            (it.unsupported_grant_type_cause, it.unsupported_grant_type_remedy)
        }
        Koe::MissingRefreshToken => {
            (it.missing_refresh_token_cause, it.missing_refresh_token_remedy)
        }
        Koe::InvalidCode => (it.invalid_code_cause, it.invalid_code_remedy),
        Koe::InvalidRefreshToken => {
            (it.invalid_refresh_token_cause, it.invalid_refresh_token_remedy)
        }
        Koe::InvalidIdToken => (it.invalid_id_token_cause, it.invalid_id_token_remedy),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_its_own_words_in_every_language() {
        for locale in Locale::all() {
            let causes: BTreeSet<&str> =
                Koe::ALL.iter().map(|koe| of(*koe, locale).cause).collect();
            assert_eq!(causes.len(), Koe::ALL.len(), "{locale:?}");
            let codes: BTreeSet<&str> = Koe::ALL.iter().map(|koe| koe.code()).collect();
            assert_eq!(codes.len(), Koe::ALL.len());
        }
    }

    #[test]
    fn what_is_for_developers_has_its_language() {
        assert_eq!(for_developers(Locale::JA), Locale::JA);
        let thai = Locale::of("th").unwrap();
        assert_eq!(for_developers(thai), Locale::EN);
        assert_eq!(labels(thai), labels(Locale::EN));
    }
}
