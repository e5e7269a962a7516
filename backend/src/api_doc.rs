//! The API, described from the contract's own types: as OpenAPI, and as docs/API.md.

use std::fmt::Write;

use consent_contract::{
    auto_login::AutoLogin,
    decision, document,
    problem::{self, Code},
    request, value,
};
use serde_json::Value;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::{
    consent::{
        NotAsked,
        agreements::{Agreements, ChannelStatus, ItemStatus, Status, TermStatus},
    },
    explain::{Channel, Explanation, Item, Outcome},
    http::{
        admin_api, admin_explain, admin_services, admin_slow_requests, agreements, authorize,
        auto_login, consent, decision as consent_decision, discovery,
        error::{admin::AdminProblem, kakao::KakaoErrorBody, responses},
        introspect,
        kakao::{
            admin, channels, connection, me, openid, scopes, shipping, terms as kakao_terms,
            terms_v1,
        },
        logout, messenger_events, pushed_request, receipt_download, revoke, terms, text_changes,
        token, userinfo,
    },
    managed, slow_requests,
    store::ReceiptHead,
    telemetry::profile::Work,
    test_hooks::{self, messages},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Consent API",
        description = "What the consent screen and its backend say to each other. Same origin, JSON.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        consent::read,
        consent_decision::decide,
        consent::extend,
        terms::read,
        receipt_download::download,
        receipt_download::checkpoint,
        text_changes::read,
        auto_login::sign_in,
        authorize::authorize,
        authorize::authorize_by_form,
        pushed_request::push,
        discovery::configuration,
        discovery::authorization_server,
        token::token,
        userinfo::read,
        agreements::read,
        revoke::revoke,
        introspect::introspect,
        logout::ask,
        logout::form,
        openid::token_info,
        openid::user_info,
        me::me,
        me::update_profile,
        kakao_terms::list,
        kakao_terms::revoke,
        kakao_terms::upgrade,
        terms_v1::list,
        scopes::list,
        scopes::revoke,
        channels::v2,
        channels::v1,
        connection::unlink,
        connection::log_out,
        connection::sign_up,
        connection::access_token_info,
        shipping::list,
        messenger_events::take,
        admin_api::set_relation,
        admin_api::delete_relation,
        admin_api::set_membership,
        admin_api::delete_membership,
        admin_services::list,
        admin_services::create,
        admin_services::read,
        admin_services::replace,
        admin_services::update,
        admin_services::delete,
        admin_services::approve,
        admin_services::disable,
        admin_services::enable,
        admin_services::rotate_secret,
        admin_explain::read,
        admin_slow_requests::list,
        admin::users,
        admin::ids,
        test_hooks::reset,
        test_hooks::seed_accounts,
        test_hooks::seed_agreements,
        test_hooks::read_clock,
        test_hooks::move_clock,
        test_hooks::failures,
        test_hooks::add_failure,
        test_hooks::forget_failures,
        test_hooks::answers,
        test_hooks::answer,
        test_hooks::forget_answers,
        test_hooks::read_receipt
    ),
    modifiers(&Credentials),
    components(schemas(
        request::ConsentState,
        request::ConsentRequest,
        request::Purpose,
        request::Service,
        request::Mode,
        request::Account,
        request::AgreeAllPolicy,
        request::Term,
        request::TermKind,
        request::Highlight,
        request::HighlightKind,
        request::PersonalInfo,
        request::PersonalInfoItem,
        request::Collect,
        request::Channel,
        request::Relation,
        request::AlreadyAgreed,
        request::AgreedTerm,
        request::AgreedItem,
        decision::Decision,
        decision::Agreement,
        decision::Cancellation,
        decision::TermAnswer,
        decision::ItemAnswer,
        decision::ChannelAnswer,
        decision::Recorded,
        decision::ExtensionRequest,
        decision::Extended,
        document::Document,
        document::Block,
        AutoLogin,
        pushed_request::PushedRequest,
        authorize::AuthorizeParameters,
        problem::Problem,
        Code,
        problem::InvalidValue,
        value::ValueFault,
        responses::OAuthError,
        token::TokenRequest,
        token::TokenResponse,
        revoke::OneToken,
        introspect::Introspection,
        logout::LogoutForm,
        Agreements,
        TermStatus,
        ItemStatus,
        ChannelStatus,
        Status,
        KakaoErrorBody,
        messenger_events::ReportedEvent,
        messenger_events::ReportedData,
        messenger_events::TakenEvent,
        messenger_events::EventResult,
        admin_api::ChannelRelation,
        admin_api::MessengerMembership,
        admin_slow_requests::SlowRequestList,
        slow_requests::SlowRequest,
        slow_requests::Part,
        Work,
        admin_services::ServiceDocument,
        admin_services::ServiceList,
        admin_services::ServiceOrigin,
        admin_services::ServiceState,
        admin_services::ServiceSummary,
        admin_services::TermSummary,
        admin_services::SecretRotation,
        admin_services::RotatedSecret,
        AdminProblem,
        managed::Finding,
        Explanation,
        Outcome,
        Item,
        Channel,
        NotAsked,
        ReceiptHead,
        messages::NewAccounts,
        messages::NewAgreements,
        messages::NewTime,
        messages::Time,
        messages::Failure,
        messages::PendingFailures,
        messages::Rule,
        messages::Choice,
        messages::PendingRules,
        messages::Receipt,
        messages::ReceiptItem,
    ))
)]
struct Api;

