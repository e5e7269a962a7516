//! Traces of OpenTelemetry, exported over OTLP/HTTP. None is made unless an endpoint is named.
//!
//! A span has routes, statuses, client ids of configured services, hosts and durations: no path, no query, no
//! body, no header that a client wrote, and nothing about an account. Paths of this server hold challenges,
//! queries hold codes and states; so `url.path`, which the conventions require of server spans, is left out.
//!
//! They are not made of the spans of `tracing`: those have the fields of log lines, and what filters the log
//! would filter them.
//!
//! Spans that have ended wait in a bounded queue for a thread that sends them in batches. When the collector
//! is slow or gone they are dropped, and no request waits.

mod exporter;
mod http;
pub mod profile;
mod resource;
mod span;
mod target;
mod write;

use std::{sync::Arc, time::Duration};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

pub use http::{Received, calling, trace_of};
pub use span::Span;
pub use write::writing;

/// Where spans go: to a collector, or by default nowhere. Cheap to copy.
#[derive(Debug, Clone, Default)]
pub struct Traces(Option<Arc<Exported>>);

#[derive(Debug)]
struct Exported {
    tracer: SdkTracer,
    provider: SdkTracerProvider,
}

impl Traces {
    /// Exports to the collector of `endpoint`, as `http://collector.example:4318`, to which `/v1/traces` is
    /// added, or without one to the collector that the variables of the OpenTelemetry specification name;
    /// nowhere when they name none. To be called on the runtime that sends.
    ///
    /// # Errors
    /// When the endpoint or a variable cannot be used, or the machine's certificate authorities cannot be
    /// read. The text names which.
    pub fn open(endpoint: Option<&str>) -> Result<Self, String> {
        let Some(target) = target::chosen(endpoint, |name| std::env::var(name).ok())? else {
            return Ok(Self::default());
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter::open(target)?)
            .with_resource(resource::of_this_server())
            .build();
        let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
        Ok(Self(Some(Arc::new(Exported { tracer, provider }))))
    }

    /// Sends what has ended, and nothing afterwards. False when it is not sent within this time.
    pub async fn close(&self, within: Duration) -> bool {
        let Some(exported) = self.0.clone() else { return true };
        // It waits for the thread that sends, which needs this runtime.
        let closing = move || exported.provider.shutdown_with_timeout(within).is_ok();
        tokio::task::spawn_blocking(closing).await.unwrap_or(false)
    }
}
