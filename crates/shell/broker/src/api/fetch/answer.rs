//! From what was read to the answer: which partitions it carries, and how their bytes leave.
//!
//! Small ranges are read into the answer; large ones stay file ranges, which the kernel sends from the page cache. A
//! range that is not in the page cache is brought there on an I/O thread first, because whoever sends it would wait for
//! the disk with all connections of his core behind him.

use std::io;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_log::LogSlice;
use headwater_protocol::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, FetchResponse, FetchableTopicResponse, PartitionData,
};
use headwater_protocol::{Gap, Records};

use super::Fetch;
use super::read::Reads;
use crate::connection::response::{Piece, Response};
use crate::machine::fetch_session::{Answered, PartitionKey, Wanted};
use crate::partition::{FetchBound, PartitionRead};

/// Ranges up to this size are copied into the answer: a system call less, and one packet for many partitions.
const COPY_BYTES: u64 = 32 * 1024;
/// How much of a cold range an I/O thread reads at a time.
const WARM_BYTES: usize = 256 * 1024;

impl Fetch {
    /// The answer, if everything it carries is in the page cache; else fetch and reads come back.
    pub(super) fn try_answer(self, mut reads: Reads) -> Result<Response, (Self, Reads)> {
        let runtime = self.broker.runtime.clone();
        let cold = |slice: &LogSlice| !runtime.is_cached(&*slice.file, slice.position, slice.len);
        if reads.partitions.iter().filter_map(|read| read.slice.as_ref()).any(cold) {
            return Err((self, reads));
        }
        let records = self.carry(&mut reads);
        Ok(self.encode(&reads, records))
    }

    /// The answer, after cold ranges were read on an I/O thread.
    pub(super) async fn answer(self, reads: Reads) -> Response {
        let (fetch, reads) = match self.try_answer(reads) {
            Ok(response) => return response,
            Err(cold) => cold,
        };
        let slices: Vec<Option<LogSlice>> = reads.partitions.iter().map(|read| read.slice.clone()).collect();
        let io = fetch.broker.cold_reads.clone();
        let warmed: Vec<io::Result<()>> =
            io.run(move || slices.iter().map(|slice| slice.as_ref().map_or(Ok(()), warm)).collect()).await;
        let mut reads = reads;
        for (at, outcome) in warmed.into_iter().enumerate() {
            if let Err(error) = outcome {
                fetch.fail(at, &mut reads.partitions[at], error);
            }
        }
        let records = fetch.carry(&mut reads);
        fetch.encode(&reads, records)
    }

    /// How the ranges leave. Where a small one cannot be read the partition's answer becomes the error.
    fn carry(&self, reads: &mut Reads) -> Vec<Carried> {
        let mut carried = Vec::with_capacity(reads.partitions.len());
        for (at, read) in reads.partitions.iter_mut().enumerate() {
            carried.push(carry(read).unwrap_or_else(|error| {
                self.fail(at, read, error);
                Carried::Nothing
            }));
        }
        carried
    }

    /// A range cannot be read: the client hears of it, and the partition too.
    fn fail(&self, at: usize, read: &mut PartitionRead, error: io::Error) {
        *read = PartitionRead::error(ErrorCode::KafkaStorageError);
        if let Ok(partition) = self.partition(&self.wanted[at]) {
            partition.range_failed(error);
        }
    }

    fn encode(self, reads: &Reads, records: Vec<Carried>) -> Response {
        let each = self.wanted.iter().zip(&reads.partitions).zip(&records);
        let answers: Vec<(PartitionKey, Answered)> =
            each.map(|((wanted, read), records)| (wanted.key.clone(), answered(read, records))).collect();
        let carried = self.broker.fetch_sessions().finish(self.context, &answers);
        let mut slices = Vec::new();
        let mut responses: Vec<FetchableTopicResponse> = Vec::new();
        let each = self.wanted.iter().zip(&reads.partitions).zip(records).zip(carried);
        for (((wanted, read), records), carried) in each {
            if !carried {
                continue;
            }
            if let (Some(partition), bytes @ 1..) = (&read.of, records.bytes()) {
                partition.sent(bytes);
            }
            let data = partition_data(wanted, read, self.bound, records, &mut slices);
            match responses.last_mut() {
                Some(last) if last.topic_id == wanted.key.topic_id && *last.topic == *wanted.key.topic => {
                    last.partitions.push(data);
                }
                _ => responses.push(FetchableTopicResponse {
                    topic: wanted.key.topic.to_string(),
                    topic_id: wanted.key.topic_id,
                    partitions: vec![data],
                }),
            }
        }
        let session_id = self.context.session_id();
        let message = FetchResponse { session_id, responses, ..FetchResponse::default() };
        let (bytes, gaps, errors) = self.answerer.encode(&message);
        Response { errors, ..splice(bytes, &gaps, &slices) }
    }
}

