//! The sizes of the storyboard, on the screen and on paper. In CSS pixels.

use crate::state::{BARS, BoardZoom, Device, Frame};

/// The room to the left of each column, for its arrow.
pub const WAY: f64 = 80.0;

/// Between the two themes of a state.
pub const PAIR_GAP: f64 = 12.0;

/// The edge of the board.
const PADDING: f64 = 24.0;

/// How many columns fit a window at most: as many as a chapter has steps.
const COLUMNS: u8 = 5;

/// The smallest scale at which a column is added to a window.
const SMALLEST: f64 = 0.4;

/// The edges of a phone on the board, left and right.
const EDGES: f64 = 8.0;

/// The largest picture on a page of A4.
const PICTURE: (f64, f64) = (300.0, 860.0);

/// The height of the whole screen at which a picture is cut: what is printed stays readable.
const MAX_HEIGHT: f64 = 2600.0;

/// The scale of the frames. `room`: the width of the board. `both`: whether a column has two frames.
#[must_use]
pub fn scale(zoom: BoardZoom, frame: Frame, both: bool, room: f64) -> f64 {
    let fitting = |columns: u8| {
        let column = (room - 2.0 * PADDING) / f64::from(columns) - WAY;
        let one = if both { (column - PAIR_GAP) / 2.0 } else { column };
        (one - EDGES) / f64::from(frame.width)
    };
    match zoom {
        BoardZoom::Half => 0.5,
        BoardZoom::Actual => 1.0,
        BoardZoom::Fit => {
            let columns = (1..=COLUMNS).rev().find(|it| fitting(*it) >= SMALLEST);
            fitting(columns.unwrap_or(1)).clamp(0.1, 1.0)
        }
    }
}

/// The width of a column without its arrow.
#[must_use]
pub fn column(frame: Frame, both: bool, scale: f64) -> f64 {
    let one = f64::from(frame.width) * scale + EDGES;
    if both { 2.0 * one + PAIR_GAP } else { one }
}

/// The height of a frame.
#[must_use]
pub fn height(frame: Frame, scale: f64) -> f64 {
    let bars = if frame.device == Device::Messenger { BARS } else { 0 };
    f64::from(frame.height() + bars) * scale + EDGES
}

/// The picture of a screen on paper: the height of its window, which shows all of it, and its scale.
/// `whole`: the height of the screen's page.
#[must_use]
pub fn picture(frame: Frame, whole: Option<f64>) -> (f64, f64) {
    let window = f64::from(frame.height());
    let height = whole.unwrap_or(window).clamp(window, MAX_HEIGHT.max(window));
    let scale = (PICTURE.0 / f64::from(frame.width)).min(PICTURE.1 / height).min(1.0);
    (height, scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::WIDTHS;

    #[test]
    fn as_many_columns_fit_as_stay_readable() {
        let frame = Frame::default();
        for (room, both, columns) in [
            (1425.0, false, 5.0),
            (805.0, false, 3.0),
            (805.0, true, 1.0),
            (1425.0, true, 3.0),
            (3000.0, false, 5.0),
        ] {
            let scale = scale(BoardZoom::Fit, frame, both, room);
            assert!((SMALLEST..=1.0).contains(&scale), "{room}: {scale}");
            let width = columns * (column(frame, both, scale) + WAY) + 2.0 * PADDING;
            assert!(width <= room + 0.01, "{room}: {width}");
            let more = width + column(frame, both, scale) + WAY;
            assert!(more > room || columns == f64::from(COLUMNS), "{room}: {more}");
        }
        assert_eq!(scale(BoardZoom::Fit, frame, true, 200.0), 0.1, "in no room at all");
        assert_eq!(scale(BoardZoom::Half, frame, false, 200.0), 0.5);
        assert_eq!(scale(BoardZoom::Actual, frame, true, 200.0), 1.0);
    }

    #[test]
    fn a_picture_fits_its_page_and_shows_the_whole_screen() {
        for width in WIDTHS {
            let frame = Frame { width, ..Frame::default() };
            for whole in [None, Some(100.0), Some(1480.0), Some(2600.0), Some(9000.0)] {
                let (height, scale) = picture(frame, whole);
                let (across, down) = (f64::from(width) * scale, height * scale);
                assert!(across <= PICTURE.0 + 0.01 && down <= PICTURE.1 + 0.01, "{width}");
                assert!(height >= whole.unwrap_or_default().min(MAX_HEIGHT), "{width}: {height}");
                assert!(height >= f64::from(frame.height()));
            }
        }
    }
}
