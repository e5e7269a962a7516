//! Reading a PDF that Chromium wrote: its pages, and its text.
//!
//! Only what its PDF backend (Skia) writes is read: objects outside of object streams, streams in Flate,
//! and fonts that are named after their object (`/F4` is object 4) and have a `ToUnicode` map
//! (ISO 32000-1, 9.10.3).

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;

/// The objects of a file, by their number.
pub struct Pdf(BTreeMap<u32, Object>);

struct Object {
    /// What is before the stream, as text.
    head: String,
    /// Decompressed.
    stream: Vec<u8>,
}

impl Pdf {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is none, or has a stream that cannot be decompressed.
    pub fn read(file: &[u8]) -> Result<Self> {
        if !file.starts_with(b"%PDF-") {
            bail!("not a PDF");
        }
        let mut objects = BTreeMap::new();
        let mut rest = file;
        while let Some(at) = find(rest, b" 0 obj") {
            let digits = rest[..at].iter().rev().take_while(|it| it.is_ascii_digit()).count();
            let number = std::str::from_utf8(&rest[at - digits..at])?.parse::<u32>();
            rest = &rest[at + b" 0 obj".len()..];
            let Ok(number) = number else { continue };
            let end = find(rest, b"endobj").context("an object without an end")?;
            let start = find(&rest[..end], b"stream").unwrap_or(end);
            let head = String::from_utf8_lossy(&rest[..start]).into_owned();
            let mut stream = Vec::new();
            if start < end {
                let length = number_after(&head, "/Length ").context("no length of a stream")?;
                let line = find(&rest[start..], b"\n").context("a stream without a start")?;
                let start = start + line + 1;
                let packed = rest.get(start..start + length as usize).context("a short file")?;
                stream = match head.contains("/FlateDecode") {
                    true => miniz_oxide::inflate::decompress_to_vec_zlib(packed)
                        .map_err(|error| anyhow::anyhow!("object {number}: {error}"))?,
                    false => packed.to_vec(),
                };
                rest = &rest[start + length as usize..];
            } else {
                rest = &rest[end..];
            }
            objects.insert(number, Object { head, stream });
        }
        Ok(Self(objects))
    }

    /// How many pages it has.
    #[must_use]
    pub fn pages(&self) -> usize {
        let is_page = |object: &&Object| {
            let mut found = object.head.match_indices("/Type /Page");
            found.any(|(at, found)| !object.head[at + found.len()..].starts_with('s'))
        };
        self.0.values().filter(is_page).count()
    }

    /// The letters of all pages, without any space: a line may end anywhere.
    #[must_use]
    pub fn letters(&self) -> String {
        let mut fonts = BTreeMap::new();
        let mut letters = String::new();
        for content in self.0.values().filter(|it| find(&it.stream, b" Tf").is_some()) {
            let (mut font, mut name) = (None, None);
            for token in Tokens(&content.stream) {
                match token {
                    // `/F4 12 Tf`: the size is between the name and the operator.
                    Token::Word(b"Tf") => font = name.take(),
                    Token::Word(word) => {
                        let word = std::str::from_utf8(word).unwrap_or_default();
                        name = word.strip_prefix("/F").and_then(|it| it.parse().ok()).or(name);
                    }
                    Token::Glyphs(glyphs) => {
                        let Some(number) = font else { continue };
                        let font = fonts.entry(number).or_insert_with(|| self.font(number));
                        for glyph in glyphs.chunks_exact(font.digits) {
                            letters.extend(
                                font.glyphs.get(glyph).into_iter().flat_map(|it| it.chars()),
                            );
                        }
                    }
                }
            }
        }
        letters.retain(|it| !it.is_whitespace());
        letters
    }

    /// What the glyphs of a font stand for. Without a map, for nothing.
    fn font(&self, number: u32) -> Font {
        let mut font = Font { digits: 4, glyphs: BTreeMap::new() };
        let map = self.0.get(&number).and_then(|it| number_after(&it.head, "/ToUnicode "));
        let Some(map) = map.and_then(|it| self.0.get(&it)) else { return font };
        let text = String::from_utf8_lossy(&map.stream);
        for (begin, end, size) in
            [("beginbfchar", "endbfchar", 2), ("beginbfrange", "endbfrange", 3)]
        {
            for section in text.split(begin).skip(1) {
                let section = section.split(end).next().unwrap_or_default();
                let codes = section.split('<').skip(1);
                let codes: Vec<_> =
                    codes.map(|it| it.split('>').next().unwrap_or_default()).collect();
                for entry in codes.chunks_exact(size) {
                    let code = |at: usize| u32::from_str_radix(entry[at], 16);
                    let (Ok(first), Ok(last)) = (code(0), code(size - 2)) else { continue };
                    let mut text = units(entry[size - 1].as_bytes());
                    font.digits = entry[0].len().max(1);
                    for glyph in first..=last {
                        let code = format!("{glyph:0width$X}", width = font.digits);
                        font.glyphs.insert(code.into_bytes(), String::from_utf16_lossy(&text));
                        if let Some(unit) = text.last_mut() {
                            *unit = unit.wrapping_add(1);
                        }
                    }
                }
            }
        }
        font
    }
}

