//! A picture from disk: what it is by its content, what a backend takes of it, and its `data:` URL.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::language::{t, tf, tn};

/// The largest picture, in bytes: that of an icon in a services.toml.
pub const LARGEST: usize = 256 * 1024;

/// The smallest edge that is sharp: the screen draws an icon 52 CSS pixels wide, and phones have at least
/// two pixels for each.
const SHARP: u32 = 104;

/// The types that a backend takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Png,
    Jpeg,
    WebP,
}

impl Type {
    fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
        }
    }
}

/// A picture that a backend takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    pub kind: Type,
    /// In pixels.
    pub width: u32,
    pub height: u32,
    /// Its size, in bytes.
    pub bytes: usize,
}

/// Why a file is no picture for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Larger than [`LARGEST`].
    TooLarge { bytes: usize },
    /// It can hold scripts.
    Svg,
    /// Another type.
    Type,
    /// It ends too early, or states no size.
    Damaged,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => f.write_str(&tf(
                "This file has {size}. The largest picture has {largest}.",
                &[("size", &size(*bytes)), ("largest", &size(LARGEST))],
            )),
            Self::Svg => f.write_str(t(
                "This file is an SVG, which can hold scripts. Save it as a PNG, JPEG or WebP.",
            )),
            Self::Type => f.write_str(t("This file is neither a PNG, a JPEG nor a WebP.")),
            Self::Damaged => f.write_str(t("This picture is damaged: it states no size.")),
        }
    }
}

impl std::error::Error for Refused {}

/// Reads a file by what is in it, not by its name.
///
/// # Errors
/// Why it is no picture for the screen.
pub fn read(bytes: &[u8]) -> Result<Picture, Refused> {
    if bytes.len() > LARGEST {
        return Err(Refused::TooLarge { bytes: bytes.len() });
    }
    let (kind, size) = match bytes {
        [0x89, b'P', b'N', b'G', ..] => (Type::Png, size_of_png(bytes)),
        [0xff, 0xd8, 0xff, ..] => (Type::Jpeg, size_of_jpeg(bytes)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            (Type::WebP, size_of_webp(bytes))
        }
        _ if is_svg(bytes) => return Err(Refused::Svg),
        _ => return Err(Refused::Type),
    };
    let (width, height) =
        size.filter(|(width, height)| *width > 0 && *height > 0).ok_or(Refused::Damaged)?;
    Ok(Picture { kind, width, height, bytes: bytes.len() })
}

fn is_svg(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_lowercase();
    start.contains("<svg")
}

fn size_of_png(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((number(16)?, number(20)?))
}

/// From the first frame header (ISO/IEC 10918-1, B.2.2).
fn size_of_jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let mut at = 2;
    loop {
        let marker = match bytes.get(at..at + 2)? {
            // Fill bytes.
            [0xff, 0xff] => {
                at += 1;
                continue;
            }
            [0xff, marker] => *marker,
            _ => return None,
        };
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            return Some((number(at + 7)?.into(), number(at + 5)?.into()));
        }
        at += 2 + usize::from(number(at + 2)?.max(2));
    }
}

fn size_of_webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize, length: usize| {
        let bytes = bytes.get(at..at + length)?;
        Some(bytes.iter().rev().fold(0_u32, |sum, it| (sum << 8) | u32::from(*it)))
    };
    match bytes.get(12..16)? {
        b"VP8 " => Some((number(26, 2)? & 0x3fff, number(28, 2)? & 0x3fff)),
        b"VP8L" => {
            let bits = number(21, 4)?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => Some((number(24, 3)? + 1, number(27, 3)? + 1)),
        _ => None,
    }
}

impl Picture {
    /// What is wrong with its shape, as sentences in the studio's language.
    #[must_use]
    pub fn warnings(&self) -> Vec<&'static str> {
        let mut warnings = Vec::new();
        if self.width != self.height {
            warnings.push(t("It is not square: the screen cuts off what is longer."));
        }
        if self.width.min(self.height) < SHARP {
            warnings.push(t("It is small: below 104 pixels it is blurred on most phones."));
        }
        warnings
    }

    /// Its address in a fixture.
    #[must_use]
    pub fn data_url(&self, bytes: &[u8]) -> String {
        format!("data:{};base64,{}", self.kind.media_type(), STANDARD.encode(bytes))
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tf(
            "{type}, {width} × {height} pixels, {size}",
            &[
                ("type", &self.kind.name()),
                ("width", &self.width),
                ("height", &self.height),
                ("size", &size(self.bytes)),
            ],
        ))
    }
}

