//! What the built page says about itself: which scripts and styles stand in it, and which style
//! sheets it links to.

use std::path::Path;

use consent_contract::redirect;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use crate::crypto;

/// What has to be known of `index.html`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BuiltPage {
    /// For the policy.
    pub script_digests: Vec<String>,
    /// For the policy.
    pub style_digests: Vec<String>,
    /// Own paths, in their order.
    pub style_sheets: Vec<String>,
}

impl BuiltPage {
    /// Reads the page.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(index: &Path) -> std::io::Result<Self> {
        Ok(Self::of(&std::fs::read_to_string(index)?))
    }

    fn of(html: &str) -> Self {
        let mut page = Self::default();
        // Otherwise what stands in a script would be taken for tags.
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut inside: Option<Vec<u8>> = None;
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => match &tag.name.0[..] {
                    b"script" if attribute(&tag, "src").is_none() => inside = Some(Vec::new()),
                    b"style" => inside = Some(Vec::new()),
                    b"link" if attribute(&tag, "rel") == Some("stylesheet") => {
                        let own = attribute(&tag, "href").filter(|it| redirect::is_own_path(it));
                        page.style_sheets.extend(own.map(str::to_owned));
                    }
                    _ => {}
                },
                Token::String(text) => {
                    if let Some(content) = &mut inside {
                        content.extend_from_slice(&text.value.0);
                    }
                }
                Token::EndTag(tag) => {
                    let digests = match &tag.name.0[..] {
                        b"script" => &mut page.script_digests,
                        b"style" => &mut page.style_digests,
                        _ => continue,
                    };
                    digests.extend(inside.take().map(|content| crypto::sri(&content)));
                }
                _ => {}
            }
        }
        page
    }
}

fn attribute<'a>(tag: &'a StartTag<()>, name: &str) -> Option<&'a str> {
    let (_, value) = tag.attributes.iter().find(|(key, _)| key.0 == name.as_bytes())?;
    std::str::from_utf8(&value.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_browsers_do_minified_or_not() {
        let plain = "<html><link rel=\"stylesheet\" href=\"/a.css\"/>\
                     <link href=/b.css rel=stylesheet><link rel=icon href=/i.svg>\
                     <link rel=stylesheet href=https://cdn.example/x.css>\
                     <script src=/boot.js></script><script type=module>if (a<b) c('<style>');</script>\
                     <style>a{}</style><p>text</p><SCRIPT>\n</SCRIPT>";
        assert_eq!(
            BuiltPage::of(plain),
            BuiltPage {
                script_digests: vec![crypto::sri(b"if (a<b) c('<style>');"), crypto::sri(b"\n"),],
                style_digests: vec![crypto::sri(b"a{}")],
                style_sheets: vec!["/a.css".into(), "/b.css".into()],
            }
        );
    }
}
