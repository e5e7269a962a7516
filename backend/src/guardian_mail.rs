//! Sends links to guardians: through a hook of the operator, or to the mailbox of the demo.
//!
//! The address is typed by a child and is used for this message only; nothing stores it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::{Deserialize, Serialize};

use crate::{
    config::GuardianMail,
    webhooks::{Accepts, Client, Outcome, Request},
};

/// Messages that the demo keeps.
const MOST_KEPT: usize = 20;

/// A message to a guardian, as the hook gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The e-mail address.
    pub to: String,
    /// A BCP 47 tag.
    pub locale: String,
    pub subject: String,
    /// Plain text, with the link in it.
    pub text: String,
    /// The link alone.
    pub link: String,
}

/// Where messages go.
#[derive(Clone)]
pub enum GuardianMailer {
    /// Each message is posted to the operator's hook, which sends the e-mail.
    Hook { client: Client, target: GuardianMail },
    /// Messages are kept in memory, and shown in the demo.
    Demo(Arc<Mutex<Vec<Message>>>),
}

impl GuardianMailer {
    #[must_use]
    pub fn demo() -> Self {
        Self::Demo(Arc::default())
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Why the hook did not take it.
    pub async fn send(&self, message: Message) -> Result<(), String> {
        match self {
            Self::Hook { client, target } => match client.send(request(target, &message)?).await {
                Outcome::Delivered => Ok(()),
                Outcome::Failed { error, .. } | Outcome::Rejected(error) => Err(error),
            },
            Self::Demo(mailbox) => {
                let mut mailbox = mailbox.lock().unwrap_or_else(PoisonError::into_inner);
                if mailbox.len() == MOST_KEPT {
                    mailbox.remove(0);
                }
                mailbox.push(message);
                Ok(())
            }
        }
    }

    /// The last message that the demo keeps to an address, masked.
    #[must_use]
    pub fn last_in_demo(&self, is_to: impl Fn(&str) -> bool) -> Option<Message> {
        let Self::Demo(mailbox) = self else { return None };
        let mailbox = mailbox.lock().unwrap_or_else(PoisonError::into_inner);
        mailbox.iter().rev().find(|message| is_to(&message.to)).cloned()
    }
}

fn request(target: &GuardianMail, message: &Message) -> Result<Request, String> {
    let authorization = HeaderValue::try_from(format!("Bearer {}", target.secret))
        .map_err(|_| "the secret is no header value".to_owned())?;
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, authorization);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(Request {
        method: Method::POST,
        url: target.hook.clone(),
        headers,
        body: serde_json::to_string(message).expect("strings always become JSON"),
        accepts: Accepts::Success,
    })
}
