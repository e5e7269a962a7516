//! How one picture differs from another.

use super::palette::Indexed;
use anyhow::{Context, Result};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};
use std::io::Cursor;

/// How far a channel of a pixel may be off, of 255: browsers smooth the edges of letters differently
/// from one release to the next.
const CHANNEL: u8 = 24;

/// How many pixels may be off by more.
const PIXELS: usize = 12;

/// A picture without transparency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    /// Three bytes a pixel, row by row.
    rgb: Vec<u8>,
}

/// Where two pictures differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// How many pixels do.
    pub pixels: usize,
    /// The new picture, pale, with what differs in red.
    pub marked: Picture,
}

impl Picture {
    /// Reads a PNG.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(png: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::new(Cursor::new(png));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().context("not a PNG")?;
        let mut bytes = vec![0; reader.output_buffer_size().context("a PNG that is too large")?];
        let frame = reader.next_frame(&mut bytes)?;
        let samples = frame.color_type.samples();
        let rgb = bytes[..frame.buffer_size()]
            .chunks_exact(samples)
            .flat_map(|pixel| match samples {
                1 | 2 => [pixel[0]; 3],
                _ => [pixel[0], pixel[1], pixel[2]],
            })
            .collect();
        Ok(Self { width: frame.width, height: frame.height, rgb })
    }

    /// As a PNG.
    ///
    /// # Errors
    /// When the picture is empty.
    pub fn write(&self) -> Result<Vec<u8>> {
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, self.width, self.height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::High);
        encoder.write_header()?.write_image_data(&self.rgb)?;
        Ok(png)
    }

    /// As a PNG with a palette, which is a third as large, where no one would see the difference.
    ///
    /// # Errors
    /// When the picture is empty.
    pub fn write_small(&self) -> Result<Vec<u8>> {
        let Some(Indexed { palette, pixels }) = Indexed::new(&self.rgb, CHANNEL / 3 * 2) else {
            return self.write();
        };
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, self.width, self.height);
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_palette(palette);
        encoder.set_compression(Compression::High);
        // Neighbours of a palette have nothing to do with each other. The compression sets a filter, too.
        encoder.set_filter(Filter::NoFilter);
        encoder.write_header()?.write_image_data(&pixels)?;
        Ok(png)
    }

    /// A plain picture.
    #[cfg(test)]
    pub fn grey(width: u32, height: u32) -> Self {
        Self { width, height, rgb: vec![128; 3 * (width * height) as usize] }
    }

    /// A pixel; none outside the picture.
    fn pixel(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = 3 * (y as usize * self.width as usize + x as usize);
        Some([self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]])
    }

    /// How this picture differs from the one that was accepted; none where no one would see it.
    #[must_use]
    pub fn difference(&self, accepted: &Self) -> Option<Difference> {
        if self == accepted {
            return None;
        }
        let (width, height) = (self.width.max(accepted.width), self.height.max(accepted.height));
        let (mut pixels, mut rgb) = (0, Vec::new());
        for y in 0..height {
            for x in 0..width {
                let now = self.pixel(x, y);
                if is_same(now, accepted.pixel(x, y)) {
                    rgb.extend(now.unwrap_or_default().map(|channel| 192 + channel / 4));
                } else {
                    pixels += 1;
                    rgb.extend([220, 0, 40]);
                }
            }
        }
        let marked = Self { width, height, rgb };
        (pixels > PIXELS).then_some(Difference { pixels, marked })
    }
}

fn is_same(one: Option<[u8; 3]>, other: Option<[u8; 3]>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            one.iter().zip(other).all(|(one, other)| one.abs_diff(other) <= CHANNEL)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_written_and_read() {
        let mut picture = Picture::grey(3, 2);
        picture.rgb[4] = 7;
        assert_eq!(Picture::read(&picture.write().unwrap()).unwrap(), picture);
        assert!(Picture::read(b"<svg/>").is_err());
    }

    #[test]
    fn a_picture_with_a_palette_looks_the_same() {
        let mut picture = Picture::grey(64, 64);
        // More colours than a palette has, without an order.
        for (at, pixel) in picture.rgb.chunks_exact_mut(3).enumerate() {
            pixel.fill(100 + (at * at * 31 % 101) as u8);
            pixel[0] += (at % 7) as u8;
        }
        let small = picture.write_small().unwrap();
        assert!(small.len() < picture.write().unwrap().len());
        assert_eq!(Picture::read(&small).unwrap().difference(&picture), None);
        let few = Picture::grey(8, 8);
        assert_eq!(Picture::read(&few.write_small().unwrap()).unwrap(), few);
    }

    #[test]
    fn smoothing_is_no_difference_and_a_moved_line_is() {
        let accepted = Picture::grey(40, 40);
        let mut now = accepted.clone();
        now.rgb.iter_mut().for_each(|channel| *channel += CHANNEL);
        assert_eq!(now.difference(&accepted), None);
        for x in 0..PIXELS {
            now.rgb[3 * x] = 255;
        }
        assert_eq!(now.difference(&accepted), None);
        now.rgb[3 * PIXELS] = 255;
        let difference = now.difference(&accepted).unwrap();
        assert_eq!(difference.pixels, PIXELS + 1);
        assert_eq!(difference.marked.pixel(0, 0), Some([220, 0, 40]));
        assert_eq!(difference.marked.pixel(39, 39), Some([192 + 38; 3]));
    }

    #[test]
    fn what_only_one_of_them_has_differs() {
        let (short, long) = (Picture::grey(20, 20), Picture::grey(20, 21));
        for (now, accepted) in [(&short, &long), (&long, &short)] {
            let difference = now.difference(accepted).unwrap();
            assert_eq!((difference.pixels, difference.marked.height), (20, 21));
        }
    }
}
