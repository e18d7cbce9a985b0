//! Worlds against the operating system: each step has the effect that it has on Linux, a directory is made equal to any
//! world, and changes by others in it are read back.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use proptest::prelude::*;
use taster::world::disk::Directory;
use taster::world::{Content, EntryPath, Nanos, Node, Operation, Time, World};

fn entry() -> impl Strategy<Value = EntryPath> {
    let name = prop::sample::select(vec!["a", "b", "c"]);
    prop::collection::vec(name, 1..4).prop_map(|names| EntryPath::new(&names.join("/")).unwrap())
}

fn operation() -> impl Strategy<Value = Operation> {
    let text = prop::sample::select(vec!["", "x", "a longer text"]);
    prop_oneof![
        4 => (entry(), text).prop_map(|(path, text)| Operation::Write { path, text: text.into(), mtime: None }),
        2 => entry().prop_map(Operation::Mkdir),
        1 => entry().prop_map(Operation::Remove),
        2 => (entry(), entry()).prop_map(|(from, to)| Operation::Rename { from, to }),
        1 => entry().prop_map(|path| Operation::Touch { path, mtime: None }),
        2 => (entry(), entry()).prop_map(|(path, to)| Operation::Link { path, to }),
        1 => (1_u64..3_000_000_000).prop_map(|length| Operation::Sleep(Nanos(length))),
    ]
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 1..20)
}

fn ticks() -> impl Strategy<Value = Nanos> {
    prop::sample::select(vec![Nanos(1), Nanos(1_000_000), Nanos::SECOND, Nanos(2_000_000_000)])
}

/// What an entry is on disk: its content where it is a file, and its modification time.
type Found = BTreeMap<String, (Option<Vec<u8>>, i128)>;

fn found_in(root: &Path) -> Found {
    let mut found = Found::new();
    let mut left = vec![root.to_owned()];
    while let Some(path) = left.pop() {
        let data = fs::symlink_metadata(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if data.is_symlink() {
            let target = fs::read_link(&path).unwrap().into_os_string().into_vec();
            found.insert(name, (Some([b"-> ", &*target].concat()), 0));
            continue;
        }
        let content = if data.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            None
        } else {
            Some(fs::read(&path).unwrap())
        };
        let time = i128::from(data.mtime()) * 1_000_000_000 + i128::from(data.mtime_nsec());
        found.insert(name, (content, time));
    }
    found
}

fn found_of(world: &World) -> Found {
    let of = |node: &Node| match node {
        Node::Directory { modified } => (None, i128::from(modified.0)),
        Node::File { content: Content::Bytes(bytes), modified } => {
            (Some(bytes.to_vec()), i128::from(modified.0))
        }
        Node::Link { target } => (Some([b"-> ", &**target].concat()), 0),
        other => panic!("no step makes {other:?}"),
    };
    world.entries().map(|(path, node)| (path.as_str().to_owned(), of(node))).collect()
}

