use std::{cell::RefCell, collections::BTreeMap};

use super::*;
use crate::theme::Theme;

/// A storage with so much room, in bytes of keys and values.
struct Limited {
    entries: RefCell<BTreeMap<String, String>>,
    room: usize,
}

impl Limited {
    fn with_room(room: usize) -> Self {
        Self { entries: RefCell::default(), room }
    }
}

impl Shelf for Limited {
    fn entries(&self, prefix: &str) -> Option<Vec<(String, String)>> {
        let entries = self.entries.borrow();
        let ours = entries.iter().filter(|(key, _)| key.starts_with(prefix));
        Some(ours.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn get(&self, key: &str) -> Option<String> {
        self.entries.borrow().get(key).cloned()
    }

    fn put(&self, key: &str, value: &str) -> bool {
        let mut entries = self.entries.borrow_mut();
        let others = entries.iter().filter(|(it, _)| *it != key);
        let used: usize = others.map(|(key, value)| key.len() + value.len()).sum();
        let fits = used + key.len() + value.len() <= self.room;
        if fits {
            entries.insert(key.to_owned(), value.to_owned());
        }
        fits
    }

    fn remove(&self, key: &str) {
        self.entries.borrow_mut().remove(key);
    }
}

/// A storage that the browser blocks.
struct Blocked;

impl Shelf for Blocked {
    fn entries(&self, _: &str) -> Option<Vec<(String, String)>> {
        None
    }

    fn get(&self, _: &str) -> Option<String> {
        None
    }

    fn put(&self, _: &str, _: &str) -> bool {
        false
    }

    fn remove(&self, _: &str) {}
}

fn titled(title: &str) -> Snapshot {
    let mut fixture = consent_fixtures::named("sign-up").expect("a fixture").fixture.clone();
    fixture.title = title.to_owned();
    Snapshot::of(&fixture, Theme::default())
}

fn draft(id: &str, name: &str, changed_at: u64) -> SavedDraft {
    SavedDraft {
        id: id.into(),
        name: name.into(),
        fixture: "sign-up".into(),
        changed_at,
        code: code(&titled(name)).expect("a fixture"),
        source: None,
        is_kept: false,
    }
}

/// As after a reload.
fn read(shelf: &impl Shelf) -> Drafts {
    let mut drafts = Drafts::default();
    drafts.refresh(shelf);
    drafts
}

fn names(drafts: &Drafts) -> Vec<&str> {
    drafts.all().iter().map(|it| it.name.as_str()).collect()
}

#[test]
fn drafts_survive_a_reload_with_the_latest_first() {
    let shelf = Limited::with_room(1_000_000);
    let mut drafts = Drafts::default();
    assert!(drafts.add(&shelf, draft("a", "Mine", 1)));
    assert!(drafts.add(&shelf, draft("b", "Hers", 2)));
    let again = read(&shelf);
    assert_eq!(again, drafts);
    assert_eq!(names(&again), ["Hers", "Mine"]);
    assert_eq!(again.all()[1].snapshot(), Ok(titled("Mine")));
    // A change moves it to the front.
    let (before, after) = (again.all()[1].code.clone(), code(&titled("Changed")).unwrap());
    assert_eq!(drafts.change(&shelf, "a", &before, after, 3), Outcome::Kept);
    assert_eq!(names(&read(&shelf)), ["Mine", "Hers"]);
    assert_eq!(read(&shelf).find("a").unwrap().snapshot(), Ok(titled("Changed")));
}

#[test]
fn a_full_or_blocked_storage_loses_nothing() {
    let shelf = Limited::with_room(6_000);
    let mut drafts = Drafts::default();
    assert!(drafts.add(&shelf, draft("a", "Mine", 1)));
    let kept = shelf.entries(PREFIX);
    // It does not fit: what was stored before stays, and the new state is in memory.
    let long = code(&titled(&"한옥 ".repeat(20_000))).unwrap() + &"x".repeat(6_000);
    let before = drafts.find("a").unwrap().code.clone();
    assert_eq!(drafts.change(&shelf, "a", &before, long.clone(), 2), Outcome::NotKept);
    assert_eq!(shelf.entries(PREFIX), kept);
    assert!(!drafts.add(&shelf, SavedDraft { code: long.clone(), ..draft("b", "Hers", 3) }));
    // Another tab's change is read, and both are still there.
    drafts.refresh(&shelf);
    assert_eq!(names(&drafts), ["Hers", "Mine"]);
    assert!(drafts.all().iter().all(|it| it.code == long && !it.is_kept));
    // Once there is room, the next change is stored.
    let short = code(&titled("Short")).unwrap();
    assert_eq!(drafts.change(&shelf, "a", &long, short, 4), Outcome::Kept);
    assert_eq!(read(&shelf).find("a").unwrap().snapshot(), Ok(titled("Short")));

    let mut drafts = Drafts::default();
    assert!(!drafts.add(&Blocked, draft("a", "Mine", 1)));
    drafts.refresh(&Blocked);
    assert_eq!(names(&drafts), ["Mine"]);
}

#[test]
fn a_draft_that_another_tab_changed_is_not_overwritten() {
    let shelf = Limited::with_room(1_000_000);
    let (mut here, mut there) = (Drafts::default(), Drafts::default());
    here.add(&shelf, draft("a", "Mine", 1));
    there.refresh(&shelf);
    let read_before = here.find("a").unwrap().code.clone();
    let theirs = code(&titled("Theirs")).unwrap();
    there.change(&shelf, "a", &read_before, theirs.clone(), 2);
    let ours = code(&titled("Ours")).unwrap();
    let outcome = here.change(&shelf, "a", &read_before, ours.clone(), 3);
    assert_eq!(outcome, Outcome::ChangedElsewhere);
    assert_eq!(read(&shelf).find("a").unwrap().code, theirs);
    // Nor is one that was deleted made again under its id.
    there.delete(&shelf, "a");
    assert_eq!(here.change(&shelf, "a", &theirs, ours, 4), Outcome::ChangedElsewhere);
    assert!(read(&shelf).all().is_empty());
}

#[test]
fn drafts_are_renamed_duplicated_deleted_and_brought_back() {
    let shelf = Limited::with_room(1_000_000);
    let mut drafts = Drafts::default();
    drafts.add(&shelf, draft("a", "Mine", 1));
    let copy = drafts.duplicate(&shelf, "a", "b".into(), 2);
    assert_eq!(copy.as_deref(), Some("Mine, copy"));
    drafts.rename(&shelf, "b", "  Mine ");
    assert_eq!(names(&read(&shelf)), ["Mine 2", "Mine"], "a name is taken once");
    drafts.rename(&shelf, "b", " ");
    drafts.rename(&shelf, "b", "Hers");
    assert_eq!(names(&read(&shelf)), ["Hers", "Mine"]);
    let deleted = drafts.delete(&shelf, "a").unwrap();
    assert_eq!(names(&read(&shelf)), ["Hers"]);
    drafts.add(&shelf, deleted);
    assert_eq!(names(&read(&shelf)), ["Hers", "Mine"]);
    assert_eq!(read(&shelf), drafts);
    // A name given in another tab stays when this one changes the data.
    read(&shelf).rename(&shelf, "a", "Given there");
    let before = drafts.find("a").unwrap().code.clone();
    drafts.change(&shelf, "a", &before, code(&titled("New")).unwrap(), 9);
    assert_eq!(names(&read(&shelf)), ["Given there", "Hers"]);
}

#[test]
fn an_entry_that_cannot_be_read_stays() {
    let shelf = Limited::with_room(1_000_000);
    shelf.put("consent-studio:draft:x", "{\"of\": \"another version\"}");
    shelf.put("consent-studio:last", "not a draft");
    let mut drafts = read(&shelf);
    assert!(drafts.all().is_empty());
    drafts.add(&shelf, draft("a", "Mine", 1));
    assert_eq!(shelf.entries("").unwrap().len(), 3);
    let unreadable = SavedDraft { code: "9.new".into(), ..draft("b", "Later", 2) };
    drafts.add(&shelf, unreadable);
    assert_eq!(read(&shelf).find("b").unwrap().snapshot(), Err(DecodeError::Version));
}

#[test]
fn the_file_of_a_draft_is_kept_with_it_and_copied() {
    let shelf = Limited::with_room(1_000_000);
    let mut drafts = Drafts::default();
    let source = Source::new("services.toml", 1, "[[service]]\n");
    drafts.add(&shelf, SavedDraft { source: Some(source.clone()), ..draft("a", "Shop", 1) });
    drafts.change(&shelf, "a", &draft("a", "Shop", 1).code, code(&titled("New")).unwrap(), 2);
    drafts.duplicate(&shelf, "a", "b".into(), 3);
    let drafts = read(&shelf);
    for id in ["a", "b"] {
        assert_eq!(drafts.find(id).unwrap().source.as_ref(), Some(&source), "{id}");
    }
    assert_eq!(source.toml().as_deref(), Some("[[service]]\n"));
}
