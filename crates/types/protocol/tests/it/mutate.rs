//! What is done to good bytes to make them bad.

use crate::random::Random;

/// What lengths and counts look like that somebody wants to do harm with.
pub const EVIL: &[&[u8]] = &[
    &[0x7f, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0xff],
    &[0x80, 0x00, 0x00, 0x00],
    &[0x00, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0xff, 0x07],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0x80, 0x80, 0x80, 0x80, 0x08],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x7f, 0xff],
    &[0xff, 0xff],
    &[0x80, 0x00],
    &[0xff, 0x7f],
    &[0x00],
    &[0x01],
    &[0xff],
];

/// Changes something in `bytes`: cuts, flips, repeats, puts lengths in that lie.
pub fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    match random.below(8) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        2 if at < bytes.len() => bytes[at] = random.next() as u8,
        3 => {
            let evil = EVIL[random.below(EVIL.len())];
            let end = (at + evil.len()).min(bytes.len());
            bytes.splice(at..end, evil.iter().copied());
        }
        4 => {
            let evil = EVIL[random.below(EVIL.len())];
            bytes.splice(at..at, evil.iter().copied());
        }
        5 => {
            let length = random.below(bytes.len() + 1 - at);
            bytes.drain(at..at + length);
        }
        6 => {
            let part: Vec<u8> = bytes[at..].iter().copied().take(1 + random.below(64)).collect();
            bytes.splice(at..at, part);
        }
        _ => {
            let filler = [0x00, 0x01, 0xff, 0x80, 0x7f][random.below(5)];
            let length = 1 << random.below(14);
            bytes.splice(at..at, std::iter::repeat_n(filler, length));
        }
    }
}
