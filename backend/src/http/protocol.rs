//! The protocols of this server: each group of routes answers, and fails, in one.

/// The protocol of a group of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Pages for a browser window: the authorization endpoint, the screen, auto-login, the demo.
    Page,
    /// Problem details (RFC 9457).
    Api,
    /// The services of the admin API: problem details with findings.
    Admin,
    /// The decision endpoint: problem details; a page for the form that a browser sends itself.
    Decision,
    /// The token endpoint (RFC 6749, 5.2).
    Token,
    /// A resource behind an access token (RFC 6750, 3.1).
    Bearer,
    /// The API of Kakao's dialect.
    Kakao,
    /// Files: a page for a browser window, one line of text for other clients.
    File,
    /// Health checks: one line of text with the cause.
    Health,
}

impl Protocol {
    /// Whether browsers open answers of this group in windows that another origin may have opened,
    /// and which must stay connected to it: a service may open the login in a popup, and its
    /// callback page looks for `window.opener`.
    #[must_use]
    pub fn allows_opener(self) -> bool {
        matches!(self, Self::Page | Self::Decision)
    }

    /// Whether HTTP/1.0 caches must be kept from storing an answer (RFC 6749, 5.1).
    #[must_use]
    pub fn needs_pragma(self) -> bool {
        matches!(self, Self::Token | Self::Bearer | Self::Kakao)
    }
}
