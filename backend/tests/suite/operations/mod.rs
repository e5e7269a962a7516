//! docs/OPERATIONS.md: an operator who takes it literally gets from the program to a restored backup.

mod machine;

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use consent_contract::{decision::Recorded, decision_path, request::ConsentState};

use crate::browser::{CHALLENGE, required_only};
use machine::{Machine, program};

/// Commands of the document, under their heading.
struct Block {
    section: String,
    /// Where it begins in the document, from 1.
    line: usize,
    commands: String,
}

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap()
}

fn document() -> String {
    file("docs/OPERATIONS.md")
}

/// Every block that is marked as shell commands, in order.
fn blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut section = String::new();
    let mut lines = document.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(heading) = line.trim_start_matches('#').strip_prefix(' ')
            && line.starts_with('#')
        {
            heading.clone_into(&mut section);
        } else if line == "```sh" {
            let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            let commands = inside.map(|line| format!("{line}\n")).collect();
            found.push(Block { section: section.clone(), line: number + 1, commands });
        }
    }
    found
}

/// The server of the document, and its service.
struct Service<'a>(&'a mut Machine);

impl Service<'_> {
    /// A request as the proxy passes it on, for an account that it names.
    fn send(&mut self, account: &str, request: &str, cookie: &str) -> (String, String) {
        let answer = self.0.succeeds(&format!(
            "curl --silent --show-error --include --max-time 20 --header 'Host: id.example' \
             --header 'X-Account: {account}' --header 'X-Nickname: {account}' \
             --header 'Cookie: {cookie}' {request}"
        ));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    /// A sign-up, from the service's request to the code.
    fn sign_up(&mut self, account: &str) {
        let at = "http://127.0.0.1:8080";
        let authorize = format!(
            "'{at}/oauth/authorize?response_type=code&client_id=shop&scope=openid&state=s\
             &redirect_uri=https%3A%2F%2Fshop.example%2Fcallback\
             &code_challenge={CHALLENGE}&code_challenge_method=S256'"
        );
        let (head, _) = self.send(account, &authorize, "");
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_else(|| panic!("no {name}: {head}")).to_owned()
        };
        let cookie = header("set-cookie").split(';').next().unwrap().to_owned();
        let challenge = header("location").strip_prefix("/consent/").unwrap().to_owned();
        let request = format!("{at}/api/v1/consents/{challenge}");
        let (_, body) = self.send(account, &request, &cookie);
        let Ok(ConsentState::Ask(request)) = ConsentState::from_json(&body) else {
            panic!("{body}")
        };
        let decision = self.0.file("decision.json");
        fs::write(&decision, serde_json::to_string(&required_only(&request)).unwrap()).unwrap();
        let decide = format!(
            "--header 'Sec-Fetch-Site: same-origin' --header 'Content-Type: application/json' \
             --data-binary @{} {at}{}",
            decision.display(),
            decision_path(&challenge)
        );
        let (head, body) = self.send(account, &decide, &cookie);
        assert!(head.starts_with("HTTP/1.1 200"), "{head} {body}");
        let recorded: Recorded = serde_json::from_str(&body).unwrap();
        assert!(recorded.redirect_to.starts_with("https://shop.example/callback?code="));
    }

    fn metrics(&mut self) -> String {
        self.0.succeeds("curl --fail --silent --show-error http://127.0.0.1:9090/metrics")
    }

    /// Waits until the metrics have a line.
    fn comes_to(&mut self, line: &str) {
        let begun = Instant::now();
        while !self.metrics().lines().any(|it| it == line) {
            assert!(begun.elapsed() < Duration::from_secs(30), "no {line}: {}", self.metrics());
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// What a command prints about the database, as the document runs it.
    fn asked(&mut self, command: &str) -> String {
        let run = "runuser -u consent -- consent-backend";
        self.0.succeeds(&format!("{run} {command} --data-dir /var/lib/consent"))
    }

    fn has_agreed(&mut self, account: &str) -> bool {
        self.asked(&format!("inspect agreements --account {account}")).contains("tos")
    }
}

#[test]
fn the_document_from_the_program_to_a_restored_backup() {
    let mut machine = match Machine::new(&program()) {
        Ok(machine) => machine,
        // A container without privileges, or another operating system: the reason is in the log.
        Err(why) => return eprintln!("not run here, which needs root on Linux: {why}"),
    };
    let (mut kept, mut rotated) = (String::new(), String::new());
    let mut sections = BTreeSet::new();
    for block in blocks(&document()) {
        if block.section == "Restore" {
            // Lost by the restore.
            Service(&mut machine).sign_up("duri");
            rotated = Service(&mut machine).asked("keys list");
        }
        println!("docs/OPERATIONS.md:{}: {}", block.line, block.section);
        println!("{}", machine.succeeds(&block.commands));
        let mut service = Service(&mut machine);
        match &*block.section {
            "Start" => {
                service.sign_up("hana");
                service.comes_to("consent_receipts_unsealed 0");
            }
            "Change the configuration" => {
                service.comes_to("consent_configuration_reloads_total{kind=\"done\"} 1");
            }
            "Back up" => kept = service.asked("keys list"),
            _ => {}
        }
        sections.insert(block.section);
    }
    let mut service = Service(&mut machine);
    assert!(service.has_agreed("hana"), "what was decided before the backup");
    assert!(!service.has_agreed("duri"), "what was decided after it");
    assert_ne!(rotated, kept, "the keys were rotated after the backup");
    assert_eq!(service.asked("keys list"), kept, "the keys of the backup");
    // The restored server works on.
    service.sign_up("duri");
    assert!(service.has_agreed("duri"));
    let audit = machine.succeeds("cat /var/log/consent/audit.log");
    for event in ["server_start", "decision", "configuration_reload", "key_rotate", "restore"] {
        assert!(audit.contains(&format!("\"event\":\"{event}\"")), "{event}: {audit}");
    }
    for section in ["Install", "Start", "Check", "Back up", "Restore", "Upgrade"] {
        assert!(sections.contains(section), "{section} has no commands: {sections:?}");
    }
}

/// The names of metrics in a text: words that begin with `consent_`.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("consent_")).map(str::to_owned).collect()
}

