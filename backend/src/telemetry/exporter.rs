//! Sends batches of spans, from the thread of the SDK by our HTTP client.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter as Exporter},
};
use reqwest::redirect;
use tokio::runtime::Handle;
use url::Url;

/// How long one attempt may take: as long as the specification lets an export take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An exporter that posts to this URL.
///
/// # Errors
/// When the machine's certificate authorities cannot be read, or a variable of the environment cannot be
/// used.
pub fn open(url: Url) -> Result<Reported, String> {
    let client = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .timeout(TIMEOUT)
        .build()
        .map_err(|error| error.to_string())?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(url)
        .with_http_client(OnRuntime { client, runtime: Handle::current() })
        .build()
        .map_err(|error| error.to_string())?;
    Ok(Reported { exporter, has_failed: AtomicBool::new(false) })
}

/// An HTTP client for a thread that is not one of the runtime.
#[derive(Debug)]
struct OnRuntime {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}

/// An exporter that logs one line for each outage of the collector.
#[derive(Debug)]
pub struct Reported {
    exporter: SpanExporter,
    has_failed: AtomicBool,
}

impl Exporter for Reported {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let exported = self.exporter.export(batch).await;
        let had_failed = self.has_failed.swap(exported.is_err(), Ordering::Relaxed);
        match &exported {
            Err(error) if !had_failed => {
                tracing::warn!(%error, spans, "spans are lost: the collector has not taken them");
            }
            Ok(()) if had_failed => tracing::info!("the collector takes spans again"),
            _ => {}
        }
        exported
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.exporter.shutdown()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
