//! The product: the bundled screen and the backend's binary.

use crate::{hosting, precompress, process, remap, tools, workspace};
use anyhow::{Context, Result, ensure};
use ignore::WalkBuilder;
use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

/// What the screen's bundle is made from. A file that is not named here is not noticed when it
/// changes.
const SCREEN: [&str; 15] = [
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "contract/Cargo.toml",
    "contract/src",
    "index.html",
    "public",
    "rust-toolchain.toml",
    "src",
    "style",
    "xtask/src/bundle.rs",
    "xtask/src/css.rs",
    "xtask/src/precompress.rs",
    "xtask/src/remap.rs",
];

/// What the studio's bundle is made from beside what the screen's is.
const STUDIO: [&str; 5] = ["fixtures", "lint", "services", "studio", "xtask/src/hosting.rs"];

/// The studio's two pages, in the order in which they are built: Trunk empties the directory that it
/// builds into, and the second one's is inside the first one's.
const STUDIO_PAGES: [&str; 2] = ["studio/Trunk.toml", "studio/preview/Trunk.toml"];

/// The programs of a bundle: their manifest and names.
type Programs = (&'static str, &'static [&'static str]);

const SCREEN_PROGRAMS: Programs = ("Cargo.toml", &["consent-screen"]);

/// What the browser runs.
const WASM: &str = "wasm32-unknown-unknown";

/// Linking is where most of the time goes, and one core does it: both are linked at once.
const STUDIO_PROGRAMS: Programs = ("studio/Cargo.toml", &["studio", "preview"]);

/// The backend, and the demo's partner shop. They share no code, and are built in one go so that
/// their dependencies are compiled once.
const SERVERS: [&str; 4] = ["-p", "consent-backend", "-p", "consent-shop"];

/// Remembers in the bundle what it was made from. Trunk empties the directory when it builds, so
/// that a bundle made in another way, or half made, has no such file.
const STAMP: &str = ".made-from";

/// Bundles the screen, unless nothing changed since it was last bundled.
///
/// # Errors
/// When a tool is missing and cannot be installed, or the screen does not build.
pub fn screen() -> Result<()> {
    let usually = "usually 3 minutes the first time, half a minute after";
    bundle("screen", usually, &workspace::dist(), &SCREEN, SCREEN_PROGRAMS, &["Trunk.toml"])
}

/// Bundles the preview studio, unless nothing changed since it was last bundled.
///
/// # Errors
/// As [`screen`].
pub fn studio() -> Result<()> {
    let inputs = [&SCREEN[..], &STUDIO].concat();
    let usually = "usually 3 minutes the first time, 2 minutes after";
    let dist = workspace::studio();
    bundle("preview studio", usually, &dist, &inputs, STUDIO_PROGRAMS, &STUDIO_PAGES)
}

/// Builds screen, studio and servers in parallel, all of it as it is deployed.
///
/// # Errors
/// When a tool is missing and cannot be installed, or one of them does not build.
pub fn product() -> Result<()> {
    beside_bundles(servers)
}

/// The same for the demo: the servers are compiled without optimization, which takes half the time.
///
/// # Errors
/// As [`product`].
pub fn demo() -> Result<()> {
    beside_bundles(|| {
        println!("Building the servers (usually 2 minutes the first time, seconds after)");
        build(&[])
    })
}

/// The same for tests in a browser. The servers are those of the unit tests: built alone, their
/// dependencies would have fewer features, and all be compiled again.
///
/// # Errors
/// As [`product`].
pub fn tested() -> Result<()> {
    bundles()?;
    println!("Building the servers (usually 5 minutes the first time, seconds after)");
    let arguments = [
        &["build", "--locked", "--workspace", "--exclude", "consent-e2e"],
        &["--bin", "consent-backend", "--bin", "consent-shop"][..],
        // An example gets the features that tests get.
        &["--example", "pages"],
    ];
    process::run(process::linted(process::cargo(arguments.concat())?))
}

/// Screen and studio.
///
/// # Errors
/// When a tool is missing and cannot be installed, or one of them does not build.
pub fn bundles() -> Result<()> {
    tools_and_crates()?;
    // Compressing keeps one core busy, and so does each of Trunk's steps.
    thread::scope(|scope| {
        let screen = scope.spawn(screen);
        let studio = studio();
        studio.and(screen.join().expect("bundling does not panic"))
    })
}

fn beside_bundles(servers: impl FnOnce() -> Result<()> + Send) -> Result<()> {
    thread::scope(|scope| {
        let servers = scope.spawn(servers);
        let bundles = bundles();
        bundles.and(servers.join().expect("building the servers does not panic"))
    })
}

/// Installs missing tools, and compiles meanwhile what Trunk is going to ask cargo for.
fn tools_and_crates() -> Result<()> {
    if tools::are_installed()? {
        return Ok(());
    }
    tools::wasm_target()?;
    thread::scope(|scope| {
        let crates =
            scope.spawn(|| [SCREEN_PROGRAMS, STUDIO_PROGRAMS].into_iter().try_for_each(compile));
        let tools = tools::ensure();
        tools.and(crates.join().expect("compiling does not panic"))
    })
}

/// Compiles programs as Trunk does, with its arguments: others would compile other features.
fn compile((manifest, programs): Programs) -> Result<()> {
    let mut cargo = process::cargo(["build", "--target=wasm32-unknown-unknown"])?;
    cargo.args(["--profile", "web", "--locked", "--features", "csr"]);
    cargo.args(["--manifest-path", manifest]);
    cargo.args(programs.iter().flat_map(|program| ["--bin", program]));
    process::run(without_progress(remap::for_target(process::with_own_flags(cargo), WASM)?))
}

/// A program that builds for the browser, with the flags of this checkout and without paths of this machine.
fn for_the_browser(name: &str) -> Result<Command> {
    remap::for_target(process::with_own_flags(process::program(name)?), WASM)
}

/// A cargo that runs beside another one: two progress bars would overwrite each other.
fn without_progress(mut command: Command) -> Command {
    command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    command
}

fn bundle(
    what: &str,
    usually: &str,
    dist: &Path,
    inputs: &[&str],
    programs: Programs,
    configurations: &[&str],
) -> Result<()> {
    tools::ensure()?;
    let stamp = dist.join(STAMP);
    let inputs = fingerprint(&workspace::root(), inputs)?;
    if fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == inputs) {
        println!("The {what} has not changed since it was bundled.");
        return Ok(());
    }
    println!("Bundling the {what} ({usually})");
    let started = Instant::now();
    compile(programs)?;
    for configuration in configurations {
        let mut trunk = without_progress(for_the_browser("trunk")?);
        // Trunk asks the network whether there is a newer Trunk; the version is ours to choose.
        trunk.args(["build", "--release", "--skip-version-check", "--config", configuration]);
        // Trunk's minifier cannot read the script of wasm-bindgen, and says so: `minify_scripts` does it.
        trunk.env("RUST_LOG", "trunk=info,trunk::processing::minify=error");
        process::run(trunk)?;
    }
    fs::write(&stamp, inputs).with_context(|| format!("cannot write {}", stamp.display()))?;
    println!("The {what} is bundled ({} s)", started.elapsed().as_secs());
    Ok(())
}

/// Calls Trunk as a developer would.
///
/// # Errors
/// When a tool cannot be installed, or Trunk fails.
pub fn trunk(arguments: &[String]) -> Result<()> {
    tools::ensure()?;
    let mut trunk = for_the_browser("trunk")?;
    trunk.args(arguments);
    process::run(trunk)
}

/// Completes the screen that Trunk has staged. One hook for all of it: Trunk runs the hooks of a
/// stage in parallel.
///
/// # Errors
/// When not started by Trunk, or a file cannot be read or written.
pub fn finish() -> Result<()> {
    let Some(staging) = staged()? else { return Ok(()) };
    let page = staging.join("index.html");
    let html = without_comments(&fs::read_to_string(&page)?);
    fs::write(&page, with_styles(&html, &staging)?)?;
    minify_scripts(&staging)?;
    precompress::directory(&staging)
}

/// What is left to do with a page of the studio that Trunk has staged. It is not downloaded by end
/// users: no byte of it has to be saved.
///
/// # Errors
/// As [`finish`].
pub fn finish_studio() -> Result<()> {
    let Some(staging) = staged()? else { return Ok(()) };
    minify_scripts(&staging)?;
    hosting::add_policies(&staging)?;
    precompress::quickly(&staging)?;
    // After that: they are small, and many.
    hosting::add_addresses(&staging)
}

/// Minifies the scripts that wasm-bindgen wrote, in place.
fn minify_scripts(staging: &Path) -> Result<()> {
    for entry in fs::read_dir(staging)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("js")) {
            let mut esbuild = process::program("esbuild")?;
            esbuild.arg(&path).args(["--minify", "--format=esm", "--allow-overwrite"]);
            esbuild.args(["--log-level=warning"]).arg(format!("--outfile={}", path.display()));
            process::run(esbuild)?;
        }
    }
    Ok(())
}

