//! The problems of each endpoint of the API, for its OpenAPI description.

use std::collections::BTreeMap;

use consent_contract::problem::{Code, MEDIA_TYPE, Problem};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

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
    DecisionProblems: MalformedRequest CsrfRejected WrongSession SimpleSignUpInactive
        NotATestMember UnderAge ChallengeNotFound TermsChanged ChallengeExpired AlreadyDecided
        TooLarge RequiredItemsMissing InvalidValue UnknownItem ItemUnanswered RateLimited
        Unavailable;
    ExtensionProblems: MalformedRequest CsrfRejected WrongSession ExtensionRefused
        ChallengeNotFound ChallengeExpired AlreadyDecided RateLimited Unavailable;
    TermProblems: DocumentNotFound Unavailable;
    /// Of each endpoint below `/__test/`.
    TestHookProblems: MalformedRequest CsrfRejected TooLarge Unavailable;
    AutoLoginProblems: MalformedRequest CsrfRejected TooLarge RateLimited Unavailable;
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
