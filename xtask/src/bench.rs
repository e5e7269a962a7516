//! `cargo xtask bench`: our screen beside a static form and the same screen written with other
//! frameworks, and the backend under load. The measuring itself is the package in bench/.

use crate::workspace::{self, Profile};
use crate::{browser, bundle, precompress, process};
use anyhow::{Context, Result, ensure};
use clap::Args;
use ignore::WalkBuilder;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// What is measured, and how often.
#[derive(Args)]
pub struct Options {
    /// How many times everything is visited
    #[arg(long, value_name = "N", default_value_t = 9)]
    rounds: usize,
    /// Two rounds and a tenth of everything else, reported in target/bench: shows that it works, not how fast
    #[arg(long)]
    quick: bool,
    /// Measure this part only: page, growth, mounting, load or growing-data (may be given several times)
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
    /// How many decisions the largest database of growing-data has
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    decisions: u64,
    /// Visit this contender only (may be given several times)
    #[arg(long, value_name = "NAME")]
    contender: Vec<String>,
    /// Fail when a figure is missed
    #[arg(long)]
    gate: bool,
}

/// Builds every contender and measures them; writes docs/BENCH.md and what is in docs/bench.
///
/// # Errors
/// When something does not build, or cannot be measured.
pub fn run(options: &Options) -> Result<()> {
    browser::ensure(browser::Engine::Chromium)?;
    bundle::screen()?;
    bundle::servers()?;
    let out = workspace::root().join("target/bench");
    let contenders = out.join("contenders");
    own(&contenders)?;
    peers(&contenders)?;
    println!("Building the bench (usually 3 minutes the first time, seconds after)");
    process::run(process::cargo(["build", "--release", "--locked", "-p", "consent-bench"])?)?;

    let rounds = options.rounds.to_string();
    let decisions = options.decisions.to_string();
    let arguments = ["measure", "--rounds", &rounds, "--decisions", &decisions];
    let mut bench = process::program(
        workspace::backend(Profile::Release)?
            .with_file_name(format!("consent-bench{}", std::env::consts::EXE_SUFFIX)),
    )?;
    bench.args(arguments).arg("--contenders").arg(&contenders);
    bench.arg("--backend").arg(workspace::backend(Profile::Release)?);
    bench.arg("--chromium").arg(browser::program().context("no Chromium")?);
    let documents = if options.quick {
        // Numbers of two rounds do not replace the measured ones.
        let report = out.join("BENCH.md");
        fs::copy(workspace::root().join("docs/BENCH.md"), &report)?;
        [report, out.join("usable.svg"), out.join("results.json")]
    } else {
        ["docs/BENCH.md", "docs/bench/usable.svg", "docs/bench/results.json"].map(PathBuf::from)
    };
    for (option, document) in ["--report", "--plot", "--results"].into_iter().zip(documents) {
        bench.arg(option).arg(document);
    }
    bench.args(options.quick.then_some("--quick")).args(options.gate.then_some("--gate"));
    for part in &options.only {
        bench.args(["--only", part]);
    }
    for name in &options.contender {
        bench.args(["--contender", name]);
    }
    println!(
        "Measuring (usually an hour and a half; with --quick ten minutes): leave the machine alone"
    );
    process::run(bench)
}

/// The three contenders that are made of the bundle: as it is, left alone by the server, and
/// without any script.
fn own(contenders: &Path) -> Result<()> {
    let page = fs::read_to_string(workspace::dist().join("index.html"))?;
    for (name, page) in [
        ("server-rendered", page.clone()),
        ("static-spa", left_alone(&page)),
        ("html-form", without_scripts(&page)),
    ] {
        let directory = contenders.join(name);
        emptied(&directory)?;
        copy(&workspace::dist(), &directory, |_| true)?;
        fs::write(directory.join("index.html"), page)?;
        precompress::directory(&directory)?;
    }
    Ok(())
}

