//! The hash of a source in bytecode files that are checked by it: `SipHash` (Aumasson and Bernstein, 2012), with the number of the
//! bytecode's version as its key. CPython calls it `_imp.source_hash`.

/// From this version's number on (3.11) there is one round for each word and three at the end; before it two and four.
const FEWER_ROUNDS: u32 = 3495;

/// The hash of a source under a magic number, as four bytes of a header hold that.
pub(super) fn source_hash(magic: u32, source: &[u8]) -> [u8; 8] {
    let (compression, finalization) = if magic & 0xFFFF >= FEWER_ROUNDS { (1, 3) } else { (2, 4) };
    let key = u64::from(magic);
    let mut state = [
        key ^ 0x736f_6d65_7073_6575,
        0x646f_7261_6e64_6f6d,
        key ^ 0x6c79_6765_6e65_7261,
        0x7465_6462_7974_6573,
    ];
    let mut padded = source.to_vec();
    padded.resize(source.len() / 8 * 8 + 7, 0);
    padded.push(source.len().to_le_bytes()[0]);
    for block in padded.chunks_exact(8) {
        let word = u64::from_le_bytes(block.try_into().unwrap_or_default());
        state[3] ^= word;
        (0..compression).for_each(|_| mix(&mut state));
        state[0] ^= word;
    }
    state[2] ^= 0xff;
    (0..finalization).for_each(|_| mix(&mut state));
    (state[0] ^ state[1] ^ state[2] ^ state[3]).to_le_bytes()
}

/// One round.
fn mix([a, b, c, d]: &mut [u64; 4]) {
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read from CPython 3.8, 3.10, 3.11 and 3.13: `_imp.source_hash(_RAW_MAGIC_NUMBER, b'V = 1\nabcdefgh')`.
    #[test]
    fn sources_have_the_hashes_of_cpython() {
        let known = [
            (3413, 0xf2b5_1b09_4cea_b4ee_u64),
            (3439, 0x78d7_1a4a_3495_c1e5),
            (3495, 0x4a78_6f74_cc13_23fb),
            (3571, 0xe332_dff0_2a86_f25b),
        ];
        for (version, wanted) in known {
            let magic = version | 0x0a0d_0000;
            assert_eq!(source_hash(magic, b"V = 1\nabcdefgh"), wanted.to_be_bytes(), "{version}");
        }
    }
}
