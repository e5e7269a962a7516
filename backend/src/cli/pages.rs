//! Where the built screen and studio come from, and `consent-backend unpack`.

use std::path::PathBuf;

use clap::Args;
use consent_backend::BuiltFiles;

/// Where Trunk builds the screen in a checkout.
const DIST: &str = "dist";

#[derive(Args)]
pub struct Unpack {
    /// The directory that is made.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// The screen of `--dist`; by default the one inside this program, or that of a checkout.
#[must_use]
pub fn screen(named: Option<PathBuf>) -> BuiltFiles {
    let named = named.map(BuiltFiles::from).or_else(BuiltFiles::embedded_screen);
    named.unwrap_or_else(|| PathBuf::from(DIST).into())
}

/// The studio of `--studio` or `--admin-studio`, with or without a directory.
///
/// # Errors
/// When no directory is named and there is no studio inside this program.
pub fn studio(named: Option<Option<PathBuf>>) -> Result<Option<BuiltFiles>, String> {
    let none_inside = "there is no studio inside this program: name the directory of a built one, such as \
                       studio/dist";
    match named {
        None => Ok(None),
        Some(Some(directory)) => Ok(Some(directory.into())),
        Some(None) => BuiltFiles::embedded_studio().map(Some).ok_or_else(|| none_inside.to_owned()),
    }
}

/// Writes the screen inside this program into a new directory. Returns what to print, and the exit status.
///
/// # Errors
/// When there is no screen inside this program, or it cannot be written.
pub fn unpack(Unpack { directory }: &Unpack) -> Result<(String, u8), String> {
    let screen = BuiltFiles::embedded_screen();
    let screen = screen.ok_or(
        "there is no screen inside this program: `cargo xtask package` builds \
                               one that has it",
    )?;
    let written = screen.unpack(directory);
    let files = written.map_err(|error| format!("{}: {error}", directory.display()))?;
    Ok((format!("{}: {files} files\n", directory.display()), 0))
}
