//! `/join`: a sign-up that needs a step of the person. "Is this you?", or what is missing.

use axum::{http::StatusCode, response::Response};

use super::{
    failure::Failure,
    form::Form,
    own_path::own_path,
    typed::{self, Typed},
    visit::Visit,
};
use crate::{
    clock,
    member::{
        SignUp,
        code::{self, Entry, MOST_WRONG},
        contact,
        sign_up::{self, Matched, PASSWORD_TRIES, Refused, Stage},
    },
    pages::{
        Notice,
        form::{Field, FieldError, FieldView},
        join::{self, Code, CodeError, IsThisYou, MatchedBy, Missing, PasswordError, Spent, View},
        problem::Problem,
    },
    password, random,
    store::{Advanced, mails::Mail},
};

pub async fn page(visit: Visit) -> Result<Response, Failure> {
    match pending(&visit).await? {
        Some(sign_up) => show(&visit, &sign_up, None, StatusCode::OK).await,
        None => over(&visit).await,
    }
}

// sample: prove_member
/// The old password. A match of e-mail or phone is a question, the password is the answer.
pub async fn password(visit: Visit, form: Form) -> Result<Response, Failure> {
    let (sub, sign_up) = needed(&visit).await?;
    let Stage::Matched(matched) = &sign_up.stage else {
        return over(&visit).await;
    };
    let typed = form.raw("password").unwrap_or_default().to_owned();
    let hash = visit.app.store.password_hash(matched.candidate.id).await?;
    let is_right = match hash {
        Some(hash) if matched.wrong_passwords < PASSWORD_TRIES => {
            password::is_right(typed, hash).await
        }
        _ => false,
    };
    let step = |sign_up: &mut SignUp| sign_up.prove_by_password(is_right);
    let advanced = visit.app.store.advance(&sub, clock::now(), step).await?;
    after(&visit, &sub, advanced).await
}

