//! What the studio's folder needs on a host that only serves files: a policy in each page, and a page at
//! each address that a user may open.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// Leads to the studio's page, with the path in the query.
const DEEP_LINK: &str = "deep_link.html";

/// Hosts that know it answer with it where no file is: of drafts and fixtures that are gone.
const NOT_FOUND: &str = "404.html";

/// The views of a fixture beside the workbench, as the studio's router has them.
const VIEWS: [&str; 3] = ["matrix", "storyboard", "compare"];

/// The name of what is not in the gallery, as the studio has it.
const CUSTOM: &str = "own";

/// For the pages of the studio: their own files, and frames of their own. What a header would allow only,
/// `frame-ancestors` among it, cannot be in a page.
const APP: &str = "style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'none'; \
                   base-uri 'none'";

/// For a page that only leads on.
const NOTHING: &str = "img-src data:; form-action 'none'; base-uri 'none'";

/// Adds the policies to the pages that Trunk has staged.
///
/// # Errors
/// When a file cannot be read or written, or a page does not begin with its encoding.
pub fn add_policies(staging: &Path) -> Result<()> {
    let page = staging.join("index.html");
    let html = fs::read_to_string(&page)?;
    fs::write(&page, with_policy(&html, "'self' 'wasm-unsafe-eval' ", APP)?)?;
    let deep_link = staging.join(DEEP_LINK);
    if deep_link.exists() {
        let html = fs::read_to_string(&deep_link)?;
        fs::write(staging.join(NOT_FOUND), with_policy(&html, "", NOTHING)?)?;
        fs::remove_file(deep_link)?;
    }
    Ok(())
}

/// Copies the page that leads on to each address. The folder of the previews has no other address.
///
/// # Errors
/// When a file cannot be read or written.
pub fn add_addresses(staging: &Path) -> Result<()> {
    let missing = staging.join(NOT_FOUND);
    if missing.exists() {
        for path in paths() {
            let folder = staging.join("cases").join(path);
            fs::create_dir_all(&folder)?;
            fs::copy(&missing, folder.join("index.html"))?;
        }
    }
    Ok(())
}

/// The addresses below `cases/` that can be opened.
fn paths() -> impl Iterator<Item = String> {
    let names = consent_fixtures::all().map(|it| it.name.as_str()).chain([CUSTOM]);
    names.flat_map(|name| {
        let views = VIEWS.iter().map(move |view| format!("{name}/{view}"));
        [name.to_owned()].into_iter().chain(views)
    })
}

/// The page with a policy that allows its inline scripts, before all that the policy is about. A backend
/// sends a stricter one beside it.
///
/// # Errors
/// When the page does not begin with its encoding.
fn with_policy(html: &str, scripts: &str, others: &str) -> Result<String> {
    let encoding = html.find("<meta charset").context("a page without an encoding")?;
    let at = encoding + html[encoding..].find('>').context("an element without an end")? + 1;
    ensure!(!html[..at].contains("<script"), "a script before the policy");
    let digests = inline_scripts(html).map(|script| {
        format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script.as_bytes())))
    });
    let digests = digests.collect::<Vec<_>>().join(" ");
    Ok(format!(
        "{}<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src \
         {scripts}{digests}; {others}\">{}",
        &html[..at],
        &html[at..]
    ))
}

/// What is in the script elements of a page that have no file.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|element| {
        let (attributes, rest) = element.split_once('>')?;
        let (script, _) = rest.split_once("</script")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_a_policy_that_allows_its_own_inline_scripts() {
        let page = "<!DOCTYPE html><meta charset=utf-8><script src=a.js></script>\
                    <script type=module>b()</script>";
        // printf 'b()' | openssl dgst -sha256 -binary | base64
        let digest = "'sha256-cf242PFc/kb7xD0Qzhsmd9vvRkc+cWFmbi+k+YvtdKc='";
        assert_eq!(
            with_policy(page, "'self' ", NOTHING).expect("it begins with its encoding"),
            format!(
                "<!DOCTYPE html><meta charset=utf-8>\
                 <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
                 script-src 'self' {digest}; img-src data:; form-action 'none'; base-uri 'none'\">\
                 <script src=a.js></script><script type=module>b()</script>"
            )
        );
        for wrong in ["<p>no encoding", "<script>a()</script><meta charset=utf-8>"] {
            assert!(with_policy(wrong, "", NOTHING).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_address_has_a_page_that_leads_to_the_folder() {
        let staging = tempfile::tempdir().expect("a temporary directory");
        let write = |name: &str, html: &str| {
            fs::write(staging.path().join(name), html).expect("written");
        };
        write("index.html", "<meta charset=utf-8><script>start()</script>");
        write(DEEP_LINK, "<meta charset=utf-8><script>lead()</script>");
        add_policies(staging.path()).expect("policies");
        add_addresses(staging.path()).expect("addresses");
        let read = |name: &str| fs::read_to_string(staging.path().join(name)).expect(name);
        assert!(read("index.html").contains("'wasm-unsafe-eval'"));
        let missing = read(NOT_FOUND);
        assert!(missing.contains("lead()") && missing.contains("script-src 'sha256-"));
        for path in ["sign-up", "sign-up/matrix", "sign-up/storyboard", "own/compare", "own"] {
            assert_eq!(read(&format!("cases/{path}/index.html")), missing, "{path}");
        }
        assert!(!staging.path().join(DEEP_LINK).exists(), "it is no page of its own");
    }
}