/// How the bytes of one partition leave.
enum Carried {
    Nothing,
    Copied(Vec<u8>),
    Range(LogSlice),
}

impl Carried {
    fn bytes(&self) -> u64 {
        match self {
            Carried::Nothing => 0,
            Carried::Copied(bytes) => bytes.len() as u64,
            Carried::Range(slice) => slice.len,
        }
    }
}

/// Reads a small range.
fn carry(read: &mut PartitionRead) -> io::Result<Carried> {
    let Some(slice) = read.slice.take() else { return Ok(Carried::Nothing) };
    if slice.len > COPY_BYTES {
        return Ok(Carried::Range(slice));
    }
    let mut bytes = vec![0; slice.len as usize];
    match slice.file.read_at(&mut bytes, slice.position)? {
        n if n == bytes.len() => Ok(Carried::Copied(bytes)),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Brings a range into the page cache.
fn warm(slice: &LogSlice) -> io::Result<()> {
    let mut buffer = vec![0; WARM_BYTES];
    let end = slice.position + slice.len;
    let mut at = slice.position;
    while at < end {
        let len = (end - at).min(WARM_BYTES as u64) as usize;
        match slice.file.read_at(&mut buffer[..len], at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => at += n as u64,
        }
    }
    Ok(())
}

fn answered(read: &PartitionRead, records: &Carried) -> Answered {
    Answered {
        error_code: read.error.code(),
        records_bytes: records.bytes() as usize,
        high_watermark: read.high_watermark.0,
        log_start_offset: read.log_start_offset.0,
        redirects: read.diverging.is_some(),
    }
}

fn partition_data(
    wanted: &Wanted,
    read: &PartitionRead,
    bound: FetchBound,
    records: Carried,
    slices: &mut Vec<LogSlice>,
) -> PartitionData {
    let aborted = read.aborted.iter().map(|aborted| AbortedTransaction {
        producer_id: aborted.producer_id.0,
        first_offset: aborted.first_offset.0,
    });
    PartitionData {
        partition_index: wanted.key.partition,
        error_code: read.error.code(),
        high_watermark: read.high_watermark.0,
        last_stable_offset: read.last_stable_offset.0,
        log_start_offset: read.log_start_offset.0,
        diverging_epoch: read.diverging.map_or_else(EpochEndOffset::default, |(epoch, end)| EpochEndOffset {
            epoch: epoch.0,
            end_offset: end.0,
        }),
        aborted_transactions: (bound == FetchBound::LastStable || is_unknown(read.error))
            .then(|| aborted.collect()),
        records: match records {
            Carried::Nothing => Records::Bytes(Vec::new()),
            Carried::Copied(bytes) => Records::Bytes(bytes),
            Carried::Range(slice) => {
                slices.push(slice);
                let len = u32::try_from(slices[slices.len() - 1].len).unwrap_or(u32::MAX);
                Records::External { len, token: slices.len() as u64 - 1 }
            }
        },
        ..PartitionData::default()
    }
}

/// Errors of partitions that nobody looked at: in Kafka these have an empty list of aborted transactions where the
/// others have none.
fn is_unknown(error: ErrorCode) -> bool {
    matches!(error, ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId)
}

/// Puts the file ranges where the encoded answer left gaps.
fn splice(bytes: Vec<u8>, gaps: &[Gap], slices: &[LogSlice]) -> Response {
    if gaps.is_empty() {
        return Response::bytes(bytes);
    }
    let mut pieces = Vec::with_capacity(2 * gaps.len() + 1);
    let mut at = 0;
    for gap in gaps {
        let slice = &slices[gap.token as usize];
        pieces.push(Piece::Bytes(bytes[at..gap.at].to_vec()));
        pieces.push(Piece::File { file: Arc::clone(&slice.file), position: slice.position, len: slice.len });
        at = gap.at;
    }
    pieces.push(Piece::Bytes(bytes[at..].to_vec()));
    Response::pieces(pieces)
}
