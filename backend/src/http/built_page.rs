//! The built `index.html`: its inline scripts and styles, the style sheets it links to, and the
//! element that takes server-rendered HTML.

use std::{cell::RefCell, sync::Arc};

use consent_contract::{locale::offered, redirect};
use consent_screen::ssr::RenderedPage;
use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str, text};

use crate::{
    BuiltFiles,
    config::{Look, Service},
    crypto,
};

/// The element that takes server-rendered HTML. A page without one is served as built.
const SSR_OUTLET: &str = "[data-ssr-outlet]";

/// What is loaded ahead.
const AHEAD: &str = "link[rel=preload], link[rel=modulepreload]";

/// `index.html`, and what has to be known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuiltPage {
    html: String,
    /// For the policy.
    pub script_digests: Vec<String>,
    /// For the policy.
    pub style_digests: Vec<String>,
    /// What stands in its style elements, for other pages that look like it.
    pub styles: Vec<String>,
    /// Own paths, in their order.
    pub style_sheets: Vec<String>,
    /// The app's files, which the page loads ahead: own paths.
    pub app_files: Vec<String>,
    /// Contents of the style sheets that a rendered page inlines: one request less before it is
    /// visible.
    inlined: Vec<(String, String)>,
    /// The look of the service that a rendered page is about.
    look: Option<Arc<Look>>,
    /// Whether it has an element for server-rendered HTML.
    pub has_ssr_outlet: bool,
}

/// Why files are no built screen; `None` when they are.
#[must_use]
pub fn lacks_a_screen(dist: &BuiltFiles) -> Option<&'static str> {
    match BuiltPage::read(dist) {
        Err(_) => Some("there is no index.html that can be read"),
        Ok(page) if !page.is_the_screen() => Some("its index.html is not the consent screen's"),
        Ok(_) => None,
    }
}

impl BuiltPage {
    /// Its name in the directory of a build.
    pub const FILE: &'static str = "index.html";

    /// Reads the page from the files of the built screen. Its style sheets stay links: see
    /// [`Self::sheets_to_inline`].
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(dist: &BuiltFiles) -> std::io::Result<Self> {
        let built = dist.read_to_string(Self::FILE)?;
        Ok(Self::of(with_languages(built, offered())))
    }

    /// Paths of the style sheets that a rendered page inlines.
    #[must_use]
    pub fn sheets_to_inline(&self) -> Vec<String> {
        if self.has_ssr_outlet { self.style_sheets.clone() } else { Vec::new() }
    }

    /// Inlines a style sheet into rendered pages. A missing one, or one whose references are
    /// relative to its own path, stays a link.
    pub fn inline(&mut self, path: String, files: &BuiltFiles) {
        let bound = ["</style", "url(", "@import"];
        if let Ok(css) = files.read_to_string(relative(&path))
            && !bound.iter().any(|it| css.to_ascii_lowercase().contains(it))
        {
            self.take_in(path, css);
        }
    }

    fn take_in(&mut self, path: String, css: String) {
        self.style_digests.push(crypto::sri(css.as_bytes()));
        self.inlined.push((path, css));
    }

    fn of(html: String) -> Self {
        let digest = |contents: &[String]| -> Vec<String> {
            contents.iter().map(|text| crypto::sri(text.as_bytes())).collect()
        };
        let scripts = RefCell::new(Contents::default());
        let styles = RefCell::new(Contents::default());
        let mut style_sheets = Vec::new();
        let mut app_files = Vec::new();
        let mut has_ssr_outlet = false;
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(text!(
                "script:not([src], [type='application/json'])",
                |text| {
                    scripts.borrow_mut().add(text.as_str(), text.last_in_text_node());
                    Ok(())
                }
            ))
            .append_element_content_handler(text!("style", |text| {
                styles.borrow_mut().add(text.as_str(), text.last_in_text_node());
                Ok(())
            }))
            .append_element_content_handler(element!("link[rel=stylesheet][href]", |link| {
                let own = link.get_attribute("href").filter(|path| redirect::is_own_path(path));
                style_sheets.extend(own);
                Ok(())
            }))
            .append_element_content_handler(element!(AHEAD, |link| {
                let own = link.get_attribute("href").filter(|path| redirect::is_own_path(path));
                app_files.extend(own);
                Ok(())
            }))
            .append_element_content_handler(element!(SSR_OUTLET, |_| {
                has_ssr_outlet = true;
                Ok(())
            }));
        // Reading only: what comes out is what went in.
        let is_read = rewrite_str(&html, settings).is_ok();
        let styles = styles.into_inner().whole;
        Self {
            html,
            script_digests: digest(&scripts.into_inner().whole),
            style_digests: digest(&styles),
            styles,
            style_sheets,
            app_files,
            inlined: Vec::new(),
            look: None,
            // A page that cannot be parsed cannot be rendered into.
            has_ssr_outlet: has_ssr_outlet && is_read,
        }
    }

