//! A case as JSON, and mistakes in it with their place.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use consent_contract::{
    document::Block,
    problem::Problem,
    request::{Account, ConsentRequest, Service},
};
use serde::{Deserialize, Serialize};

use crate::{AutoLogin, AutoLoginPage, Case, Consent, Moment, Screen, Why};

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// From 1; 0 when no line is to blame.
    pub line: usize,
    /// From 1, in bytes.
    pub column: usize,
    /// As `request.terms[1].kind`; empty for the whole.
    pub path: String,
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        if !self.path.is_empty() && self.path != "." {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for Fault {}

/// The file: one flat object, whose `screen` says which of the others it has.
#[derive(Serialize, Deserialize)]
pub struct File {
    title: String,
    about: String,
    screen: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    moment: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<ConsentRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<BTreeMap<String, Vec<Block>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slow: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Why>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<AutoLoginPage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Service>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Consent,
    Loading,
    Problem,
    Stopped,
    AutoLogin,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// The first mistake: what is no JSON, is missing, is of another type, or is a field that
    /// nobody knows (a typing error would change nothing, in silence).
    pub fn from_json(json: &str) -> Result<Self, Fault> {
        let mut unknown = None;
        let mut reader = serde_json::Deserializer::from_str(json);
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
        let file: Result<File, _> = serde_ignored::deserialize(tracked, |path| {
            unknown.get_or_insert_with(|| path.to_string());
        });
        let at = |error: serde_json::Error, path: String| Fault {
            line: error.line(),
            column: error.column(),
            path,
            what: plain(&error.to_string()),
        };
        let file = file.map_err(|error| at(error, track.path().to_string()))?;
        reader.end().map_err(|error| at(error, String::new()))?;
        if let Some(path) = unknown {
            let name = path.rsplit('.').next().unwrap_or_default();
            let line = line_of(json, name);
            let path = path.replace(".?", "");
            return Err(Fault { line, column: 1, path, what: "there is no such field".into() });
        }
        file.try_into().map_err(|what: &str| Fault {
            line: 0,
            column: 0,
            path: String::new(),
            what: what.to_owned(),
        })
    }

    /// The case as a file, which [`Case::from_json`] reads.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings, numbers and truths always become JSON")
    }
}

/// Without serde_json's own place at the end, which [`Fault`] tells itself.
fn plain(error: &str) -> String {
    error.rsplit_once(" at line ").map_or(error, |(what, _)| what).to_owned()
}

/// The line with a field of this name, if there is only one.
fn line_of(json: &str, name: &str) -> usize {
    let quoted = format!("\"{name}\"");
    let mut found = json.lines().enumerate().filter(|(_, line)| line.contains(&quoted));
    match (found.next(), found.next()) {
        (Some((at, _)), None) => at + 1,
        _ => 0,
    }
}

impl TryFrom<File> for Case {
    type Error = &'static str;

    fn try_from(file: File) -> Result<Self, Self::Error> {
        let screen = match file.screen {
            Kind::Consent => {
                let request = file.request.ok_or("screen = consent needs a request")?;
                named_apart(&request)?;
                Screen::Consent(Box::new(Consent {
                    moment: file.moment.unwrap_or_default(),
                    request,
                    documents: file.documents.unwrap_or_default(),
                }))
            }
            Kind::Loading => Screen::Loading { slow: file.slow.unwrap_or_default() },
            Kind::Problem => {
                Screen::Problem(Box::new(file.problem.ok_or("screen = problem needs a problem")?))
            }
            Kind::Stopped => Screen::Stopped(file.why.ok_or("screen = stopped needs a why")?),
            Kind::AutoLogin => {
                let page = file.page.ok_or("screen = auto_login needs a page")?;
                let service = file.service.ok_or("screen = auto_login needs a service")?;
                let greets = matches!(page, AutoLoginPage::Greeting | AutoLoginPage::NotSignedIn);
                if greets && file.account.is_none() {
                    return Err("page = greeting and not_signed_in need an account");
                }
                Screen::AutoLogin(Box::new(AutoLogin { page, service, account: file.account }))
            }
        };
        Ok(Self { title: file.title, about: file.about, screen })
    }
}

