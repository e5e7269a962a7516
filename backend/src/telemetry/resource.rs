//! What the spans of this server have in common.

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;

const NAME: &str = "service.name";

/// The attributes of `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, and the name and version of this
/// program.
pub fn of_this_server() -> Resource {
    let detected = Resource::builder().build();
    let name = detected.get(&Key::new(NAME));
    // The name that the SDK makes up.
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let described = Resource::builder().with_attribute(version);
    match is_named {
        true => described.build(),
        false => described.with_service_name(env!("CARGO_PKG_NAME")).build(),
    }
}
