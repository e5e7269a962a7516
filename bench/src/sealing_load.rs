//! What it costs to seal receipts into their log, beside decisions: the backend logs each batch.

use crate::backend::{Backend, UNLIMITED};
use crate::client::Client;
use crate::configuration::SHOP;
use crate::results::SealedReceipts;
use crate::{load, log};
use anyhow::{Result, ensure};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long it may take until every receipt is sealed, after the last decision: several rounds.
const MOST: Duration = Duration::from_secs(60);

/// Lets so many users agree, one after the other, and reads what sealing their receipts took.
///
/// # Errors
/// When the backend does not start, or does not seal every receipt.
pub async fn measure(program: &Path, dist: &Path, decisions: usize) -> Result<SealedReceipts> {
    eprintln!("load: {decisions} sealed receipts");
    let backend = Backend::start(program, dist, &[], decisions, &UNLIMITED).await?;
    let mut client = Client::connect(&backend.address).await?;
    for _ in 0..decisions {
        let question = backend.ask(&mut client, SHOP, true).await?;
        load::agreement(&mut client, &question).await?.0.send(&mut client).await?;
    }
    let decisions = u64::try_from(decisions)?;
    let began = Instant::now();
    loop {
        let sealed = read(&backend.log()?)?;
        if sealed.receipts == decisions {
            return Ok(sealed);
        }
        ensure!(began.elapsed() < MOST, "{} of {decisions} receipts were sealed", sealed.receipts);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Sums the batches in a log.
fn read(text: &str) -> Result<SealedReceipts> {
    let mut sealed = SealedReceipts::default();
    let mut microseconds = 0;
    for line in text.lines().filter(|line| line.contains("sealed receipts")) {
        let took = log::number(line, "microseconds=")?;
        sealed.receipts += log::number(line, "receipts=")?;
        sealed.batches += 1;
        sealed.longest = sealed.longest.max(took);
        microseconds += took;
    }
    sealed.each = microseconds.checked_div(sealed.receipts).unwrap_or_default();
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batches_of_a_log_are_summed() {
        let log = "2026-11-27T10:00:00Z DEBUG consent_backend::store::receipt_log: sealed receipts \
                   receipts=100 microseconds=3000\n2026-11-27T10:00:00Z WARN something\n\
                   2026-11-27T10:00:10Z DEBUG consent_backend::store::receipt_log: sealed receipts \
                   receipts=50 microseconds=4500\n";
        let sealed = read(log).expect("read");
        assert_eq!(sealed, SealedReceipts { receipts: 150, batches: 2, each: 50, longest: 4500 });
        assert_eq!(read("").expect("read"), SealedReceipts::default());
        assert!(read("sealed receipts receipts=x microseconds=1").is_err());
    }
}
