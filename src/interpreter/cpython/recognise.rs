//! Recognises the CPython of an executable from the files on disk, so that listing trials starts nothing. `discover`
//! runs those that cannot be recognised here; the version is verified when the interpreter is started.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use memchr::memmem;

use crate::scenario::Version;

/// An executable below this size contains no interpreter, only a call into a shared library.
const SMALLEST_INTERPRETER: u64 = 1_000_000;
/// Machine code is read in pieces of this size.
const PIECE: usize = 256 * 1024;
/// The greatest length of a constant with a version, with the text before it.
const LONGEST: usize = 32;

/// The version of the CPython whose executable, links resolved, is `real`.
///
/// The file's name contains the minor version (`bin/python3.11`). The full version, which the interpreter
/// itself would report, is a constant in its code or, if the code is in a shared library, in `patchlevel.h`
/// beside it or in that library.
pub(super) fn recognise(real: &Path) -> Option<Version> {
    let minor = real.file_name()?.to_str()?.strip_prefix("python")?;
    let mut numbers = minor.split('.');
    let (major, feature) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    if numbers.next().is_some() {
        return None;
    }
    let prefix = real.parent().filter(|parent| parent.ends_with("bin"))?.parent()?;
    let from_code =
        || (fs::metadata(real).ok()?.len() >= SMALLEST_INTERPRETER).then(|| in_code(real, minor))?;
    let micro = from_code().or_else(|| in_header(prefix, minor)).or_else(|| in_library(prefix, minor))?;
    Some(Version::new(major, feature, micro))
}

/// The micro version in the one constant of this machine code that reads like a version of `minor`.
fn in_code(file: &Path, minor: &str) -> Option<u32> {
    let start = format!("\0{minor}.");
    let finder = memmem::Finder::new(&start);
    let mut code = File::open(file).ok()?;
    let mut buffer = vec![0; PIECE];
    let (mut kept, mut found) = (0, None);
    loop {
        let read = code.read(&mut buffer[kept..]).ok()?;
        let piece = &buffer[..kept + read];
        // A constant that may continue in the next piece is left for the next turn; at the end there is none.
        let whole = if read == 0 { piece.len() } else { piece.len().saturating_sub(LONGEST) };
        for at in finder.find_iter(piece).filter(|&at| at < whole) {
            let Some(micro) = constant(&piece[at + start.len()..]) else { continue };
            if found.replace(micro).is_some_and(|other| other != micro) {
                return None;
            }
        }
        if read == 0 {
            return found;
        }
        kept = piece.len() - whole;
        buffer.copy_within(whole..whole + kept, 0);
    }
}

/// The micro version in a text that ends in a NUL.
fn constant(code: &[u8]) -> Option<u32> {
    let end = code.iter().take(LONGEST / 2).position(|&byte| byte == 0)?;
    micro(std::str::from_utf8(&code[..end]).ok()?)
}

/// The micro version in `#define PY_VERSION "3.11.7"`.
fn in_header(prefix: &Path, minor: &str) -> Option<u32> {
    // Up to 3.7 the directory's name has the mark of the small-memory allocator.
    let folders = [format!("python{minor}"), format!("python{minor}m")];
    let header = folders.iter().find_map(|folder| {
        fs::read_to_string(prefix.join("include").join(folder).join("patchlevel.h")).ok()
    })?;
    let line = header.lines().find_map(|line| line.trim_start().strip_prefix("#define PY_VERSION"))?;
    micro(line.trim().trim_matches('"').strip_prefix(minor)?.strip_prefix('.')?)
}

fn in_library(prefix: &Path, minor: &str) -> Option<u32> {
    let names = [format!("libpython{minor}.so.1.0"), format!("libpython{minor}m.so.1.0")];
    let folders = ["lib", "lib64"].map(|folder| prefix.join(folder));
    let files = folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    files.filter(|file| file.is_file()).find_map(|file| in_code(&file, minor))
}

/// `7` of `7`, `7+`, `7rc1`.
fn micro(text: &str) -> Option<u32> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, mark) = text.split_at(digits);
    let is_mark = mark.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '+');
    number.parse().ok().filter(|_| is_mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, content) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().expect("it lies in the directory")).expect("a directory");
            fs::write(path, content).expect("a file");
        }
        directory
    }

    #[test]
    fn a_constant_in_the_code_tells() {
        let mut code = vec![1; 1_000_000];
        code.extend(b"\x003.11.\x003.11.2\x00nonsense\x003.2.0\x003.11.2+\x00");
        let place = installed(&[("bin/python3.11", &code)]);
        assert_eq!(recognise(&place.path().join("bin/python3.11")), Some(Version::new(3, 11, 2)));
    }

    #[test]
    fn a_header_or_library_tells_for_a_small_executable() {
        let header: (&str, &[u8]) =
            ("include/python3.6m/patchlevel.h", b"/* text */\n#define PY_VERSION      \t\"3.6.15\"\n");
        let place = installed(&[("bin/python3.6", b""), header]);
        assert_eq!(recognise(&place.path().join("bin/python3.6")), Some(Version::new(3, 6, 15)));
        let library: (&str, &[u8]) = ("lib/libpython3.12.so.1.0", b"..\x003.12.1\x00..");
        let place = installed(&[("bin/python3.12", b""), library]);
        assert_eq!(recognise(&place.path().join("bin/python3.12")), Some(Version::new(3, 12, 1)));
    }

    #[test]
    fn a_constant_across_two_pieces_is_found() {
        for gap in PIECE - 12..PIECE + 2 {
            let mut code = vec![1; gap];
            code.extend(b"\x003.11.2\x00");
            code.resize(1_000_000, 1);
            let place = installed(&[("bin/python3.11", &code)]);
            assert_eq!(
                recognise(&place.path().join("bin/python3.11")),
                Some(Version::new(3, 11, 2)),
                "{gap}"
            );
        }
    }

    #[test]
    fn what_is_not_sure_is_not_said() {
        let mut code = vec![1; 1_000_000];
        code.extend(b"\x003.11.2\x003.11.4\x00");
        let place = installed(&[("bin/python3.11", &code), ("bin/python3", b""), ("bin/pypy3.10", b"")]);
        for name in ["python3.11", "python3", "pypy3.10", "python3.12"] {
            assert_eq!(recognise(&place.path().join("bin").join(name)), None, "{name}");
        }
    }
}