    /// Whether it is the screen's page: it has a place for server-rendered HTML, or runs the screen's files.
    fn is_the_screen(&self) -> bool {
        self.has_ssr_outlet || self.html.contains("/consent-screen-")
    }

    /// The page for a service: with its look, where it has one.
    #[must_use]
    pub fn for_service(self: Arc<Self>, service: Option<&Service>) -> Arc<Self> {
        let Some(look) = service.and_then(|it| it.look.clone()) else { return self };
        let mut page = Self::clone(&self);
        page.style_digests.push(look.digest.clone());
        page.look = Some(look);
        Arc::new(page)
    }

    /// Whether the page loads fonts of this origin.
    #[must_use]
    pub fn has_fonts(&self) -> bool {
        self.look.as_ref().is_some_and(|look| look.font.is_some())
    }

    /// The page as it was built.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The page with server-rendered HTML in its outlet and its style sheets inlined, so that one
    /// request makes it visible. With the answer that was rendered, the scripts of the page replace
    /// it by the app; without one the page holds no script but that of the rendered HTML.
    #[must_use]
    pub fn with_rendered(&self, rendered: &RenderedPage, answer: Option<&str>) -> String {
        let mut body = rendered.body.clone();
        if !rendered.style.is_empty() {
            body += &format!("<style>{}</style>", rendered.style);
        }
        if !rendered.script.is_empty() {
            body += &format!("<script type=\"module\">{}</script>", rendered.script);
        }
        if let Some(answer) = answer {
            // Inert: no browser runs a script of this type. A `<` could end it.
            let json = answer.replace('<', "\\u003c");
            body += &format!("<script type=\"application/json\" id=\"request\">{json}</script>");
        }
        let look = self.look.as_ref().map(|look| format!("<style>{}</style>", look.css));
        let look = look.unwrap_or_default();
        let mut settings = RewriteStrSettings::new()
            .append_element_content_handler(element!("html", |html| {
                html.set_attribute("lang", rendered.language)?;
                if rendered.direction != "ltr" {
                    html.set_attribute("dir", rendered.direction)?;
                }
                Ok(())
            }))
            .append_element_content_handler(element!("title", |title| {
                title.set_inner_content(&rendered.title, ContentType::Text);
                if self.style_sheets.is_empty() {
                    title.after(&look, ContentType::Html);
                }
                Ok(())
            }))
            .append_element_content_handler(element!(SSR_OUTLET, |outlet| {
                outlet.set_inner_content(&body, ContentType::Html);
                outlet.remove_attribute("data-ssr-outlet");
                // The style sheet selects by it: a server-rendered page needs no script.
                Ok(outlet.set_attribute("data-server-rendered", "")?)
            }));
        settings = settings.append_element_content_handler(element!(
            "link[rel=stylesheet][href]",
            |link| {
                let path = link.get_attribute("href").unwrap_or_default();
                // After every other sheet: outside of the layers the last one wins.
                let look = if Some(&path) == self.style_sheets.last() { &*look } else { "" };
                if let Some((_, css)) = self.inlined.iter().find(|(inlined, _)| *inlined == path) {
                    link.replace(&format!("<style>{css}</style>{look}"), ContentType::Html);
                } else {
                    // Here nothing waits for the script that would put it on.
                    link.remove_attribute("media");
                    link.after(look, ContentType::Html);
                }
                Ok(())
            }
        ));
        // The user does not wait for the app here: visible content is downloaded first.
        let needless = match answer {
            Some(_) => AHEAD,
            None => "script, link[rel=preload], link[rel=modulepreload], #app, #cannot-start",
        };
        settings = settings.append_element_content_handler(element!(needless, |element| {
            element.remove();
            Ok(())
        }));
        // It was read before; should it fail now, the page as it was built works, too.
        rewrite_str(&self.html, settings).unwrap_or_else(|_| self.html.clone())
    }
}

