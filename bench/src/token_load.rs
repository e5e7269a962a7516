//! Token requests that follow from decisions, and what became of them.

use crate::backend::Backend;
use crate::configuration::{KAKAO, KAKAO_CALLBACK, SHOP};
use crate::database::Database;
use crate::load::{self, Ready};
use crate::results::IssuedTokens;
use anyhow::{Context, Result, ensure};
use consent_contract::decision::Recorded;
use hyper::body::Bytes;
use serde::Deserialize;

/// The verifier of RFC 7636, appendix B, whose challenge the authorize requests have.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// What the token endpoint answers.
#[derive(Deserialize)]
struct Tokens {
    refresh_token: String,
}

/// A token request for the code in each response to a decision. A code is good for a minute.
///
/// # Errors
/// When a response has no code.
pub fn redemptions(address: &str, decisions: &[Bytes]) -> Result<Vec<Ready>> {
    let requests = decisions.iter().map(|response| {
        let code = code(response)?;
        Ok(request(&format!(
            "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}\
             &redirect_uri=http%3A%2F%2F{address}%2Fdemo%2Fcallback"
        )))
    });
    requests.collect()
}

/// A refresh for each response of the token endpoint.
///
/// # Errors
/// When a response has no refresh token.
pub fn refreshes(responses: &[Bytes]) -> Result<Vec<Ready>> {
    let requests = responses.iter().map(|response| {
        let Tokens { refresh_token } = serde_json::from_slice(response)?;
        Ok(request(&format!("grant_type=refresh_token&refresh_token={refresh_token}")))
    });
    requests.collect()
}

fn request(form: &str) -> Ready {
    let form = format!("{form}&client_id={SHOP}&client_secret={SHOP}-is-no-secret");
    Ready::form("/oauth/token", form)
}

/// Signs users up in Kakao's dialect, and gives the request for what is known of each.
///
/// # Errors
/// When one cannot be signed up.
pub async fn kakao_users(backend: &Backend, count: usize) -> Result<Vec<Ready>> {
    let mut client = backend.servers().connect(0).await?;
    let mut requests = Vec::with_capacity(count);
    for _ in 0..count {
        let question = backend.ask(&mut client, KAKAO, true).await?;
        let (agreement, _) = load::agreement(&mut client, &question).await?;
        let code = code(&agreement.send(&mut client).await?)?;
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={KAKAO_CALLBACK}\
             &client_id={KAKAO}&client_secret={KAKAO}-is-no-secret"
        );
        let tokens = Ready::form("/oauth/token", form).send(&mut client).await?;
        let Issued { access_token } = serde_json::from_slice(&tokens)?;
        requests.push(Ready::with_token("/v2/user/me", &access_token));
    }
    Ok(requests)
}

/// The access token of a response.
#[derive(Deserialize)]
struct Issued {
    access_token: String,
}

/// The code in the response to a decision.
fn code(response: &[u8]) -> Result<String> {
    let recorded: Recorded = serde_json::from_slice(response)?;
    let query = recorded.redirect_to.split_once('?').map_or("", |(_, query)| query);
    let code = query.split('&').find_map(|pair| pair.strip_prefix("code="));
    code.map(str::to_owned).with_context(|| format!("no code in {}", recorded.redirect_to))
}

/// What is in the database of so many answers of the token endpoint.
///
/// # Errors
/// When the database cannot be read.
pub async fn issued(database: &Database, redeemed: u64, refreshed: u64) -> Result<IssuedTokens> {
    let query = "SELECT (SELECT count(*) FROM tokens),
                     (SELECT count(*) FROM refresh_tokens WHERE state = 'active'),
                     (SELECT count(*) FROM refresh_tokens WHERE state = 'rotated')";
    let [access_tokens, active, rotated] = database.numbers(query).await?;
    let issued = IssuedTokens {
        redeemed,
        refreshed,
        access_tokens: u64::try_from(access_tokens)?,
        active: u64::try_from(active)?,
        rotated: u64::try_from(rotated)?,
    };
    ensure!(issued.redeemed > 0, "no code was redeemed");
    Ok(issued)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_a_refresh_token_become_requests() {
        let decision = Bytes::from(
            r#"{"redirect_to":"http://127.0.0.1:1/demo/callback?code=abc&state=x","receipt_id":"r"}"#,
        );
        let ready = redemptions("127.0.0.1:1", &[decision]).expect("there is a code");
        assert!(ready[0].text().starts_with("grant_type=authorization_code&code=abc&"));
        let cancelled = Bytes::from(r#"{"redirect_to":"/?error=x","receipt_id":"r"}"#);
        assert!(redemptions("127.0.0.1:1", &[cancelled]).is_err());
        let tokens = Bytes::from(r#"{"access_token":"a","refresh_token":"r"}"#);
        let ready = refreshes(&[tokens]).expect("there is a refresh token");
        assert!(ready[0].text().starts_with("grant_type=refresh_token&refresh_token=r&"));
        assert!(refreshes(&[Bytes::from(r#"{"access_token":"a"}"#)]).is_err());
    }
}
