//! The program: its option, the variables of the specification, and its end.

use std::{process::Output, time::Duration};

use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::collector::{Collector, Does};
use crate::process::{Running, program};

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
