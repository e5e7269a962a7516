//! On what line, and with what processor, a page is visited.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A line and a processor. The line is Chromium's own emulation: it delays and spreads each
/// answer; there is no handshake and no loss in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Bits a second towards the page; 0 for no limit.
    down: f64,
    /// Bits a second from the page; 0 for no limit.
    up: f64,
    /// Milliseconds there and back.
    latency: f64,
    /// How many times slower the page's main thread runs.
    pub processor: f64,
}

pub const SLOW_4G: Profile = Profile { down: 1.6e6, up: 0.75e6, latency: 150.0, processor: 4.0 };
pub const FAST_4G: Profile = Profile { down: 9e6, up: 1.5e6, latency: 60.0, processor: 2.0 };
pub const LOCAL: Profile = Profile { down: 0.0, up: 0.0, latency: 0.0, processor: 1.0 };

/// All of them with their names.
pub const ALL: [(&str, Profile); 3] =
    [("slow-4g", SLOW_4G), ("fast-4g", FAST_4G), ("local", LOCAL)];

impl Profile {
    /// As DevTools takes it.
    #[must_use]
    pub fn conditions(self) -> Value {
        let bytes = |bits: f64| if bits == 0.0 { -1.0 } else { bits / 8.0 };
        json!({
            "offline": false,
            "latency": self.latency,
            "downloadThroughput": bytes(self.down),
            "uploadThroughput": bytes(self.up),
        })
    }
}
