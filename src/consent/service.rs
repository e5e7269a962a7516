//! The service that asks. All of it was written by the service, except "verified" and the
//! destination.

use consent_contract::request::{Mode, Service};
use leptos::prelude::*;

use crate::{
    components::{Alert, AlertVariant, Avatar, ProperName, Shape},
    i18n::Texts,
};

#[component]
pub fn ServiceHeader(service: Service, texts: &'static Texts) -> impl IntoView {
    let Service { name, company, icon_url, destination_origin, verified, .. } = service;
    // `https://shop.example` is shown as `shop.example`; other schemes are shown in full.
    let host = destination_origin.trim_start_matches("https://").to_owned();
    let (status_class, status) = match verified {
        true => ("service__status service__status--verified", texts.verified),
        false => ("service__status", texts.not_verified),
    };
    view! {
        <div class="service">
            <Avatar shape=Shape::Service url=icon_url name=name.clone()/>
            <div class="service__text">
                <p class="service__names">
                    <strong><ProperName text=name/></strong>
                    " "
                    <span class="service__company"><ProperName text=company/></span>
                </p>
                <p class="service__place">
                    <span class=status_class>{status}</span>
                    " "
                    <ProperName text=host class="service__host"/>
                </p>
            </div>
        </div>
    }
    .into_any()
}

/// A warning that this is only a test service.
#[component]
pub fn TestMode(mode: Mode, texts: &'static Texts) -> impl IntoView {
    (mode == Mode::Test).then(|| {
        view! { <Alert variant=AlertVariant::Warning><p>{texts.test_mode}</p></Alert> }
    })
}
