//! From a sign-in to a row in `members`: each step is one transaction, so that two tabs, a webhook and
//! a double press leave one row or none.

use super::{Store, StoreError, arriving, members, pending, proofs, unlinks};
use crate::member::{
    Identity, SignUp,
    sign_up::{Refused, Stage},
};

/// What a sign-in came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A member signed in. `upgraded`: a member by plain login agreed to terms.
    Member { upgraded: bool },
    /// A new user is a member now.
    Joined,
    /// A new user has a step to take first.
    Pending,
    /// The user was unlinked while they signed in, or is to be: what the provider answered holds no
    /// more.
    OutOfDate,
}

/// What a step of a sign-up came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Advanced {
    /// The person is a member now. `linked`: with the row of a member of before.
    Joined {
        linked: bool,
        return_to: String,
    },
    /// There is another step to take.
    Pending,
    Refused(Refused),
    /// The row of the member of before is linked to another user by now.
    AlreadyLinked,
    /// There is no sign-up: stopped, expired, or finished in another tab.
    Gone,
}

impl Store {
    /// Takes a user who signed in. `seen` is [`Store::latest_unlink`] from before the provider was asked.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn arrive(
        &self,
        identity: Identity,
        seen: i64,
        now: i64,
    ) -> Result<Arrival, StoreError> {
        let mut transaction = self.begin().await?;
        let sub = identity.sub.clone();
        let is_over = unlinks::latest(&mut transaction, &sub).await? != seen;
        // A link that is to end takes no member with it.
        if is_over || unlinks::is_due(&mut transaction, &sub).await? {
            return Ok(Arrival::OutOfDate);
        }
        arriving::remove(&mut transaction, &sub).await?;
        let mut arrival = Arrival::Pending;
        if let Some(member) = members::by_sub(&mut transaction, &sub).await? {
            let (row, linked) = (member.connected_at, identity.connected_at);
            if linked.is_some() && linked < row {
                // An answer from before the present link, which another tab has brought.
                return Ok(Arrival::OutOfDate);
            }
            let came_back = row.is_some() && linked > row;
            if !came_back {
                let had_none = member.joined_by == "login" && member.terms().is_empty();
                let upgraded = had_none && identity.terms.as_ref().is_some_and(|it| !it.is_empty());
                members::renew(&mut transaction, &member, &identity).await?;
                transaction.commit().await?;
                return Ok(Arrival::Member { upgraded });
            }
            // The user left at the provider and came back before the webhook did: start with nothing.
            unlinks::erase(&mut transaction, &sub, now).await?;
        }
        let before = members::candidates(&mut transaction, &identity).await?;
        let sign_up = SignUp::begin(identity, before);
        if sign_up.stage == (Stage::Ready { link: None }) {
            pending::remove(&mut transaction, &sub).await?;
            members::insert(&mut transaction, &sign_up, now).await?;
            arrival = Arrival::Joined;
        } else {
            pending::put(&mut transaction, &sign_up, now).await?;
        }
        transaction.commit().await?;
        Ok(arrival)
    }

    /// Takes a step of a pending sign-up. The last one makes the member.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn advance(
        &self,
        sub: &str,
        now: i64,
        step: impl FnOnce(&mut SignUp) -> Result<(), Refused>,
    ) -> Result<Advanced, StoreError> {
        let mut transaction = self.begin().await?;
        let found = "SELECT sign_up, return_to FROM pending WHERE sub = ? AND expires_at > ?";
        let found: Option<(String, String)> =
            sqlx::query_as(found).bind(sub).bind(now).fetch_optional(&mut *transaction).await?;
        let Some((found, return_to)) = found else { return Ok(Advanced::Gone) };
        if members::by_sub(&mut transaction, sub).await?.is_some() {
            return Ok(Advanced::Gone);
        }
        let mut sign_up: SignUp = serde_json::from_str(&found)?;
        proofs::read(&mut transaction, &mut sign_up, now).await?;
        let result = step(&mut sign_up);
        let advanced = match (&sign_up.stage, result) {
            (Stage::Ready { link }, Ok(())) => {
                let linked = match link {
                    Some(id) => members::link(&mut transaction, *id, &sign_up.identity).await?,
                    None => {
                        members::insert(&mut transaction, &sign_up, now).await?;
                        false
                    }
                };
                if link.is_some() && !linked {
                    return Ok(Advanced::AlreadyLinked);
                }
                pending::remove(&mut transaction, sub).await?;
                Advanced::Joined { linked, return_to }
            }
            (_, result) => {
                // Wrong entries are counted, so a refused step is kept as well.
                proofs::write(&mut transaction, &sign_up, now).await?;
                pending::put(&mut transaction, &sign_up, now).await?;
                result.map_or_else(Advanced::Refused, |()| Advanced::Pending)
            }
        };
        transaction.commit().await?;
        Ok(advanced)
    }
}
