//! The API is described as it is.

use consent_backend::api_doc;
use serde_json::Value;

use crate::browser::Server;

#[test]
fn docs_api_md_is_not_stale() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/API.md");
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        written == api_doc::markdown(),
        "docs/API.md is stale: cargo run -p consent-backend -- api-doc > docs/API.md"
    );
}

#[tokio::test]
async fn the_openapi_document_is_served_and_whole() {
    let server = Server::demo().await;
    let api: Value = server.browser().get("/api/v1/openapi.json").await.json();
    assert_eq!(api, serde_json::from_str::<Value>(&api_doc::json()).unwrap());
    // Every reference leads somewhere.
    let text = api.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(api["components"]["schemas"][name].is_object(), "{name}");
    }
}
