use consent_contract::{name, redirect};
use leptos::prelude::*;

/// What an emblem stands for decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Service,
    Account,
    Channel,
}

/// The picture of a service, account or channel, or the first letter of its name. Says nothing:
/// the name stands beside it.
#[component]
pub fn Emblem(shape: Shape, picture: Option<String>, name: String) -> impl IntoView {
    let class = match shape {
        Shape::Service => "emblem emblem--service",
        Shape::Account => "emblem emblem--account",
        Shape::Channel => "emblem emblem--channel",
    };
    // A picture from another origin would tell that origin who is here.
    match picture.filter(|url| redirect::is_own_path(url)) {
        Some(url) => view! { <img class=class src=url alt="" width="40" height="40"/> }.into_any(),
        None => {
            let letter: String = name::clean(&name).chars().take(1).collect();
            view! { <span class=class aria-hidden="true">{letter}</span> }.into_any()
        }
    }
}
