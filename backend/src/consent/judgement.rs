//! Whether an account goes on to a service at once, is asked, or is refused: one judgement for a screen,
//! for `prompt=none`, for auto-login and for `consent-backend explain`.

use consent_contract::auto_login::AuthStatus;

use super::{
    age::today,
    ask::{Asked, Standing, asked},
    refusal::{Refusal, refusal},
};
use crate::{
    clock::Seconds,
    config::{Account, Service},
    oauth::request::Wanted,
};

/// What follows for an account that is signed in.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// Never `SignedOut`.
    pub status: AuthStatus,
    /// What the user would be asked; none when there is nothing to ask.
    pub asked: Option<Asked<'a>>,
    pub refusal: Option<Refusal>,
}

/// Judges a request.
#[must_use]
pub fn judge<'a>(
    service: &'a Service,
    account: &Account,
    standing: &Standing,
    wanted: &Wanted,
    now: Seconds,
) -> Judgement<'a> {
    let grant = &standing.grant;
    let asked = asked(service, account, standing, wanted, today(&service.time_zone, now));
    let refusal = refusal(service, account, grant, asked.as_ref(), now);
    let status = match (refusal, &asked) {
        (Some(_), _) => AuthStatus::Refused,
        (None, None) => AuthStatus::Member,
        (None, Some(asked)) if asked.needs_a_value(account) => AuthStatus::ValueMissing,
        (None, Some(_)) if grant.link.is_some() => AuthStatus::MoreToAgree,
        (None, Some(_)) => AuthStatus::NotAgreed,
    };
    Judgement { status, asked, refusal }
}
