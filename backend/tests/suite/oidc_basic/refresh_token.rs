//! Refresh tokens, of two clients.

use axum::http::StatusCode;
use serde_json::Value;
use url::form_urlencoded;

use super::client::{Finished, Suite};
use crate::tokens;

async fn refreshed(suite: &Suite, flow: &Finished, scope: Option<&str>) -> (StatusCode, Value) {
    let token = flow.tokens["refresh_token"].as_str().unwrap();
    // The suite wants 128 bits and more than 96 bits of Shannon entropy.
    assert!(token.len() >= 32, "{token}");
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", token);
    form.extend_pairs(scope.map(|scope| ("scope", scope)));
    let answer = suite.post("/oauth/token", form).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status, answer.json())
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let mut suite = Suite::new().await;
    let asked = [("scope", "openid offline_access"), ("prompt", "consent")];
    let first = suite.flow(&asked).await;
    suite.client_id = "second";
    let second = suite.flow(&asked).await;
    suite.server.clock.advance(2);

    // The second client's token is not the first one's.
    suite.client_id = "basic";
    let (status, error) = refreshed(&suite, &second, None).await;
    assert_eq!((status, &error["error"]), (StatusCode::BAD_REQUEST, &"invalid_grant".into()));

    for (client_id, flow, scope) in [("basic", &first, Some("openid")), ("second", &second, None)] {
        suite.client_id = client_id;
        let (status, tokens) = refreshed(&suite, flow, scope).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        assert!(tokens["token_type"].as_str().unwrap().eq_ignore_ascii_case("bearer"));
        let claims = tokens::verified(&suite.server, tokens["id_token"].as_str().unwrap()).await;
        for same in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(claims[same], flow.claims[same], "{same}");
        }
        assert!(claims["iat"].as_i64() > flow.claims["iat"].as_i64());
        assert!(claims.get("nonce").is_none() && claims.get("azp").is_none());
        let userinfo = suite.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(userinfo.json::<Value>()["sub"], flow.claims["sub"]);
    }
}
