//! `/v2/user/service_terms`, its revoke and its upgrade, and `/v1/user/service/terms`.

use serde_json::{Value, json};

use super::{
    admin, bearer, error, get, ok, post, required, server, server_with, sign_up, sign_up_with,
    target, user_id,
};

const TERMS: &str = "/v2/user/service_terms";
const REVOKE: &str = "/v2/user/revoke/service_terms";
const UPGRADE: &str = "/v2/user/upgrade/service_terms";
const V1: &str = "/v1/user/service/terms";
const ALL: &str = "/v2/user/service_terms?result=app_service_terms";

fn tags(body: &Value) -> Vec<&str> {
    let terms = body["service_terms"].as_array().unwrap();
    terms.iter().map(|term| term["tag"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn agreed_terms_are_listed_and_others_on_request() {
    let server = server().await;
    let tokens = sign_up_with(&server, "hana", required).await;
    let id = user_id(&server, &tokens).await;
    let mut agreed = ok(&get(&server, TERMS, &bearer(&tokens)).await);
    let at = agreed["service_terms"][0].as_object_mut().unwrap().remove("agreed_at").unwrap();
    assert!(at.as_str().unwrap().ends_with('Z'));
    let tos = json!({ "tag": "tos", "required": true, "agreed": true, "revocable": false, "agreed_by": "KAUTH" });
    assert_eq!(agreed, json!({ "id": id, "service_terms": [tos] }));
    let all = ok(&get(&server, ALL, &bearer(&tokens)).await);
    assert_eq!(tags(&all), ["tos", "marketing", "points"]);
    let marketing =
        json!({ "tag": "marketing", "required": false, "agreed": false, "revocable": false });
    assert_eq!(all["service_terms"][1], marketing);
    let by_admin = format!("{ALL}&{}", target(id));
    assert_eq!(ok(&get(&server, &by_admin, &admin()).await), all);
}

#[tokio::test]
async fn tags_limit_the_list() {
    let server = server().await;
    let tokens = sign_up_with(&server, "hana", required).await;
    let list = async |query: &str| {
        let path = format!("{TERMS}?{query}");
        get(&server, &path, &bearer(&tokens)).await
    };
    assert_eq!(tags(&ok(&list("tags=tos,marketing").await)), ["tos"]);
    assert_eq!(tags(&ok(&list("tags=marketing").await)), [""; 0]);
    let all = "result=app_service_terms&tags=marketing,unknown";
    assert_eq!(tags(&ok(&list(all).await)), ["marketing"]);
    let body = error(&list("tags=test").await, 400, -2);
    let expected = "There is no tags to get service terms. check out to configured this tags([test]) in app(가게).";
    assert_eq!(body["msg"], expected);
    error(&list("result=all").await, 400, -2);
}

#[tokio::test]
async fn optional_terms_can_be_revoked() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let id = user_id(&server, &tokens).await;
    let revoked =
        ok(&post(&server, REVOKE, &bearer(&tokens), &[("tags", "marketing,points")]).await);
    let marketing = json!([{ "tag": "marketing", "agreed": false }]);
    assert_eq!(revoked, json!({ "id": id, "revoked_service_terms": marketing }));
    assert_eq!(tags(&ok(&get(&server, TERMS, &bearer(&tokens)).await)), ["tos"]);
    // Revoking ends no token, and again there is nothing to revoke.
    let again = ok(&post(&server, REVOKE, &bearer(&tokens), &[("tags", "marketing")]).await);
    assert_eq!(again, json!({ "id": id, "revoked_service_terms": [] }));
}

#[tokio::test]
async fn revoking_is_accepted_from_the_query_and_with_an_admin_key() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let target = target(user_id(&server, &tokens).await);
    let path = format!("{REVOKE}?tags=marketing&{target}");
    let revoked = ok(&post(&server, &path, &admin(), &[]).await);
    assert_eq!(revoked["revoked_service_terms"][0]["tag"], "marketing");
}

#[tokio::test]
async fn required_unknown_and_missing_tags_are_not_revoked() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let revoke =
        async |tags: &str| post(&server, REVOKE, &bearer(&tokens), &[("tags", tags)]).await;
    let body = error(&revoke("tos,marketing").await, 403, -3);
    assert!(body["msg"].as_str().unwrap().starts_with("[tos] is not revocable."));
    let body = error(&revoke("test_tag").await, 400, -2);
    let expected =
        "There is no tags to revoke. check out to configured this tags([test_tag]) in app(가게).";
    assert_eq!(body["msg"], expected);
    error(&revoke("").await, 400, -2);
    let listed = ok(&get(&server, TERMS, &bearer(&tokens)).await);
    assert_eq!(tags(&listed), ["tos", "marketing"], "nothing was revoked");
}