/// A metric without a value yet is not in the text of a server, so the names come from where they are
/// registered, without prefix, unit and suffix.
#[test]
fn alerts_name_metrics_that_exist() {
    let registered = file("backend/src/metrics.rs");
    let exists = |name: &str| {
        let mut bare = name.strip_prefix("consent_").unwrap();
        for suffix in ["_total", "_bucket", "_count", "_sum", "_seconds", "_bytes"] {
            bare = bare.strip_suffix(suffix).unwrap_or(bare);
        }
        registered.contains(&format!("\"{bare}\""))
    };
    let mut named = metrics_in(&file("packaging/alerts.yml"));
    assert!(named.len() > 8, "{named:?}");
    named.extend(metrics_in(&document()));
    for name in named {
        assert!(exists(&name), "{name} is no metric");
    }
}

#[test]
fn every_alert_has_first_steps() {
    let rules = file("packaging/alerts.yml");
    let alerts: BTreeSet<&str> =
        rules.lines().filter_map(|line| line.trim_start().strip_prefix("- alert: ")).collect();
    let document = document();
    let mut explained = BTreeSet::new();
    for section in document.split("\n### ").skip(1) {
        let (alert, text) = section.split_once('\n').unwrap();
        let text = text.split("\n## ").next().unwrap();
        let has_steps = text.contains("\n1. ") || text.contains("](#") || text.contains("`inspect");
        assert!(has_steps, "{alert} has no first step");
        explained.insert(alert);
    }
    assert_eq!(explained, alerts);
}

/// The health check of the image is a command of this program: a mistake in it would have status 2.
#[test]
fn the_image_s_health_check_is_a_command() {
    let dockerfile = file("Dockerfile");
    let check = dockerfile.lines().find(|line| line.starts_with("HEALTHCHECK")).unwrap();
    let (_, words) = check.split_once("CMD ").unwrap();
    let words: Vec<String> = serde_json::from_str(words).unwrap();
    assert_eq!(words[0], "/consent-backend");
    let unheard = "http://127.0.0.1:1/readyz";
    let arguments = words[1..].iter().map(|it| if it.contains("://") { unheard } else { it });
    let output = crate::process::program().args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains(unheard), "{output:?}");
}
