//! How many connections the operating system lets the process have.

use std::num::NonZeroUsize;

/// Files that are open beside connections: the database, files of the screen, and connections that
/// are being closed.
const RESERVED: usize = 128;

/// As many connections as wanted, or as many as the process may open files for. Raises the soft limit
/// (`ulimit -Sn`) as far as the hard one allows.
pub fn limited(wanted: NonZeroUsize) -> NonZeroUsize {
    let Some(files) = raised(wanted.get().saturating_add(RESERVED)) else { return wanted };
    let possible = NonZeroUsize::new(files.saturating_sub(RESERVED)).unwrap_or(NonZeroUsize::MIN);
    if possible < wanted {
        tracing::warn!(%wanted, %possible, files, "fewer connections than wanted: raise `ulimit -n`");
    }
    wanted.min(possible)
}

/// The limit on open files after it was raised towards what is needed; none for no limit.
#[cfg(unix)]
fn raised(needed: usize) -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = u64::try_from(needed).unwrap_or(u64::MAX);
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current?;
    let raised = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
    let now = if current >= raised {
        current
    } else {
        let wanted = Rlimit { current: Some(raised), maximum: limit.maximum };
        if setrlimit(Resource::Nofile, wanted).is_ok() { raised } else { current }
    };
    Some(usize::try_from(now).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn raised(_: usize) -> Option<usize> {
    None
}
