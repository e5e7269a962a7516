//! `consent-backend explain` of a managed service.

use std::fs;

use serde_json::{Value, json};

use super::{CAFE, cafe, created, file, post, server};
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
