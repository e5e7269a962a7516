//! `/profile`: the member's row, and what the API has about the member's agreements.

use axum::{http::StatusCode, response::Response};

use super::{
    failure::Failure,
    form::Form,
    sign_in::needed,
    typed::{self, Typed},
    visit::Visit,
};
use crate::{
    clock,
    pages::{
        Notice,
        form::{Field, FieldView},
        profile::{self, Agreements, Channel, Item, OrderSummary, Term},
    },
    provider::{
        ProviderError,
        api::{self, By, Relation},
    },
    store::{Member, orders::Order},
};

/// What a member may change.
const FIELDS: [Field; 4] = [Field::Name, Field::Email, Field::Phone, Field::Address];

pub async fn page(visit: Visit) -> Result<Response, Failure> {
    match visit.member().await? {
        Some(member) => show(&visit, &member, &[], StatusCode::OK).await,
        None => Ok(needed("profile", "/profile")),
    }
}

/// Stores what the member typed. The e-mail address and the phone number are data like any other: the
/// member stays who they are, whatever is written here.
pub async fn save(visit: Visit, form: Form) -> Result<Response, Failure> {
    let Some(member) = visit.member().await? else { return Ok(needed("profile", "/profile")) };
    let typed: Vec<Typed> = FIELDS.into_iter().filter_map(|it| typed::field(&form, it)).collect();
    // What was empty may stay so.
    let is_needed = |typed: &Typed| value(&member, typed.field).is_some() || !typed.is_empty();
    let typed: Vec<Typed> = typed.into_iter().filter(is_needed).collect();
    if typed.iter().any(|typed| typed.value.is_err()) {
        return show(&visit, &member, &typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    typed::save(&visit, &member, &typed).await?;
    visit.redirect("/profile", Some(Notice::ProfileSaved)).await
}

async fn show(
    visit: &Visit,
    member: &Member,
    typed: &[Typed],
    status: StatusCode,
) -> Result<Response, Failure> {
    let sub = member.sub.as_deref().unwrap_or_default();
    let (provider, by) = (visit.provider(), By::Admin(sub));
    let (terms, scopes, channel) =
        tokio::join!(provider.terms(by), provider.scopes(by), provider.channel(by));
    let offer_upgrade = match &terms {
        Ok(terms) => {
            let coupons = visit.app.settings.coupons_term.as_ref();
            terms.iter().any(|it| it.required && !it.agreed && Some(&it.tag) != coupons)
        }
        Err(_) => member.joined_by == "login" && member.terms().is_empty(),
    };
    let orders = visit.app.store.orders(member).await?;
    let field = |field: Field| match typed.iter().find(|typed| typed.field == field) {
        Some(typed) => typed.view(),
        None => {
            let value = value(member, field).cloned().unwrap_or_default();
            FieldView { field, value, error: None }
        }
    };
    let view = profile::View {
        row: member.row(),
        before: member.row_before(),
        fields: FIELDS.into_iter().map(field).collect(),
        agreements: agreements(terms, scopes),
        channel: relation(&channel),
        offer_upgrade,
        account_url: visit.app.settings.account_url.clone(),
        orders: orders.iter().map(summary).collect(),
    };
    visit.page(status, |frame| profile::page(frame, &view)).await
}

fn value(member: &Member, field: Field) -> Option<&String> {
    match field {
        Field::Name => member.name.as_ref(),
        Field::Email => member.email.as_ref(),
        Field::Phone => member.phone.as_ref(),
        Field::Address => member.address.as_ref(),
    }
}

fn agreements(
    terms: Result<Vec<api::Term>, ProviderError>,
    scopes: Result<Vec<api::Scope>, ProviderError>,
) -> Agreements {
    let (Ok(terms), Ok(scopes)) = (terms, scopes) else { return Agreements::Unavailable };
    let term = |term: api::Term| Term {
        tag: term.tag,
        required: term.required,
        agreed: term.agreed,
        agreed_at: term.agreed_at.as_deref().and_then(api::seconds).map(clock::minute),
    };
    let item = |scope: api::Scope| Item {
        id: scope.id,
        name: scope.display_name,
        // The API returns only what was agreed to.
        required: scope.revocable == Some(false),
        agreed: scope.agreed,
    };
    Agreements::Known {
        terms: terms.into_iter().map(term).collect(),
        items: scopes.into_iter().filter(|scope| scope.using).map(item).collect(),
    }
}

fn relation(channel: &Result<Option<Relation>, ProviderError>) -> Channel {
    match channel {
        Ok(Some(Relation::Added)) => Channel::Added,
        Ok(Some(Relation::Blocked)) => Channel::Blocked,
        Ok(Some(Relation::None)) => Channel::NotAdded,
        Ok(Some(Relation::NoMessenger) | None) | Err(_) => Channel::Unknown,
    }
}

fn summary(order: &Order) -> OrderSummary {
    OrderSummary {
        number: order.number.clone(),
        placed_on: clock::day(order.placed_at),
        total_won: order.total_won.unsigned_abs(),
    }
}
