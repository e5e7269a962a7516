use super::SHOP;
use crate::{LookChange, LookEntry, Scheme, look, show, tests::with_sample, write_look};

fn set(scheme: Scheme, key: &'static str, value: &str) -> LookChange {
    LookChange { scheme, key, value: Some(value.to_owned()) }
}

fn entry(scheme: Scheme, key: &str, value: &str) -> LookEntry {
    LookEntry { scheme, key: key.to_owned(), value: value.to_owned() }
}

/// The whole look that the tests write.
fn whole() -> [LookChange; 3] {
    [
        set(Scheme::Light, "accent", "#6b2ff0"),
        set(Scheme::Dark, "accent", "#b79bff"),
        set(Scheme::Both, "font", "\"Shop Sans\", sans-serif"),
    ]
}

fn read(toml: &str) -> Vec<LookEntry> {
    let mut entries = look(toml, 0).unwrap();
    entries.sort_by_key(|it| it.scheme);
    entries
}

#[test]
fn a_file_without_a_look_gets_one_after_its_service() {
    for toml in [SHOP.to_owned(), SHOP.replace('\n', "\r\n")] {
        assert_eq!(look(&toml, 0), Ok(vec![]));
        let new = write_look(&toml, 0, &whole()).unwrap();
        assert_eq!(
            read(&new),
            [
                entry(Scheme::Both, "font", "\"Shop Sans\", sans-serif"),
                entry(Scheme::Light, "accent", "#6b2ff0"),
                entry(Scheme::Dark, "accent", "#b79bff"),
            ]
        );
        assert_eq!(look(&new, 1), Ok(vec![]), "the other service has none");
        let added = "\n[service.look]\nlight = { accent = \"#6b2ff0\" }\ndark = { accent = \"#b79bff\" }\n\
             font = \"\\\"Shop Sans\\\", sans-serif\"\n";
        let lf = new.replace("\r\n", "\n");
        assert!(lf.contains(added), "{new}");
        assert_eq!(lf.replacen(added, "", 1), SHOP, "and nothing else changes");
        if toml.contains('\r') {
            assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
        }
        let shown = |toml: &str| with_sample(|sample| show(toml, 0, "ko", sample)).unwrap();
        assert_eq!(shown(&new), shown(&toml));
    }
}

#[test]
fn a_value_changes_where_it_is() {
    let toml = format!(
        "{SHOP}\n[service.look.light] # of the brand\naccent = '#111111'   # violet\nink = \"#000000\"\n"
    );
    let changes = [
        set(Scheme::Light, "accent", "#6b2ff0"),
        LookChange { scheme: Scheme::Light, key: "ink", value: None },
        LookChange { scheme: Scheme::Dark, key: "ink", value: None },
    ];
    let new = write_look(&toml, 1, &changes).unwrap();
    assert_eq!(
        new,
        toml.replace("'#111111'", "'#6b2ff0'").replace("ink = \"#000000\"\n", ""),
        "the quotes and the comments stay"
    );
    assert_eq!(write_look(&new, 1, &[]).unwrap(), new);
}

#[test]
fn every_way_of_writing_a_look_takes_every_change() {
    let service = "[[service]]\nclient_id = \"shop\"\n";
    for toml in [
        format!("{service}look = {{ light = {{ ink = \"#111111\" }} }}\n"),
        format!("{service}look.light.ink = \"#111111\"\n"),
        format!("{service}[service.look.light]\nink = \"#111111\"\n"),
        format!(
            "{service}[service.look]\nradius_s = \"1px\"\n[service.look.light]\nink = \"#111111\"\n"
        ),
        format!("{service}[service.look]\nlight.ink = \"#111111\""),
        "service = [{ client_id = \"shop\", look = { light = { ink = \"#111111\" } } }]\n"
            .to_owned(),
        "service = [{ client_id = \"shop\" }]\n".to_owned(),
        service.to_owned(),
    ] {
        let mut expected = read(&toml);
        let new = write_look(&toml, 0, &whole()).unwrap();
        expected.extend([
            entry(Scheme::Both, "font", "\"Shop Sans\", sans-serif"),
            entry(Scheme::Light, "accent", "#6b2ff0"),
            entry(Scheme::Dark, "accent", "#b79bff"),
        ]);
        let sorted = |mut entries: Vec<LookEntry>| {
            entries.sort_by(|a, b| (a.scheme, &a.key).cmp(&(b.scheme, &b.key)));
            entries
        };
        assert_eq!(sorted(read(&new)), sorted(expected), "{toml}\n{new}");
    }
}

#[test]
fn a_look_that_is_none_is_a_fault() {
    for (toml, fault) in [
        ("[[service]]\nlook = 3\n", "line 2, column 8: expected a table, found integer"),
        (
            "[[service]]\nlook.light = \"red\"\n",
            "line 2, column 14: expected a table, found string",
        ),
    ] {
        assert_eq!(look(toml, 0).unwrap_err().to_string(), fault);
        assert!(write_look(toml, 0, &whole()).is_err());
    }
    assert_eq!(look("[[service]]\nlook = { light = { ink = 3 } }\n", 0), Ok(vec![]));
}
