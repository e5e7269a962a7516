//! Changes of the notes of a fixture, as JSON: each is a step that can be undone.

use consent_fixtures::{Fixture, Note};
use serde_json::Value;

use crate::{
    language::{t, tf},
    message::{FoundPlace, Pin, Pins, Spot},
    place::{Kind, Place},
};

/// The fixture with a new note, and its number.
#[must_use]
pub fn added(fixture: &Value, spot: Spot) -> (Value, u32) {
    let mut number = 0;
    let fixture = changed(fixture, |notes| {
        number = notes.iter().map(|it| it.number).max().unwrap_or_default() + 1;
        let Spot { at, x, y } = spot;
        notes.push(Note { number, text: String::new(), at, x, y, resolved: false });
    });
    (fixture, number)
}

/// The fixture with a changed note.
#[must_use]
pub fn with(fixture: &Value, number: u32, change: impl FnOnce(&mut Note)) -> Value {
    changed(fixture, |notes| {
        if let Some(note) = notes.iter_mut().find(|it| it.number == number) {
            change(note);
        }
    })
}

/// The fixture without a note.
#[must_use]
pub fn without(fixture: &Value, number: u32) -> Value {
    changed(fixture, |notes| notes.retain(|it| it.number != number))
}

fn changed(fixture: &Value, change: impl FnOnce(&mut Vec<Note>)) -> Value {
    let mut fixture = fixture.clone();
    let notes = fixture.get("notes").cloned().unwrap_or_default();
    let mut notes: Vec<Note> = serde_json::from_value(notes).unwrap_or_default();
    change(&mut notes);
    if let Value::Object(fields) = &mut fixture {
        // A fixture without notes has no field for them.
        match notes.is_empty() {
            true => drop(fields.remove("notes")),
            false => drop(fields.insert("notes".to_owned(), serde_json::json!(notes))),
        }
    }
    fixture
}

/// The notes that a preview shows: those that are not settled.
#[must_use]
pub fn pins(notes: &[Note], chosen: Option<u32>) -> Pins {
    let open = notes.iter().filter(|it| !it.resolved);
    let pin =
        |it: &Note| Pin { number: it.number, spot: Spot { at: it.at.clone(), x: it.x, y: it.y } };
    Pins { pins: open.map(pin).collect(), chosen }
}

/// What a place is called. `found`: the places that the preview has, if it is drawn.
#[must_use]
pub fn place_name(at: &str, fixture: &Fixture, found: &[FoundPlace]) -> String {
    let Ok(place) = at.parse::<Place>() else { return at.to_owned() };
    let words = found.iter().find(|it| it.at == at).map(|it| it.words.as_str());
    match (&place, words) {
        (Place::Nth(kind, _), Some(words)) if !words.is_empty() => named(*kind, words),
        _ => place.described(fixture),
    }
}

fn named(kind: Kind, words: &str) -> String {
    tf("{kind} “{name}”", &[("kind", &t(kind.label())), ("name", &words)])
}

/// Whether the preview is drawn without a place.
#[must_use]
pub fn is_gone(at: &str, found: Option<&[FoundPlace]>) -> bool {
    found.is_some_and(|found| !found.iter().any(|it| it.at == at))
}

