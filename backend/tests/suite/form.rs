//! A server-rendered page in a browser without scripts.

use scraper::{Element, Html, Selector};
use url::form_urlencoded;

use crate::browser::{Answer, Browser};

/// A server-rendered page.
pub struct RenderedPage {
    pub answer: Answer,
    pub html: Html,
}

/// The form on it, as it is filled in.
#[derive(Clone)]
pub struct Form {
    action: String,
    controls: Vec<Control>,
}

#[derive(Clone)]
struct Control {
    name: String,
    value: String,
    is_box: bool,
    on: bool,
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}

impl RenderedPage {
    pub fn of(answer: Answer) -> Self {
        let html = Html::parse_document(answer.text());
        Self { answer, html }
    }

    /// The texts of what the selector finds, spaces joined.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let words = |element: scraper::ElementRef<'_>| {
            let text: String = element.text().collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        self.html.select(&selector(css)).map(words).collect()
    }

    pub fn count(&self, css: &str) -> usize {
        self.html.select(&selector(css)).count()
    }

    #[track_caller]
    pub fn attribute(&self, css: &str, name: &str) -> String {
        let found = self.html.select(&selector(css)).next();
        let found = found.unwrap_or_else(|| panic!("no {css} in {}", self.answer.text()));
        found.attr(name).unwrap_or_else(|| panic!("{css} has no {name}")).to_owned()
    }

    /// An attribute of everything that the selector finds, where it is there.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let found = selector(css);
        let values = self.html.select(&found).filter_map(|it| it.attr(name));
        values.map(str::to_owned).collect()
    }

    /// The form with this id, or the only one, with what stands in it.
    #[track_caller]
    pub fn form(&self, css: &str) -> Form {
        let form = self.html.select(&selector(css)).next();
        let form = form.unwrap_or_else(|| panic!("no {css} in {}", self.answer.text()));
        assert_eq!(form.attr("method"), Some("post"));
        let mut controls = Vec::new();
        for control in self.html.select(&selector("input, select")) {
            let owner = control.attr("form").map(|id| Some(id) == form.attr("id"));
            let inside = std::iter::successors(Some(control), |it| it.parent_element());
            let is_ours = owner.unwrap_or_else(|| inside.into_iter().any(|it| it == form));
            let Some(name) = control.attr("name").filter(|_| is_ours) else { continue };
            let is_box = control.attr("type") == Some("checkbox");
            let chosen = control.select(&selector("option[selected]")).next();
            let value = chosen.unwrap_or(control).attr("value").unwrap_or("on");
            controls.push(Control {
                name: name.to_owned(),
                value: value.to_owned(),
                is_box,
                on: !is_box || control.attr("checked").is_some(),
            });
        }
        Form { action: form.attr("action").unwrap().to_owned(), controls }
    }
}

impl Form {
    /// What is ticked.
    pub fn ticked(&self) -> Vec<&str> {
        let ticked = self.controls.iter().filter(|it| it.is_box && it.on);
        ticked.map(|it| it.value.as_str()).collect()
    }

    /// Every box there is, but agree-all.
    pub fn boxes(&self) -> Vec<&str> {
        let boxes = self.controls.iter().filter(|it| it.is_box && it.name == "agree");
        boxes.map(|it| it.value.as_str()).collect()
    }

    pub fn value(&self, name: &str) -> Vec<&str> {
        self.controls.iter().filter(|it| it.name == name).map(|it| it.value.as_str()).collect()
    }

    #[track_caller]
    pub fn tick(mut self, value: &str) -> Self {
        let found = self.controls.iter_mut().find(|it| it.is_box && it.value == value);
        found.unwrap_or_else(|| panic!("no box {value}")).on = true;
        self
    }

    #[track_caller]
    pub fn untick(mut self, value: &str) -> Self {
        let found = self.controls.iter_mut().find(|it| it.is_box && it.value == value);
        found.unwrap_or_else(|| panic!("no box {value}")).on = false;
        self
    }

    #[track_caller]
    pub fn agree_all(mut self) -> Self {
        self.controls.iter_mut().find(|it| it.name == "agree_all").expect("agree-all").on = true;
        self
    }

    #[track_caller]
    pub fn write(mut self, name: &str, value: &str) -> Self {
        let found = self.controls.iter_mut().find(|it| it.name == name);
        value.clone_into(&mut found.unwrap_or_else(|| panic!("no field {name}")).value);
        self
    }

    /// Another value where this one is, as after a change on the other side.
    #[track_caller]
    pub fn change(&mut self, from: &str, to: &str) {
        let found = self.controls.iter_mut().find(|it| it.value == from);
        to.clone_into(&mut found.unwrap_or_else(|| panic!("no {from}")).value);
    }

    /// Presses a button of the form and follows nothing.
    pub async fn press(&self, browser: &mut Browser, decision: &str) -> Answer {
        let mut form = self.clone();
        form.controls.push(Control {
            name: "decision".to_owned(),
            value: decision.to_owned(),
            is_box: false,
            on: true,
        });
        form.send(browser).await
    }

    /// Presses a button that has nothing to say itself.
    pub async fn send(&self, browser: &mut Browser) -> Answer {
        let sent = self.controls.iter().filter(|it| it.on);
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(sent.map(|it| (&it.name, &it.value)))
            .finish();
        browser.post(&self.action, "application/x-www-form-urlencoded", body).await
    }

    /// The same, where a page comes back.
    pub async fn shown(&self, browser: &mut Browser, decision: &str) -> RenderedPage {
        RenderedPage::of(self.press(browser, decision).await)
    }
}
