use super::*;
use std::cell::RefCell;

/// A store with a fixture and so many edits of its title.
fn edited(count: usize) -> Store {
    let store = Store::new();
    assert!(store.open("sign-up"));
    for number in 1..=count {
        store.edit(None, |fixture| {
            let mut fixture = fixture.clone();
            fixture["title"] = format!("Title {number}").into();
            fixture
        });
    }
    store
}

#[test]
fn steps_survive_a_reload_and_a_small_storage_has_the_latest() {
    Owner::new().with(|| {
        for room in [1_000_000, 3_300] {
            let stored = RefCell::new(String::new());
            let store = edited(150);
            store.keep_steps("a", |code| {
                let fits = code.len() <= room;
                if fits {
                    code.clone_into(&mut stored.borrow_mut());
                }
                fits
            });
            let again = Store::new();
            again.name.set("sign-up".into());
            again.history.set(History::new(store.snapshot()));
            again.restore_steps("b", &stored.borrow());
            assert!(!again.history.read().can_undo(), "the steps of another draft");
            again.restore_steps("a", &stored.borrow());
            again.undo();
            assert_eq!(again.fixture.read().title, "Title 149", "{room}");
        }
    });
}

#[test]
fn an_exported_fixture_has_the_theme() {
    Owner::new().with(|| {
        let store = edited(1);
        store.edit_theme("--accent", |theme| theme.set("--accent", false, "#6b2ff0").unwrap());
        let exported = store.exported();
        assert_eq!(exported.theme.light["--accent"], "#6b2ff0");
        assert_eq!(Fixture { theme: Theme::default(), ..exported }, *store.fixture.read());
    });
}