/// The code that was e-mailed to the address of the old row.
pub async fn code(visit: Visit, form: Form) -> Result<Response, Failure> {
    let (sub, sign_up) = needed(&visit).await?;
    let Some(digits) = code::digits(form.get("code").unwrap_or_default()) else {
        let refused = Some(Trouble::MalformedCode);
        return show(&visit, &sign_up, refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let (digest, now) = (code_digest(&sub, &digits), clock::now());
    let step = |sign_up: &mut SignUp| sign_up.prove_by_code(&digest, now);
    let advanced = visit.app.store.advance(&sub, now, step).await?;
    after(&visit, &sub, advanced).await
}
// end sample

pub async fn send_code(visit: Visit, _: Form) -> Result<Response, Failure> {
    let (sub, _) = needed(&visit).await?;
    let (digits, now) = (random::six_digits()?, clock::now());
    let digest = code_digest(&sub, &digits);
    let mut recipient = None;
    let step = |sign_up: &mut SignUp| {
        recipient = Some(sign_up.send_code(digest, now)?);
        Ok(())
    };
    match visit.app.store.advance(&sub, now, step).await? {
        Advanced::Refused(Refused::NoCode) => Err(Failure::new(Problem::TooManyRequests)),
        Advanced::Pending => {
            if let Some(recipient) = recipient {
                let mail = Mail { recipient, code: digits, at: now };
                visit.app.store.put_mail(&mail).await?;
            }
            visit.redirect("/join", Some(Notice::CodeSent)).await
        }
        advanced => after(&visit, &sub, advanced).await,
    }
}

pub async fn not_me(visit: Visit, _: Form) -> Result<Response, Failure> {
    let (sub, _) = needed(&visit).await?;
    let advanced = visit.app.store.advance(&sub, clock::now(), SignUp::not_me).await?;
    after(&visit, &sub, advanced).await
}

// sample: collect_missing
/// The shop cannot work without an e-mail address, so it asks on a page of its own. Who does not want to
/// give one stops, and nothing is kept.
pub async fn missing(visit: Visit, form: Form) -> Result<Response, Failure> {
    let (sub, sign_up) = needed(&visit).await?;
    let typed = typed::field(&form, Field::Email);
    let typed = typed.ok_or_else(|| Failure::new(Problem::BadForm))?;
    let Ok(email) = &typed.value else {
        let trouble = Some(Trouble::Field(typed));
        return show(&visit, &sign_up, trouble, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let step = |sign_up: &mut SignUp| sign_up.collect(email);
    let advanced = visit.app.store.advance(&sub, clock::now(), step).await?;
    after(&visit, &sub, advanced).await
}
// end sample

/// Stops the sign-up: nothing is kept here, and the provider unlinks what was linked for it.
pub async fn stop(visit: Visit, _: Form) -> Result<Response, Failure> {
    let Some(sub) = visit.session().sub.clone() else { return over(&visit).await };
    if !visit.app.store.stop(&sub, clock::now()).await? {
        return over(&visit).await;
    }
    visit.app.store.sign_out_user(&sub).await?;
    visit.app.unlink_if_due(&visit.provider(), &sub).await?;
    visit.redirect("/", Some(Notice::SignUpStopped)).await
}

/// What was wrong with the last entry.
enum Trouble {
    Refused(Refused),
    MalformedCode,
    Field(Typed),
}

async fn pending(visit: &Visit) -> Result<Option<SignUp>, Failure> {
    match &visit.session().sub {
        Some(sub) => Ok(visit.app.store.pending(sub, clock::now()).await?),
        None => Ok(None),
    }
}

/// The pending sign-up, and whose it is.
async fn needed(visit: &Visit) -> Result<(String, SignUp), Failure> {
    let over = || Failure::new(Problem::PendingOver);
    let sub = visit.session().sub.clone().ok_or_else(over)?;
    let sign_up = pending(visit).await?.ok_or_else(over)?;
    Ok((sub, sign_up))
}

/// Who has no pending sign-up any more: finished in another tab, or stopped.
async fn over(visit: &Visit) -> Result<Response, Failure> {
    match visit.member().await? {
        Some(_) => visit.redirect("/", None).await,
        None => Err(Failure::new(Problem::PendingOver)),
    }
}

/// Where a step leads to.
async fn after(visit: &Visit, sub: &str, advanced: Advanced) -> Result<Response, Failure> {
    match advanced {
        Advanced::Joined { linked, return_to } => {
            let notice = if linked { Notice::Linked } else { Notice::SignedUp };
            visit.redirect(own_path(&return_to).unwrap_or("/"), Some(notice)).await
        }
        Advanced::Pending | Advanced::Refused(Refused::OutOfStep) => {
            visit.redirect("/join", None).await
        }
        Advanced::Refused(refused) => {
            let sign_up = visit.app.store.pending(sub, clock::now()).await?;
            let sign_up = sign_up.ok_or_else(|| Failure::new(Problem::PendingOver))?;
            let trouble = Some(Trouble::Refused(refused));
            show(visit, &sign_up, trouble, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Advanced::AlreadyLinked => Err(Failure::new(Problem::AlreadyLinked)),
        Advanced::Gone => over(visit).await,
    }
}

async fn show(
    visit: &Visit,
    sign_up: &SignUp,
    trouble: Option<Trouble>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let view = match &sign_up.stage {
        Stage::Matched(matched) => View::IsThisYou(is_this_you(matched, trouble.as_ref())),
        Stage::Missing { .. } | Stage::Ready { .. } => {
            let field = match trouble {
                Some(Trouble::Field(typed)) => typed.view(),
                Some(_) => field_view(Some(FieldError::Malformed)),
                None => field_view(None),
            };
            let refused = sign_up.identity.email_refused;
            View::Missing(Missing { fields: vec![field], refused })
        }
    };
    visit.page(status, |frame| join::page(frame, &view)).await
}

fn field_view(error: Option<FieldError>) -> FieldView {
    FieldView { field: Field::Email, value: String::new(), error }
}

fn is_this_you(matched: &Matched, trouble: Option<&Trouble>) -> IsThisYou {
    let candidate = &matched.candidate;
    let is_spent = matched.wrong_passwords >= PASSWORD_TRIES;
    let password_error = match trouble {
        Some(Trouble::Refused(Refused::WrongPassword)) => Some(PasswordError::Wrong),
        _ if is_spent => Some(PasswordError::TooMany),
        _ => None,
    };
    let error = match trouble {
        Some(Trouble::Refused(Refused::Code(Entry::Wrong))) => Some(CodeError::Wrong),
        Some(Trouble::MalformedCode) => Some(CodeError::Malformed),
        _ => None,
    };
    let code = match (&candidate.email, &matched.code) {
        (None, _) => Code::Unavailable,
        (Some(_), None) => Code::NotSent,
        (Some(_), Some(_)) if matched.wrong_codes >= MOST_WRONG => {
            Code::Spent { reason: Spent::Tries }
        }
        (Some(_), Some(code)) => match code.spent(clock::now()) {
            Some(Entry::SpentByTries) => Code::Spent { reason: Spent::Tries },
            Some(_) => Code::Spent { reason: Spent::Time },
            None => Code::Sent { tries_left: code.tries_left(), error },
        },
    };
    IsThisYou {
        name: contact::masked_name(candidate.name.as_deref().unwrap_or_default()),
        email: candidate.email.as_deref().map(contact::masked_email),
        matched_by: match matched.by {
            sign_up::MatchedBy::Email => MatchedBy::Email,
            sign_up::MatchedBy::Phone => MatchedBy::Phone,
        },
        joined_on: clock::day(candidate.joined_at),
        has_password: candidate.has_password,
        password_error,
        code,
    }
}

/// Codes are kept as digests, each with its user: a stolen database shows no code at a glance.
fn code_digest(sub: &str, digits: &str) -> String {
    random::digest(&format!("{sub} {digits}"))
}