/// An own path as a file's name.
#[must_use]
pub fn relative(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// The page with this list of languages. The app has no other one.
fn with_languages(html: String, languages: &str) -> String {
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("meta[name=languages]", |list| Ok(
            list.set_attribute("content", languages)?
        )));
    rewrite_str(&html, settings).unwrap_or(html)
}

/// What stands in elements of one kind. It arrives in pieces.
#[derive(Default)]
struct Contents {
    text: String,
    whole: Vec<String>,
}

impl Contents {
    fn add(&mut self, piece: &str, is_last: bool) {
        self.text.push_str(piece);
        if is_last {
            self.whole.push(std::mem::take(&mut self.text));
        }
    }
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
            BuiltPage::of(plain.to_owned()),
            BuiltPage {
                html: plain.to_owned(),
                script_digests: vec![crypto::sri(b"if (a<b) c('<style>');"), crypto::sri(b"\n"),],
                style_digests: vec![crypto::sri(b"a{}")],
                styles: vec!["a{}".into()],
                style_sheets: vec!["/a.css".into(), "/b.css".into()],
                app_files: vec![],
                inlined: vec![],
                look: None,
                has_ssr_outlet: false,
            }
        );
    }

    #[test]
    fn the_list_of_languages_is_the_server_s() {
        let built = "<meta content=ko=한국어 name=languages><p>x</p>";
        let page = with_languages(built.to_owned(), "ko=한국어;x=\"><script>");
        assert_eq!(page, "<meta content=\"ko=한국어;x=&quot;><script>\" name=languages><p>x</p>");
        assert_eq!(with_languages("<p>x</p>".to_owned(), ""), "<p>x</p>");
    }

    #[test]
    fn rendered_html_fills_the_outlet_and_cannot_leave_it() {
        let mut page = BuiltPage::of(
            "<!DOCTYPE html><html lang=ko><title>x</title><link rel=modulepreload href=/a.js>\
             <link rel=stylesheet href=/a.css><link media=print rel=stylesheet href=/b.css>\
             <script type=module>run()</script><div id=app></div>\
             <div data-ssr-outlet id=shell><p>skeleton</p></div><div id=cannot-start></div></html>"
                .to_owned(),
        );
        assert!(page.has_ssr_outlet);
        page.take_in("/a.css".into(), "a>b{}".into());
        assert_eq!(page.style_digests, [crypto::sri(b"a>b{}")]);
        let rendered = RenderedPage {
            language: "ar",
            direction: "rtl",
            title: "</title><script>".into(),
            body: "<main>rendered</main>".into(),
            style: "",
            script: "",
        };
        assert_eq!(
            page.with_rendered(&rendered, Some("{\"name\":\"</script><script>alert(1)\"}")),
            "<!DOCTYPE html><html lang=\"ar\" dir=\"rtl\"><title>&lt;/title&gt;&lt;script&gt;</title>\
             <style>a>b{}</style><link rel=stylesheet href=/b.css>\
             <script type=module>run()</script><div id=app></div><div id=shell data-server-rendered=\"\"><main>rendered</main>\
             <script type=\"application/json\" id=\"request\">\
             {\"name\":\"\\u003c/script>\\u003cscript>alert(1)\"}</script></div>\
             <div id=cannot-start></div></html>"
        );
        assert_eq!(
            page.with_rendered(&rendered, None),
            "<!DOCTYPE html><html lang=\"ar\" dir=\"rtl\"><title>&lt;/title&gt;&lt;script&gt;</title>\
             <style>a>b{}</style><link rel=stylesheet href=/b.css>\
             <div id=shell data-server-rendered=\"\"><main>rendered</main></div></html>"
        );
    }
}
