//! Every state of the consent screen as a named case: what is asked, and at which moment of it.
//!
//! A case is a data file (`studio/cases/*.json`). The studio shows them, the component tests mount
//! them, the accessibility tests visit them, and the pictures are taken of them: who adds a file
//! adds it everywhere. No I/O and no browser: the files are compiled in.

mod gallery;
mod read;
mod speak;

use std::collections::BTreeMap;

use consent_contract::{
    document::Block,
    problem::Problem,
    request::{Account, ConsentRequest, Service},
};
use consent_lint::{Finding, lint};
use serde::{Deserialize, Serialize};

pub use gallery::{Group, Named, all, groups, named};
pub use read::Fault;
pub use speak::{Speech, pseudo};

/// One state of the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "read::File", into = "read::File")]
pub struct Case {
    /// In English, as in a gallery.
    pub title: String,
    /// What to look at, in a sentence.
    pub about: String,
    pub screen: Screen,
}

/// Which page, and with what on it.
#[derive(Debug, Clone, PartialEq)]
pub enum Screen {
    Consent(Box<Consent>),
    /// Nothing has arrived yet. `slow`: for long enough to be spoken of.
    Loading {
        slow: bool,
    },
    /// Nothing can be asked, and the backend said why.
    Problem(Box<Problem>),
    /// Nothing can be asked, and the screen itself knows why.
    Stopped(Why),
    AutoLogin(Box<AutoLogin>),
}

/// A request, and what is happening to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Consent {
    pub moment: Moment,
    pub request: ConsentRequest,
    /// The full texts by the tag of their term. A term without one cannot be read.
    pub documents: BTreeMap<String, Vec<Block>>,
}

/// A moment of a person's way through the form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Nothing was answered yet.
    #[default]
    Asking,
    /// Everything that is required is ticked.
    Filled,
    /// Agree was pressed, and something is in the way.
    SomethingMissing,
    /// The first term's text is open, on its way, or could not be read.
    TextOpen,
    TextLoading,
    TextFailed,
    /// The decision is on its way.
    Submitting,
    /// It waits to be sent again: no connection, no answer, too busy, not our backend.
    Offline,
    Silent,
    Busy,
    Trouble,
    /// It could not be sent.
    NotSent,
    /// Recorded; the page should be gone soon, or should have been gone by now.
    Leaving,
    LeavingStuck,
    /// The request was read again after a refusal, and something that was ticked has changed.
    TextChanged,
    Refreshed,
    CheckingAgain,
    ExpiresSoon,
}

impl Moment {
    /// Every moment, in the order of the list above.
    pub const ALL: [Self; 18] = [
        Self::Asking,
        Self::Filled,
        Self::SomethingMissing,
        Self::TextOpen,
        Self::TextLoading,
        Self::TextFailed,
        Self::Submitting,
        Self::Offline,
        Self::Silent,
        Self::Busy,
        Self::Trouble,
        Self::NotSent,
        Self::Leaving,
        Self::LeavingStuck,
        Self::TextChanged,
        Self::Refreshed,
        Self::CheckingAgain,
        Self::ExpiresSoon,
    ];
}

/// Why the screen itself stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// What came was not what the contract says.
    Unreadable,
    /// The address to go on to was refused.
    BadTarget,
    /// Tried often enough: no connection, no answer, too busy, not our backend.
    Offline,
    Silent,
    Busy,
    Trouble,
}

/// The page of a service's link inside the messenger.
#[derive(Debug, Clone, PartialEq)]
pub struct AutoLogin {
    pub page: AutoLoginPage,
    pub service: Service,
    /// Who is signed in. The greeting has somebody to greet.
    pub account: Option<Account>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoLoginPage {
    /// A member is greeted and sent on.
    Greeting,
    /// Signed out, with a sign-up that is one tap away.
    SignUp,
    /// Signed out, with an ordinary login.
    LogIn,
    /// The attempt came to nothing, and the page says so.
    NotSignedIn,
}

impl Case {
    /// What is asked, if anything is.
    #[must_use]
    pub fn request(&self) -> Option<&ConsentRequest> {
        match &self.screen {
            Screen::Consent(consent) => Some(&consent.request),
            _ => None,
        }
    }

    /// What is wrong with what is asked, as far as the data tells. Places are those in the case.
    #[must_use]
    pub fn lint(&self) -> Vec<Finding> {
        let findings = self.request().map(lint).unwrap_or_default();
        let placed = |it: Finding| Finding { at: format!("/request{}", it.at), ..it };
        findings.into_iter().map(placed).collect()
    }
}
