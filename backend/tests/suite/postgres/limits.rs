//! The rate limit of several servers is one limit.

use axum::http::StatusCode;

use super::trouble::{another, server_with};
use crate::browser::a_minute;

#[tokio::test]
async fn servers_on_one_database_share_the_rate_limit() {
    let Some((one, url)) = server_with(|settings| settings.rate_limit = a_minute(20)).await else {
        return;
    };
    let two = another(&one, &url, |settings| settings.rate_limit = a_minute(20)).await;
    let (mut at_one, mut at_two) = (one.proxied("hana"), two.proxied("hana"));
    at_one.get("/oauth/authorize?x").await;
    // The session is of the first request; without one only the address is counted.
    at_one.authorize(&super::trouble::REQUEST).await;
    at_two.cookies = at_one.cookies.clone();
    let mut through = 0;
    loop {
        let browser = if through % 2 == 0 { &mut at_one } else { &mut at_two };
        let answer = browser.get("/oauth/authorize?x").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(!answer.header("retry-after").is_empty());
            break;
        }
        through += 1;
    }
    // Each would let 20 through; a busy machine gives one back every three seconds.
    assert!((15..30).contains(&through), "{through}");
    // Another session has a share of its own, at either.
    let mut other = two.proxied("duri");
    assert_ne!(other.get("/oauth/authorize?x").await.status, StatusCode::TOO_MANY_REQUESTS);
}
