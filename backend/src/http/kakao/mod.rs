//! Kakao's dialect over HTTP. One origin answers for both of the platform's hosts, kauth.kakao.com
//! (`/oauth/…`) and kapi.kakao.com (`/v1/…`, `/v2/…`): their paths do not collide.

pub mod admin;
pub mod call;
pub mod caller;
pub mod channels;
pub mod connection;
pub mod logout;
pub mod me;
pub mod openid;
pub mod page;
pub mod scopes;
pub mod shipping;
pub mod terms;
pub mod terms_v1;
pub mod token;
pub mod words;

use axum::{
    Router,
    routing::{any, get, post},
};

use super::error::RequestError;
use crate::App;

/// Beside the token endpoint.
pub fn tokens() -> Router<App> {
    Router::new().route("/oauth/tokeninfo", post(openid::token_info))
}

/// The API of kapi.kakao.com.
pub fn api() -> Router<App> {
    Router::new()
        .route("/v2/user/me", get(me::me).post(me::me))
        .route("/v1/user/update_profile", post(me::update_profile))
        .route("/v2/user/service_terms", get(terms::list))
        .route("/v2/user/revoke/service_terms", post(terms::revoke))
        .route("/v2/user/upgrade/service_terms", post(terms::upgrade))
        .route("/v1/user/service/terms", get(terms_v1::list))
        .route("/v2/user/scopes", get(scopes::list))
        .route("/v2/user/revoke/scopes", post(scopes::revoke))
        .route("/v2/api/talk/channels", get(channels::v2))
        .route("/v1/api/talk/channels", get(channels::v1))
        .route("/v1/user/unlink", post(connection::unlink))
        .route("/v1/user/logout", post(connection::log_out))
        .route("/v1/user/signup", post(connection::sign_up))
        .route("/v1/user/access_token_info", get(connection::access_token_info))
        .route("/v1/user/shipping_address", get(shipping::list))
        .route("/v2/app/users", get(admin::users))
        .route("/v1/user/ids", get(admin::ids))
        .route("/v1/oidc/userinfo", get(openid::user_info).post(openid::user_info))
        .route("/v1/{*path}", any(nothing))
        .route("/v2/{*path}", any(nothing))
}

async fn nothing() -> RequestError {
    RequestError::NotFound
}
