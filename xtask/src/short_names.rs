//! Shorter names between the WebAssembly and its JavaScript.
//!
//! wasm-bindgen names each function that one side lends the other after its type and a hash, so
//! that parts built at different times never meet by accident. In a finished bundle both sides are
//! known and belong together, and no other part of it compresses as badly as a hundred hashes:
//! `cargo xtask size` with and without this says what they weigh.

use anyhow::{Context, Result, ensure};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ExportSection, ImportSection, Module, RawSection};
use wasmparser::{Parser, Payload};

/// What stands before a short name. It must not be in the JavaScript before, or a name of its own
/// could be taken for one of ours.
const MARK: &str = "q_";

/// Shortens the names in a directory that Trunk has staged, and puts the new files in the place of
/// the old ones: a file's name says what is in it.
///
/// # Errors
/// When there is not exactly one WebAssembly with its JavaScript and its page, or they do not fit
/// together.
pub fn shorten(staging: &Path) -> Result<()> {
    let page = staging.join("index.html");
    let all = |_: &str| true;
    let (wasm, script) = (only(staging, "wasm", all)?, only(staging, "js", all)?);
    let text = fs::read_to_string(&script)?;
    ensure!(!text.contains(MARK), "{} has {MARK}", script.display());
    let mut names = Names::default();
    let bytes = names.shorten(&fs::read(&wasm)?).context("reading the WebAssembly")?;
    let text = names.applied_to(&text);
    let mut html = fs::read_to_string(&page)?;
    for (old, content) in [(&wasm, bytes), (&script, text.into_bytes())] {
        let new = renamed(old, &content);
        let (from, to) = (file_name(old), file_name(&new));
        ensure!(html.contains(from), "{} does not name {from}", page.display());
        html = html.replace(from, to);
        fs::remove_file(old)?;
        fs::write(new, content)?;
    }
    fs::write(page, html)?;
    Ok(())
}

/// The one file with this extension whose name is of this kind.
///
/// # Errors
/// When there is none, or several.
pub fn only(staging: &Path, extension: &str, kind: impl Fn(&str) -> bool) -> Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(staging)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new(extension)) && kind(file_name(&path)) {
            found.push(path);
        }
    }
    ensure!(found.len() == 1, "{} .{extension} files in {}", found.len(), staging.display());
    Ok(found.remove(0))
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

/// `screen-0123456789abcdef_bg.wasm` with the hash of what is in it now.
fn renamed(path: &Path, content: &[u8]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let name = file_name(path);
    let (stem, rest) = name.rsplit_once('-').unwrap_or((name, ""));
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    path.with_file_name(format!("{stem}-{:016x}{rest}", hasher.finish()))
}

/// Old names and their short ones.
#[derive(Default)]
struct Names {
    short: HashMap<String, String>,
    modules: HashMap<String, String>,
}

impl Names {
    fn of(&mut self, name: &str) -> String {
        // Nothing to gain, and others may know it: `main`, `memory`.
        if name.len() < 8 {
            return name.to_owned();
        }
        let next = format!("{MARK}{}", self.short.len());
        self.short.entry(name.to_owned()).or_insert(next).clone()
    }

    fn of_module(&mut self, module: &str) -> String {
        let next = format!("{MARK}m{}", self.modules.len());
        self.modules.entry(module.to_owned()).or_insert(next).clone()
    }