/// How calls authenticate.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("access_token", SecurityScheme::Http(bearer));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("admin_token", SecurityScheme::Http(bearer));
        let about = "`KakaoAK` and the admin key of the app";
        let key = ApiKey::Header(ApiKeyValue::with_description("Authorization", about));
        components.add_security_scheme("admin_key", SecurityScheme::ApiKey(key));
    }
}

/// The OpenAPI document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// The OpenAPI document, as JSON to read.
#[must_use]
pub fn json() -> String {
    serde_json::to_string_pretty(&openapi()).expect("an OpenAPI document is always JSON")
}

/// The same as docs/API.md, with what OpenAPI has no words for.
#[must_use]
pub fn markdown() -> String {
    let api = serde_json::to_value(openapi()).expect("an OpenAPI document is always JSON");
    let mut page = String::from(include_str!("api_doc.md"));
    let mut write = |text: std::fmt::Arguments<'_>| {
        page.write_fmt(text).expect("writing to a string does not fail");
    };
    write(format_args!("\n## Endpoints\n"));
    for (path, methods) in entries(&api["paths"]) {
        for (method, operation) in entries(methods) {
            write(format_args!("\n### {} {path}\n\n", method.to_ascii_uppercase()));
            write(format_args!("{}\n\n", text(&operation["summary"])));
            for parameter in list(&operation["parameters"]) {
                let need = if parameter["required"] == true { "" } else { ", optional" };
                write(format_args!(
                    "- `{}` ({}{need}): {}\n",
                    text(&parameter["name"]),
                    text(&parameter["in"]),
                    text(&parameter["description"])
                ));
            }
            for (media_type, body) in entries(&operation["requestBody"]["content"]) {
                write(format_args!("- body, `{media_type}`: {}\n", kind(&body["schema"])));
            }
            write(format_args!("\n| status | body | |\n|---|---|---|\n"));
            for (status, response) in entries(&operation["responses"]) {
                let bodies = entries(&response["content"]);
                let body = bodies.first().map(|(_, body)| kind(&body["schema"]));
                let body = body.unwrap_or_default();
                write(format_args!("| {status} | {body} | {} |\n", text(&response["description"])));
            }
        }
    }
    write(format_args!("\n## Problems\n\n| code | status | |\n|---|---|---|\n"));
    for code in Code::ALL {
        write(format_args!("| `{}` | {} | {} |\n", code.name(), code.status(), code.title()));
    }
    write(format_args!("\n## Messages\n"));
    for (name, schema) in entries(&api["components"]["schemas"]) {
        write(format_args!("\n### {name}\n\n"));
        if let Some(description) = schema["description"].as_str() {
            write(format_args!("{}\n\n", one_line(description)));
        }
        describe(schema, &mut write);
    }
    page
}

fn describe(schema: &Value, write: &mut impl FnMut(std::fmt::Arguments<'_>)) {
    let values = list(&schema["enum"]);
    if !values.is_empty() {
        let values: Vec<_> = values.iter().map(|value| format!("`{}`", text(value))).collect();
        write(format_args!("One of {}.\n", values.join(", ")));
    }
    for variant in list(&schema["oneOf"]) {
        let parts = list(&variant["allOf"]);
        let parts = if parts.is_empty() { vec![variant] } else { parts };
        // The field that discriminates the variants has one value in each.
        let tag = parts.iter().flat_map(|part| entries(&part["properties"])).find_map(
            |(name, property)| match list(&property["enum"])[..] {
                [value] => Some((name, text(value))),
                _ => None,
            },
        );
        let Some((tag, value)) = tag else { continue };
        let description = variant["description"].as_str().map(one_line).unwrap_or_default();
        write(format_args!("With `{tag}` = `{value}`: {description}\n\n"));
        for part in parts {
            match part["$ref"].is_string() {
                true => write(format_args!("- everything of {}\n", kind(part))),
                false => properties(part, Some(tag), write),
            }
        }
        write(format_args!("\n"));
    }
    properties(schema, None, write);
}

fn properties(
    schema: &Value,
    without: Option<&str>,
    write: &mut impl FnMut(std::fmt::Arguments<'_>),
) {
    let mut properties = entries(&schema["properties"]);
    properties.retain(|(name, _)| Some(*name) != without);
    if properties.is_empty() {
        return;
    }
    let required = list(&schema["required"]);
    write(format_args!("| field | type | |\n|---|---|---|\n"));
    for (name, property) in properties {
        let optional = if required.iter().any(|it| *it == name) { "" } else { ", optional" };
        let description = property["description"].as_str().map(one_line).unwrap_or_default();
        write(format_args!("| `{name}` | {}{optional} | {description} |\n", kind(property)));
    }
}

/// A type in words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return format!("[{name}](#{})", name.to_ascii_lowercase());
    }
    let choices: Vec<_> =
        list(&schema["oneOf"]).into_iter().chain(list(&schema["allOf"])).map(kind).collect();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    let values = list(&schema["enum"]);
    if let [value] = values[..] {
        return format!("`{}`", text(value));
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn entries(object: &Value) -> Vec<(&str, &Value)> {
    object
        .as_object()
        .map(|it| it.iter().map(|(k, v)| (k.as_str(), v)).collect())
        .unwrap_or_default()
}

fn list(array: &Value) -> Vec<&Value> {
    array.as_array().map(|it| it.iter().collect()).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// As a cell of a table wants it, without the links of Rust's documentation.
fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace('|', "\\|").replace("[`", "`").replace("`]", "`")
}
