//! `GET /mailbox`: the e-mails that the shop sends, in a demonstration.

use axum::{http::StatusCode, response::Response};

use super::{failure::Failure, visit::Visit};
use crate::{
    clock,
    pages::{
        mailbox::{self, Mail, View},
        problem::Problem,
    },
};

pub async fn page(visit: Visit) -> Result<Response, Failure> {
    if !visit.app.settings.demo_mailbox {
        return Err(Failure::new(Problem::NotFound));
    }
    let mails = visit.app.store.mails().await?.into_iter().map(|mail| Mail {
        to: mail.recipient,
        code: mail.code,
        sent_at: clock::minute(mail.at),
    });
    let view = View { mails: mails.collect() };
    visit.page(StatusCode::OK, |frame| mailbox::page(frame, &view)).await
}