    /// The WebAssembly with short names; its code stays as it is, byte by byte.
    fn shorten(&mut self, wasm: &[u8]) -> Result<Vec<u8>> {
        let mut module = Module::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    let mut imports = ImportSection::new();
                    for import in section.into_imports() {
                        let import = import?;
                        let entity = RoundtripReencoder.entity_type(import.ty)?;
                        let (from, name) = (self.of_module(import.module), self.of(import.name));
                        imports.import(&from, &name, entity);
                    }
                    module.section(&imports);
                }
                Payload::ExportSection(section) => {
                    let mut exports = ExportSection::new();
                    for export in section {
                        let export = export?;
                        let kind = RoundtripReencoder.export_kind(export.kind)?;
                        exports.export(&self.of(export.name), kind, export.index);
                    }
                    module.section(&exports);
                }
                other => {
                    if let Some((id, range)) = other.as_section() {
                        module.section(&RawSection { id, data: &wasm[range] });
                    }
                }
            }
        }
        Ok(module.finish())
    }

    /// The JavaScript with the same short names: whole words only, for some begin like others.
    fn applied_to(&self, script: &str) -> String {
        let mut out = String::with_capacity(script.len());
        let mut rest = script;
        while !rest.is_empty() {
            let end = rest.find(|c| !is_in_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            out.push_str(self.short.get(word).map_or(word, String::as_str));
            let end = after.find(is_in_word).unwrap_or(after.len());
            out.push_str(&after[..end]);
            rest = &after[end..];
        }
        for (module, short) in &self.modules {
            out = out.replace(module, short);
        }
        out
    }
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{EntityType, ExportKind, TypeSection};

    fn module() -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        module.section(&types);
        let mut imports = ImportSection::new();
        for name in ["__wbg_focus_f740d61348f422e7", "__wbg_focus_f740d61348f422e7_2"] {
            imports.import("./screen_bg.js", name, EntityType::Function(0));
        }
        module.section(&imports);
        let mut exports = ExportSection::new();
        exports.export("main", ExportKind::Func, 0);
        exports.export("__wbindgen_malloc", ExportKind::Func, 1);
        module.section(&exports);
        module.finish()
    }

    const SCRIPT: &str = "a.main();a.__wbindgen_malloc(1);let b={\"./screen_bg.js\":\
                          {__wbg_focus_f740d61348f422e7:1,__wbg_focus_f740d61348f422e7_2:2}};";

    #[test]
    fn both_sides_get_the_same_names_and_the_page_the_new_files() {
        let staging = tempfile::tempdir().expect("a temporary directory");
        let write = |name: &str, content: &[u8]| {
            fs::write(staging.path().join(name), content).expect("written");
        };
        write("screen-00aa_bg.wasm", &module());
        write("screen-00bb.js", SCRIPT.as_bytes());
        write("index.html", b"<script>'/screen-00aa_bg.wasm','/screen-00bb.js'</script>");
        shorten(staging.path()).expect("shortened");

        let script = only(staging.path(), "js", |_| true).expect("one script");
        let wasm = only(staging.path(), "wasm", |_| true).expect("one WebAssembly");
        let text = fs::read_to_string(&script).expect("read");
        assert_eq!(text, "a.main();a.q_2(1);let b={\"q_m0\":{q_0:1,q_1:2}};");
        let bytes = fs::read(&wasm).expect("read");
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(&bytes) {
            match payload.expect("valid") {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.expect("valid");
                        names.push(format!("{}.{}", import.module, import.name));
                    }
                }
                Payload::ExportSection(section) => {
                    names.extend(section.into_iter().map(|it| it.expect("valid").name.to_owned()));
                }
                _ => {}
            }
        }
        assert_eq!(names, ["q_m0.q_0", "q_m0.q_1", "main", "q_2"]);
        let html = fs::read_to_string(staging.path().join("index.html")).expect("read");
        for path in [script, wasm] {
            assert!(html.contains(file_name(&path)), "{html}");
            assert!(!file_name(&path).contains("00aa") && !file_name(&path).contains("00bb"));
        }
    }

    #[test]
    fn a_script_that_uses_the_mark_is_refused() {
        let staging = tempfile::tempdir().expect("a temporary directory");
        fs::write(staging.path().join("a-1_bg.wasm"), module()).expect("written");
        fs::write(staging.path().join("a-2.js"), "let q_0 = 1;").expect("written");
        let error = shorten(staging.path()).expect_err("refused");
        assert!(error.to_string().contains("has q_"), "{error}");
    }
}
