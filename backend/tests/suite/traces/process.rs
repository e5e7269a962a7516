//! The program: its option, the variables of the specification, and its end.

use std::{process::Output, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{
    PARENT, TRACE,
    collector::{Collector, Does, hex},
};
use crate::process::{Running, eventually, program};

#[test]
fn what_has_ended_is_exported_before_the_program_ends() {
    let runtime = Runtime::new().unwrap();
    let collector = runtime.block_on(Collector::new(Does::Take));
    let folder = TempDir::new().unwrap();
    let mut program = program();
    program.env("OTEL_SERVICE_NAME", "consent-a");
    program.env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    // A proxy would be another way to another address.
    program.env("HTTP_PROXY", "http://127.0.0.1:1").env("ALL_PROXY", "http://127.0.0.1:1");
    let options = ["--otlp-endpoint", &collector.url, "--drain", "0s"];
    let mut server = Running::start_with(program, folder.path(), &options);
    server.get("/healthz", "");
    server.signal("TERM");
    assert!(server.ends().0.success());
    collector.spans().one("GET /healthz");
    assert_eq!(collector.resource("service.name"), "consent-a");
    assert_eq!(collector.resource("deployment.environment.name"), "test");
}

#[test]
fn the_variables_of_the_specification_name_a_collector() {
    let runtime = Runtime::new().unwrap();
    let collector = runtime.block_on(Collector::new(Does::Take));
    let folder = TempDir::new().unwrap();
    let mut program = program();
    program.env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url);
    program.env("OTEL_BSP_SCHEDULE_DELAY", "100");
    let server = Running::start_with(program, folder.path(), &[]);
    server.get("/healthz", "");
    runtime.block_on(collector.waits_for("GET /healthz"));
}

#[test]
fn a_collector_that_hangs_does_not_keep_the_program() {
    let runtime = Runtime::new().unwrap();
    let collector = runtime.block_on(Collector::new(Does::Hang));
    let folder = TempDir::new().unwrap();
    let options = ["--otlp-endpoint", &collector.url, "--drain", "0s"];
    let mut server = Running::start_with(program(), folder.path(), &options);
    server.get("/healthz", "");
    server.signal("TERM");
    let (status, took) = server.ends();
    assert!(status.success() && took < Duration::from_secs(10), "{status} {took:?}");
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("spans that were not exported"), "{log}");
}

#[test]
fn an_endpoint_that_cannot_be_used_ends_the_start() {
    let folder = TempDir::new().unwrap();
    let mut program = program();
    program.args(["--demo", "--listen", "127.0.0.1:0", "--otlp-endpoint", "collector:4318"]);
    let Output { status, stderr, .. } =
        program.arg("--data-dir").arg(folder.path()).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("--otlp-endpoint: expected a URL"), "{said}");
}

/// The span of the line in the log that is about the request with this id.
fn logged(folder: &TempDir, head: &str) -> Value {
    let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    eventually(|| {
        let text = std::fs::read_to_string(folder.path().join("log")).unwrap();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.map(|it| it["span"].clone()).find(|span| span["id"] == *id)
    })
}

#[test]
fn lines_of_the_log_have_the_id_of_the_trace_of_the_client() {
    let folder = TempDir::new().unwrap();
    let options = ["--log-format", "json", "--drain", "0s"];
    let server = Running::start_with(program(), folder.path(), &options);
    let get = |traceparent: &str| {
        let request = format!(
            "GET /healthz HTTP/1.1\r\nHost: {}\r\ntraceparent: {traceparent}\r\n\
             Connection: close\r\n\r\n",
            server.address
        );
        logged(&folder, &server.send(&request).0)
    };
    assert_eq!(get(&format!("00-{TRACE}-{PARENT}-00"))["trace_id"], TRACE);
    let zeros = "0".repeat(32);
    for malformed in ["", "secret", &*format!("00-{zeros}-{PARENT}-01"), &format!("00-{TRACE}")] {
        let span = get(malformed);
        assert_eq!(span.get("trace_id"), None, "{malformed}: {span}");
    }
}

#[test]
fn lines_of_the_log_have_the_id_of_the_trace_that_is_exported() {
    let runtime = Runtime::new().unwrap();
    let collector = runtime.block_on(Collector::new(Does::Take));
    let folder = TempDir::new().unwrap();
    let options = ["--otlp-endpoint", &*collector.url, "--log-format", "json", "--drain", "0s"];
    let mut server = Running::start_with(program(), folder.path(), &options);
    let span = logged(&folder, &server.get("/healthz", "").0);
    server.signal("TERM");
    assert!(server.ends().0.success());
    let spans = collector.spans();
    assert_eq!(span["trace_id"], hex(&spans.one("GET /healthz").trace_id));
}
