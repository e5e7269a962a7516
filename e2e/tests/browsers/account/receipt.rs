//! A receipt that a user downloads verifies where neither the backend nor its database is.

use anyhow::{Context, Result, ensure};
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::env;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::sign_up;

/// Runs `consent-backend receipts verify` with the published keys.
fn verify(file: &Path, keys: &Path) -> Result<Output> {
    let program = env::var_os("CONSENT_BACKEND").context("CONSENT_BACKEND is not set")?;
    let arguments = ["receipts".as_ref(), "verify".as_ref(), file, "--jwks".as_ref(), keys];
    Ok(Command::new(program).args(arguments).output()?)
}

/// Downloads a file as the browser would: with its cookies. The page itself may fetch nothing. Returns
/// the file's `Content-Disposition` and its text.
async fn download(app: &TestApp, url: &str) -> Result<(String, String)> {
    let cookies = app.browser.driver.get_all_cookies().await?;
    let cookies: Vec<_> = cookies.iter().map(|it| format!("{}={}", it.name, it.value)).collect();
    let request = Request::get(url).header("cookie", cookies.join("; "));
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let response = client.request(request.body(Empty::new())?).await?;
    ensure!(response.status().is_success(), "{url}: {}", response.status());
    let disposition = response.headers().get("content-disposition");
    let disposition = disposition.map(|it| it.to_str().map(str::to_owned)).transpose()?;
    let body = response.into_body().collect().await?.to_bytes();
    Ok((disposition.unwrap_or_default(), String::from_utf8(body.to_vec())?))
}

#[tokio::test]
async fn a_downloaded_receipt_verifies_offline() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        sign_up(browser).await?;
        browser.press(Role::Link, "동의 내역 확인 및 철회").await?;
        browser.press(Role::Link, "한옥마켓 동의 관리").await?;
        browser.press(Role::Link, "이용약관 기록 보기").await?;
        let link = browser.find(Role::Link, "파일로 내려받기").await?;
        let url = link.prop("href").await?.context("a link that leads nowhere")?;

        // Receipts are sealed every 10 seconds.
        let deadline = Instant::now() + Duration::from_secs(40);
        let receipt = loop {
            let (disposition, text) = download(&app, &url).await?;
            ensure!(disposition.starts_with("attachment"), "{disposition}");
            let copy: Value = serde_json::from_str(&text).with_context(|| text.clone())?;
            if !copy["checkpoint"].is_null() && !copy["receipts"][0]["leaf"].is_null() {
                break text;
            }
            ensure!(Instant::now() < deadline, "it is not sealed: {text}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        let (_, keys) =
            download(&app, &format!("{}/.well-known/jwks.json", app.proxy.origin())).await?;

        let folder = tempfile::tempdir()?;
        let (file, jwks) = (folder.path().join("receipt.json"), folder.path().join("jwks.json"));
        std::fs::write(&file, &receipt)?;
        std::fs::write(&jwks, keys)?;
        app.stop().await?;
        let good = verify(&file, &jwks)?;
        ensure!(good.status.success(), "{good:?}");

        // One letter of a text that was shown.
        std::fs::write(&file, receipt.replacen("제1조", "제2조", 1))?;
        let bad = verify(&file, &jwks)?;
        assert_eq!(bad.status.code(), Some(1), "{bad:?}");
        ensure!(String::from_utf8_lossy(&bad.stdout).contains("FAULT"), "{bad:?}");
        Ok(())
    })
    .await
}
