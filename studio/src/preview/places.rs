//! Where the places of the page are.

use web_sys::Element;

use super::dom::{elements, is_visible, is_within, label, own_text, shortened, text};
use crate::{
    message::FoundPlace,
    place::{Kind, PAGE, Part, Place},
};

/// A row: one item that the user agrees to.
const ROW: &str = ".row";

/// What a place is drawn as.
pub fn element(place: &Place) -> Option<Element> {
    match place {
        Place::Row(key) => {
            let drawn = elements(&format!("[id='{key}']")).into_iter().next()?;
            Some(drawn.closest(ROW).ok().flatten().unwrap_or(drawn))
        }
        Place::Part(part) => elements(part.selector()).into_iter().next(),
        Place::Nth(kind, number) => of_kind(*kind).into_iter().nth(number.checked_sub(1)?),
        Place::Page => elements(PAGE).into_iter().next(),
    }
}

/// The place of an element, and what that is drawn as.
pub fn around(target: &Element) -> Option<(Place, Element)> {
    let place = row_around(target)
        .or_else(|| part_around(target))
        .or_else(|| Kind::ALL.iter().find_map(|kind| kind_around(target, *kind)))
        .unwrap_or(Place::Page);
    let drawn = element(&place)?;
    Some((place, drawn))
}

fn row_around(target: &Element) -> Option<Place> {
    let row = target.closest(ROW).ok()??;
    let checkbox = row.query_selector("input[type=checkbox]").ok()??;
    checkbox.id().parse().ok().map(Place::Row)
}

fn part_around(target: &Element) -> Option<Place> {
    let is_in = |part: &&Part| {
        let around = target.closest(part.selector()).ok().flatten();
        around.is_some() && around == elements(part.selector()).into_iter().next()
    };
    Part::ALL.iter().find(is_in).copied().map(Place::Part)
}

fn kind_around(target: &Element, kind: Kind) -> Option<Place> {
    let around = target.closest(kind.selector()).ok()??;
    let position = of_kind(kind).iter().position(|it| *it == around)?;
    Some(Place::Nth(kind, position + 1))
}

/// The elements of a kind that are in no row and no part.
fn of_kind(kind: Kind) -> Vec<Element> {
    let is_elsewhere = |it: &Element| {
        is_within(it, ROW) || Part::ALL.iter().any(|part| is_within(it, part.selector()))
    };
    let mut found = elements(&format!("{PAGE} {}", kind.selector()));
    found.retain(|it| !is_elsewhere(it));
    found
}

/// Every place that is in view without opening anything, as the page reads: from above, then from the
/// left.
pub fn all() -> Vec<FoundPlace> {
    let rows = elements(&format!("{PAGE} {ROW}")).into_iter();
    let rows = rows.filter_map(|row| Some((row_around(&row)?, row)));
    let parts = Part::ALL.iter().filter_map(|part| {
        let place = Place::Part(*part);
        element(&place).map(|drawn| (place, drawn))
    });
    let others = Kind::ALL.iter().flat_map(|kind| {
        let numbered = of_kind(*kind).into_iter().zip(1..);
        numbered.map(|(drawn, number)| (Place::Nth(*kind, number), drawn))
    });
    let all = rows.chain(parts).chain(others).filter(|(_, drawn)| is_visible(drawn));
    let named = all.filter_map(|(place, drawn)| {
        Some((words(&place, &drawn)?, place, drawn.get_bounding_client_rect()))
    });
    let mut found: Vec<_> = named.collect();
    found.sort_by(|(.., one), (.., other)| {
        one.top().total_cmp(&other.top()).then(one.left().total_cmp(&other.left()))
    });
    let page = element(&Place::Page).map(|_| (String::new(), Place::Page));
    let found = found.into_iter().map(|(words, place, _)| (words, place));
    let named = page.into_iter().chain(found);
    named.map(|(words, place)| FoundPlace { at: place.to_string(), words }).collect()
}

/// The first words of a place. None for a text without any of its own.
fn words(place: &Place, element: &Element) -> Option<String> {
    let own = match place {
        Place::Nth(Kind::Text, _) => own_text(element),
        _ => text(element),
    };
    let words = match own.trim() {
        "" => label(element).as_ref().map(text).unwrap_or_default(),
        _ => own,
    };
    let words = shortened(&words);
    let is_text = matches!(place, Place::Nth(Kind::Text | Kind::Heading, _));
    (!is_text || !words.is_empty()).then_some(words)
}

/// Scrolls an element into view, unless it is. This window only: `scrollIntoView` would scroll the studio
/// around it, too.
pub fn bring_into_view(element: &Element) {
    let Some(window) = web_sys::window() else { return };
    let height = window.inner_height().ok().and_then(|it| it.as_f64()).unwrap_or_default();
    let actions =
        elements(".actions").first().map_or(0.0, |it| it.get_bounding_client_rect().top());
    // The buttons may be stuck to the bottom, over what is there.
    let bottom = if actions > 0.0 { actions.min(height) } else { height };
    let place = element.get_bounding_client_rect();
    if place.top() < 0.0 || place.bottom() > bottom {
        let scrolled = window.scroll_y().unwrap_or_default();
        let above = ((bottom - place.height()) / 2.0).max(16.0);
        window.scroll_to_with_x_and_y(0.0, scrolled + place.top() - above);
    }
}
