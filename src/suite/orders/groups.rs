//! The files and classes of tests, and how an order visits them.

use std::collections::BTreeSet;

use crate::suite::runner::message::Item;

/// The tests of a file or class.
#[derive(Debug, Clone)]
pub(super) enum GroupNode {
    Test(usize),
    Group { key: String, children: Vec<GroupNode> },
}

impl GroupNode {
    pub(super) fn holds(&self, test: usize) -> bool {
        match self {
            Self::Test(own) => *own == test,
            Self::Group { children, .. } => children.iter().any(|child| child.holds(test)),
        }
    }
}

/// The suite as a tree, in the given order.
pub(super) fn tree(items: &[Item], tests: &[usize]) -> Vec<GroupNode> {
    let mut roots = Vec::new();
    for &test in tests {
        insert(&mut roots, &items[test].groups, test);
    }
    roots
}

fn insert(nodes: &mut Vec<GroupNode>, groups: &[String], test: usize) {
    let Some((first, deeper)) = groups.split_first() else {
        nodes.push(GroupNode::Test(test));
        return;
    };
    let known = nodes.iter_mut().find_map(|node| match node {
        GroupNode::Group { key, children } if key == first => Some(children),
        _ => None,
    });
    if let Some(children) = known {
        insert(children, deeper, test);
        return;
    }
    let mut children = Vec::new();
    insert(&mut children, deeper, test);
    nodes.push(GroupNode::Group { key: first.clone(), children });
}

/// Whether an order leaves a module or class and returns, which sets up its fixtures twice.
pub(crate) fn reenters(items: &[Item], order: &[usize]) -> bool {
    let mut left: BTreeSet<&str> = BTreeSet::new();
    let mut inside: &[String] = &[];
    for &test in order {
        let groups = &items[test].groups;
        left.extend(inside.iter().filter(|group| !groups.contains(group)).map(String::as_str));
        if groups.iter().any(|group| left.contains(group.as_str())) {
            return true;
        }
        inside = groups;
    }
    false
}

/// At most `most` of the places where an order goes from one file to another, evenly spread.
pub(crate) fn between_files(items: &[Item], order: &[usize], most: usize) -> Vec<usize> {
    let file = |place: usize| items[order[place]].groups.first();
    let places: Vec<usize> = (1..order.len()).filter(|&place| file(place - 1) != file(place)).collect();
    let every = places.len().div_ceil(most.max(1)).max(1);
    places.into_iter().step_by(every).collect()
}

#[cfg(test)]
pub(super) mod samples {
    //! Suites without files, for tests of orders.

    use super::Item;

    /// The given number of tests in each group; `file/Class` is a class in a file.
    pub(in crate::suite::orders) fn items(shape: &[(&str, usize)]) -> Vec<Item> {
        let all = shape.iter().flat_map(|(group, count)| std::iter::repeat_n(*group, *count));
        all.map(|group| Item {
            id: String::new(),
            file: String::new(),
            groups: group.split('/').map(str::to_owned).collect(),
            fixtures: None,
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaving_a_module_and_coming_back_is_seen() {
        let items = samples::items(&[("a", 2), ("b", 2)]);
        assert!(!reenters(&items, &[1, 0, 3, 2]));
        assert!(reenters(&items, &[0, 2, 1]));
    }
}
