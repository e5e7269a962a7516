//! Finding elements as people find them: by what they are and what they are called.

use hyper::Method;
use std::sync::Arc;
use thirtyfour::WebElement;
use thirtyfour::common::command::ExtensionCommand;
use thirtyfour::error::WebDriverResult;

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

/// The role that assistive technology is told.
///
/// # Errors
/// When the element is gone.
pub async fn role(element: &WebElement) -> WebDriverResult<String> {
    computed(element, "computedrole").await
}

/// The name that assistive technology is told, its white space made single.
///
/// # Errors
/// When the element is gone.
pub async fn name(element: &WebElement) -> WebDriverResult<String> {
    let name = computed(element, "computedlabel").await?;
    Ok(name.split_whitespace().collect::<Vec<_>>().join(" "))
}

async fn computed(element: &WebElement, what: &'static str) -> WebDriverResult<String> {
    let command = Computed { element: element.element_id().to_string(), what };
    let answer = element.handle().cmd(command_of(command)).await?;
    answer.value()
}

fn command_of(command: Computed) -> thirtyfour::common::command::Command {
    thirtyfour::common::command::Command::ExtensionCommand(Box::new(command))
}
