//! Spans that begin in the context of a task and end when they are dropped.

use axum::http::HeaderMap;
use opentelemetry::{
    Context, KeyValue,
    context::FutureExt,
    propagation::TextMapPropagator,
    trace::{SpanBuilder, Status, TraceContextExt, TraceId, Tracer},
};
use opentelemetry_http::HeaderInjector;
use opentelemetry_sdk::propagation::TraceContextPropagator;

use super::Traces;

/// A span that has begun, and ends when it and its copies in [`Self::around`] are dropped; nothing where
/// none is exported.
#[derive(Debug, Default)]
#[must_use]
pub struct Span(Option<Context>);

impl Span {
    /// A span below the one of a context.
    pub(super) fn begin(traces: &Traces, builder: SpanBuilder, parent: &Context) -> Self {
        let Some(exported) = &traces.0 else { return Self::default() };
        let span = exported.tracer.build_with_context(builder, parent);
        Self(Some(parent.with_value(traces.clone()).with_span(span)))
    }

    /// A span below the one that the task is in; nothing for a task that is in none.
    pub(super) fn below(builder: impl FnOnce() -> SpanBuilder) -> Self {
        match Context::map_current(|current| current.get::<Traces>().cloned()) {
            Some(traces) => Self::begin(&traces, builder(), &Context::current()),
            None => Self::default(),
        }
    }

    /// Runs a future in this span: spans that it begins are below it.
    pub async fn around<F: Future>(&self, future: F) -> F::Output {
        let context = self.0.clone().unwrap_or_else(Context::current);
        future.with_context(context).await
    }

    /// The trace that it belongs to.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.0.as_ref().map(|context| context.span().span_context().trace_id())
    }

    pub fn set(&self, attribute: KeyValue) {
        if let Some(context) = &self.0 {
            context.span().set_attribute(attribute);
        }
    }

    /// A moment within the span.
    pub fn reached(&self, moment: &'static str) {
        if let Some(context) = &self.0 {
            context.span().add_event(moment, Vec::new());
        }
    }

    /// What the span is about has failed. `kind` is one word of a few, never the words of an error.
    pub fn failed(&self, kind: impl Into<String>) {
        if let Some(context) = &self.0 {
            context.span().set_attribute(KeyValue::new("error.type", kind.into()));
            context.span().set_status(Status::error(""));
        }
    }

    /// Writes `traceparent` for who is called. There is never a `tracestate`.
    pub(super) fn inject(&self, headers: &mut HeaderMap) {
        if let Some(context) = &self.0 {
            TraceContextPropagator::new().inject_context(context, &mut HeaderInjector(headers));
            headers.remove("tracestate");
        }
    }
}
