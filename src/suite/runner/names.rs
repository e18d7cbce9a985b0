//! Tests whose parameters are other ones each time that pytest collects them, such as the time: they have the names that they had first.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use super::message::Item;

/// The names of tests with parameters, as the first process of a hunt has collected them.
#[derive(Debug, Default)]
pub(crate) struct FirstNames {
    known: OnceLock<Vec<String>>,
    other: OnceLock<String>,
}

impl FirstNames {
    /// Remembers the names of the first tests that it is given. Later ones get these, where a function has as many tests with another
    /// name as are missing: the sequence tells them apart.
    pub(crate) fn give(&self, items: &mut [Item]) {
        let named = || items.iter().map(|item| &item.id).filter(|id| function_of(id).is_some());
        let known = self.known.get_or_init(|| named().cloned().collect());
        let now: HashSet<&String> = named().collect();
        let mut missing: HashMap<&str, Vec<&String>> = HashMap::new();
        for id in known.iter().filter(|id| !now.contains(id)) {
            missing.entry(function_of(id).unwrap_or_default()).or_default().push(id);
        }
        if missing.is_empty() {
            return;
        }
        let first: HashSet<&String> = known.iter().collect();
        let mut new: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, item) in items.iter().enumerate().filter(|(_, item)| !first.contains(&item.id)) {
            let function = function_of(&item.id).map(str::to_owned);
            function.into_iter().for_each(|function| new.entry(function).or_default().push(place));
        }
        for (function, places) in new {
            let Some(ids) = missing.get(&function[..]).filter(|ids| ids.len() == places.len()) else {
                continue;
            };
            for (place, id) in places.into_iter().zip(ids) {
                items[place].id.clone_from(id);
                self.other.get_or_init(|| (*id).clone());
            }
        }
    }

    /// A test that had another name in a later process.
    pub(crate) fn other(&self) -> Option<&str> {
        self.other.get().map(String::as_str)
    }
}

/// The name of a test without its parameters, or `None` if it has none.
fn function_of(id: &str) -> Option<&str> {
    let within = id.find("::")?;
    id[within..].find('[').map(|start| &id[..within + start])
}

#[cfg(test)]
mod tests {
    use super::{FirstNames, Item};

    fn given(names: &FirstNames, ids: &[&str]) -> Vec<String> {
        let item = |id: &&str| Item {
            id: (*id).to_owned(),
            file: String::new(),
            groups: Vec::new(),
            fixtures: None,
        };
        let mut items: Vec<Item> = ids.iter().map(item).collect();
        names.give(&mut items);
        items.into_iter().map(|item| item.id).collect()
    }

    #[test]
    fn a_parameter_that_changes_is_called_as_it_was_first() {
        let names = FirstNames::default();
        let first = ["a.py::t[1]", "a.py::t[12:00]", "a.py::t[12:01]", "a.py::u", "b.py::C::t[12:00]"];
        assert_eq!(given(&names, &first), first);
        assert_eq!(given(&names, &first), first);
        assert_eq!(names.other(), None);
        let later = ["a.py::t[1]", "a.py::t[13:00]", "a.py::t[13:01]", "a.py::u", "b.py::C::t[13:00]"];
        assert_eq!(given(&names, &later), first);
        assert!(names.other().is_some());
        assert_eq!(given(&names, &later[3..]), first[3..], "not all files are collected");
    }

    #[test]
    fn other_tests_keep_their_names() {
        let names = FirstNames::default();
        given(&names, &["a.py::t[1]", "a.py::t[2]"]);
        for other in [&["a.py::t[3]"][..], &["a.py::u[3]", "a.py::u[4]"], &["a.py::t[1]", "a.py::v"]] {
            assert_eq!(given(&names, other), other);
        }
        assert_eq!(names.other(), None);
    }
}