/// The contenders that are written with something else, with the bundle's own style sheets.
fn peers(contenders: &Path) -> Result<()> {
    let sources = workspace::root().join("bench/peers");
    let npm = |arguments: &[&str]| -> Result<()> {
        let mut npm = process::program("npm")?;
        npm.current_dir(&sources).args(arguments);
        process::run(npm)
    };
    let installed = sources.join("node_modules/.package-lock.json");
    if !newer(&installed, &sources.join("package-lock.json")) {
        println!("Installing the peers' frameworks from npm (usually half a minute)");
        npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    }
    println!("Building the peers (10 seconds)");
    let page = fs::read_to_string(workspace::dist().join("index.html"))?;
    let styles: String = links(&page).filter(|link| link.contains("stylesheet")).collect();
    ensure!(!styles.is_empty(), "the bundled page has no style sheet");
    let mut build = process::program("node")?;
    build.current_dir(&sources).arg("build.js").arg(contenders).arg(styles);
    process::run(build)?;
    for name in ["react", "preact", "svelte", "solid"] {
        let directory = contenders.join(name);
        copy(&workspace::dist(), &directory, |kind| matches!(kind, "css" | "svg"))?;
        precompress::directory(&directory)?;
    }
    Ok(())
}

/// Whether the first file is there and not older than the second.
fn newer(first: &Path, second: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    changed(first).is_some_and(|time| Some(time) >= changed(second))
}

fn emptied(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| directory.display().to_string())?;
    }
    fs::create_dir_all(directory).with_context(|| directory.display().to_string())
}

/// Copies the files of a bundle of some kinds, those in its directories, too; without what is compressed:
/// that would be stale.
fn copy(bundle: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    for entry in WalkBuilder::new(bundle).git_ignore(false).build() {
        let entry = entry?;
        let from = entry.path();
        let kind = from.extension().and_then(OsStr::to_str).unwrap_or_default();
        if from.is_file() && !matches!(kind, "br" | "gz") && wanted(kind) {
            let to = to.join(from.strip_prefix(bundle)?);
            fs::create_dir_all(to.parent().context("a file is in a directory")?)?;
            fs::copy(from, &to).with_context(|| from.display().to_string())?;
        }
    }
    Ok(())
}

/// The page without the attribute of the SSR outlet.
fn left_alone(page: &str) -> String {
    page.replace(" data-ssr-outlet=\"\"", "").replace(" data-ssr-outlet", "")
}

/// The page without scripts, and without asking for any beforehand.
fn without_scripts(page: &str) -> String {
    let mut rest = page;
    let mut left = String::new();
    while let Some((before, script)) = rest.split_once("<script") {
        left.push_str(before);
        rest = script.split_once("</script>").map_or("", |(_, after)| after);
    }
    left.push_str(rest);
    let early: Vec<String> =
        links(&left).filter(|link| link.contains("preload")).map(str::to_owned).collect();
    early.iter().fold(left, |page, link| page.replace(link, ""))
}

/// The `<link>` elements of a page.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.match_indices("<link").filter_map(|(at, _)| {
        let end = page[at..].find('>')?;
        Some(&page[at..=at + end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><link href=/a.css rel=stylesheet><link rel=modulepreload href=/a.js>\
        <link as=fetch rel=preload href=/a.wasm><script type=module>if(a<b)c()</script>\
        <div id=shell data-ssr-outlet><main></main></div><script src=/b.js></script></html>";

    #[test]
    fn a_contender_has_the_files_of_every_directory_and_nothing_compressed() {
        let (bundle, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(bundle.path().join("texts")).unwrap();
        for file in
            ["index.html", "index.html.br", ".made-from", "texts/ko.json", "texts/ko.json.gz"]
        {
            fs::write(bundle.path().join(file), file).unwrap();
        }
        copy(bundle.path(), to.path(), |_| true).unwrap();
        let mut files: Vec<_> = WalkBuilder::new(to.path())
            .hidden(false)
            .build()
            .map(|entry| entry.unwrap().into_path())
            .filter(|it| it.is_file())
            .map(|it| it.strip_prefix(to.path()).unwrap().display().to_string())
            .collect();
        files.sort();
        assert_eq!(files, ["index.html", "texts/ko.json"]);
    }

    #[test]
    fn the_form_has_the_mark_and_the_styles_and_nothing_that_runs() {
        assert_eq!(
            without_scripts(PAGE),
            "<html><link href=/a.css rel=stylesheet>\
             <div id=shell data-ssr-outlet><main></main></div></html>"
        );
    }

    #[test]
    fn the_static_page_lacks_the_mark_and_nothing_else() {
        assert_eq!(
            left_alone(PAGE),
            PAGE.replace("<div id=shell data-ssr-outlet>", "<div id=shell>")
        );
        assert_eq!(left_alone("<div data-ssr-outlet=\"\" id=shell>"), "<div id=shell>");
    }
}
