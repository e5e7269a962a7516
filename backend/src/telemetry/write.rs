//! Spans of transactions that write.

use opentelemetry::{
    KeyValue,
    trace::{SpanBuilder, SpanKind},
};

use super::Span;

/// The span of a transaction, below the one that the task is in. `system` is `sqlite` or `postgresql`; `scope`
/// is what the transaction locks. It reaches the moment `begun` when it has its locks, and `committed` unless it is
/// rolled back.
pub fn writing(system: &'static str, scope: &'static str) -> Span {
    Span::below(|| {
        SpanBuilder::from_name("write transaction").with_kind(SpanKind::Client).with_attributes([
            KeyValue::new("db.system.name", system),
            KeyValue::new("consent.write.scope", scope),
        ])
    })
}
