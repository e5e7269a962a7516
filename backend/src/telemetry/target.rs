//! Which collector is asked for, by the command line or by the variables of the OpenTelemetry specification.

use url::Url;

const DISABLED: &str = "OTEL_SDK_DISABLED";
const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const PROTOCOLS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];

/// The one protocol that this server speaks.
const PROTOCOL: &str = "http/protobuf";

/// What is added to the endpoint for all signals.
const PATH: &str = "/v1/traces";

/// The URL to which spans are posted; none when no collector is asked for. The option comes before the
/// variables, and the variable for traces before the one for all signals.
///
/// # Errors
/// Which of them cannot be used, and why.
pub fn chosen(
    option: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Url>, String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let is_off = set(DISABLED).is_some_and(|it| it.eq_ignore_ascii_case("true"))
        || set(EXPORTER).is_some_and(|it| it == "none");
    if is_off {
        return Ok(None);
    }
    let (name, endpoint) = if let Some(endpoint) = option {
        ("--otlp-endpoint", endpoint.to_owned())
    } else if let Some(endpoint) = set(TRACES_ENDPOINT) {
        (TRACES_ENDPOINT, endpoint)
    } else if let Some(endpoint) = set(ENDPOINT) {
        (ENDPOINT, endpoint)
    } else {
        return Ok(None);
    };
    let other = |name| set(name).filter(|it| it != PROTOCOL).map(|it| (name, it));
    if let Some((name, protocol)) = PROTOCOLS.into_iter().find_map(other) {
        return Err(format!("{name}: `{protocol}` is not supported, {PROTOCOL} is"));
    }
    let url = Url::parse(&endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(mut url) = url else {
        return Err(format!("{name}: expected a URL such as http://collector.example:4318"));
    };
    if name != TRACES_ENDPOINT {
        let path = format!("{}{PATH}", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(option: Option<&str>, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variable = |name: &str| {
            variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
        };
        chosen(option, variable).map(|url| url.map(|url| url.to_string()))
    }

    const BASE: (&str, &str) = (ENDPOINT, "http://a:4318/");

    #[test]
    fn no_collector_unless_one_is_named() {
        assert_eq!(of(None, &[]), Ok(None));
        assert_eq!(of(None, &[(ENDPOINT, ""), (TRACES_ENDPOINT, "")]), Ok(None));
        assert_eq!(of(None, &[BASE, (DISABLED, "TRUE")]), Ok(None));
        assert_eq!(of(Some("http://b"), &[(EXPORTER, "none")]), Ok(None));
    }

    /// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp>
    #[test]
    fn the_path_is_added_but_to_the_endpoint_for_traces() {
        let at = |url: &str| Ok(Some(url.to_owned()));
        assert_eq!(of(None, &[BASE]), at("http://a:4318/v1/traces"));
        let exact = (TRACES_ENDPOINT, "https://c/otlp");
        assert_eq!(of(None, &[BASE, exact]), at("https://c/otlp"));
        assert_eq!(of(Some("http://b/x"), &[BASE, exact]), at("http://b/x/v1/traces"));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for url in ["collector:4318", "ftp://a", "", "http://"] {
            let refused = of(Some(url), &[]).unwrap_err();
            assert!(refused.starts_with("--otlp-endpoint: expected a URL"), "{url}: {refused}");
        }
        let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        let refused = of(None, &[BASE, grpc]).unwrap_err();
        assert!(refused.contains("OTEL_EXPORTER_OTLP_PROTOCOL: `grpc`"), "{refused}");
        let binary = ("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOL);
        assert!(of(None, &[BASE, binary]).is_ok());
    }
}
