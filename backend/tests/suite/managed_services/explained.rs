//! `consent-backend explain` of a managed service, and the same by the admin API.

use std::fs;

use serde_json::{Value, json};

use super::{CAFE, cafe, call_as, created, file, get, post, server};
use crate::{browser::Server, client, database, process::program};

fn explained(server: &Server, options: &[&str]) -> (i32, String) {
    let folder = server.folder.path();
    let output = program()
        .args(["explain", "hana", "cafe"])
        .args(options)
        .arg("--services")
        .arg(folder.join("services.toml"))
        .arg("--data-dir")
        .arg(database::argument(folder))
        .output()
        .unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(all).unwrap())
}

#[tokio::test]
async fn a_managed_service_is_explained_as_one_of_the_file() {
    let server = server().await;
    let (status, said) = explained(&server, &[]);
    assert!(status == 1 && said.contains("there is no service `cafe`"), "{said}");
    created(&server, &cafe()).await;
    let (status, said) = explained(&server, &[]);
    assert_eq!(status, 0, "{said}");
    for expected in [
        "A SCREEN: everything is asked",
        "not linked",
        "term:tos (required)  asked: the service is new to the user",
        "item:profile_nickname (required)  asked",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    client::code(&mut server.proxied("hana"), "cafe", "openid", &[]).await;
    let (status, said) = explained(&server, &[]);
    assert_eq!(status, 0, "{said}");
    for expected in [
        "NO SCREEN: nothing is left to ask",
        "a member",
        "term:tos (required)  not asked: agreed to already; agreed to version 1 at ",
        "  agree (screen)  ",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let (_, said) = explained(&server, &["--scope", "openid", "--json"]);
    let explanation: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(explanation["service"], "cafe", "{said}");
    assert_eq!(explanation["outcome"]["result"], "no_screen", "{said}");
}

#[tokio::test]
async fn a_managed_service_that_cannot_be_used_is_explained() {
    let server = server().await;
    let mut service = cafe();
    service["mode"] = json!("test");
    service["test_members"] = json!(["duri"]);
    created(&server, &service).await;
    let (status, said) = explained(&server, &[]);
    assert!(status == 0 && said.contains("NO SCREEN: not_a_test_member"), "{said}");
    let without = file().replace("id = \"duri\"", "id = \"nari\"");
    fs::write(server.folder.path().join("services.toml"), without).unwrap();
    let (status, said) = explained(&server, &[]);
    let expected = "/test_members/0: there is no account `duri`";
    assert!(status == 1 && said.contains(expected), "{said}");
    fs::write(server.folder.path().join("services.toml"), file()).unwrap();
    post(&server, &format!("{CAFE}/disable")).await;
    let (status, said) = explained(&server, &[]);
    assert!(status == 1 && said.contains("`cafe` is disabled"), "{said}");
}

#[tokio::test]
async fn the_admin_api_explains_as_the_command_does() {
    const EXPLAIN: &str = "/admin/v1/explain?account=hana&service=cafe";
    let server = server().await;
    get(&server, EXPLAIN).await.is(404, "service_not_found");
    created(&server, &cafe()).await;
    let explanation = get(&server, EXPLAIN).await;
    assert_eq!(explanation.status, 200, "{}", explanation.text);
    assert_eq!(explanation.header("cache-control"), "no-store");
    let explanation = explanation.json();
    assert_eq!(explanation["outcome"]["result"], "screen", "{explanation}");
    assert_eq!(explanation["items"][0]["key"], "term:tos", "{explanation}");
    assert_eq!(explanation["items"][0]["asked_because"], "new_service", "{explanation}");

    client::code(&mut server.proxied("hana"), "cafe", "openid", &[]).await;
    server.catch_up();
    let named = format!("{EXPLAIN}&scope=openid&service_terms=tos&channel_public_id=_none");
    let mut by_api = get(&server, &named).await.json();
    let options = ["--scope", "openid", "--terms", "tos", "--channels", "_none", "--json"];
    let (_, said) = explained(&server, &options);
    let mut by_command: Value = serde_json::from_str(&said).unwrap();
    for explanation in [&mut by_api, &mut by_command] {
        // A second may have passed.
        explanation.as_object_mut().unwrap().remove("at");
    }
    assert_eq!(by_api, by_command);
    assert_eq!(by_api["receipts"][0]["change"], "agree", "{by_api}");

    post(&server, &format!("{CAFE}/disable")).await;
    let problem = get(&server, EXPLAIN).await.is(409, "service_not_usable");
    assert_eq!(problem["detail"], "the service `cafe` is disabled");
    let path = "/admin/v1/explain?account=unknown&service=shop";
    get(&server, path).await.is(404, "account_not_found");
    let twice = format!("{EXPLAIN}&scope=openid&scope=email");
    for path in ["/admin/v1/explain", "/admin/v1/explain?account=hana", &twice] {
        get(&server, path).await.is(400, "malformed_request");
    }
    let without = call_as(&server.app, "another", ("GET", EXPLAIN), &[], "").await;
    assert_eq!(without.status, 401, "{}", without.text);
}
