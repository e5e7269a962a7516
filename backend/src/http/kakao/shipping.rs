//! `/v1/user/shipping_address` (Kakao Login REST, "Retrieve shipping address").

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::call::{Call, bad};
use crate::{
    App,
    http::error::{KakaoError, kakao::KakaoErrors},
    kakao::shipping_address::{Addresses, Request, shipping_addresses},
    store::Grant,
};

/// The shipping addresses of a user.
#[derive(Serialize, ToSchema)]
pub struct KakaoShippingAddresses {
    /// The user's id at this app.
    pub user_id: i64,
    /// Whether there are addresses that the user has not agreed to provide.
    pub shipping_addresses_needs_agreement: bool,
    /// Only with the user's consent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub shipping_addresses: Vec<Value>,
}

/// The shipping addresses of the user.
#[utoipa::path(get, path = "/v1/user/shipping_address", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("address_id" = Option<i64>, Query, description = "Only this address"),
        ("from_updated_at" = Option<i64>, Query, description = "Only addresses that were updated before, in seconds since 1970"),
        ("page_size" = Option<i64>, Query, minimum = 2, description = "At most so many, at least 2; by default 10"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id"),
    ),
    responses((status = 200, description = "The addresses", body = KakaoShippingAddresses), KakaoErrors))]
pub async fn list(
    State(app): State<App>,
    call: Call,
) -> Result<Json<KakaoShippingAddresses>, KakaoError> {
    let page_size = call.number("page_size")?;
    if page_size.is_some_and(|size| size < 2) {
        return Err(bad("page_size must be 2 or more"));
    }
    let page_size = page_size.map(|size| usize::try_from(size).unwrap_or(usize::MAX));
    let request = Request {
        address_id: call.number("address_id")?,
        from_updated_at: call.number("from_updated_at")?,
        page_size: page_size.unwrap_or(Request::default().page_size),
    };
    let target = call.user_or_admin(&app).await?;
    // Until the service has completed the sign-up, no address is agreed to.
    let grant = if target.is_preregistered() { &Grant::default() } else { &target.grant };
    let found = shipping_addresses(target.service, &target.account, grant, &request);
    let Addresses { needs_agreement, addresses } = found.ok_or_else(|| {
        KakaoError::NotPermitted("the app has not configured shipping_address".to_owned())
    })?;
    Ok(Json(KakaoShippingAddresses {
        user_id: target.user_id,
        shipping_addresses_needs_agreement: needs_agreement,
        shipping_addresses: addresses,
    }))
}
