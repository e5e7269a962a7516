//! Checks the log of receipts and its heads.

use std::collections::BTreeMap;

use jsonwebtoken::jwk::JwkSet;

use super::{CheckReport, Evidence};
use crate::{
    receipt::{Checkpoint, Edge, Hash, Subtree},
    store::{Error, Store, engine::query_as},
};

impl Store {
    /// The stored hashes follow from the receipts, and the heads from the hashes.
    pub(super) async fn check_leaves(
        &self,
        keys: &JwkSet,
        published: &[String],
        evidence: &Evidence,
        report: &mut CheckReport,
    ) -> Result<(), Error> {
        let stored = query_as!(
            struct { level: i64, position: i64, hash: Vec<u8> },
            "SELECT level, position, hash FROM log_nodes")
        .fetch_all(&self.readers)
        .await?;
        let mut nodes: BTreeMap<Subtree, Vec<u8>> = BTreeMap::new();
        for node in stored {
            let level = u32::try_from(node.level).unwrap_or(u32::MAX);
            let position = u64::try_from(node.position).unwrap_or(u64::MAX);
            nodes.insert(Subtree { level, position }, node.hash);
        }
        let heads = query_as!(
            struct { tree_size: i64, note: String },
            r#"SELECT tree_size AS "tree_size!", note FROM checkpoints ORDER BY tree_size"#
        )
        .fetch_all(&self.readers)
        .await?;
        let mut roots: BTreeMap<u64, Vec<(String, Checkpoint)>> = BTreeMap::new();
        let own = heads.iter().map(|head| (format!("checkpoint {}", head.tree_size), &head.note));
        let size = heads.last().map_or(0, |head| u64::try_from(head.tree_size).unwrap_or_default());
        let others =
            published.iter().zip(1..).map(|(note, at)| (format!("checkpoint file {at}"), note));
        for (name, note) in own.chain(others) {
            match Checkpoint::verify(note, keys) {
                Err(reason) => report.faults.push(format!("{name}: {reason}")),
                Ok(head) if head.size > size => {
                    report
                        .faults
                        .push(format!("{name}: the log had {} leaves, and has {size}", head.size));
                }
                Ok(head) => roots.entry(head.size).or_default().push((name, head)),
            }
        }
        for head in &heads {
            let tree_size = u64::try_from(head.tree_size).unwrap_or_default();
            let name = format!("checkpoint {tree_size}");
            let is_there = roots.get(&tree_size).is_some_and(|it| it.iter().any(|it| it.0 == name));
            if !is_there && Checkpoint::verify(&head.note, keys).is_ok() {
                report.faults.push(format!("{name}: it is of another size"));
            }
        }
        let mut edge = Edge::default();
        for leaf in 0..size {
            let subtree = Subtree { level: 0, position: leaf };
            let hash = match evidence.leaves.get(&(leaf + 1)) {
                Some(hash) => *hash,
                None => {
                    report.deleted += 1;
                    if !evidence.deleted.contains(&leaf) {
                        report.faults.push(format!("leaf {leaf}: its receipt is missing"));
                    }
                    match nodes.get(&subtree).and_then(|hash| Hash::try_from(hash.clone()).ok()) {
                        Some(hash) => hash,
                        None => {
                            report.faults.push(format!("leaf {leaf}: its hash is missing"));
                            return Ok(());
                        }
                    }
                }
            };
            report.sealed += 1;
            for (Subtree { level, position }, hash) in edge.push(hash) {
                match nodes.remove(&Subtree { level, position }) {
                    Some(stored) if stored == hash => {}
                    _ => report.faults.push(format!(
                        "log hash {level}/{position}: it does not follow from the receipts"
                    )),
                }
            }
            let root = edge.root();
            for (name, head) in roots.get(&edge.size()).into_iter().flatten() {
                if head.root != root {
                    report.faults.push(format!("{name}: the log has another root"));
                }
            }
        }
        for Subtree { level, position } in nodes.keys() {
            report.faults.push(format!("log hash {level}/{position}: it belongs to no leaf"));
        }
        // Receipts that wait to be sealed follow the last leaf without a gap.
        for (expected, number) in (size + 1..).zip(evidence.leaves.range(size + 1..)) {
            if expected != *number.0 {
                report.faults.push(format!("receipt number {expected} is missing"));
                break;
            }
        }
        Ok(())
    }
}
