//! A standard library built for size, and without the machinery of panics, for the bundle.
//!
//! It makes the WebAssembly a tenth smaller (docs/adr/002-a-small-std.md). Both are switches that
//! stable compilers have but do not promise, so the compiler is asked first, and one that answers
//! no builds an ordinary bundle: larger, otherwise the same.

use crate::process;
use anyhow::Result;
use std::process::Command;

/// A panic traps at once: no message is formatted, which nobody would see. What remains of the
/// page is dealt with by its boot script.
const FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort";

/// Lets a command that builds for the browser build the standard library as well.
///
/// # Errors
/// When a compiler cannot be started.
pub fn with_small_std(mut command: Command) -> Result<Command> {
    if !offered()? {
        println!("This rustc offers no smaller standard library: the bundle will be larger.");
        return Ok(command);
    }
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS);
    Ok(command)
}

fn offered() -> Result<bool> {
    let mut rustc = process::program("rustc")?;
    rustc.env("RUSTC_BOOTSTRAP", "1").args(FLAGS.split(' ')).args(["--print", "cfg"]);
    let flags = process::output(rustc).is_some();
    let mut rustc = process::program("rustc")?;
    rustc.args(["--print", "sysroot"]);
    let sysroot = process::output(rustc).unwrap_or_default();
    let source = std::path::Path::new(&sysroot).join("lib/rustlib/src/rust/library/std");
    if flags && !source.is_dir() && process::find("rustup").is_some() {
        println!("Adding the source of the standard library (10 seconds)");
        let mut rustup = process::program("rustup")?;
        rustup.args(["component", "add", "rust-src"]);
        process::run(rustup)?;
    }
    Ok(flags && source.is_dir())
}
