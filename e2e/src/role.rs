//! Finding elements as people find them: by what they are and what they are called.

use hyper::Method;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use thirtyfour::common::command::ExtensionCommand;
use thirtyfour::error::WebDriverResult;
use thirtyfour::{WebDriver, WebElement};

/// What an element is, to assistive technology (WAI-ARIA).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Alert,
    Button,
    Checkbox,
    Combobox,
    Dialog,
    Group,
    Heading,
    Link,
    Radio,
    Region,
    Status,
    Textbox,
}

impl Role {
    /// Elements that can have the role. What they really have, the browser says.
    pub(crate) fn candidates(self) -> &'static str {
        match self {
            Self::Alert => "[role=alert]",
            Self::Button => "button, summary, input[type=submit], [role=button]",
            Self::Checkbox => "input[type=checkbox], [role=checkbox]",
            Self::Combobox => "select, [role=combobox]",
            Self::Dialog => "dialog, [role=dialog], [role=alertdialog]",
            Self::Group => "fieldset, details, [role=group]",
            Self::Heading => "h1, h2, h3, h4, h5, h6, [role=heading]",
            Self::Link => "a[href], [role=link]",
            Self::Radio => "input[type=radio], [role=radio]",
            Self::Region => "section, [role=region]",
            Self::Status => "output, [role=status]",
            Self::Textbox => "input, textarea, [role=textbox]",
        }
    }

    /// As browsers write it. Chromium calls a select that is closed a combobox, WebKit a button;
    /// Chromium calls `summary` a disclosure triangle.
    pub(crate) fn is(self, computed: &str) -> bool {
        let names: &[&str] = match self {
            Self::Alert => &["alert"],
            Self::Button => &["button", "DisclosureTriangle", "summary", ""],
            Self::Checkbox => &["checkbox"],
            Self::Combobox => &["combobox", "button"],
            Self::Dialog => &["dialog", "alertdialog"],
            Self::Group => &["group", "Details"],
            Self::Heading => &["heading"],
            Self::Link => &["link"],
            Self::Radio => &["radio"],
            Self::Region => &["region"],
            Self::Status => &["status"],
            Self::Textbox => &["textbox", "Date"],
        };
        names.contains(&computed)
    }

    /// As Chromium writes it.
    fn names_in_chromium(self) -> &'static [&'static str] {
        match self {
            Self::Alert => &["alert"],
            Self::Button => &["button", "DisclosureTriangle"],
            Self::Checkbox => &["checkbox"],
            Self::Combobox => &["combobox"],
            Self::Dialog => &["dialog", "alertdialog"],
            Self::Group => &["group", "Details"],
            Self::Heading => &["heading"],
            Self::Link => &["link"],
            Self::Radio => &["radio"],
            Self::Region => &["region"],
            Self::Status => &["status"],
            Self::Textbox => &["textbox", "Date"],
        }
    }
}

/// The names of all elements below `root` that have a role, by the backend node ids of Chromium. In
/// one command: for each that names an element, Chromium builds the accessibility tree again.
///
/// # Errors
/// When the element is gone.
pub(crate) async fn names_in_chromium(
    driver: &WebDriver,
    root: &WebElement,
    role: Role,
) -> WebDriverResult<HashMap<u64, String>> {
    // Chromium 156 crashes when it is asked about a node of a document that the page has left since. An
    // object of the page is gone with the document, and then the question is an error.
    let node = json!({ "backendNodeId": backend_node_id(root) });
    let resolved = driver.cdp().send_raw("DOM.resolveNode", node).await?;
    let mut names = HashMap::new();
    for computed in role.names_in_chromium() {
        let query = json!({ "objectId": resolved["object"]["objectId"], "role": computed });
        let found = driver.cdp().send_raw("Accessibility.queryAXTree", query).await?;
        for node in found["nodes"].as_array().into_iter().flatten() {
            let name = node["name"]["value"].as_str().unwrap_or_default();
            if let (Some(id), false) = (node["backendDOMNodeId"].as_u64(), node["ignored"] == true)
            {
                names.insert(id, single_spaced(name));
            }
        }
    }
    Ok(names)
}

/// The number that chromedriver's name of an element ends with: `f.8995.d.9CE8.e.19`.
pub(crate) fn backend_node_id(element: &WebElement) -> Option<u64> {
    element.element_id().to_string().rsplit_once(".e.")?.1.parse().ok()
}

fn single_spaced(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the browser computed for assistive technology: the W3C commands that the library lacks.
#[derive(Debug)]
struct Computed {
    element: String,
    what: &'static str,
}

impl ExtensionCommand for Computed {
    fn parameters_json(&self) -> Option<serde_json::Value> {
        None
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Arc<str> {
        format!("/element/{}/{}", self.element, self.what).into()
    }
}

/// The role that assistive technology gets.
///
/// # Errors
/// When the element is gone.
pub async fn role(element: &WebElement) -> WebDriverResult<String> {
    computed(element, "computedrole").await
}

/// The accessible name, with its white space collapsed.
///
/// # Errors
/// When the element is gone.
pub async fn name(element: &WebElement) -> WebDriverResult<String> {
    let name = computed(element, "computedlabel").await?;
    Ok(single_spaced(&name))
}

async fn computed(element: &WebElement, what: &'static str) -> WebDriverResult<String> {
    let command = Computed { element: element.element_id().to_string(), what };
    let answer = element.handle().cmd(command_of(command)).await?;
    answer.value()
}

fn command_of(command: Computed) -> thirtyfour::common::command::Command {
    thirtyfour::common::command::Command::ExtensionCommand(Box::new(command))
}
