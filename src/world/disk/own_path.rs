//! The directory's own path in the contents of files. Reading replaces it by a placeholder of equal length and
//! writing puts it back, so that directories whose paths are equally long read back equal.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;

use super::Directory;

impl Directory {
    /// `bytes` with the directory's own path replaced by a placeholder of equal length.
    pub(super) fn generalise(&self, bytes: Vec<u8>) -> Vec<u8> {
        let own = self.path.as_os_str().as_bytes();
        replace(&bytes, own, &placeholder(own.len())).unwrap_or(bytes)
    }

    pub(super) fn localise<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let own = self.path.as_os_str().as_bytes();
        match replace(bytes, &placeholder(own.len()), own) {
            Some(bytes) => bytes.into(),
            None => bytes.into(),
        }
    }
}

/// The placeholder for the directory's own path: a text that nobody writes, of the same length, because
/// bytecode records lengths.
pub(super) fn placeholder(length: usize) -> Vec<u8> {
    let mut placeholder = vec![b'$'; length];
    if let Some(first) = placeholder.first_mut() {
        *first = 2;
    }
    placeholder
}

/// `bytes` with every `from` replaced by `to`, of equal length, or `None` if `from` does not occur.
pub(super) fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let &first = from.first()?;
    let find = |start: usize| {
        let mut at = start;
        loop {
            at += bytes.get(at..)?.iter().position(|&byte| byte == first)?;
            if bytes[at..].starts_with(from) {
                return Some(at);
            }
            at += 1;
        }
    };
    let mut at = find(0)?;
    let mut replaced = bytes.to_vec();
    loop {
        replaced[at..at + to.len()].copy_from_slice(to);
        match find(at + from.len()) {
            Some(next) => at = next,
            None => return Some(replaced),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_replaced_and_put_back() {
        let (own, placeholder) = (b"/tmp/x", placeholder(6));
        let text = b"a/tmp/x/tmp/x b /tmp/y /tmp/x";
        let replaced = replace(text, own, &placeholder).unwrap();
        assert_eq!(replaced, b"a\x02$$$$$\x02$$$$$ b /tmp/y \x02$$$$$");
        assert_eq!(replace(&replaced, &placeholder, own).unwrap(), text);
        assert_eq!(replace(b"none here", own, &placeholder), None);
    }
}