/// The size of a file, in words.
#[must_use]
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => tn(bytes, "1 byte", "{count} bytes"),
        _ => tf("{count} KB", &[("count", &bytes.div_ceil(1024))]),
    }
}

/// Whether an address is a picture from disk.
#[must_use]
pub fn is_from_disk(url: &str) -> bool {
    url.starts_with("data:")
}

/// The picture of a `data:` URL. None for another address.
#[must_use]
pub fn of_url(url: &str) -> Option<Result<Picture, Refused>> {
    let (_, encoded) = url.strip_prefix("data:")?.split_once(";base64,")?;
    Some(STANDARD.decode(encoded).map_err(|_| Refused::Damaged).and_then(|bytes| read(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    fn webp(kind: &[u8; 4], rest: &[u8]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBP", &kind[..], &[0; 4], rest].concat()
    }

    #[test]
    fn a_picture_is_known_by_its_content() {
        let jpeg =
            b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xff\xc4\0\x02\xff\xc2\0\x0b\x08\0\x40\0\x80\x01";
        let lossy = [&[0; 6][..], &[0x2c, 0x41, 0x90, 0x00]].concat();
        // 300 × 144, less one each, in 14 bits.
        let lossless = (299_u32 | (143 << 14)).to_le_bytes();
        let extended = [0, 0, 0, 0, 0x2b, 1, 0, 0x8f, 0, 0];
        for (bytes, kind, size) in [
            (png(300, 144), Type::Png, (300, 144)),
            (jpeg.to_vec(), Type::Jpeg, (128, 64)),
            (webp(b"VP8 ", &lossy), Type::WebP, (300, 144)),
            (webp(b"VP8L", &[&[0x2f][..], &lossless].concat()), Type::WebP, (300, 144)),
            (webp(b"VP8X", &extended), Type::WebP, (300, 144)),
        ] {
            let picture = read(&bytes).unwrap();
            assert_eq!((picture.kind, (picture.width, picture.height)), (kind, size));
            let url = picture.data_url(&bytes);
            assert!(url.starts_with(&format!("data:{};base64,", kind.media_type())));
            assert_eq!(of_url(&url), Some(Ok(picture)));
        }
    }

    #[test]
    fn what_a_backend_refuses_is_refused_with_a_reason() {
        for (bytes, reason) in [
            (
                &b"<?xml version='1.0'?>\n<!-- a --><SVG xmlns='http://www.w3.org/2000/svg'/>"[..],
                Refused::Svg,
            ),
            (&b"GIF89a"[..], Refused::Type),
            (&b""[..], Refused::Type),
            (&b"\x89PNG\r\n\x1a\n"[..], Refused::Damaged),
            (&b"\xff\xd8\xff\xe0"[..], Refused::Damaged),
            (&b"\xff\xd8\xff\xe0\0\0\0\0"[..], Refused::Damaged),
            (&png(0, 5), Refused::Damaged),
            (&[0; LARGEST + 1], Refused::TooLarge { bytes: LARGEST + 1 }),
        ] {
            assert_eq!(read(bytes), Err(reason));
        }
        let reason = Refused::TooLarge { bytes: LARGEST + 1 }.to_string();
        assert_eq!(reason, "This file has 257 KB. The largest picture has 256 KB.");
        assert_eq!(of_url("/icons/shop.png"), None);
        assert_eq!(of_url("data:image/png;base64,??"), Some(Err(Refused::Damaged)));
    }

    #[test]
    fn the_shape_is_warned_about() {
        let warnings = |width, height| read(&png(width, height)).unwrap().warnings().len();
        assert_eq!(
            [warnings(104, 104), warnings(104, 208), warnings(96, 96), warnings(1, 2)],
            [0, 1, 1, 2]
        );
        let picture = read(&png(96, 192)).unwrap();
        assert_eq!(picture.to_string(), "PNG, 96 × 192 pixels, 24 bytes");
    }
}
