//! The colours of a picture as a palette.

use std::collections::HashMap;

/// The most colours of a palette (PNG, 11.2.2).
const MOST: usize = 256;

/// A picture by the numbers of its colours.
pub struct Indexed {
    /// Three bytes a colour.
    pub palette: Vec<u8>,
    /// A byte a pixel.
    pub pixels: Vec<u8>,
}

impl Indexed {
    /// Of a picture with three bytes a pixel. With too many colours, similar ones become the most frequent of
    /// them. None where a channel of a pixel would be off by more than `tolerance`.
    pub fn new(rgb: &[u8], tolerance: u8) -> Option<Self> {
        let (pixels, []) = rgb.as_chunks::<3>() else { return None };
        let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
        for pixel in pixels {
            *counts.entry(*pixel).or_default() += 1;
        }
        // Two colours of a cell differ by less than its edge.
        let mut bits = (0..8).take_while(|bits| (1_u8 << bits) - 1 <= tolerance);
        bits.find_map(|bits| Self::with_cells(pixels, &counts, bits))
    }

    fn with_cells(pixels: &[[u8; 3]], counts: &HashMap<[u8; 3], usize>, bits: u32) -> Option<Self> {
        let cell = |colour: &[u8; 3]| colour.map(|channel| channel >> bits);
        let mut cells: HashMap<[u8; 3], (usize, [u8; 3])> = HashMap::new();
        for (colour, count) in counts {
            let most = cells.entry(cell(colour)).or_default();
            // By the colour where both are as frequent: a map has no order.
            *most = (*most).max((*count, *colour));
        }
        if cells.len() > MOST {
            return None;
        }
        let mut colours: Vec<_> =
            cells.iter().map(|(cell, (_, colour))| (*colour, *cell)).collect();
        colours.sort_unstable();
        let numbers: HashMap<_, _> =
            colours.iter().map(|(_, cell)| *cell).zip(0..=u8::MAX).collect();
        let palette = colours.iter().flat_map(|(colour, _)| *colour).collect();
        let pixels = pixels.iter().map(|pixel| numbers[&cell(pixel)]).collect();
        Some(Self { palette, pixels })
    }
}
