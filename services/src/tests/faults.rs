use crate::{services, tests::with_sample};

fn fault(toml: &str) -> String {
    let read = services(toml)
        .map(drop)
        .and_then(|()| with_sample(|sample| crate::show(toml, 0, "ko", sample).map(drop)));
    read.map_or_else(|fault| fault.to_string(), |()| "none".to_owned())
}

#[test]
fn what_is_no_file_of_services_has_a_line_a_column_and_a_reason() {
    for (toml, expected) in [
        ("", "line 1, column 1: there is no `[[service]]` in this file"),
        ("{\"title\": 1}", "line 1, column 1: "),
        ("[[service]]\nname = ", "line 2, column 8: "),
        (
            "a = 1\n[service]\nname = \"a\"",
            "line 2, column 1: `service`: expected a list of tables, found table",
        ),
        (
            "[[service]]\nname = 1",
            "line 2, column 8: `name`: expected a string, or a table of languages, found integer",
        ),
        ("[[service]]\nname = { ko = 1 }", "line 2, column 15: `name`: expected a string"),
        (
            "[[service]]\nmode = \"가\"",
            "line 2, column 8: `mode`: unknown variant `가`, expected `live` or `test`",
        ),
        (
            "[[service]]\nverified = \"yes\"",
            "line 2, column 12: `verified`: expected true or false, found string",
        ),
        ("[[service]]\nterms = [1]", "line 2, column 10: `terms`: expected a table, found integer"),
        ("[[service]]\n[[service.terms]]\ntitle = \"a\"", "line 2, column 1: `tag` is missing"),
        (
            "[[service]]\n[[service.terms]]\ntag = \"가\"\ntext = \"# a\"",
            "line 4, column 8: the text of `가`: only headings",
        ),
        ("[[service]]\npersonal_info = 1", "line 2, column 17: expected a table, found integer"),
        ("[[service]]", "none"),
    ] {
        let found = fault(toml);
        assert!(found.starts_with(expected), "{toml}\n{found}");
    }
}

/// Half of a file is no file, wherever it ends; none of it panics.
#[test]
fn a_file_that_ends_anywhere_is_read_or_has_a_fault() {
    let toml = super::SHOP;
    for (at, _) in toml.char_indices().step_by(7) {
        let half = &toml[..at];
        if fault(half) == "none" {
            let shown = super::shown(half);
            assert_eq!(super::written(half, &shown).toml, half);
        }
    }
}
