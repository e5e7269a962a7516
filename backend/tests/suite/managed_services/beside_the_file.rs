//! Managed services beside a services.toml that changes.

use std::fs;

use consent_backend::{App, Services, StartError};
use serde_json::json;

use super::{CAFE, authorize, cafe, created, file, get, server};
use crate::{
    browser::{Server, settings},
    client,
};

/// The file with a service that has this client id.
fn with_service(client_id: &str) -> String {
    let service = crate::shop::SHOP.replace("\"shop\"", &format!("\"{client_id}\""));
    format!("{}\n{}", service.replace("가게", "분식집"), file())
}

fn write(server: &Server, toml: &str) {
    fs::write(server.folder.path().join("services.toml"), toml).unwrap();
}

/// What `--check` and a start of another server print.
async fn refused_elsewhere(server: &Server) -> [String; 2] {
    let folder = server.folder.path();
    let settings = || {
        let mut settings = settings(folder, Services::File(folder.join("services.toml")));
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        settings
    };
    let checked = App::check(&settings()).await.map(|_| ());
    let opened = match App::open(settings()).await {
        Ok(app) => {
            app.close().await;
            Ok(())
        }
        Err(error) => Err(error),
    };
    [checked, opened].map(|it| it.err().map(|error| error.to_string()).unwrap_or_default())
}

#[tokio::test]
async fn a_file_that_claims_the_id_of_a_managed_service_is_refused() {
    let server = server().await;
    created(&server, &cafe()).await;
    write(&server, &with_service("cafe"));
    let refused = server.app.reload().await.unwrap_err();
    assert!(matches!(refused, StartError::Configuration(_)), "{refused}");
    let expected = ": the admin API has made a service `cafe`, too";
    for text in [vec![refused.to_string()], refused_elsewhere(&server).await.to_vec()].concat() {
        assert!(text.contains(expected), "{text}");
    }
    // What was there goes on, and another file is taken.
    let mut hana = server.proxied("hana");
    hana.authorize(&authorize()).await.challenge();
    write(&server, &with_service("noodles"));
    server.app.reload().await.unwrap();
    hana.authorize(&authorize()).await.challenge();
    assert_eq!(refused_elsewhere(&server).await, ["", ""]);
}

#[tokio::test]
async fn a_file_without_what_a_managed_service_needs_is_refused() {
    let server = server().await;
    let mut service = cafe();
    service["mode"] = json!("test");
    service["test_members"] = json!(["duri"]);
    created(&server, &service).await;
    let without = file().replace("id = \"duri\"", "id = \"nari\"");
    write(&server, &without);
    let refused = server.app.reload().await.unwrap_err().to_string();
    let expected = "the service `cafe` of the admin API does not fit this file: /test_members/0: \
                    there is no account `duri`";
    assert!(refused.contains(expected), "{refused}");
    let [checked, started] = refused_elsewhere(&server).await;
    assert!(checked.contains(expected), "{checked}");
    assert_eq!(started, "", "a start leaves it out, so that the API can fix it");

    let folder = server.folder.path();
    let mut settings = settings(folder, Services::File(folder.join("services.toml")));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let clock = settings.clock.clone();
    let app = App::open(settings).await.unwrap();
    let left_out =
        app.warnings().iter().any(|it| it.to_string().contains("`cafe` of the admin API"));
    assert!(left_out, "{:?}", app.warnings());
    let other = Server::of(app, clock, tempfile::TempDir::new().unwrap());
    assert_eq!(other.proxied("hana").authorize(&authorize()).await.status, 400);
    let read = get(&other, CAFE).await;
    assert_eq!(read.json()["findings"][0]["at"], "/test_members/0", "{}", read.text);
    let etag = read.header("etag");
    let fixed = super::patch(&other, &etag, &json!({ "test_members": ["hana"] })).await;
    assert_eq!(fixed.status, 200, "{}", fixed.text);
    other.proxied("hana").authorize(&authorize()).await.challenge();
}

#[tokio::test]
async fn managed_services_outlive_a_reload_and_a_restart() {
    let server = server().await;
    created(&server, &cafe()).await;
    let mut hana = server.proxied("hana");
    write(&server, &file().replace("verified = true", ""));
    server.app.reload().await.unwrap();
    let tokens = client::tokens(&server, &mut hana, "cafe", "openid", &[]).await;
    assert!(tokens["access_token"].is_string());
    assert_eq!(refused_elsewhere(&server).await, ["", ""]);
}

/// A service of the file becomes a managed one with its members, terms and secret.
#[tokio::test]
async fn a_service_can_be_moved_out_of_the_file() {
    let server = server().await;
    let mut hana = server.proxied("hana");
    client::tokens(&server, &mut hana, "maps", "openid", &[]).await;
    let toml = file();
    let start = toml.find("[[service]]\nclient_id = \"maps\"").unwrap();
    let end = toml.find("\n[sign_in]").unwrap();
    write(&server, &format!("{}{}", &toml[..start], &toml[end..]));
    server.app.reload().await.unwrap();
    let mut moved = cafe();
    moved["client_id"] = json!("maps");
    moved["redirect_uris"] = json!(["https://maps.example/callback"]);
    moved.as_object_mut().unwrap().remove("client_secret");
    let changed = super::create(&server, &moved).await;
    changed.refuses("/terms/0/version", "needs a new version");
    moved["terms"][0]["version"] = json!("2");
    moved["terms"][0].as_object_mut().unwrap().remove("ask_again");
    created(&server, &moved).await;
    let again = client::request("maps", "https://maps.example/callback", "openid");
    let answer = hana.authorize(&again).await;
    assert!(answer.status == 303, "a member of before: {}", answer.text());
}
