//! The files, in their groups.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde_json::Value;

use crate::Case;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR");

/// Which case stands where.
const ORDER: &str = include_str!("../order/gallery.json");

/// A case and the name of its file, under which it is linked.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Of small letters, digits and hyphens.
    pub name: String,
    pub case: Case,
}

/// Cases that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub title: String,
    pub about: String,
    pub cases: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    title: String,
    about: String,
    cases: Vec<String>,
}

static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| {
    let listed: Vec<Listed> = serde_json::from_str(ORDER).expect("the order of the gallery");
    let group = |Listed { title, about, cases }| Group {
        title,
        about,
        cases: cases
            .into_iter()
            .map(|name| {
                let case = read(&name).unwrap_or_else(|fault| panic!("{name}.json: {fault}"));
                Named { name, case }
            })
            .collect(),
    };
    listed.into_iter().map(group).collect()
});

/// Every group, in the order of the gallery.
#[must_use]
pub fn groups() -> &'static [Group] {
    &GROUPS
}

/// Every case, in the order of the gallery.
pub fn all() -> impl Iterator<Item = &'static Named> {
    GROUPS.iter().flat_map(|group| &group.cases)
}

/// The case of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Named> {
    all().find(|it| it.name == name)
}

/// A file as a case. One that says `of` is the case of that name with its `change` merged in
/// (RFC 7396): what differs is all that it says.
fn read(name: &str) -> Result<Case, String> {
    Case::from_json(&whole(name)?.to_string()).map_err(|fault| fault.to_string())
}

fn whole(name: &str) -> Result<Value, String> {
    let file = FILES.get_file(format!("{name}.json")).ok_or("there is no such file")?;
    let text = file.contents_utf8().ok_or("not UTF-8")?;
    let mut file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Some(of) = file.get("of").and_then(Value::as_str) else { return Ok(file) };
    let mut whole = whole(of)?;
    json_patch::merge(&mut whole, file.get("change").unwrap_or(&Value::Null));
    for part in ["title", "about"] {
        whole[part] = file[part].take();
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Moment, Screen, Why};
    use consent_contract::problem::Code;

    #[test]
    fn every_file_is_in_the_gallery_once() {
        let files: Vec<String> = FILES
            .files()
            .filter(|file| file.path().extension().is_some_and(|it| it == "json"))
            .map(|file| file.path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let listed: Vec<String> = all().map(|it| it.name.clone()).collect();
        let unique: BTreeSet<_> = listed.iter().collect();
        assert_eq!(unique.len(), listed.len(), "listed twice");
        assert_eq!(unique, files.iter().collect());
        for name in &listed {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(name.bytes().all(plain), "{name}");
        }
    }

    /// Whoever adds a state to the screen adds a case.
    #[test]
    fn every_moment_every_end_and_every_problem_has_a_case() {
        for moment in Moment::ALL {
            let has =
                |it: &Named| matches!(&it.case.screen, Screen::Consent(it) if it.moment == moment);
            assert!(all().any(has), "{moment:?}");
        }
        for why in
            [Why::Unreadable, Why::BadTarget, Why::Offline, Why::Silent, Why::Busy, Why::Trouble]
        {
            assert!(all().any(|it| it.case.screen == Screen::Stopped(why)), "{why:?}");
        }
        let stops = [
            Code::ChallengeNotFound,
            Code::ChallengeExpired,
            Code::AlreadyDecided,
            Code::WrongSession,
            Code::SimpleSignUpInactive,
            Code::NotATestMember,
            Code::UnderAge,
        ];
        for code in stops {
            let has =
                |it: &Named| matches!(&it.case.screen, Screen::Problem(it) if it.code == code);
            assert!(all().any(has), "{code:?}");
        }
    }

    #[test]
    fn every_reason_to_hide_a_channel_has_a_case() {
        use consent_contract::channel::{NotOffered, decide};
        for reason in [
            NotOffered::NotOnMessenger,
            NotOffered::AlreadyAdded,
            NotOffered::Blocked,
            NotOffered::NotPrimary,
            NotOffered::OthersRequested,
            NotOffered::AskedBefore,
            NotOffered::TooMany,
        ] {
            let has = |it: &Named| {
                it.case
                    .request()
                    .is_some_and(|it| decide(it).iter().any(|(_, why)| *why == Err(reason)))
            };
            assert!(all().any(has), "{reason:?}");
        }
    }

    /// A case that is there to be looked at breaks no rule, unless it says so.
    #[test]
    fn no_case_breaks_a_rule_but_the_one_that_shows_them() {
        use consent_lint::Severity;
        for it in all() {
            let errors =
                it.case.lint().into_iter().filter(|it| it.rule.severity == Severity::Error);
            let errors: Vec<_> = errors.map(|it| (it.rule.id, it.at)).collect();
            assert_eq!(errors.is_empty(), it.name != "breaks-the-rules", "{}: {errors:?}", it.name);
        }
    }
}
