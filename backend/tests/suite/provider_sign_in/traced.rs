//! What the server asks the provider is part of the trace of the request.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use super::{provider::Provider, request, sent, toml};
use crate::traces::{
    self,
    collector::{Collector, Does, Read},
};

#[tokio::test]
async fn calls_of_the_provider_are_below_the_request() {
    let collector = Collector::new(Does::Take).await;
    let traces = collector.traces();
    let provider = Provider::new().await;
    let server = traces::server(&toml(&provider, ""), &traces).await;
    let at = sent(&mut server.browser(), &provider, &request(&[])).await;
    let spans = collector.all(&traces).await;
    let sign_in = spans.one("GET /sign-in");
    let below = spans.below(sign_in);
    let calls = below.iter().filter(|span| span.name == "GET" && span.is(SpanKind::Client));
    let calls: Vec<_> = calls.collect();
    assert!(!calls.is_empty(), "{spans:?}");
    let port = provider.issuer.rsplit(':').next().unwrap();
    for call in calls {
        assert_eq!(call.get("server.port").as_deref(), Some(port), "{call:?}");
        assert_eq!(call.get("http.response.status_code").as_deref(), Some("200"));
    }
    let everything = format!("{spans:?}");
    for secret in [&at.sent["state"], &at.sent["nonce"]] {
        assert!(!everything.contains(secret), "{everything}");
    }
}
