//! `/v2/api/talk/channels` and its first version.

use consent_contract::item::ItemKey;
use serde_json::json;

use super::{
    admin, bearer, error, get, ok, required, server, server_with, sign_up, sign_up_with, target,
    user_id,
};

const V2: &str = "/v2/api/talk/channels";
const V1: &str = "/v1/api/talk/channels";

#[tokio::test]
async fn channels_are_listed_with_the_users_relation() {
    let server = server().await;
    let with_channel = |key: &ItemKey, required| required || matches!(key, ItemKey::Channel(_));
    let tokens = sign_up_with(&server, "hana", with_channel).await;
    let id = user_id(&server, &tokens).await;
    let mut listed = ok(&get(&server, V2, &bearer(&tokens)).await);
    let shop = listed["channels"][0].as_object_mut().unwrap();
    assert!(shop.remove("updated_at").unwrap().as_str().unwrap().ends_with('Z'));
    let expected = json!({
        "user_id": id,
        "channels": [
            { "channel_uuid": "@shop", "channel_public_id": "_shop", "relation": "ADDED" },
            { "channel_uuid": "@sale", "channel_public_id": "_sale", "relation": "NONE" },
        ],
    });
    assert_eq!(listed, expected);
    for path in [
        format!("{V2}?channel_ids=_sale,_other&channel_id_type=channel_public_id"),
        format!("{V1}?channel_public_ids=%5B%22_sale%22%5D"),
    ] {
        let one = ok(&get(&server, &path, &bearer(&tokens)).await);
        assert_eq!(one["channels"], json!([expected["channels"][1]]), "{path}");
        let by_admin = format!("{path}&{}", target(id));
        assert_eq!(ok(&get(&server, &by_admin, &admin()).await), one);
    }
}

#[tokio::test]
async fn a_blocked_channel_is_reported() {
    let blocked = "nickname = \"맨손\"\nchannels = { _shop = \"blocked\" }";
    let server = server_with(&[("nickname = \"맨손\"", blocked)]).await;
    let tokens = sign_up_with(&server, "bare", required).await;
    let listed = ok(&get(&server, V2, &bearer(&tokens)).await);
    assert_eq!(listed["channels"][0]["relation"], "BLOCKED");
    assert!(listed["channels"][0].get("updated_at").is_none(), "it was configured");
}

#[tokio::test]
async fn unlinking_keeps_the_channel() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    ok(&super::post(&server, "/v1/user/unlink", &bearer(&tokens), &[]).await);
    let again = sign_up_with(&server, "hana", required).await;
    let listed = ok(&get(&server, V2, &bearer(&again)).await);
    assert_eq!(listed["channels"][0]["relation"], "ADDED");
}

#[tokio::test]
async fn who_is_not_on_the_messenger_has_no_channels() {
    let server = server().await;
    let tokens = sign_up_with(&server, "no-talk", required).await;
    for path in [V2, V1] {
        error(&get(&server, path, &bearer(&tokens)).await, 400, -501);
    }
}

#[tokio::test]
async fn bad_parameters_are_refused() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    for path in [
        format!("{V2}?channel_id_type=channel_uuid"),
        format!("{V2}?channel_ids=%5B"),
        format!("{V1}?channel_public_ids=%5B"),
    ] {
        error(&get(&server, &path, &bearer(&tokens)).await, 400, -2);
    }
}

#[tokio::test]
async fn channels_need_consent_where_the_item_is_configured() {
    let item = "[[service.personal_info.items]]\nid = \"plusfriends\"\n\
        label = \"채널 추가 상태 및 내역\"\nrequired = false\n\n[[service.channels]]\npublic_id = \"_shop\"";
    let server = server_with(&[("[[service.channels]]\npublic_id = \"_shop\"", item)]).await;
    let refused = sign_up_with(&server, "hana", required).await;
    for path in [V2, V1] {
        let answer = get(&server, path, &bearer(&refused)).await;
        assert_eq!(error(&answer, 403, -402)["required_scopes"], json!(["plusfriends"]));
    }
    let agreed = sign_up(&server, "bare").await;
    assert_eq!(
        ok(&get(&server, V2, &bearer(&agreed)).await)["channels"][0]["channel_public_id"],
        "_shop"
    );
}