/// The directory that Trunk has staged, and names in `TRUNK_STAGING_DIR`; none in a development
/// build, which is for the reload a moment later: brotli 11 would triple its time.
fn staged() -> Result<Option<PathBuf>> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR")
        .context("this is a hook of `trunk build`: TRUNK_STAGING_DIR is not set")?;
    let is_for_development =
        std::env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "debug");
    Ok((!is_for_development).then(|| staging.into()))
}

/// The page with the screen's style sheet inside, whose file goes: one that never came would keep
/// the page white, and its script waiting.
///
/// # Errors
/// When the page does not link the sheet, or the sheet cannot stand in a page.
fn with_styles(page: &str, staging: &Path) -> Result<String> {
    let sheet = built_sheet(staging)?;
    let name = file_name(&sheet);
    let css = fs::read_to_string(&sheet)?;
    ensure!(!css.contains("</"), "{name} would end its element");
    let link = page
        .split_inclusive('>')
        .find_map(|until| {
            let tag = &until[until.rfind('<')?..];
            (tag.starts_with("<link") && tag.contains(name)).then_some(tag)
        })
        .with_context(|| format!("the page does not link {name}"))?;
    fs::remove_file(&sheet)?;
    Ok(page.replacen(link, &format!("<style>{}</style>", css.trim()), 1))
}

