//! `/order`: an order, or what it still needs.

use axum::{extract::Path, http::StatusCode, response::Response};

use super::{
    basket::lines_of,
    failure::Failure,
    form::Form,
    sign_in::needed,
    typed::{self, Typed},
    visit::Visit,
};
use crate::{
    catalogue, clock,
    pages::{
        basket::Line,
        form::{Field, FieldView},
        order::{self, Needs, Placed},
        problem::Problem,
    },
    provider::api::{By, Relation},
    random,
    store::{
        Member,
        orders::{Delivery, Order},
    },
};

/// What a parcel needs.
const NEEDED: [Field; 3] = [Field::Name, Field::Phone, Field::Address];

/// The order before it is placed. It is also where a browser comes back to that went to the provider for
/// an address.
pub async fn review(visit: Visit) -> Result<Response, Failure> {
    let Some(member) = visit.member().await? else { return Ok(needed("order", "/order")) };
    let lines = lines_of(&visit.app.store.basket(visit.session()).await?);
    if lines.is_empty() {
        return visit.redirect("/basket", None).await;
    }
    ask(&visit, &member, lines, &[], StatusCode::OK).await
}

pub async fn place(visit: Visit, form: Form) -> Result<Response, Failure> {
    let Some(member) = visit.member().await? else { return Ok(needed("order", "/order")) };
    let (store, now) = (&visit.app.store, clock::now());
    let basket = store.basket(visit.session()).await?;
    let lines = lines_of(&basket);
    if lines.is_empty() {
        // The button was pressed twice: the first press has ordered.
        return match store.order_just_placed(visit.session(), now).await? {
            Some(number) => visit.redirect(&format!("/order/{number}"), None).await,
            None => Err(Failure::new(Problem::NothingToOrder)),
        };
    }
    let typed: Vec<Typed> = NEEDED.into_iter().filter_map(|it| typed::field(&form, it)).collect();
    if typed.iter().any(|typed| typed.value.is_err()) {
        return ask(&visit, &member, lines, &typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let Some(member) = typed::save(&visit, &member, &typed).await? else {
        return Ok(needed("order", "/order"));
    };
    let (Some(recipient), Some(phone), Some(address)) =
        (&member.name, &member.phone, &member.address)
    else {
        return ask(&visit, &member, lines, &[], StatusCode::OK).await;
    };
    let goods: u64 = lines.iter().map(|it| it.good.price_won * u64::from(it.quantity)).sum();
    let total = goods + catalogue::delivery_won(goods);
    let order = Order {
        number: format!("{}-{}", clock::day(now).replace('-', ""), random::six_digits()?),
        lines: serde_json::to_string(&basket).map_err(crate::store::StoreError::from)?,
        total_won: i64::try_from(total).unwrap_or(i64::MAX),
        recipient: Some(recipient.clone()),
        address: Some(address.clone()),
        placed_at: now,
    };
    let delivery = Delivery { recipient, phone, address };
    let number = if store.place_order(visit.session(), &member, delivery, &order).await? {
        order.number
    } else {
        let placed = store.order_just_placed(visit.session(), now).await?;
        placed.ok_or_else(|| Failure::new(Problem::NothingToOrder))?
    };
    visit.redirect(&format!("/order/{number}"), None).await
}

pub async fn show(visit: Visit, Path(number): Path<String>) -> Result<Response, Failure> {
    let return_to = format!("/order/{number}");
    let Some(member) = visit.member().await? else {
        let own = super::own_path::own_path(&return_to).unwrap_or("/profile");
        return Ok(needed("order", own));
    };
    let order = visit.app.store.order(&member, &number).await?;
    let order = order.ok_or_else(|| Failure::new(Problem::NotFound))?;
    let view = Placed {
        lines: lines_of(&order.lines()),
        number: order.number,
        recipient: order.recipient.unwrap_or_default(),
        address: order.address.unwrap_or_default(),
        offer_channel: is_channel_useful(&visit).await,
    };
    visit.page(StatusCode::OK, |frame| order::placed(frame, &view)).await
}

// sample: offer_channel
/// Whether to offer the channel: here it would bring news of the parcel. No other page asks
/// again who left it out at the sign-up, and nothing depends on it.
async fn is_channel_useful(visit: &Visit) -> bool {
    let Some(sub) = &visit.session().sub else { return false };
    matches!(visit.provider().channel(By::Admin(sub)).await, Ok(Some(Relation::None)))
}
// end sample

/// The page with the fields that are missing, or wrong.
async fn ask(
    visit: &Visit,
    member: &Member,
    lines: Vec<Line>,
    typed: &[Typed],
    status: StatusCode,
) -> Result<Response, Failure> {
    let has = |field: Field| match field {
        Field::Name => member.name.is_some(),
        Field::Email => member.email.is_some(),
        Field::Phone => member.phone.is_some(),
        Field::Address => member.address.is_some(),
    };
    let view = |field: Field| match typed.iter().find(|it| it.field == field) {
        Some(typed) => Some(typed.view()),
        None if has(field) => None,
        None => Some(FieldView { field, value: String::new(), error: None }),
    };
    let fields: Vec<FieldView> = NEEDED.into_iter().filter_map(view).collect();
    let offer_item = !has(Field::Address);
    let view = Needs { lines, fields, offer_item };
    visit.page(status, |frame| order::needs(frame, &view)).await
}
