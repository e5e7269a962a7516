use consent_contract::{name, redirect};
use leptos::prelude::*;

/// What an avatar represents decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Service,
    Account,
    Channel,
}

/// The picture of a service, account or channel, over the first letter of its name, which shows where
/// the picture does not. Decorative: the name is beside it.
#[component]
pub fn Avatar(shape: Shape, url: Option<String>, name: String) -> impl IntoView {
    let class = match shape {
        Shape::Service => "avatar avatar--service",
        Shape::Account => "avatar avatar--account",
        Shape::Channel => "avatar avatar--channel",
    };
    // A picture from another origin would disclose the visit to that origin.
    let picture = url.filter(|url| redirect::is_own_path(url) || is_from_disk(url)).map(|url| {
        view! { <span class="avatar__picture"><img src=url alt=""/></span> }
    });
    let letter: String = name::clean(&name).chars().take(1).collect();
    view! {
        <span class=class aria-hidden="true" data-letter=letter>{picture}</span>
    }
    .into_any()
}

/// Whether an address is a picture from disk, and the page shows those: of a preview that asks for it.
#[cfg(feature = "preview")]
fn is_from_disk(url: &str) -> bool {
    let types = ["png", "jpeg", "webp"];
    use_context::<PicturesFromDisk>().is_some()
        && types.iter().any(|it| url.starts_with(&format!("data:image/{it};base64,")))
}

/// The screen of users shows pictures of its own origin only.
#[cfg(not(feature = "preview"))]
fn is_from_disk(_url: &str) -> bool {
    false
}

/// Provided as a context, it lets a preview show pictures from disk, which are `data:` URLs.
#[cfg(feature = "preview")]
#[derive(Clone, Copy)]
pub struct PicturesFromDisk;
