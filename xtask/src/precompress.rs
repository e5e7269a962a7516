//! Compressed siblings of the bundled files, so that the server never compresses in a request.

use anyhow::{Context, Result};
use ignore::WalkBuilder;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What shrinks when compressed. Pictures do not.
const KINDS: [&str; 6] = ["html", "js", "wasm", "css", "svg", "json"];

/// What brotli offers at most.
const BEST: i32 = 11;

/// For files that end users do not download: a twentieth of the time.
const QUICK: i32 = 5;

/// Compresses every text file in the directory as well as brotli and gzip can.
///
/// # Errors
/// When a file cannot be read or written.
pub fn directory(directory: &Path) -> Result<()> {
    compress(directory, BEST)
}

/// Compresses every text file in the directory, a little worse and much faster.
///
/// # Errors
/// When a file cannot be read or written.
pub fn quickly(directory: &Path) -> Result<()> {
    compress(directory, QUICK)
}

fn compress(directory: &Path, quality: i32) -> Result<()> {
    for entry in WalkBuilder::new(directory).standard_filters(false).build() {
        let entry = entry?;
        let path = entry.path();
        let kind = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        // A deployer edits the theme in place; its sibling would keep the old one.
        let edited = path.file_name() == Some(OsStr::new("theme.css"));
        if path.is_file() && KINDS.contains(&kind) && !edited {
            let plain = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            keep_if_smaller(path, "br", &brotli(&plain, quality)?, plain.len())?;
            keep_if_smaller(path, "gz", &gzip(&plain)?, plain.len())?;
        }
    }
    Ok(())
}

/// With the largest window that browsers must support.
///
/// # Errors
/// Never in practice: it writes to memory.
fn brotli(plain: &[u8], quality: i32) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 22,
        size_hint: plain.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*plain, &mut packed, &parameters)?;
    Ok(packed)
}

/// The best that gzip does (level 9).
///
/// # Errors
/// Never in practice: it writes to memory.
fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

/// `a.js` compressed with brotli is `a.js.br`.
pub fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn keep_if_smaller(path: &Path, suffix: &str, packed: &[u8], plain: usize) -> Result<()> {
    // A tiny file grows; the server then sends the plain one.
    if packed.len() >= plain {
        return Ok(());
    }
    let sibling = sibling(path, suffix);
    fs::write(&sibling, packed).with_context(|| format!("writing {}", sibling.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn siblings_unpack_to_the_file_they_stand_beside() {
        let staging = tempfile::tempdir().expect("a temporary directory");
        let page = staging.path().join("index.html");
        let text = "<p>동의하고 계속하기</p>".repeat(50);
        fs::write(&page, &text).expect("written");
        directory(staging.path()).expect("compressed");

        let packed = fs::read(staging.path().join("index.html.br")).expect("a brotli sibling");
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &*packed, &mut unpacked).expect("valid brotli");
        assert_eq!(unpacked, text.as_bytes());

        let packed = fs::read(staging.path().join("index.html.gz")).expect("a gzip sibling");
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&*packed).read_to_string(&mut unpacked).expect("valid gzip");
        assert_eq!(unpacked, text);
    }

    #[test]
    fn pictures_and_tiny_files_have_no_siblings() {
        let staging = tempfile::tempdir().expect("a temporary directory");
        fs::write(staging.path().join("icon.png"), vec![0_u8; 1000]).expect("written");
        fs::write(staging.path().join("empty.json"), "{}").expect("written");
        directory(staging.path()).expect("nothing to do");
        assert_eq!(fs::read_dir(staging.path()).expect("listed").count(), 2);
    }
}
