//! The `prompt` parameter (OpenID Connect Core, 3.1.2.1).

use std::collections::BTreeSet;

/// Which interaction the service asks for. Of several values the strictest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// No page at all.
    None,
    /// The user signs in again.
    Login,
    /// The user creates an account (Initiating User Registration via OpenID Connect 1.0).
    Create,
    /// The user chooses an account.
    SelectAccount,
}

/// The values that are supported, for the metadata.
pub const PROMPT_VALUES: [&str; 5] = ["none", "login", "consent", "select_account", "create"];

/// The values that the login page answers. `cert` is of Kakao's dialect.
const OF_THE_LOGIN_PAGE: [&str; 4] = ["login", "select_account", "create", "cert"];

impl Prompt {
    /// The interaction of these values, and whether `consent` is among them. Unknown values are
    /// ignored.
    ///
    /// # Errors
    /// When `none` is combined with another value.
    pub fn read(values: &BTreeSet<String>) -> Result<(Option<Self>, bool), &'static str> {
        let has = |value: &str| values.contains(value);
        if has("none") && values.len() > 1 {
            return Err("prompt=none cannot be combined");
        }
        let prompt = [
            ("none", Self::None),
            ("login", Self::Login),
            ("create", Self::Create),
            ("select_account", Self::SelectAccount),
        ];
        let prompt = prompt.into_iter().find(|(value, _)| has(value)).map(|(_, prompt)| prompt);
        Ok((prompt, has("consent")))
    }
}

/// These values without those that a visit to the login page has answered; none when nothing is left.
#[must_use]
pub fn after_login(mut values: BTreeSet<String>) -> Option<String> {
    values.retain(|value| !OF_THE_LOGIN_PAGE.contains(&&**value));
    joined(values)
}

/// These values without `consent`; none when nothing is left.
#[must_use]
pub fn after_consent(mut values: BTreeSet<String>) -> Option<String> {
    values.remove("consent");
    joined(values)
}

fn joined(values: BTreeSet<String>) -> Option<String> {
    let values: Vec<String> = values.into_iter().collect();
    (!values.is_empty()).then(|| values.join(" "))
}
