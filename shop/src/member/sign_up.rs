//! A sign-up, from the provider's answer to a row in `members`, as one state machine.
//!
//! ```text
//! begin ─┬─ Matched ── prove ──┐
//!        │     └─── not me ──┐ │
//!        ├───────────────────┴─┴─ Missing ── collect ─┐
//!        └────────────────────────────────────────────┴─ Ready
//! ```
//!
//! Only `Ready` becomes a row. Until then the person is no member.

use serde::{Deserialize, Serialize};

use super::{
    code::{Entry, MOST_SENT, MOST_WRONG, SentCode},
    contact,
    identity::Identity,
};

/// Wrong passwords in a day until only the code is left.
pub const PASSWORD_TRIES: u32 = 5;

/// A member of before who is not linked, and who may be the person that signs up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The row.
    pub id: i64,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub joined_at: i64,
    pub has_password: bool,
}

/// By what a member of before was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    Email,
    Phone,
}

/// A sign-up that is not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUp {
    pub identity: Identity,
    pub stage: Stage,
}

/// How far a sign-up is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// "Is this you?" The person has still to prove it.
    Matched(Matched),
    /// The shop needs an e-mail address, and neither the provider nor the row has one.
    Missing { link: Option<i64> },
    /// Everything is there. `link` is the row of a member of before, which was proven.
    Ready { link: Option<i64> },
}

/// A member of before was found. The three counts belong to the member, see the table `proofs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    pub candidate: Candidate,
    pub by: MatchedBy,
    pub wrong_passwords: u32,
    #[serde(default)]
    pub wrong_codes: u32,
    pub code: Option<SentCode>,
    pub codes_sent: u32,
}

/// Why a step cannot be taken. The sign-up stays as it is, apart from counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The step does not belong to this stage: another tab, or the back button.
    OutOfStep,
    WrongPassword,
    TooManyPasswords,
    Code(Entry),
    /// No code can be sent: no address, or too many were sent.
    NoCode,
    NotAnEmail,
}

impl SignUp {
    // sample: recognise_member
    /// Begins a sign-up. `before` are members of before with this e-mail address or phone number, none
    /// of whom is linked. Only what the provider has verified can match, and a match proves nothing.
    #[must_use]
    pub fn begin(identity: Identity, before: Vec<Candidate>) -> Self {
        let email = identity.email.as_ref().filter(|_| identity.email_verified);
        let has_email = |it: &Candidate| it.email.is_some() && it.email.as_ref() == email;
        let has_phone = |it: &Candidate| it.phone.is_some() && it.phone == identity.phone;
        let matched = before.into_iter().find_map(|candidate| {
            let by = match (has_email(&candidate), has_phone(&candidate)) {
                (true, _) => MatchedBy::Email,
                (false, true) => MatchedBy::Phone,
                (false, false) => return None,
            };
            // Without a password and an address there is no way to prove it.
            (candidate.has_password || candidate.email.is_some()).then_some((candidate, by))
        });
        let stage = match matched {
            Some((candidate, by)) => Stage::Matched(Matched {
                candidate,
                by,
                wrong_passwords: 0,
                wrong_codes: 0,
                code: None,
                codes_sent: 0,
            }),
            None => after_matching(&identity, None),
        };
        Self { identity, stage }
    }
    // end sample

    /// The person is not the member of before.
    ///
    /// # Errors
    /// [`Refused::OutOfStep`].
    pub fn not_me(&mut self) -> Result<(), Refused> {
        self.matched()?;
        self.stage = after_matching(&self.identity, None);
        Ok(())
    }

    /// Takes the old password, which the caller has checked. `is_right` is not looked at when too many
    /// were wrong.
    ///
    /// # Errors
    /// [`Refused::OutOfStep`], [`Refused::WrongPassword`] or [`Refused::TooManyPasswords`].
    pub fn prove_by_password(&mut self, is_right: bool) -> Result<(), Refused> {
        let matched = self.matched()?;
        if matched.wrong_passwords >= PASSWORD_TRIES {
            return Err(Refused::TooManyPasswords);
        }
        if !is_right {
            matched.wrong_passwords += 1;
            let is_spent = matched.wrong_passwords >= PASSWORD_TRIES;
            return Err(if is_spent { Refused::TooManyPasswords } else { Refused::WrongPassword });
        }
        self.proven()
    }

    /// Remembers that a code was sent, and returns the address: that of the row, not the provider's.
    ///
    /// # Errors
    /// [`Refused::OutOfStep`] or [`Refused::NoCode`].
    pub fn send_code(&mut self, digest: String, now: i64) -> Result<String, Refused> {
        let matched = self.matched()?;
        let email = matched.candidate.email.clone().ok_or(Refused::NoCode)?;
        if matched.codes_sent >= MOST_SENT || matched.wrong_codes >= MOST_WRONG {
            return Err(Refused::NoCode);
        }
        matched.codes_sent += 1;
        matched.code = Some(SentCode::new(digest, now));
        Ok(email)
    }

    /// Takes the code that was e-mailed, by its digest.
    ///
    /// # Errors
    /// [`Refused::OutOfStep`] or [`Refused::Code`].
    pub fn prove_by_code(&mut self, digest: &str, now: i64) -> Result<(), Refused> {
        let matched = self.matched()?;
        let code = matched.code.as_mut().ok_or(Refused::OutOfStep)?;
        if matched.wrong_codes >= MOST_WRONG {
            return Err(Refused::Code(Entry::SpentByTries));
        }
        if let Some(spent) = code.spent(now) {
            return Err(Refused::Code(spent));
        }
        match code.enter(digest, now) {
            Entry::Right => self.proven(),
            entry => {
                matched.wrong_codes += 1;
                Err(Refused::Code(entry))
            }
        }
    }

    /// Takes the value that was missing.
    ///
    /// # Errors
    /// [`Refused::OutOfStep`] or [`Refused::NotAnEmail`].
    pub fn collect(&mut self, email: &str) -> Result<(), Refused> {
        let Stage::Missing { link } = self.stage else { return Err(Refused::OutOfStep) };
        self.identity.email = Some(contact::email(email).ok_or(Refused::NotAnEmail)?);
        self.identity.email_verified = false;
        self.stage = Stage::Ready { link };
        Ok(())
    }

    fn matched(&mut self) -> Result<&mut Matched, Refused> {
        match &mut self.stage {
            Stage::Matched(matched) => Ok(matched),
            Stage::Missing { .. } | Stage::Ready { .. } => Err(Refused::OutOfStep),
        }
    }

    fn proven(&mut self) -> Result<(), Refused> {
        let candidate = self.matched()?.candidate.clone();
        self.stage = match candidate.email {
            Some(_) => Stage::Ready { link: Some(candidate.id) },
            None => after_matching(&self.identity, Some(candidate.id)),
        };
        Ok(())
    }
}

/// The stage once it is clear whose row it will be.
fn after_matching(identity: &Identity, link: Option<i64>) -> Stage {
    match identity.email {
        Some(_) => Stage::Ready { link },
        None => Stage::Missing { link },
    }
}

#[cfg(test)]
mod tests;
