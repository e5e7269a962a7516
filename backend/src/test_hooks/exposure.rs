//! Whether others than the user of this machine could reach the test hooks, with which anyone can be
//! anyone and delete everything.

use std::net::SocketAddr;

use consent_contract::redirect;
use url::Url;

/// The end of names that always mean this machine (RFC 6761, 6.3).
const LOCALHOST: &str = ".localhost";

/// Why the test hooks must not be started so; none when only this machine reaches them.
///
/// `public_origin` is as it was written on the command line; none stands for where it listens.
/// `tls_names` are the host names of `--tls-local`. A trusted proxy leads others to a loopback address.
#[must_use]
pub fn exposed(
    listen: SocketAddr,
    public_origin: Option<&str>,
    tls_names: &[String],
    has_trusted_proxy: bool,
) -> Option<String> {
    if has_trusted_proxy {
        return Some(format!("--trusted-proxy is for others than this machine, {WHY}"));
    }
    if !listen.ip().to_canonical().is_loopback() {
        return Some(format!("--listen {listen} is not a loopback address, {WHY}"));
    }
    public_origin.and_then(|origin| of_origin(origin, tls_names))
}

/// The same for the public origin alone.
#[must_use]
pub fn of_origin(public_origin: &str, tls_names: &[String]) -> Option<String> {
    let url = Url::parse(public_origin).ok();
    let host = url.as_ref().and_then(Url::host_str);
    let is_local = host.is_some_and(|host| {
        redirect::is_loopback(host)
            || host.ends_with(LOCALHOST)
            || tls_names.iter().any(|name| name.eq_ignore_ascii_case(host))
    });
    (!is_local).then(|| {
        format!(
            "the public origin `{public_origin}` is neither a loopback address, nor below \
             .localhost, nor a name of --tls-local, {WHY}"
        )
    })
}

const WHY: &str = "and with --test-hooks anyone who reaches this server can sign in as anyone and \
                   delete everything";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_reaches_the_hooks() {
        let names = ["kauth.kakao.com".to_owned()];
        for (listen, origin, is_exposed) in [
            ("127.0.0.1:8080", None, false),
            ("[::1]:0", None, false),
            ("127.0.0.1:8080", Some("http://localhost:8080"), false),
            ("127.0.0.1:8443", Some("https://auth.localhost:8443"), false),
            ("127.0.0.1:8443", Some("https://kauth.kakao.com"), false),
            ("127.0.0.1:8443", Some("https://kapi.kakao.com"), true),
            ("0.0.0.0:8080", Some("http://localhost:8080"), true),
            ("192.168.1.5:8080", None, true),
            ("127.0.0.1:8080", Some("https://id.example"), true),
            ("127.0.0.1:8080", Some("https://localhost.id.example"), true),
            ("127.0.0.1:8080", Some("https://notlocalhost"), true),
            ("127.0.0.1:8080", Some("not an address"), true),
        ] {
            let reason = exposed(listen.parse().unwrap(), origin, &names, false);
            assert_eq!(reason.is_some(), is_exposed, "{listen} {origin:?}: {reason:?}");
        }
        let reason = exposed("127.0.0.1:8080".parse().unwrap(), None, &names, true).unwrap();
        assert!(reason.contains("--trusted-proxy") && reason.contains("--test-hooks"), "{reason}");
    }
}
