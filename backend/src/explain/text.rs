//! An explanation in words.

use std::fmt::Write;

use consent_contract::{
    channel::NotOffered,
    request::{Purpose, ReasonCode},
};

use super::{Explanation, NoChannel, Outcome};
use crate::{config::How, consent::NotAsked};

impl Explanation {
    /// The explanation as lines of text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{} at {}, {}\n", self.account, self.service, self.at);
        let _ = writeln!(text, "{}", outcome(&self.outcome));
        let _ = writeln!(
            text,
            "{}",
            match self.link {
                Some(How::Combined) => "linked through the screen: a member",
                Some(How::PlainLogin) => "linked by plain login: to be asked once",
                None => "not linked",
            }
        );
        if !self.items.is_empty() {
            text.push_str("\nterms and items\n");
        }
        for item in &self.items {
            let required = if item.required { "required" } else { "optional" };
            let why = match (item.asked_because, &item.not_asked_because) {
                (Some(code), _) => format!("asked: {}", asked(code)),
                (None, Some(reason)) => format!("not asked: {}", not_asked(reason)),
                (None, None) => "asked".to_owned(),
            };
            let _ = write!(text, "  {} ({required})  {why}", item.key);
            if let Some(at) = &item.agreed_at {
                let version = item.agreed_version.as_deref();
                let version = version.map(|it| format!("version {it} ")).unwrap_or_default();
                let _ = write!(text, "; agreed to {version}at {at}");
            }
            if let Some(at) = &item.refused_at {
                let _ = write!(text, "; refused at {at}");
            }
            text.push('\n');
        }
        if !self.channels.is_empty() {
            text.push_str("\nchannels\n");
        }
        for channel in &self.channels {
            let why = match channel.not_offered_because {
                None => "offered".to_owned(),
                Some(reason) => format!("not offered: {}", no_channel(reason)),
            };
            let _ = writeln!(text, "  {}  {why}", channel.public_id);
        }
        if !self.receipts.is_empty() {
            text.push_str("\nreceipts, the latest first\n");
        }
        for receipt in &self.receipts {
            let at = crate::clock::rfc3339(receipt.at);
            let (change, by) = (&receipt.change, &receipt.caused_by);
            let _ = writeln!(text, "  {at}  {change} ({by})  {}", receipt.receipt_id);
        }
        text
    }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::InvalidRequest { reason } => {
            format!("NO SCREEN: the request is refused: {reason}")
        }
        Outcome::NoScreen => {
            "NO SCREEN: nothing is left to ask, the service gets a code".to_owned()
        }
        Outcome::Confirmation => {
            "A PAGE TO CONFIRM: nothing is left to ask, and the client is public and on the device"
                .to_owned()
        }
        Outcome::Screen { purpose, needs_a_value } => {
            let what = match purpose {
                Purpose::SignUp => "everything is asked, as at a sign-up",
                Purpose::AdditionalConsent => "something more is asked of a member",
            };
            let typed = if *needs_a_value { "; a value has to be typed" } else { "" };
            format!("A SCREEN: {what}{typed}")
        }
        Outcome::Refused { code, reason } => format!("NO SCREEN: {code}: {reason}"),
    }
}

fn asked(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::NewService => "the service is new to the user",
        ReasonCode::NewItems => "the user was never asked for it",
        ReasonCode::TermsChanged => "its version has changed",
        ReasonCode::StatementsChanged => "recipient, purpose or retention has changed",
        ReasonCode::Expired => "the agreement has expired",
        ReasonCode::Withdrawn => "the agreement was withdrawn, and the request names it",
        ReasonCode::Requested => "the request names it",
    }
}

fn not_asked(reason: &NotAsked) -> String {
    match reason {
        NotAsked::NotApproved => {
            "the service is not approved, its members are asked nothing".into()
        }
        NotAsked::Later { effective_from } => format!("it begins on {effective_from}"),
        NotAsked::AgreedTo => "agreed to already".into(),
        NotAsked::NewVersion { agreed_version } => format!(
            "version {agreed_version} is agreed to, and `ask_again` asks for the new one not yet, or \
             only when service_terms names it"
        ),
        NotAsked::NoValue => "the account has no value, and `collect` is not set".into(),
        NotAsked::OnlyWhenRequested => "only when the request names it".into(),
        NotAsked::Refused => "refused, and the request does not name it".into(),
        NotAsked::NotNamed => "the request does not name it".into(),
        NotAsked::OptionalAlone => "optional terms alone bring no screen".into(),
    }
}

fn no_channel(reason: NoChannel) -> &'static str {
    match reason {
        NoChannel::NoScreen => "there is no screen, and a channel alone brings none",
        NoChannel::NotAdult => {
            "for adults, and no verified date of birth shows that the user is one"
        }
        NoChannel::Screen(NotOffered::NotOnMessenger) => "the account is not on the messenger",
        NoChannel::Screen(NotOffered::AlreadyAdded) => "the user has added it",
        NoChannel::Screen(NotOffered::Blocked) => "the user has blocked it",
        NoChannel::Screen(NotOffered::NotPrimary) => {
            "not the primary channel, and channel_public_id does not name it"
        }
        NoChannel::Screen(NotOffered::OthersRequested) => "channel_public_id names others",
        NoChannel::Screen(NotOffered::AskedBefore) => {
            "the user was asked when signing up; channel_public_id can name it"
        }
        NoChannel::Screen(NotOffered::TooMany) => "two channels stand before it",
    }
}
