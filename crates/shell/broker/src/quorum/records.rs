//! Between metadata records and batches of the log.

use headwater_metadata::MetadataVersion;
use headwater_protocol::metadata::MetadataRecord;
use headwater_raft::MAX_BATCH_BYTES;
use headwater_records::{BatchBuilder, BatchOptions, BatchView, Scratch};

/// Records of one batch at most (`QuorumController.MAX_RECORDS_PER_BATCH`).
pub(crate) const MAX_RECORDS_PER_BATCH: usize = 10_000;
/// A batch of several that is built is closed at this size, in bytes.
const BATCH_BYTES: usize = 1 << 20;
/// More than this is in no batch of the metadata log, uncompressed, in bytes.
const MAX_RECORDS_BYTES: usize = 8 * MAX_BATCH_BYTES;

/// A batch that is ready to be appended, with the records it holds.
#[derive(Debug)]
pub(crate) struct EncodedBatch {
    pub bytes: Vec<u8>,
    pub records: Vec<MetadataRecord>,
}

/// Why records cannot become batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EncodeFailure(pub String);

/// Encodes records in the versions that belong to the finalized metadata.version, which a record among them may
/// change. `atomic` ones become one batch; others are cut where a batch has grown large.
pub(crate) fn encode(
    records: Vec<MetadataRecord>,
    mut version: MetadataVersion,
    atomic: bool,
    now_ms: i64,
) -> Result<Vec<EncodedBatch>, EncodeFailure> {
    let mut batches = Vec::new();
    let mut builder = BatchBuilder::new(BatchOptions::default());
    let mut held = Vec::new();
    for record in records {
        let value = encode_one(&record, version)?;
        if let MetadataRecord::FeatureLevel(level) = &record
            && level.name == MetadataVersion::FEATURE
        {
            version = MetadataVersion(level.feature_level);
        }
        builder.append(now_ms, None, Some(&value), &[]);
        held.push(record);
        if !atomic && (builder.size() >= BATCH_BYTES || held.len() >= MAX_RECORDS_PER_BATCH) {
            let full = std::mem::replace(&mut builder, BatchBuilder::new(BatchOptions::default()));
            batches.push(EncodedBatch { bytes: full.build(), records: std::mem::take(&mut held) });
        }
    }
    if !held.is_empty() {
        batches.push(EncodedBatch { bytes: builder.build(), records: held });
    }
    match batches.iter().find(|batch| batch.bytes.len() > MAX_BATCH_BYTES) {
        None => Ok(batches),
        Some(batch) => Err(EncodeFailure(format!(
            "{} records take {} bytes in one batch; {MAX_BATCH_BYTES} are allowed",
            batch.records.len(),
            batch.bytes.len()
        ))),
    }
}

/// The value of one record.
pub(crate) fn encode_one(
    record: &MetadataRecord,
    version: MetadataVersion,
) -> Result<Vec<u8>, EncodeFailure> {
    let mut writer = headwater_protocol::Writer::new();
    record
        .encode_value(&mut writer, version.record_version(record))
        .map_err(|error| EncodeFailure(format!("{}: {error}", record.name())))?;
    Ok(writer.into_bytes())
}

/// The records of a batch of the application; where one cannot be read, its place in the batch and why.
pub(crate) fn decode(batch: &BatchView<'_>) -> Result<Vec<MetadataRecord>, (usize, String)> {
    let mut space = Vec::new();
    let iterator = batch
        .records(&mut Scratch::new(), &mut space, MAX_RECORDS_BYTES)
        .map_err(|error| (0, error.to_string()))?;
    let mut records = Vec::new();
    for (i, record) in iterator.enumerate() {
        let record = record.map_err(|error| (i, error.to_string()))?;
        let value = record.value.ok_or_else(|| (i, "no value".to_owned()))?;
        records.push(MetadataRecord::decode_value(value).map_err(|error| (i, error.to_string()))?);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use headwater_protocol::metadata::config_record::ConfigRecord;
    use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;

    use super::*;

    fn config(i: usize, bytes: usize) -> MetadataRecord {
        ConfigRecord {
            resource_type: 2,
            resource_name: format!("topic-{i}"),
            name: "k".to_owned(),
            value: Some("v".repeat(bytes)),
        }
        .into()
    }

    #[test]
    fn records_come_back_from_one_batch_or_several() {
        let level = FeatureLevelRecord { name: "metadata.version".to_owned(), feature_level: 30 };
        let mut records: Vec<MetadataRecord> = vec![level.into()];
        records.extend((0..25_000).map(|i| config(i, 3)));
        for (atomic, expected) in [(true, 1), (false, 3)] {
            let batches = encode(records.clone(), MetadataVersion::OLDEST, atomic, 7).expect("encoded");
            assert_eq!(batches.len(), expected);
            let mut back = Vec::new();
            for batch in &batches {
                let view = BatchView::parse(&batch.bytes).expect("a batch");
                view.verify_crc().expect("valid");
                let decoded = decode(&view).expect("records");
                assert_eq!(decoded, batch.records);
                back.extend(decoded);
            }
            assert_eq!(back, records);
        }
    }

    #[test]
    fn an_atomic_batch_has_a_limit() {
        let large: Vec<_> = (0..300).map(|i| config(i, 30_000)).collect();
        let error = encode(large.clone(), MetadataVersion::LATEST, true, 7).expect_err("too large");
        assert!(error.0.starts_with("300 records take 90"), "{error:?}");
        assert_eq!(
            encode(large, MetadataVersion::LATEST, false, 7).expect("several").len(),
            9,
            "about a megabyte each"
        );
    }
}
