//! The Merkle tree of RFC 9162 (2.1), over stored hashes of complete subtrees.
//!
//! Proofs are verified by the crate ct-merkle, in [`verify_inclusion`].

use ct_merkle::{InclusionProof, RootHash};
use sha2::Sha256;

use crate::crypto;

/// A SHA-256.
pub type Hash = [u8; 32];

/// A complete subtree: of 2^`level` leaves from `position` * 2^`level` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subtree {
    pub level: u32,
    pub position: u64,
}

/// The root of a tree without leaves (RFC 9162, 2.1.1).
#[must_use]
pub fn empty_root() -> Hash {
    crypto::sha256(&[])
}

/// The hash of a leaf (RFC 9162, 2.1.1).
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    crypto::sha256(&[&[0], data])
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    crypto::sha256(&[&[1], left, right])
}

/// The complete subtrees that the leaves from `start` to `end` consist of, the largest first. `start`
/// is a multiple of the largest's size, as it is in every proof.
#[must_use]
pub fn subtrees(start: u64, end: u64) -> Vec<Subtree> {
    let mut found = Vec::new();
    let mut at = start;
    while at < end {
        let level = (end - at).ilog2();
        found.push(Subtree { level, position: at >> level });
        at += 1 << level;
    }
    found
}

/// The hash over subtrees that follow each other, the largest first. None for none.
#[must_use]
pub fn joined(hashes: &[Hash]) -> Option<Hash> {
    let (last, before) = hashes.split_last()?;
    Some(before.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

/// The ranges of leaves whose hashes prove that leaf `index` is in the tree of `size` leaves, from
/// the leaf up (RFC 9162, 2.1.3.1). None when it is not in the tree.
#[must_use]
pub fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<(u64, u64)>> {
    if index >= size {
        return None;
    }
    let (mut start, mut end) = (0, size);
    let mut ranges = Vec::new();
    while end - start > 1 {
        // The largest power of two that is smaller than the number of leaves.
        let split = start + (1 << (end - start - 1).ilog2());
        if index < split {
            ranges.push((split, end));
            end = split;
        } else {
            ranges.push((start, split));
            start = split;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// Whether a path of hashes proves that this is the data of leaf `index` in the tree of `size` leaves
/// with this root (RFC 9162, 2.1.3.2).
#[must_use]
pub fn verify_inclusion(data: &Hash, index: u64, path: &[Hash], size: u64, root: &Hash) -> bool {
    let root = RootHash::<Sha256>::new((*root).into(), size);
    InclusionProof::try_from_bytes(path.concat())
        .is_ok_and(|proof| root.verify_inclusion(data, index, &proof).is_ok())
}

/// The right edge of a tree, to which leaves are added.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    /// Complete subtrees, the largest first.
    stack: Vec<(Subtree, Hash)>,
    size: u64,
}

impl Edge {
    /// The edge of a tree of `size` leaves, from the hashes of [`subtrees`].
    #[must_use]
    pub fn new(size: u64, hashes: Vec<Hash>) -> Self {
        Self { stack: subtrees(0, size).into_iter().zip(hashes).collect(), size }
    }

    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    #[must_use]
    pub fn root(&self) -> Hash {
        let hashes: Vec<Hash> = self.stack.iter().map(|(_, hash)| *hash).collect();
        joined(&hashes).unwrap_or_else(empty_root)
    }

    /// Adds a leaf, by its hash. Returns the subtrees that are complete now, the leaf first.
    pub fn push(&mut self, leaf: Hash) -> Vec<(Subtree, Hash)> {
        let mut last = (Subtree { level: 0, position: self.size }, leaf);
        let mut complete = vec![last];
        while last.0.position % 2 == 1 {
            let Some((_, left)) = self.stack.pop() else { break };
            let subtree = Subtree { level: last.0.level + 1, position: last.0.position / 2 };
            last = (subtree, node_hash(&left, &last.1));
            complete.push(last);
        }
        self.stack.push(last);
        self.size += 1;
        complete
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    use super::*;

    /// A tree of both kinds: ours, and ct-merkle's.
    #[derive(Default)]
    struct Trees {
        nodes: BTreeMap<Subtree, Hash>,
        edge: Edge,
        other: MemoryBackedTree<Sha256, Hash>,
    }

    impl Trees {
        fn push(&mut self, data: Hash) {
            self.nodes.extend(self.edge.push(leaf_hash(&data)));
            self.other.push(data);
        }

        fn range(&self, (start, end): (u64, u64)) -> Hash {
            let hashes: Vec<Hash> =
                subtrees(start, end).iter().map(|subtree| self.nodes[subtree]).collect();
            joined(&hashes).unwrap()
        }
    }

    #[test]
    fn roots_and_proofs_are_those_of_ct_merkle() {
        let mut trees = Trees::default();
        let data = |leaf: u64| crypto::sha256(&[&leaf.to_be_bytes()]);
        for size in 1..=70 {
            trees.push(data(size - 1));
            let root = trees.edge.root();
            assert_eq!(root[..], trees.other.root().as_bytes()[..], "{size}");
            let hashes = subtrees(0, size).iter().map(|subtree| trees.nodes[subtree]).collect();
            assert_eq!(Edge::new(size, hashes).root(), root, "read again, {size}");
            for index in 0..size {
                let ranges = inclusion_ranges(index, size).unwrap();
                let path: Vec<Hash> = ranges.iter().map(|range| trees.range(*range)).collect();
                let expected = trees.other.prove_inclusion(usize::try_from(index).unwrap());
                assert_eq!(path.concat(), expected.as_bytes(), "{index} of {size}");
                assert!(verify_inclusion(&data(index), index, &path, size, &root));
                assert!(!verify_inclusion(&data(index + 1), index, &path, size, &root));
                assert!(!verify_inclusion(&data(index), size, &path, size, &root));
                assert!(!verify_inclusion(&data(index), index, &path, size, &data(0)));
                if let Some((_, shorter)) = path.split_last() {
                    assert!(!verify_inclusion(&data(index), index, shorter, size, &root));
                }
            }
            assert_eq!(inclusion_ranges(size, size), None);
        }
        assert_eq!(inclusion_ranges(0, 0), None);
    }

    /// Of the reference implementation of Certificate Transparency.
    #[test]
    fn the_empty_tree_has_the_root_of_rfc_9162() {
        let root: String = empty_root().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Edge::default().root(), empty_root());
    }
}