/// The number of the note that takes the place of another one in a list: the next, or else the last
/// before.
#[must_use]
pub fn next(numbers: &[u32], number: u32) -> Option<u32> {
    let after = numbers.iter().find(|it| **it > number);
    after.or_else(|| numbers.iter().rev().find(|it| **it < number)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{share, state::Selection, store::Snapshot, theme::Theme};

    fn sign_up() -> Fixture {
        consent_fixtures::named("sign-up").unwrap().fixture.clone()
    }

    fn json() -> Value {
        serde_json::to_value(sign_up()).unwrap()
    }

    fn spot(at: &str) -> Spot {
        Spot { at: at.into(), x: 25, y: 75 }
    }

    fn read(fixture: &Value) -> Vec<Note> {
        Fixture::from_json(&fixture.to_string()).unwrap().notes
    }

    #[test]
    fn numbers_stay_and_are_not_given_again_while_a_later_one_is_there() {
        let (fixture, first) = added(&json(), spot("term:tos"));
        let (fixture, second) = added(&fixture, spot("page"));
        assert_eq!((first, second), (1, 2));
        let fixture = without(&fixture, 1);
        let (fixture, third) = added(&fixture, spot("page"));
        assert_eq!(third, 3);
        assert_eq!(read(&fixture).iter().map(|it| it.number).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(without(&without(&fixture, 2), 3), json(), "as if there had been none");
    }

    #[test]
    fn a_note_is_written_settled_and_opened_again() {
        let (fixture, number) = added(&json(), spot("term:tos"));
        let fixture = with(&fixture, number, |it| it.text = "더 크게".into());
        let fixture = with(&fixture, number, |it| it.resolved = true);
        let notes = read(&fixture);
        let expected = Note {
            number,
            text: "더 크게".into(),
            at: "term:tos".into(),
            x: 25,
            y: 75,
            resolved: true,
        };
        assert_eq!(notes, [expected]);
        assert!(pins(&notes, Some(1)).pins.is_empty(), "a settled note has no pin");
        let fixture = with(&fixture, number, |it| it.resolved = false);
        let pins = pins(&read(&fixture), Some(1));
        assert_eq!((pins.pins[0].spot.clone(), pins.chosen), (spot("term:tos"), Some(1)));
        assert_eq!(with(&fixture, 9, |it| it.text = "x".into()), fixture, "there is no such note");
    }

    /// In the address, in a draft and in an exported file.
    #[test]
    fn notes_are_kept_wherever_the_fixture_is() {
        let (json, number) = added(&json(), spot("heading:1"));
        let json = with(&json, number, |it| it.text = "Larger?\nOr bold.".into());
        let fixture = Fixture::from_json(&json.to_string()).unwrap();
        let exported = Fixture::from_json(&fixture.to_json()).unwrap();
        assert_eq!(exported, fixture);
        let selection = Selection::Custom(Box::new(fixture.clone()));
        assert_eq!(share::decode(&share::encode(&selection)), Ok(selection));
        let snapshot = Snapshot::of(&fixture, Theme::default());
        let draft = crate::drafts::SavedDraft {
            code: crate::drafts::code(&snapshot).unwrap(),
            ..Default::default()
        };
        assert_eq!(draft.snapshot().unwrap().parsed().unwrap().notes, fixture.notes);
    }

    #[test]
    fn a_place_has_the_words_of_the_preview_or_of_the_fixture_and_may_be_gone() {
        let fixture = sign_up();
        let found = [
            FoundPlace { at: "heading:1".into(), words: "한옥마켓에 가입".into() },
            FoundPlace { at: "term:tos".into(), words: "[필수] 이용약관".into() },
        ];
        let name = |at: &str| place_name(at, &fixture, &found);
        assert_eq!(name("heading:1"), "Heading “한옥마켓에 가입”");
        assert_eq!(name("heading:2"), "Heading 2");
        assert_eq!(name("term:tos"), "Term “이용약관”");
        assert_eq!(name("of another version"), "of another version");
        assert!(!is_gone("term:tos", Some(&found)) && is_gone("term:new", Some(&found)));
        assert!(!is_gone("term:new", None), "no preview is drawn yet");
    }

    #[test]
    fn the_focus_moves_to_the_next_note() {
        assert_eq!(next(&[1, 3, 4], 3), Some(4));
        assert_eq!(next(&[1, 3, 4], 4), Some(3));
        assert_eq!(next(&[1, 4], 3), Some(4), "it is not in the list any more");
        assert_eq!(next(&[3], 3), None);
    }
}
