//! Writes every page of the shop, in every state and language, as files to look at:
//! `cargo run -p consent-shop --example pages -- DIRECTORY`.

mod states;

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};
use consent_shop::assets;
use consent_shop::texts::Language;

fn main() -> Result<()> {
    let folder =
        PathBuf::from(env::args().nth(1).context("give the directory to write the pages to")?);
    fs::create_dir_all(folder.join("assets"))?;
    for name in assets::names() {
        let (_, bytes) = assets::find(name).context("an asset has no bytes")?;
        fs::write(folder.join("assets").join(name), bytes)?;
    }
    for language in Language::ALL {
        for (name, page) in states::all(language) {
            // As files, the pages find the assets beside themselves.
            let page = page.into_string().replace("\"/assets/", "\"assets/");
            fs::write(folder.join(format!("{name}-{}.html", language.tag())), page)?;
        }
    }
    println!("pages written to {}", folder.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key that has no text is shown as it is.
    #[test]
    fn no_page_shows_a_key_or_an_unfilled_placeholder() {
        let keys: std::collections::BTreeMap<String, String> =
            serde_json::from_str(include_str!("../../texts/ko.json")).unwrap();
        let groups: std::collections::BTreeSet<&str> =
            keys.keys().filter_map(|key| key.split('.').next()).collect();
        for language in Language::ALL {
            for (name, page) in states::all(language) {
                // The panel shows code, which holds keys.
                let html = page.into_string();
                let shown = html.split("<aside").next().unwrap();
                for text in shown.split('>').filter_map(|part| part.split('<').next()) {
                    let is_key = text.trim().split_once('.').is_some_and(|(group, rest)| {
                        groups.contains(group)
                            && rest.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                    });
                    assert!(!is_key, "{name}: {text}");
                    assert!(!text.contains('{'), "{name}: {text}");
                }
            }
        }
    }

    #[test]
    fn every_page_has_one_heading_and_its_landmarks_and_labels() {
        for language in Language::ALL {
            for (name, page) in states::all(language) {
                let html = page.into_string();
                assert_eq!(html.matches("<h1").count(), 1, "{name}");
                for landmark in ["<header", "<main", "<footer", "<aside", "<title>"] {
                    assert_eq!(html.matches(landmark).count(), 1, "{name}: {landmark}");
                }
                for input in html.split("<input ").skip(1) {
                    let tag = input.split('>').next().unwrap();
                    if tag.contains("type=\"hidden\"") {
                        continue;
                    }
                    let id =
                        tag.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
                    assert!(html.contains(&format!("for=\"{id}\"")), "{name}: {id} has no label");
                    for described in tag.split("aria-describedby=\"").skip(1) {
                        for id in described.split('"').next().unwrap().split(' ') {
                            assert!(html.contains(&format!("id=\"{id}\"")), "{name}: no {id}");
                        }
                    }
                }
                assert!(!html.contains("<script") && !html.contains(" style=\""), "{name}");
            }
        }
    }

    #[test]
    fn every_form_that_posts_has_the_csrf_token() {
        for (name, page) in states::all(Language::Ko) {
            let html = page.into_string();
            for form in html.split("<form").skip(1) {
                let form = form.split("</form>").next().unwrap();
                assert!(form.contains("method=\"post\""), "{name}");
                assert!(form.contains("name=\"csrf\" value=\"token\""), "{name}");
            }
        }
    }
}
