//! Starting other programs.

use crate::{tools, workspace};
use anyhow::{Context, Result, ensure};
use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

/// A program started from the root of the checkout, which finds the installed tools before any
/// others that the machine may have.
///
/// # Errors
/// When it is not known where the tools are.
pub fn program(name: impl AsRef<OsStr>) -> Result<Command> {
    let mut command = Command::new(name);
    command.current_dir(workspace::root());
    let machine = env::var_os("PATH").unwrap_or_default();
    // Trunk's hooks call us by name.
    let own = env::current_exe()?.parent().map(PathBuf::from);
    let installed = tools::directories()?.into_iter().chain(own);
    let directories = installed.chain(env::split_paths(&machine));
    command.env("PATH", env::join_paths(directories)?);
    Ok(command)
}

/// The cargo that runs this task, so that a `+toolchain` given to it holds for its children.
///
/// # Errors
/// As [`program`].
pub fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Result<Command> {
    let mut command = program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))?;
    command.args(arguments);
    Ok(command)
}

/// Makes a command build with the flags of this checkout and no others.
///
/// `RUSTFLAGS` in the environment silently replaces all other flags, and the bundle would differ
/// from that of other machines.
pub fn with_own_flags(mut command: Command) -> Command {
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// Makes a cargo compile the crates of the workspace with clippy, and take its warnings for errors. What it
/// compiles is linted and run: `cargo clippy` would compile all dependencies once more (docs/adr/027).
///
/// Only without optimization: clippy compiles from code that the compiler has not simplified yet.
pub fn linted(mut command: Command) -> Command {
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    // As `cargo clippy -- -D warnings` passes them on.
    command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command
}

/// The same command, which leaves the processor to others where it can (`nice` of POSIX).
pub fn with_low_priority(command: Command) -> Command {
    if find("nice").is_none() {
        return command;
    }
    let mut nice = Command::new("nice");
    nice.args(["-n", "10"]).arg(command.get_program()).args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        nice.current_dir(directory);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    nice
}

/// Runs a command to its end; its output goes where ours goes.
///
/// # Errors
/// When it cannot be started or does not succeed; the error says which command.
pub fn run(mut command: Command) -> Result<()> {
    let shown = shown(&command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    succeeded(&shown, status)
}

/// The same, and passes on each line of its output.
///
/// # Errors
/// As [`run`], or when its output cannot be read.
pub fn run_and_read(mut command: Command, mut read: impl FnMut(&str)) -> Result<()> {
    let shown = shown(&command);
    command.stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start `{shown}`"))?;
    let output = child.stdout.take().context("its output was not asked for")?;
    for line in BufReader::new(output).lines() {
        let line = line.with_context(|| format!("cannot read what `{shown}` writes"))?;
        println!("{line}");
        read(&line);
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{shown}`"))?;
    succeeded(&shown, status)
}

fn succeeded(shown: &str, status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "`{shown}` failed ({status})");
    Ok(())
}

/// What a command prints, without the line end; `None` when it is missing or fails.
pub fn output(mut command: Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// The full path of a program on `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(&file))
        .find(|path| path.is_file())
}

fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_stem().unwrap_or(command.get_program());
    let mut shown = name.to_string_lossy().into_owned();
    for argument in command.get_args() {
        shown.push(' ');
        shown.push_str(&argument.to_string_lossy());
    }
    shown
}
