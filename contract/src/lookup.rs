//! Finding names in a list, in time that grows with the list and not with its square.
//!
//! What people send names items again and again: a search through the list for each name lets one
//! body keep a server busy for seconds (CWE-407). The names are sorted once instead. No hash map:
//! that would cost the end user's bundle several kilobytes.

/// The places of names in a list.
pub(crate) struct Lookup<'a>(Vec<(&'a str, usize)>);

impl<'a> Lookup<'a> {
    pub(crate) fn new(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sorted: Vec<_> =
            names.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
        sorted.sort_unstable();
        Self(sorted)
    }

    /// The first place of the name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let at = self.0.partition_point(|(other, _)| *other < name);
        self.0.get(at).filter(|(other, _)| *other == name).map(|(_, place)| *place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_is_found_where_it_first_stands(names in proptest::collection::vec("[ab]{0,3}", 0..20), name in "[ab]{0,3}") {
            let lookup = Lookup::new(names.iter().map(String::as_str));
            prop_assert_eq!(lookup.find(&name), names.iter().position(|other| *other == name));
        }
    }
}