/// The step as the operating system performs it.
fn perform_on_disk(root: &Path, operation: &Operation) -> io::Result<()> {
    let at = |path: &EntryPath| root.join(path.as_str());
    match operation {
        Operation::Write { path, text, .. } => {
            fs::create_dir_all(at(&path.parent().unwrap()))?;
            fs::write(at(path), text.as_bytes())
        }
        Operation::Copy { .. } => unreachable!("it is made of these steps"),
        Operation::Link { path, to } => {
            let parent = at(&path.parent().unwrap());
            fs::create_dir_all(&parent)?;
            // A link says the way from its own directory, which other links may lead to.
            let parent = parent.canonicalize()?;
            let root = root.canonicalize()?;
            let up = parent.strip_prefix(&root).unwrap().components().count();
            let own: Vec<_> =
                parent.strip_prefix(&root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
            let to: Vec<&str> = to.as_str().split('/').collect();
            let shared = own.iter().zip(&to).take_while(|(one, other)| one == other).count();
            let way: Vec<&str> =
                std::iter::repeat_n("..", up - shared).chain(to[shared..].iter().copied()).collect();
            let way = if way.is_empty() { ".".to_owned() } else { way.join("/") };
            std::os::unix::fs::symlink(way, at(path))
        }
        Operation::Mkdir(path) => fs::create_dir_all(at(path)),
        Operation::Remove(path) => {
            if fs::symlink_metadata(at(path))?.is_dir() {
                fs::remove_dir_all(at(path))
            } else {
                fs::remove_file(at(path))
            }
        }
        Operation::Rename { from, to } => fs::rename(at(from), at(to)),
        Operation::Touch { path, .. } => fs::metadata(at(path)).map(drop),
        Operation::Sleep(_) => Ok(()),
    }
}

/// Whether a link was moved to where its way leaves the ordering's directory: steps go nowhere there, and the operating system
/// would go on outside.
fn has_way_out(world: &World) -> bool {
    let depth = |path: &str| path.split('/').count() - 1;
    let leaves = |(path, node): (&EntryPath, &Node)| match node {
        Node::Link { target } => {
            target.split(|byte| *byte == b'/').take_while(|part| *part == b"..").count()
                > depth(path.as_str())
        }
        _ => false,
    };
    world.entries().any(leaves)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn steps_do_what_the_operating_system_does(operations in operations()) {
        let home = tempfile::tempdir().unwrap();
        let mut world = World::new(Nanos::SECOND);
        let shape = |found: Found| found.into_iter().map(|(path, (content, _))| (path, content)).collect::<Vec<_>>();
        for operation in &operations {
            let ours = world.perform(operation).map_err(|fault| fault.errno.number());
            let theirs = perform_on_disk(home.path(), operation).map_err(|error| error.raw_os_error().unwrap());
            prop_assert_eq!(ours, theirs, "{:?}", operation);
            prop_assert_eq!(shape(found_of(&world)), shape(found_in(home.path())), "{:?}", operation);
            if has_way_out(&world) {
                break;
            }
        }
    }

    #[test]
    fn a_directory_is_made_equal_to_any_world(operations in operations(), tick in ticks()) {
        let home = tempfile::tempdir().unwrap();
        let mut disk = Directory::create(&home.path().join("o")).unwrap();
        let mut world = World::new(tick);
        let mut worlds = Vec::new();
        for operation in &operations {
            let _ = world.perform(operation);
            world.advance(Nanos(1_000));
            worlds.push(world.clone());
        }
        // In leaps back and forth, as an exploration goes.
        let half = worlds.len() / 2;
        for world in worlds.iter().rev().chain(&worlds[..half]).chain(&worlds[half..]) {
            disk.make(world).unwrap();
            prop_assert_eq!(found_in(disk.path()), found_of(world));
            let back = disk.read_back(world).unwrap();
            prop_assert_eq!(&back.world, world);
            prop_assert!(!back.wrote_files);
        }
    }

    #[test]
    fn what_others_change_is_read_back(before in operations(), during in operations(), tick in ticks()) {
        let home = tempfile::tempdir().unwrap();
        let mut disk = Directory::create(&home.path().join("o")).unwrap();
        let mut world = World::new(tick);
        for operation in &before {
            let _ = world.perform(operation);
        }
        disk.make(&world).unwrap();
        let mut expected = world.clone();
        expected.advance(Nanos(2_500_000_000));
        let mut there = expected.clone();
        for operation in during.iter().filter(|operation| !matches!(operation, Operation::Sleep(_) | Operation::Touch { .. })) {
            let _ = perform_on_disk(disk.path(), operation);
            let _ = there.perform(operation);
        }
        let back = disk.read_back(&expected).unwrap();
        prop_assert_eq!(found_of(&back.world), found_of(&there));
        prop_assert_eq!(found_in(disk.path()), found_of(&there), "the disk has the virtual times too");
        disk.make(&world).unwrap();
        prop_assert_eq!(found_in(disk.path()), found_of(&world));
    }

    #[test]
    fn the_same_steps_give_the_same_world(operations in operations(), tick in ticks()) {
        let run = || {
            let mut world = World::new(tick);
            for operation in &operations {
                let _ = world.perform(operation);
                world.advance(Nanos(1_000));
            }
            world
        };
        prop_assert_eq!(run(), run());
        prop_assert!(run().entries().all(|(_, node)| node.modified().is_none_or(|time| time.0 % tick.0 == 0)));
    }
}

#[test]
fn times_past_the_end_of_virtual_time_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let mut disk = Directory::create(&home.path().join("o")).unwrap();
    let world = World::beginning_at(Time(Directory::NEWEST.0 + 1), Nanos(1));
    assert!(disk.make(&world).unwrap_err().to_string().contains("September 2020"));
    disk.make(&World::new(Nanos(1))).unwrap();
}

#[test]
fn overwriting_does_not_move_the_directorys_time_and_creating_does() {
    let path = |written| EntryPath::new(written).unwrap();
    let write = |world: &mut World, at| {
        world.perform(&Operation::Write { path: path(at), text: "".into(), mtime: None }).unwrap()
    };
    let mut world = World::new(Nanos::SECOND);
    write(&mut world, "d/a");
    world.advance(Nanos::SECOND);
    let before = world.get(&path("d")).unwrap().modified();
    write(&mut world, "d/a");
    assert_eq!(world.get(&path("d")).unwrap().modified(), before);
    write(&mut world, "d/b");
    assert_eq!(world.get(&path("d")).unwrap().modified(), Some(world.stamp()));
}

#[test]
fn a_link_that_leads_elsewhere_leaves_the_time_of_its_directory() {
    let path = |written| EntryPath::new(written).unwrap();
    let with_link = |to| {
        let mut world = World::new(Nanos::SECOND);
        world.perform(&Operation::Link { path: path("l"), to: path(to) }).unwrap();
        world
    };
    let home = tempfile::tempdir().unwrap();
    let mut disk = Directory::create(&home.path().join("o")).unwrap();
    for to in ["a", "b"] {
        let world = with_link(to);
        disk.make(&world).unwrap();
        assert_eq!(found_in(disk.path()), found_of(&world));
    }
}
