//! A page as a tree, wherever it was parsed.

use std::collections::BTreeMap;

/// An element or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Text(String),
    Element(Element),
}

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// In lower case.
    pub tag: String,
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Node>,
}

impl Element {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map(String::as_str).unwrap_or_default()
    }

    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.attribute("class").split_whitespace()
    }

    /// The value of a property of its inline style, in lower case.
    pub fn style(&self, name: &str) -> Option<String> {
        let declarations = self.attribute("style").split(';');
        let declared = declarations.filter_map(|it| it.split_once(':'));
        let mut of_name = declared.filter(|(it, _)| it.trim().eq_ignore_ascii_case(name));
        of_name.next_back().map(|(_, value)| value.trim().to_lowercase())
    }

    /// A number in an attribute.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.attribute(name).trim().parse().ok()
    }

    /// The elements in it, without those below them.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|it| match it {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Every element in it, in the order of the page.
    pub fn all(&self) -> Vec<&Self> {
        self.elements().flat_map(|it| std::iter::once(it).chain(it.all())).collect()
    }

    /// Everything that is written in it.
    pub fn text(&self) -> String {
        let texts = self.children.iter().map(|it| match it {
            Node::Text(text) => text.clone(),
            Node::Element(element) => element.text(),
        });
        texts.collect()
    }

    /// Whether it is not shown: hidden, deleted, a comment of a reviewer, or no text at all.
    pub fn is_hidden(&self) -> bool {
        const WITHOUT_TEXT: [&str; 19] = [
            "script", "style", "title", "meta", "link", "xml", "template", "noscript", "iframe",
            "object", "svg", "math", "select", "textarea", "button", "del", "audio", "video",
            "canvas",
        ];
        // Word has shapes in a namespace of their own.
        WITHOUT_TEXT.contains(&&*self.tag)
            || self.tag.starts_with("v:")
            || self.style("display").as_deref() == Some("none")
            || self.style("mso-hide").as_deref() == Some("all")
            || self.style("mso-element").is_some_and(|it| it.starts_with("comment"))
            || self.classes().any(|it| it.eq_ignore_ascii_case("MsoCommentReference"))
    }
}
