//! The shop's addresses: one file for each page.

mod basket;
mod callback;
mod coupons;
mod developers;
mod failure;
mod files;
mod form;
mod goods;
mod headers;
mod join;
mod language;
mod leave;
mod mailbox;
mod order;
mod own_path;
mod profile;
mod reasons;
mod sign_in;
mod sign_out;
mod typed;
mod visit;
mod webhooks;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use crate::App;

/// Everything that the shop serves.
pub fn router(app: App) -> Router {
    let pages = Router::new()
        .route("/", get(goods::home))
        .route("/goods/{slug}", get(goods::good))
        .route("/basket", get(basket::show))
        .route("/basket/add", post(basket::add))
        .route("/basket/remove", post(basket::remove))
        .route("/order", get(order::review).post(order::place))
        .route("/order/{number}", get(order::show))
        .route("/sign-in", get(sign_in::page))
        .route("/sign-in/start", post(sign_in::start))
        .route("/callback", get(callback::callback))
        .route("/join", get(join::page))
        .route("/join/password", post(join::password))
        .route("/join/code/send", post(join::send_code))
        .route("/join/code", post(join::code))
        .route("/join/new", post(join::not_me))
        .route("/join/missing", post(join::missing))
        .route("/join/stop", post(join::stop))
        .route("/profile", get(profile::page).post(profile::save))
        .route("/leave", get(leave::page).post(leave::leave))
        .route("/sign-out", post(sign_out::sign_out))
        .route("/coupons", get(coupons::page))
        .route("/developers", get(developers::page))
        .route("/developers/forget", post(developers::forget))
        .route("/developers/repair", post(developers::repair))
        .route("/mailbox", get(mailbox::page))
        .route("/language", post(language::choose))
        .fallback(failure::not_found)
        .method_not_allowed_fallback(failure::method_not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), visit::visits));
    let machines = Router::new()
        .route("/webhooks/unlink", get(webhooks::unlink_by_get).post(webhooks::unlink_by_post))
        .route("/webhooks/channel", post(webhooks::channel))
        .route("/webhooks/events", post(webhooks::event))
        .route("/assets/{name}", get(files::asset));
    machines
        .merge(pages)
        .layer(middleware::from_fn_with_state(app.clone(), headers::security_headers))
        .with_state(app)
}
