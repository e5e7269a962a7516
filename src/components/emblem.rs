use consent_contract::{name, redirect};

use super::{Element, el};

/// What an emblem stands for decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Service,
    Account,
    Channel,
}

/// The picture of a service, account or channel, or the first letter of its name. Says nothing:
/// the name stands beside it.
pub fn emblem(shape: Shape, picture: Option<&str>, name: &str) -> Element {
    let class = match shape {
        Shape::Service => "emblem emblem--service",
        Shape::Account => "emblem emblem--account",
        Shape::Channel => "emblem emblem--channel",
    };
    // A picture from another origin would tell that origin who is here.
    match picture.filter(|url| redirect::is_own_path(url)) {
        Some(url) => el("img").class(class).attr("src", url).attr("alt", ""),
        None => {
            let letter: String = name::clean(name).chars().take(1).collect();
            el("span")
                .class(class)
                .attr("aria-hidden", "true")
                .attr("translate", "no")
                .text(&letter)
        }
    }
}
