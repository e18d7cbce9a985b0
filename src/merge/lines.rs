//! Files as shards wrote them: JSON lines, those of one shard from a line of kind `shard` to the next such line or the end. The last line of
//! a shard that was killed may be half a line.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::MergeError;
use crate::shard::{Shard, Whole};

/// What one shard wrote.
#[derive(Debug)]
pub(super) struct Segment {
    /// The name of its file.
    pub(super) file: String,
    pub(super) shard: Shard,
    pub(super) whole: Whole,
    /// Its first line.
    pub(super) head: Value,
    /// The number of that line, from 1.
    pub(super) at: usize,
    /// The lines after that, with their numbers.
    pub(super) lines: Vec<(usize, Value)>,
}

/// What every first line holds.
#[derive(Debug, Deserialize)]
struct Head {
    shard: Shard,
    whole: Whole,
}

/// A line on one part of what a shard does.
#[derive(Debug, Deserialize)]
pub(super) struct PartLine {
    pub(super) part: usize,
    pub(super) data: Value,
}

/// All shards in a file.
pub(super) fn segments(file: &str, text: &str) -> Result<Vec<Segment>, MergeError> {
    let mut segments: Vec<Segment> = Vec::new();
    let written: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim().is_empty())
        .collect();
    for (place, &(at, line)) in written.iter().enumerate() {
        let wrong = |why: String| MergeError::NoShard { file: file.to_owned(), line: at, why };
        let value: Value = match serde_json::from_str(line) {
            Ok(value) => value,
            // Whoever is killed while he writes leaves half a line, the last one.
            Err(error) if error.is_eof() && place + 1 == written.len() => break,
            Err(error) => return Err(wrong(format!("no JSON: {error}"))),
        };
        if value["kind"] == "shard" {
            let head = Head::deserialize(&value).map_err(|error| wrong(error.to_string()))?;
            segments.push(Segment {
                file: file.to_owned(),
                shard: head.shard,
                whole: head.whole,
                head: value,
                at,
                lines: Vec::new(),
            });
        } else if let Some(segment) = segments.last_mut() {
            segment.lines.push((at, value));
        } else {
            return Err(wrong(
                "a shard begins with a line of kind `shard`: --shard with --format json writes it".to_owned(),
            ));
        }
    }
    Ok(segments)
}

/// The line as what it is meant to be.
pub(super) fn read<T: DeserializeOwned>(
    segment: &Segment,
    line: usize,
    value: &Value,
) -> Result<T, MergeError> {
    serde_json::from_value(value.clone()).map_err(|error| MergeError::NoShard {
        file: segment.file.clone(),
        line,
        why: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"{"kind":"shard","shard":{"index":1,"of":2},"whole":{"verb":"run","version":"1","seed":0,"suite":"a","options":""}}"#;

    #[test]
    fn a_shard_that_was_killed_leaves_half_a_line() {
        let text = format!("{HEAD}\n{{\"kind\":\"verdict\"}}\n{{\"kind\":\"ver");
        let segments = segments("a.json", &text).unwrap();
        assert_eq!(segments.len(), 1);
        assert_eq!(segments[0].lines.len(), 1);
    }

    #[test]
    fn what_is_no_shard_is_named_with_its_place() {
        let why = |text: &str| segments("a.json", text).unwrap_err().to_string();
        assert!(
            why("{\"kind\":\"verdict\"}\n")
                .starts_with("a.json:1: a shard begins with a line of kind `shard`")
        );
        assert!(why(&format!("{HEAD}\nverdict\n{{}}\n")).starts_with("a.json:2: no JSON: expected"));
        assert!(why(&format!("{HEAD}\n{{\"a\":\n{{}}\n")).starts_with("a.json:2: no JSON: EOF"));
        assert!(why("{\"kind\":\"shard\"}").starts_with("a.json:1: missing field `shard`"));
    }

    #[test]
    fn one_file_may_hold_several_shards() {
        let text = format!("{HEAD}\n{{\"kind\":\"a\"}}\n\n{HEAD}\n{{\"kind\":\"b\"}}\n{{\"kind\":\"c\"}}\n");
        let lines: Vec<usize> =
            segments("a.json", &text).unwrap().iter().map(|segment| segment.lines.len()).collect();
        assert_eq!(lines, [1, 2]);
    }
}