#[tokio::test]
async fn an_upgrade_records_what_the_service_collected() {
    let server = server().await;
    let tokens = sign_up_with(&server, "hana", required).await;
    let id = user_id(&server, &tokens).await;
    let wanted = [("tags", "points,tos,unknown")];
    let mut upgraded = ok(&post(&server, UPGRADE, &bearer(&tokens), &wanted).await);
    let term = upgraded["agreed_service_terms"][0].as_object_mut().unwrap();
    assert!(term.remove("agreed_at").unwrap().as_str().unwrap().ends_with('Z'));
    let points = json!([{ "tag": "points", "agreed": true, "agreed_by": "KAPI" }]);
    assert_eq!(upgraded, json!({ "id": id, "agreed_service_terms": points }));
    let listed = ok(&get(&server, TERMS, &bearer(&tokens)).await);
    let by: Vec<_> = listed["service_terms"].as_array().unwrap().iter().collect();
    assert_eq!((&by[0]["tag"], &by[0]["agreed_by"]), (&json!("tos"), &json!("KAUTH")));
    assert_eq!((&by[1]["tag"], &by[1]["agreed_by"]), (&json!("points"), &json!("KAPI")));
    let again = ok(&post(&server, UPGRADE, &bearer(&tokens), &wanted).await);
    assert_eq!(again["agreed_service_terms"], json!([]));
    error(&post(&server, UPGRADE, &bearer(&tokens), &[]).await, 400, -2);
    // What is agreed to again on the screen is the screen's.
    ok(&post(&server, "/v1/user/unlink", &bearer(&tokens), &[]).await);
    let parameters = super::request(&[("service_terms", "points,tos")]);
    let code = super::agree(&mut server.proxied("hana"), &parameters, super::everything).await;
    let tokens = ok(&super::token(&server, &code, &[]).await);
    let listed = ok(&get(&server, TERMS, &bearer(&tokens)).await);
    assert_eq!(listed["service_terms"][1]["agreed_by"], "KAUTH");
}

#[tokio::test]
async fn an_upgrade_is_accepted_with_an_admin_key() {
    let server = server().await;
    let tokens = sign_up_with(&server, "hana", required).await;
    let path = format!("{UPGRADE}?{}", target(user_id(&server, &tokens).await));
    let upgraded = ok(&post(&server, &path, &admin(), &[("tags", "marketing")]).await);
    assert_eq!(upgraded["agreed_service_terms"][0]["tag"], "marketing");
}

#[tokio::test]
async fn the_first_version_lists_agreed_terms_and_those_of_the_app() {
    let server = server().await;
    let tokens = sign_up_with(&server, "hana", required).await;
    let id = user_id(&server, &tokens).await;
    let listed = ok(&get(&server, V1, &bearer(&tokens)).await);
    assert_eq!(listed["user_id"], id);
    assert_eq!(listed["allowed_service_terms"][0]["tag"], "tos");
    assert!(listed["allowed_service_terms"][0]["agreed_at"].is_string());
    assert!(listed.get("app_service_terms").is_none());
    let path = format!("{V1}?extra=app_service_terms&{}", target(id));
    let listed = ok(&get(&server, &path, &admin()).await);
    let term = &listed["app_service_terms"][1];
    let midnight_in_seoul = "2025-12-31T15:00:00Z";
    let expected = json!({
        "tag": "marketing",
        "created_at": midnight_in_seoul,
        "updated_at": midnight_in_seoul,
    });
    assert_eq!(*term, expected);
    error(&get(&server, &format!("{V1}?extra=x"), &bearer(&tokens)).await, 400, -2);
}

#[tokio::test]
async fn terms_belong_to_approved_apps() {
    let linked = "how = \"plain_login\"";
    let member = "how = \"combined_screen\"";
    let server = server_with(&[("approved = true\n", ""), (linked, member)]).await;
    let answer = server.proxied("plain").authorize(&super::request(&[])).await;
    let code = answer.location_parameter("code").unwrap();
    let tokens = ok(&super::token(&server, &code, &[]).await);
    let bearer = bearer(&tokens);
    for path in [TERMS, V1] {
        error(&get(&server, path, &bearer).await, 403, -3);
    }
    for path in [REVOKE, UPGRADE] {
        error(&post(&server, path, &bearer, &[("tags", "tos")]).await, 403, -3);
    }
}
