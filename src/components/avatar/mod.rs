use consent_contract::{name, redirect};
use leptos::prelude::*;

use super::non_empty;

/// What an avatar represents decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Service,
    Account,
    Channel,
}

/// The picture of a service, account or channel, or the first letter of its name. Decorative: the
/// name is beside it.
#[component]
pub fn Avatar(shape: Shape, url: Option<String>, name: String) -> impl IntoView {
    let class = match shape {
        Shape::Service => "avatar avatar--service",
        Shape::Account => "avatar avatar--account",
        Shape::Channel => "avatar avatar--channel",
    };
    // A picture from another origin would disclose the visit to that origin.
    match url.filter(|url| redirect::is_own_path(url)) {
        Some(url) => view! { <img class=class src=url alt=""/> }.into_any(),
        None => {
            let letter: String = name::clean(&name).chars().take(1).collect();
            view! {
                <span class=class aria-hidden="true" translate="no">{non_empty(letter)}</span>
            }
            .into_any()
        }
    }
}
