//! The problems of each endpoint of the API, for its OpenAPI description.

use std::collections::BTreeMap;

use consent_contract::problem::{Code, MEDIA_TYPE, Problem};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

use super::admin::AdminProblem;

macro_rules! problems {
    ($($(#[$meta:meta])* $endpoint:ident: $($code:ident)+;)*) => {
        $(
            $(#[$meta])*
            pub struct $endpoint;

            impl IntoResponses for $endpoint {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    by_status(&[$(Code::$code),+])
                }
            }
        )*
    };
}

problems! {
    ReadProblems: WrongSession SimpleSignUpInactive NotATestMember UnderAge ChallengeNotFound
        ChallengeExpired AlreadyDecided RateLimited Unavailable;
    ExtensionProblems: MalformedRequest CsrfRejected WrongSession ExtensionRefused
        ChallengeNotFound ChallengeExpired AlreadyDecided RateLimited Unavailable;
    TermProblems: DocumentNotFound Unavailable;
    ChangedTermProblems: WrongSession ChallengeNotFound DocumentNotFound ChallengeExpired
        AlreadyDecided RateLimited Unavailable;
    AutoLoginProblems: MalformedRequest CsrfRejected TooLarge RateLimited Unavailable;
}

/// Of the decision endpoint: a form is answered with a page.
pub struct DecisionProblems;

impl IntoResponses for DecisionProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        use Code::*;
        let mut responses = by_status(&[
            MalformedRequest,
            CsrfRejected,
            WrongSession,
            SimpleSignUpInactive,
            NotATestMember,
            UnderAge,
            ChallengeNotFound,
            TermsChanged,
            ContinueElsewhere,
            ChallengeExpired,
            AlreadyDecided,
            TooLarge,
            RequiredItemsMissing,
            InvalidValue,
            UnknownItem,
            ItemUnanswered,
            RateLimited,
            Unavailable,
        ]);
        for response in responses.values_mut() {
            if let RefOr::T(response) = response {
                let page = ContentBuilder::new().build();
                response.content.insert("text/html".to_owned(), page.into());
            }
        }
        responses
    }
}

/// An error of an OAuth endpoint (RFC 6749, 5.2).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `oauth.rs` writes")]
pub struct OAuthError {
    /// The code of the error.
    error: String,
    /// For developers, in English.
    error_description: String,
}

/// Errors of endpoints at which clients authenticate.
pub struct OAuthErrors;

impl IntoResponses for OAuthErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        oauth_errors(&[
            (400, "`invalid_request`, `invalid_grant`, `invalid_scope`, `unsupported_grant_type`"),
            (401, "`invalid_client`"),
            (413, "`invalid_request`"),
            (429, "`temporarily_unavailable`"),
            (503, "`temporarily_unavailable`"),
        ])
    }
}

/// Errors of resources behind an access token (RFC 6750, 3.1).
pub struct BearerErrors;

impl IntoResponses for BearerErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        oauth_errors(&[
            (400, "`invalid_request`"),
            (401, "`invalid_token`; without a token no body"),
            (403, "`insufficient_scope`"),
            (413, "`invalid_request`"),
            (429, "`temporarily_unavailable`"),
            (503, "`temporarily_unavailable`"),
        ])
    }
}

fn oauth_errors(errors: &[(u16, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let response = |names: &str| {
        let schema = Ref::from_schema_name(OAuthError::name());
        let content = ContentBuilder::new().schema(Some(schema)).build();
        ResponseBuilder::new().description(names).content("application/json", content).build()
    };
    errors.iter().map(|(status, names)| (status.to_string(), response(names).into())).collect()
}

/// Of the admin API.
pub struct AdminProblems;

impl IntoResponses for AdminProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        use Code::{MalformedRequest, TooLarge, Unavailable};
        let mut responses = by_status(&[MalformedRequest, TooLarge, Unavailable]);
        for (status, description) in [
            ("401", "The token is missing or wrong"),
            ("404", "There is no such account or channel, or no `[admin]` in services.toml"),
        ] {
            let content = ContentBuilder::new().build();
            let response = ResponseBuilder::new().description(description);
            responses
                .insert(status.to_owned(), response.content(MEDIA_TYPE, content).build().into());
        }
        responses
    }
}

/// Of the events of a messenger.
pub struct MessengerProblems;

impl IntoResponses for MessengerProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        use Code::{MalformedRequest, RateLimited, TooLarge, Unavailable};
        let mut responses = by_status(&[MalformedRequest, TooLarge, RateLimited, Unavailable]);
        for (status, description) in [
            ("403", "No signature is by one of the secrets"),
            ("404", "There is no `[messenger_events]` in services.toml"),
        ] {
            let content = ContentBuilder::new().build();
            let response = ResponseBuilder::new().description(description);
            responses
                .insert(status.to_owned(), response.content(MEDIA_TYPE, content).build().into());
        }
        responses
    }
}

