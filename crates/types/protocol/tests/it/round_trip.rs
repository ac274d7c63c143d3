//! What is decoded is encoded again to the same bytes.

use headwater_protocol::EncodeError;

use crate::entry::Recoded;
use crate::generator::sample;
use crate::random::rounds;
use crate::specification::for_every_version;

#[test]
fn random_values_keep_their_bytes() {
    for_every_version(|entry, message, version| {
        for round in 0..rounds(20) {
            let bytes = sample(message, version, round).bytes;
            let recoded = (entry.recode)(&bytes, version);
            let expected = Ok(Recoded { bytes, remaining: 0 });
            assert_eq!(recoded, expected, "{} version {version} round {round}", entry.name);
        }
    });
}

#[test]
fn defaults_are_encoded_in_every_version() {
    for_every_version(|entry, _, version| match (entry.default)(version) {
        Ok(bytes) => {
            let recoded = (entry.recode)(&bytes, version);
            assert_eq!(recoded, Ok(Recoded { bytes, remaining: 0 }), "{} version {version}", entry.name);
        }
        // A default of null in a version without null: the reference refuses it too.
        Err(error) => assert_eq!(error, EncodeError::Null, "{} version {version}", entry.name),
    });
}

#[test]
fn bytes_behind_a_message_are_left_alone() {
    for_every_version(|entry, message, version| {
        let mut bytes = sample(message, version, 1).bytes;
        bytes.extend([1, 2, 3]);
        assert_eq!((entry.decode)(&bytes, version), Ok(3), "{} version {version}", entry.name);
    });
}

#[test]
fn every_cut_is_noticed() {
    for_every_version(|entry, message, version| {
        let bytes = sample(message, version, 2).bytes;
        for end in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
            let cut = (entry.decode)(&bytes[..end], version);
            assert!(cut.is_err(), "{} version {version} cut to {end}", entry.name);
        }
    });
}

#[test]
fn other_versions_are_refused() {
    for_every_version(|entry, _, _| {
        for version in [entry.min_version - 1, entry.max_version + 1] {
            assert!((entry.decode)(&[0; 64], version).is_err(), "{} version {version}", entry.name);
            assert_eq!((entry.default)(version), Err(EncodeError::Version(version)), "{}", entry.name);
        }
    });
}