/// The letters of a font.
struct Font {
    /// How many hexadecimal digits a glyph has: 2 in a font of Type 3, else 4.
    digits: usize,
    /// By the digits of the glyph.
    glyphs: BTreeMap<Vec<u8>, String>,
}

/// A text of UTF-16 in hexadecimal digits.
fn units(digits: &[u8]) -> Vec<u16> {
    let parse = |four: &[u8]| u16::from_str_radix(std::str::from_utf8(four).ok()?, 16).ok();
    digits.chunks_exact(4).filter_map(parse).collect()
}

/// The number after a key.
fn number_after(text: &str, key: &str) -> Option<u32> {
    let (_, rest) = text.split_once(key)?;
    let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|it| it == part)
}

/// A part of the content of a page.
enum Token<'a> {
    /// A name, a number or an operator.
    Word(&'a [u8]),
    /// A string, in hexadecimal digits.
    Glyphs(&'a [u8]),
}

struct Tokens<'a>(&'a [u8]);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (first, rest) = self.0.split_first()?;
            match first {
                b'<' if rest.first() != Some(&b'<') => {
                    let end = rest.iter().position(|it| *it == b'>')?;
                    self.0 = &rest[end + 1..];
                    return Some(Token::Glyphs(&rest[..end]));
                }
                b'<' => self.0 = &rest[1..],
                // A string in letters: Skia writes those for what is not shown.
                b'(' => {
                    let mut is_escaped = false;
                    let end = rest.iter().position(|it| {
                        let is_end = *it == b')' && !is_escaped;
                        is_escaped = *it == b'\\' && !is_escaped;
                        is_end
                    })?;
                    self.0 = &rest[end + 1..];
                }
                it if it.is_ascii_alphanumeric() || b"/.-+'\"*".contains(it) => {
                    let is_end = |it: &u8| it.is_ascii_whitespace() || b"<>[]()".contains(it);
                    let end = rest.iter().position(is_end).unwrap_or(rest.len());
                    let word = &self.0[..=end];
                    self.0 = &rest[end..];
                    return Some(Token::Word(word));
                }
                _ => self.0 = rest,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pages: one with a list of strings, one with a single string in another font.
    fn file() -> Vec<u8> {
        let content = |text: &str| {
            let packed = miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 6);
            let head = format!("<</Filter /FlateDecode\n/Length {}>> stream\n", packed.len());
            [head.into_bytes(), packed, b"\nendstream".to_vec()].concat()
        };
        let plain = |text: &str| text.as_bytes().to_vec();
        let one_byte = "1 beginbfrange\n<1E> <1F> <B098>\nendbfrange";
        let map = "2 beginbfchar\n<0003> <AC00>\n<0005> <D83DDE00>\nendbfchar\n\
            1 beginbfrange\n<0010> <0012> <0061>\nendbfrange";
        let objects = [
            plain("<</Type /Pages\n/Count 2>>"),
            plain("<</Type /Page\n/Contents 4 0 R>>"),
            plain("<</Type /Page\n/Contents 5 0 R>>"),
            content("BT\n/F6 12 Tf\n[<0003> -20 <00100011>] TJ\n(<0012>) Tj\nET"),
            content(
                "BT /P <</MCID 0>>BDC /F7 9.5 Tf <1E> Tj 3 0 Td <1E> Tj /F6 9 Tf <00120005> Tj ET",
            ),
            plain("<</Type /Font\n/ToUnicode 8 0 R>>"),
            plain("<</Type /Font\n/Subtype /Type3\n/ToUnicode 9 0 R>>"),
            content(map),
            content(one_byte),
        ];
        let mut file = b"%PDF-1.4\n".to_vec();
        for (at, object) in objects.into_iter().enumerate() {
            file.extend(format!("{} 0 obj\n", at + 1).into_bytes());
            file.extend(object);
            file.extend(b"\nendobj\n");
        }
        file
    }

    #[test]
    fn pages_and_letters_are_read() {
        let pdf = Pdf::read(&file()).unwrap();
        assert_eq!(pdf.pages(), 2);
        assert_eq!(pdf.letters(), "가ab나나c😀");
    }

    #[test]
    fn what_is_no_pdf_is_an_error() {
        assert!(Pdf::read(b"<!DOCTYPE html>").is_err());
        let file = file();
        assert!(Pdf::read(&file[..file.len() / 2]).is_err());
    }
}