/// What is answered is told apart by its name: `[A-Za-z0-9_-]{1,64}`, once in each list.
fn named_apart(request: &ConsentRequest) -> Result<(), &'static str> {
    let apart = |names: Vec<&str>| {
        let good = |name: &&str| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        };
        let unique: BTreeSet<_> = names.iter().collect();
        names.iter().all(good) && unique.len() == names.len()
    };
    if !apart(request.terms.iter().map(|it| it.tag.as_str()).collect()) {
        return Err("each term has a tag of its own, of 1 to 64 of A-Z a-z 0-9 _ -");
    }
    if !apart(request.personal_info.items.iter().map(|it| it.id.as_str()).collect()) {
        return Err("each item has an id of its own, of 1 to 64 of A-Z a-z 0-9 _ -");
    }
    if !apart(request.channels.iter().map(|it| it.public_id.as_str()).collect()) {
        return Err("each channel has a public_id of its own, of 1 to 64 of A-Z a-z 0-9 _ -");
    }
    Ok(())
}

impl From<Case> for File {
    fn from(Case { title, about, screen }: Case) -> Self {
        let mut file = Self {
            title,
            about,
            screen: Kind::Consent,
            moment: None,
            request: None,
            documents: None,
            slow: None,
            why: None,
            problem: None,
            page: None,
            service: None,
            account: None,
        };
        match screen {
            Screen::Consent(consent) => {
                let Consent { moment, request, documents } = *consent;
                file.moment = Some(moment);
                file.request = Some(request);
                file.documents = Some(documents);
            }
            Screen::Loading { slow } => {
                file.screen = Kind::Loading;
                file.slow = Some(slow);
            }
            Screen::Problem(problem) => {
                file.screen = Kind::Problem;
                file.problem = Some(*problem);
            }
            Screen::Stopped(why) => {
                file.screen = Kind::Stopped;
                file.why = Some(why);
            }
            Screen::AutoLogin(it) => {
                let AutoLogin { page, service, account } = *it;
                file.screen = Kind::AutoLogin;
                file.page = Some(page);
                file.service = Some(service);
                file.account = account;
            }
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_up() -> Case {
        crate::named("sign-up").expect("the first case").case.clone()
    }

    #[test]
    fn every_case_survives_the_way_to_a_file_and_back() {
        for named in crate::all() {
            let again = Case::from_json(&named.case.to_json());
            assert_eq!(again.as_ref(), Ok(&named.case), "{}", named.name);
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let good = sign_up().to_json();
        let line_of = |text: &str| good.lines().position(|it| it.contains(text)).unwrap() + 1;
        let fault = |bad: &str| Case::from_json(bad).expect_err("a mistake");

        let bad = fault(&good.replacen("\"kind\": \"service\"", "\"kind\": \"surprise\"", 1));
        assert_eq!(
            (bad.line, bad.path.as_str()),
            (line_of("\"kind\": \"service\""), "request.terms[0].kind")
        );
        assert!(bad.what.contains("surprise") && bad.what.contains("privacy_collection"), "{bad}");

        let bad = fault(&good.replacen("\"required\": true", "\"required\": \"yes\"", 1));
        assert_eq!(bad.line, line_of("\"required\": true"));

        let bad = fault(&good.replacen("\"verified\"", "\"verifed\"", 1));
        assert_eq!(bad.path, "request.service");
        assert!(bad.what.contains("missing field `verified`"), "{bad}");

        let with_more = good.replacen("\"icon_url\"", "\"icon_ulr\": 1, \"icon_url\"", 1);
        let bad = fault(&with_more);
        assert_eq!(bad.what, "there is no such field");
        assert!(bad.path.ends_with("icon_ulr"), "{bad}");
        // A name that stands in many places is told by its path alone.
        let with_more = good.replacen("\"tag\"", "\"name\": \"x\", \"tag\"", 1);
        let bad = fault(&with_more);
        assert_eq!((bad.line, bad.path.as_str()), (0, "request.terms.0.name"));

        let bad = fault(&good.replacen("\"tag\": \"privacy\"", "\"tag\": \"tos\"", 1));
        assert!(bad.what.contains("a tag of its own"), "{bad}");

        assert!(fault(&good[..good.len() / 2]).line > 1);
        assert!(fault("{}").to_string().contains("missing field `title`"));
        let bad = r#"{"title":"","about":"","screen":"problem"}"#;
        assert_eq!(fault(bad).to_string(), "screen = problem needs a problem");
    }
}