macro_rules! admin_problems {
    ($($(#[$meta:meta])* $endpoint:ident: [$($code:ident)*] $($status:literal $names:literal)+;)*) => {
        $(
            $(#[$meta])*
            pub struct $endpoint;

            impl IntoResponses for $endpoint {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    admin_problems(&[$(Code::$code,)* Code::Unavailable], &[$(($status, $names)),+])
                }
            }
        )*
    };
}

// Of the admin API about services.
admin_problems! {
    ServiceListProblems: []
        404 "There is no `[admin]` in services.toml";
    ServiceReadProblems: []
        404 "`service_not_found`";
    ExplainProblems: [MalformedRequest]
        404 "`account_not_found`, `service_not_found`"
        409 "`service_not_usable`";
    ServiceCreateProblems: [MalformedRequest TooLarge]
        409 "`service_exists`, `service_of_the_file`, `not_with_test_hooks`"
        422 "`invalid_service`";
    ServiceEditProblems: [MalformedRequest TooLarge]
        403 "`approval_required`"
        404 "`service_not_found`"
        409 "`service_of_the_file`, `not_with_test_hooks`"
        412 "`precondition_failed`"
        422 "`invalid_service`"
        428 "`precondition_required`";
    ServiceApproveProblems: []
        403 "`approval_required`"
        404 "`service_not_found`"
        409 "`service_of_the_file`, `not_with_test_hooks`"
        412 "`precondition_failed`"
        422 "`invalid_service`"
        428 "`precondition_required`";
    ServiceDisableProblems: []
        404 "`service_not_found`"
        409 "`service_of_the_file`, `not_with_test_hooks`";
    ServiceEnableProblems: []
        403 "`approval_required`"
        404 "`service_not_found`"
        409 "`service_of_the_file`, `not_with_test_hooks`"
        422 "`invalid_service`";
    ServiceSecretProblems: [MalformedRequest TooLarge]
        404 "`service_not_found`"
        409 "`service_of_the_file`, `no_secret`, `too_many_secrets`, `not_with_test_hooks`";
    ServiceDeleteProblems: []
        403 "`approval_required`"
        404 "`service_not_found`"
        409 "`service_of_the_file`, `service_in_use`, `not_with_test_hooks`"
        412 "`precondition_failed`"
        428 "`precondition_required`";
}

fn admin_problems(codes: &[Code], own: &[(u16, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let mut responses = by_status(codes);
    let unauthenticated = [(401, "The token is missing or wrong")];
    for (status, description) in unauthenticated.iter().chain(own) {
        let schema = Ref::from_schema_name(AdminProblem::name());
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new().description(*description);
        responses.insert(status.to_string(), response.content(MEDIA_TYPE, content).build().into());
    }
    responses
}

/// Of each endpoint below `/__test/` that reads a body.
pub struct TestHookProblems;

impl IntoResponses for TestHookProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        use Code::{CsrfRejected, MalformedRequest, TooLarge, Unavailable};
        with_not_found(by_status(&[MalformedRequest, CsrfRejected, TooLarge, Unavailable]))
    }
}

/// Of the others.
pub struct TestHookReadProblems;

impl IntoResponses for TestHookReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        with_not_found(by_status(&[Code::CsrfRejected, Code::Unavailable]))
    }
}

/// The endpoints exist with `--test-hooks` only.
fn with_not_found(
    mut responses: BTreeMap<String, RefOr<Response>>,
) -> BTreeMap<String, RefOr<Response>> {
    let content = ContentBuilder::new().build();
    let response = ResponseBuilder::new().description("Without `--test-hooks`, or nothing found");
    let response = response.content(MEDIA_TYPE, content).build();
    responses.insert("404".to_owned(), response.into());
    responses
}

/// One response for each status, described by the names of its codes.
fn by_status(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut names = BTreeMap::<u16, Vec<String>>::new();
    for code in codes {
        names.entry(code.status()).or_default().push(format!("`{}`", code.name()));
    }
    let response = |names: Vec<String>| {
        let schema = Ref::from_schema_name(Problem::name());
        let content = ContentBuilder::new().schema(Some(schema)).build();
        ResponseBuilder::new().description(names.join(", ")).content(MEDIA_TYPE, content).build()
    };
    names.into_iter().map(|(status, names)| (status.to_string(), response(names).into())).collect()
}
