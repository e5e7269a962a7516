//! The Dockerfile, as far as its stages can be run without a container engine. What is not known here is
//! an error, so that nothing in it stays unchecked.

use anyhow::{Context, Result, bail, ensure};

/// A file or directory that the last stage gets from the one before.
#[derive(Debug, PartialEq)]
pub struct Copied {
    pub from: String,
    pub to: String,
    /// User and group; root without it.
    pub owner: Option<String>,
}

/// What a Dockerfile of two stages makes.
#[derive(Debug, Default, PartialEq)]
pub struct Dockerfile {
    /// The image of the first stage.
    pub builder: String,
    /// The commands of the first stage.
    pub runs: Vec<String>,
    pub copied: Vec<Copied>,
    pub environment: Vec<(String, String)>,
    pub user: String,
    pub volume: String,
    pub port: u16,
    pub health_check: Vec<String>,
    pub entry_point: Vec<String>,
}

/// Reads a Dockerfile with a stage `builder` and one from scratch.
///
/// # Errors
/// The line that is not understood.
pub fn read(text: &str) -> Result<Dockerfile> {
    let mut file = Dockerfile::default();
    let mut stages = 0;
    let lines = text.lines().enumerate().filter(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    for (number, line) in lines {
        let (instruction, rest) = line.split_once(' ').unwrap_or((line, ""));
        let read = match (stages, instruction) {
            (0, "FROM") => from_builder(rest).map(|image| {
                stages = 1;
                file.builder = image;
            }),
            (1, "RUN") => {
                file.runs.push(rest.to_owned());
                Ok(())
            }
            (1, "WORKDIR") => Ok(()),
            (1, "COPY") if rest == ". ." => Ok(()),
            (1, "FROM") if rest == "scratch" => {
                stages = 2;
                Ok(())
            }
            (2, _) => last_stage(&mut file, instruction, rest),
            _ => Err(anyhow::anyhow!("is not expected here")),
        };
        read.with_context(|| format!("Dockerfile:{}: {line}", number + 1))?;
    }
    ensure!(stages == 2, "the Dockerfile has no second stage from scratch");
    Ok(file)
}

fn from_builder(rest: &str) -> Result<String> {
    let image = rest.strip_suffix(" AS builder").context("the first stage is called builder")?;
    Ok(image.to_owned())
}

fn last_stage(file: &mut Dockerfile, instruction: &str, rest: &str) -> Result<()> {
    match instruction {
        "COPY" => file.copied.push(copied(rest)?),
        "ENV" => {
            let (name, value) = rest.split_once('=').context("expected NAME=VALUE")?;
            file.environment.push((name.to_owned(), value.to_owned()));
        }
        "USER" => rest.clone_into(&mut file.user),
        "VOLUME" => rest.clone_into(&mut file.volume),
        "EXPOSE" => file.port = rest.parse()?,
        "STOPSIGNAL" => ensure!(rest == "SIGTERM", "the program ends in order on SIGTERM"),
        "HEALTHCHECK" => {
            let (_, command) = rest.split_once("CMD ").context("expected CMD")?;
            file.health_check = words(command)?;
        }
        "ENTRYPOINT" => file.entry_point = words(rest)?,
        _ => bail!("is not known to cargo xtask package"),
    }
    Ok(())
}

fn copied(rest: &str) -> Result<Copied> {
    let mut owner = None;
    let mut paths = Vec::new();
    let mut is_from_builder = false;
    for word in rest.split_whitespace() {
        match word.split_once('=') {
            Some(("--from", stage)) => is_from_builder = stage == "builder",
            Some(("--chown", it)) => owner = Some(it.to_owned()),
            _ => paths.push(word.to_owned()),
        }
    }
    ensure!(is_from_builder, "the last stage copies from the builder alone");
    let Ok([from, to]) = <[String; 2]>::try_from(paths) else { bail!("expected two paths") };
    ensure!(from.starts_with('/') && to.starts_with('/'), "expected absolute paths");
    Ok(Copied { from, to, owner })
}

/// The form with brackets, which needs no shell.
fn words(text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text).context("expected a list of strings: scratch has no shell")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    const FILE: &str = "# what it is\nFROM rust:1 AS builder\nRUN make\nWORKDIR /b\nCOPY . .\n\n\
                        FROM scratch\nCOPY --from=builder --chown=1:2 /e /data\nENV A=/b\nUSER 1:2\n\
                        VOLUME /data\nEXPOSE 80\nHEALTHCHECK --timeout=1s CMD [\"/a\", \"b\"]\n\
                        ENTRYPOINT [\"/a\"]\n";

    #[test]
    fn both_stages_are_read() {
        let copied = Copied { from: "/e".into(), to: "/data".into(), owner: Some("1:2".into()) };
        let expected = Dockerfile {
            builder: "rust:1".into(),
            runs: vec!["make".into()],
            copied: vec![copied],
            environment: vec![("A".into(), "/b".into())],
            user: "1:2".into(),
            volume: "/data".into(),
            port: 80,
            health_check: vec!["/a".into(), "b".into()],
            entry_point: vec!["/a".into()],
        };
        assert_eq!(read(FILE).expect("read"), expected);
    }

    #[test]
    fn what_could_not_be_run_is_refused_with_its_line() {
        for (good, bad) in [
            ("ENV A=/b", "RUN true"),
            ("ENV A=/b", "ADD https://x.example/y /y"),
            ("[\"/a\"]", "/a"),
            ("--from=builder ", ""),
            ("FROM scratch", "FROM debian"),
            ("USER 1:2", "STOPSIGNAL SIGKILL"),
        ] {
            let error = read(&FILE.replace(good, bad)).expect_err(bad).to_string();
            assert!(error.contains("Dockerfile"), "{bad}: {error}");
        }
    }

    #[test]
    fn the_one_of_this_checkout_is_understood() {
        let text = std::fs::read_to_string(workspace::root().join("Dockerfile")).expect("there");
        let file = read(&text).expect("understood");
        assert!(file.runs.iter().any(|run| run == "cargo xtask package"), "{:?}", file.runs);
        let (user, group) = file.user.split_once(':').expect("a user and a group");
        for id in [user, group] {
            assert!(id.parse::<u32>().is_ok_and(|id| id > 0), "scratch has no names: {id}");
        }
        let data = file.copied.iter().find(|it| it.to == file.volume).expect("the volume exists");
        assert_eq!(data.owner.as_ref(), Some(&file.user), "the user owns the volume");
    }
}
