//! The protocol: what is sent comes back, both sides agree, and nonsense is refused.

use super::*;

const SAID: Secret = Secret(*b"0123456789abcdef");

#[test]
fn fields_come_back_as_they_were() {
    let fields: [&[u8]; 4] = [b"", b"a:b", &[0, 255], b"12"];
    assert_eq!(split(&join(fields)).unwrap(), fields);
}

#[test]
fn a_frame_is_read_when_all_of_it_is_there() {
    let bytes = &b"R0000000007:0123456789abcdefpayload"[..];
    for length in 0..bytes.len() {
        assert_eq!(Frame::first(&bytes[..length], SAID).unwrap(), None);
    }
    let (read, taken) = Frame::first(bytes, SAID).unwrap().unwrap();
    assert_eq!((read.kind, &*read.payload, taken), (Answered::Result, &b"payload"[..], bytes.len()));
}

#[test]
fn a_command_has_its_length_whatever_it_says() {
    let bytes = command(Asked::Step, "1000000000 0 0 f 1", b"more");
    assert_eq!(bytes.len(), COMMAND + 4);
    assert!(bytes.starts_with(b"S0000000004:1000000000 0 0 f 1 ") && bytes.ends_with(b" more"));
    let longest = format!("{0} 999999999 {0} fa {0}", u64::MAX / 1_000_000_000);
    assert_eq!(command(Asked::StepInACopy, &longest, b"").len(), COMMAND);
}

#[test]
fn both_sides_give_the_same_letters() {
    let python = include_str!("../protocol.py");
    let says = |name: &str, letter: char| python.contains(&format!("\n{name} = b\"{letter}\"\n"));
    let asked = [
        ("CONFIGURE", Asked::Configure),
        ("BEGIN", Asked::Begin),
        ("REST", Asked::Rest),
        ("STEP", Asked::Step),
        ("STEP_IN_A_COPY", Asked::StepInACopy),
        ("COPY", Asked::Copy),
        ("INSPECT", Asked::Inspect),
        ("ASCEND", Asked::Ascend),
        ("QUESTION", Asked::Question),
    ];
    for (name, asked) in asked {
        assert!(says(name, asked.letter()), "{name}");
    }
    let answered = [
        ("HELLO", Answered::Hello),
        ("RESULT", Answered::Result),
        ("LOOKING", Answered::Looking),
        ("ENDED", Answered::Ended),
        ("COPIED", Answered::Copied),
        ("INSPECTION", Answered::Inspection),
        ("ANSWER", Answered::Answer),
        ("RESTED", Answered::Rested),
    ];
    for letter in b'A'..=b'Z' {
        let name = answered.iter().find(|(_, answered)| Answered::of_letter(letter) == Some(*answered));
        assert!(name.is_none_or(|(name, _)| says(name, letter.into())), "{name:?}");
    }
    let outcomes =
        [("PASSED", outcome::PASSED), ("FAILED", outcome::FAILED), ("MISMATCHED", outcome::MISMATCHED)];
    for (name, letter) in outcomes {
        assert!(says(name, letter[0].into()), "{name}");
    }
    assert!(says("FINGERPRINT", 'f') && says("ACTS", 'a'));
    assert_eq!([flags(true, true), flags(true, false), flags(false, true)], ["fa", "f", "a"]);
}

#[test]
fn nonsense_is_not_a_frame() {
    for bytes in [
        &b"hello, world"[..],
        b"R00000000x1:",
        b"R0000000001;",
        b"r0000000001:a",
        b"R9999999999:",
        b"R0000000001:0123456789abcdeFa",
    ] {
        assert!(Frame::first(bytes, SAID).is_err(), "{bytes:?}");
    }
    assert_ne!(Secret::random(), Secret::random());
    assert_eq!(split(b"5:abc"), None);
    assert_eq!(split(b"-1:abc"), None);
    assert_eq!(split(b"abc"), None);
}
