//! `/v2/app/users` and `/v1/user/ids`.

use serde_json::{Value, json};

use super::{
    admin, bearer, error, get, ok, post, required, server, sign_up, sign_up_with, user_id,
};

const USERS: &str = "/v2/app/users?target_id_type=user_id";
const IDS: &str = "/v1/user/ids";

#[tokio::test]
async fn users_are_described_in_the_order_of_the_call() {
    let server = server().await;
    let hana = sign_up(&server, "hana").await;
    let bare = sign_up_with(&server, "bare", required).await;
    let me = ok(&get(&server, "/v2/user/me", &bearer(&hana)).await);
    let (hana, bare_id) = (me["id"].clone(), user_id(&server, &bare).await);
    for ids in [format!("[{bare_id},7,{hana}]"), format!("{bare_id},7,{hana}")] {
        let users = ok(&get(&server, &format!("{USERS}&target_ids={ids}"), &admin()).await);
        let users = users["elements"].as_array().unwrap();
        assert_eq!(users.len(), 2, "an unknown id is left out");
        assert_eq!(users[0]["id"], bare_id);
        assert_eq!(users[1], me);
    }
    ok(&post(&server, "/v1/user/unlink", &bearer(&bare), &[]).await);
    let path = format!("{USERS}&target_ids=[{bare_id},{hana}]&property_keys=kakao_account.email");
    let users = ok(&get(&server, &path, &admin()).await);
    assert_eq!(users["elements"].as_array().unwrap().len(), 1);
    assert_eq!(users["elements"][0]["kakao_account"]["email"], "hana@example.com");
    assert!(users["elements"][0]["kakao_account"].get("profile").is_none());
}

#[tokio::test]
async fn bad_parameters_and_user_tokens_are_refused() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let many = |count: usize| (1..=count).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    for path in [
        USERS.to_owned(),
        format!("{USERS}&target_ids=[]"),
        format!("{USERS}&target_ids=[a]"),
        format!("{USERS}&target_ids=a"),
        format!("{USERS}&target_ids={}", many(101)),
        format!("{USERS}&target_ids={}&property_keys=x", many(21)),
        "/v2/app/users?target_ids=1".to_owned(),
        "/v2/app/users?target_ids=1&target_id_type=email".to_owned(),
        format!("{IDS}?limit=0"),
        format!("{IDS}?limit=501"),
        format!("{IDS}?limit=x"),
        format!("{IDS}?order=up"),
        format!("{IDS}?from_id=x"),
    ] {
        error(&get(&server, &path, &admin()).await, 400, -2);
    }
    for path in [format!("{USERS}&target_ids=1"), IDS.to_owned()] {
        error(&get(&server, &path, &bearer(&tokens)).await, 401, -401);
        error(&get(&server, &path, "").await, 401, -401);
    }
    ok(&get(&server, &format!("{USERS}&target_ids={}", many(100)), &admin()).await);
}

#[tokio::test]
async fn ids_of_connected_users_come_in_pages() {
    let server = server().await;
    for account in ["hana", "bare", "no-talk"] {
        sign_up_with(&server, account, required).await;
    }
    // Two more are configured as connected.
    let all = ok(&get(&server, IDS, &admin()).await);
    assert_eq!(all["total_count"], 5);
    assert!(all.get("after_url").is_none());
    let ids: Vec<i64> = serde_json::from_value(all["elements"].clone()).unwrap();
    assert!(ids.is_sorted());
    let mut path = format!("{IDS}?limit=2&order=desc");
    let mut seen: Vec<i64> = Vec::new();
    loop {
        let page: Value = ok(&get(&server, &path, &admin()).await);
        seen.extend(serde_json::from_value::<Vec<i64>>(page["elements"].clone()).unwrap());
        let Some(next) = page["after_url"].as_str() else { break };
        path = next.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    }
    seen.reverse();
    assert_eq!(seen, ids);
    let none = ok(&get(&server, &format!("{IDS}?from_id=9007199254740992"), &admin()).await);
    assert_eq!(none["elements"], json!([]));
}
