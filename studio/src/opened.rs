//! What an opened file holds.

use consent_fixtures::Fixture;
use consent_services::Listed;

use crate::{
    language::{t, tf},
    services,
    share::MAX_BYTES,
    source::Source,
};

/// A file as the user chose it.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedFile {
    pub name: String,
    pub text: String,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Fixture(Box<Fixture>),
    Services(OpenedServices),
}

/// A services.toml of which a service is to be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedServices {
    pub file: OpenedFile,
    pub list: Vec<Listed>,
}

/// Reads a file: a fixture, or a services.toml.
///
/// # Errors
/// A sentence with the place of the first fault.
pub fn read(file: OpenedFile) -> Result<Content, String> {
    if file.text.len() > MAX_BYTES {
        return Err(t("This file is larger than 4 MB.").to_owned());
    }
    let has_name = |end: &str| file.name.to_lowercase().ends_with(end);
    let is_toml =
        has_name(".toml") || !has_name(".json") && !file.text.trim_start().starts_with('{');
    if !is_toml {
        let fixture = Fixture::from_json(&file.text);
        let fixture = fixture.map_err(|reason| {
            tf("This file is not a fixture: {reason}.", &[("reason", &reason)])
        })?;
        return Ok(Content::Fixture(Box::new(fixture)));
    }
    // The accounts are read when one is chosen: what is wrong with them is reported here.
    let list = consent_services::services(&file.text)
        .and_then(|list| consent_services::accounts(&file.text, 0).map(|_| list));
    let list = list.map_err(|fault| {
        tf("This file is not a services.toml: {reason}.", &[("reason", &fault)])
    })?;
    Ok(Content::Services(OpenedServices { file, list }))
}

/// A service of a file as a fixture, and where it came from.
///
/// # Errors
/// As [`read`].
pub fn service(file: &OpenedFile, index: usize) -> Result<(Fixture, Source), String> {
    let fixture = services::fixture(&file.text, index);
    let fixture = fixture
        .map_err(|fault| tf("This service cannot be shown: {reason}.", &[("reason", &fault)]))?;
    Ok((fixture, Source::new(&file.name, index, &file.text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(name: &str, text: &str) -> Result<Content, String> {
        read(OpenedFile { name: name.into(), text: text.into() })
    }

    #[test]
    fn a_file_is_a_fixture_or_has_services() {
        let fixture = consent_fixtures::named("sign-up").unwrap().fixture.clone();
        let json = fixture.to_json();
        for name in ["a.json", "a", "a.txt"] {
            assert_eq!(opened(name, &json), Ok(Content::Fixture(Box::new(fixture.clone()))));
        }
        let toml = "[[service]]\nclient_id = \"a\"\n[[service]]\n";
        let Ok(Content::Services(services)) = opened("services.toml", toml) else {
            panic!("it has services")
        };
        assert_eq!(services.list.len(), 2);
        let (fixture, source) = service(&services.file, 0).unwrap();
        assert_eq!((&*fixture.title, source.toml().as_deref()), ("a", Some(toml)));
        for (name, text, expected) in [
            ("a.toml", &*json, "This file is not a services.toml: line 1, column 1: "),
            (
                "a.toml",
                "[[service]]\nname =",
                "This file is not a services.toml: line 2, column 7: ",
            ),
            (
                "a.toml",
                "[[service]]\n[[account]]\nid = 1",
                "This file is not a services.toml: line 3, column 6: ",
            ),
            ("a.json", "[[service]]", "This file is not a fixture: line 1, column "),
        ] {
            let reason = opened(name, text).unwrap_err();
            assert!(reason.starts_with(expected), "{reason}");
        }
        let tags = "[[service]]\n[[service.terms]]\ntag = \"이용 약관\"\n";
        let Ok(Content::Services(services)) = opened("a.toml", tags) else { panic!("it has one") };
        let reason = service(&services.file, 0).unwrap_err();
        assert!(reason.contains("each term has a tag"), "{reason}");
    }
}
