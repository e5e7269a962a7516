//! `GET /sign-in`: both buttons, and what each gives the shop.

use maud::{Markup, html};

use super::behind::Behind;
use super::{Frame, Way, form, frame, icons};
use crate::faq::Question;

#[derive(Clone, Debug, Default)]
pub struct View {
    /// Own path to return to, for the hidden field `return_to`.
    pub return_to: Option<String>,
    /// Shown because the visitor pressed something that needs a member.
    pub needed_for: Option<NeededFor>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeededFor {
    Order,
    Profile,
    Coupons,
    Leave,
}

impl NeededFor {
    pub const ALL: [NeededFor; 4] =
        [NeededFor::Order, NeededFor::Profile, NeededFor::Coupons, NeededFor::Leave];

    fn as_str(self) -> &'static str {
        match self {
            NeededFor::Order => "order",
            NeededFor::Profile => "profile",
            NeededFor::Coupons => "coupons",
            NeededFor::Leave => "leave",
        }
    }
}

#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let return_to = view.return_to.as_deref();
    let content = html! {
        div.narrow {
            @if let Some(needed_for) = view.needed_for {
                p.kicker { (texts.get(&format!("sign_in.for_{}", needed_for.as_str()))) }
            }
            h1 { (texts.get("sign_in.title")) }
            p.lead { (texts.get("sign_in.lead")) }
            section.choice.first {
                h2 { (texts.get("sign_in.up_title")) }
                p { (texts.get("sign_in.up_lead")) }
                ul.gives {
                    @for key in ["sign_in.up_terms", "sign_in.up_info", "sign_in.up_channel"] {
                        li { (icons::check()) span { (texts.get(key)) } }
                    }
                }
                (form::start_button(frame, Way::SignUp, return_to, texts.get("sign_in.up_go"), true))
            }
            section.choice {
                h2 { (texts.get("sign_in.login_title")) }
                p { (texts.get("sign_in.login_lead")) }
                ul.gives {
                    @for key in ["sign_in.login_id", "sign_in.login_later"] {
                        li { (icons::check()) span { (texts.get(key)) } }
                    }
                }
                (form::start_button(frame, Way::Login, return_to, texts.get("sign_in.login_go"), false))
            }
            p.hint.centred { (texts.get("sign_in.members_of_before")) }
        }
    };
    let behind = Behind::of(
        &[Question::SignUpOrLogin, Question::ExistingMember],
        &["start_sign_in", "callback"],
    );
    frame::document(frame, texts.get("sign_in.title"), &behind, content)
}