/// The built style sheet, under the name that Trunk gave it.
///
/// # Errors
/// When there is none, or several.
fn built_sheet(staging: &Path) -> Result<PathBuf> {
    let mut sheets = Vec::new();
    for entry in fs::read_dir(staging)? {
        let path = entry?.path();
        let name = file_name(&path);
        if name.starts_with("screen-") && name.ends_with(".css") {
            sheets.push(path);
        }
    }
    ensure!(sheets.len() == 1, "{} built style sheets in {}", sheets.len(), staging.display());
    Ok(sheets.remove(0))
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

/// The page without the comments of its boot scripts, which Trunk's minifier leaves in: lines that
/// begin with `//`, and JSDoc. The page's markup has neither.
fn without_comments(page: &str) -> String {
    let mut code = String::new();
    let mut rest = page;
    while let Some((before, comment)) = rest.split_once("/**") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let is_code = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with("//")
    };
    code.split_inclusive('\n').filter(is_code).collect()
}

/// Builds the backend as it would be deployed, and the shop.
///
/// # Errors
/// When one of them does not build.
pub fn servers() -> Result<()> {
    println!("Building the servers (usually 4 minutes the first time, seconds after)");
    build(&["--release"])
}

fn build(profile: &[&'static str]) -> Result<()> {
    let arguments = [&["build", "--locked"], profile, &SERVERS].concat();
    // The bundles take longer, and are linked by one core at the end: what they need goes first.
    process::run(process::with_low_priority(without_progress(process::cargo(arguments)?)))
}

/// A number that changes when any of the inputs or the compiler does.
fn fingerprint(root: &Path, inputs: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    let mut rustc = process::program("rustc")?;
    rustc.arg("--version");
    process::output(rustc).hash(&mut hasher);
    for input in inputs {
        input.hash(&mut hasher);
        if !root.join(input).exists() {
            continue;
        }
        // What git ignores is made from the rest: style/.built among it.
        let mut walk = WalkBuilder::new(root.join(input));
        walk.hidden(false).sort_by_file_path(Path::cmp);
        for entry in walk.build() {
            let entry = entry?;
            let path = entry.path();
            if path.is_file() {
                path.strip_prefix(root).unwrap_or(path).hash(&mut hasher);
                let content = fs::read(path);
                content.with_context(|| format!("reading {}", path.display()))?.hash(&mut hasher);
            }
        }
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_the_boot_script_are_not_sent() {
        let page = "<script>a();\n// why\n  // and how\nb(\"https://x\")</script>\n<p>";
        assert_eq!(without_comments(page), "<script>a();\nb(\"https://x\")</script>\n<p>");
        let page = "<script>\n/**\n * @param {string} a\n */\nf(/** @type {A} */ (b));\n</script>";
        assert_eq!(without_comments(page), "<script>\nf( (b));\n</script>");
    }

    #[test]
    fn the_style_sheet_moves_into_the_page() {
        let staging = tempfile::tempdir().expect("a temporary directory");
        let sheet = staging.path().join("screen-0123.css");
        fs::write(&sheet, "a>b{}\n").expect("written");
        fs::write(staging.path().join("theme.css"), "x{}").expect("written");
        let page =
            "<title>x</title><link rel=stylesheet href=/screen-0123.css><link href=/theme.css>";
        assert_eq!(
            with_styles(page, staging.path()).expect("linked"),
            "<title>x</title><style>a>b{}</style><link href=/theme.css>"
        );
        assert!(!sheet.exists(), "no page links to it any more");
        assert!(with_styles(page, staging.path()).is_err(), "there is no sheet");
    }

    #[test]
    fn a_fingerprint_changes_with_content_and_name_and_with_nothing_else() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("in a directory")).expect("made");
            fs::write(path, text).expect("written");
        };
        let fingerprint = || fingerprint(root.path(), &SCREEN).expect("a fingerprint");
        write("src/lib.rs", "a");
        let first = fingerprint();
        write("README.md", "not an input");
        write("src/lib.rs", "a");
        assert_eq!(fingerprint(), first);
        write("src/lib.rs", "b");
        let second = fingerprint();
        assert_ne!(second, first);
        fs::rename(root.path().join("src/lib.rs"), root.path().join("src/main.rs"))
            .expect("renamed");
        assert_ne!(fingerprint(), second);
    }
}
