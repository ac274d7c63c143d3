//! A compaction as a machine: each step reads one piece, writes what stays of it, and says how many bytes that were, so
//! that whoever drives it can pause, throttle or give up between any two.
//!
//! | phase  | a step does                                                | then    |
//! |--------|------------------------------------------------------------|---------|
//! | keys   | reads a piece of the dirty part into the map               | groups  |
//! | groups | takes the next group, makes its `.cleaned` files           | copy    |
//! | copy   | reads a piece of the group, writes what stays              | seal    |
//! | seal   | completes and syncs the files, gives a [`Replacement`]     | groups  |
//! | over   | tells up to which offset everything is compacted           |         |

use std::collections::VecDeque;
use std::sync::Arc;

use headwater_base::Offset;
use headwater_records::batches;

use super::filter::{Rules, Workspace};
use super::groups::group;
use super::keys::{KeyPass, Walk, control_kind};
use super::offset_map::OffsetMap;
use super::swap::Replacement;
use super::transactions::CleanedTransactions;
use super::{Cleanable, LastRecords, LogView};
use crate::disk::Disk;
use crate::error::LogError;
use crate::log::Log;
use crate::names::Stage;
use crate::segment::{Ahead, Segment};

/// Bounds of a compaction.
#[derive(Clone, Copy, Debug)]
pub struct CompactionLimits {
    /// Keys that the map may have room for: memory by [`super::BYTES_PER_ENTRY`].
    pub slots: usize,
    /// Share of the slots at which the map counts as full, 0 to 1.
    pub load_factor: f64,
    /// Bytes that are read at a step, and that are collected before they are written.
    pub io_bytes: usize,
    /// A secret of the process; see `hash.rs`.
    pub hash_key: [u64; 2],
}

/// What a compaction did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Bytes read for the map.
    pub map_bytes_read: u64,
    /// Keys in the map.
    pub map_entries: u64,
    /// Share of the slots in use, 0 to 1.
    pub map_utilization: f64,
    /// Bytes read to be copied.
    pub bytes_read: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Records read to be copied.
    pub records_read: u64,
    /// Records that stayed.
    pub records_retained: u64,
    /// Records without key that were dropped.
    pub records_invalid: u64,
}

/// The end of a compaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The next one begins here: what belongs into `cleaner-offset-checkpoint`.
    pub first_dirty: Offset,
    /// What was done.
    pub statistics: Statistics,
}

/// What a step led to.
pub enum Step {
    /// So many bytes were read and written; there is more to do.
    Moved(u64),
    /// New files are complete and synced. They have to take their place ([`Replacement::run`]) before the next step.
    Ready(Replacement),
    /// All is done.
    Over(Outcome),
}

/// A group on its way into one segment.
struct Copying {
    group: Vec<Arc<Segment>>,
    at: usize,
    walk: Option<Walk>,
    target: Arc<Segment>,
    producers: LastRecords,
    out: Vec<u8>,
}

enum Phase {
    Keys(KeyPass),
    Groups,
    Copy(Box<Copying>),
    Over,
}

/// See the module.
pub struct Compaction {
    disk: Arc<dyn Disk>,
    dir: Arc<str>,
    segments: Arc<Vec<Arc<Segment>>>,
    segment_bytes: u32,
    segment_index_bytes: u32,
    index_interval_bytes: u32,
    delete_retention_ms: i64,
    range: Cleanable,
    limits: CompactionLimits,
    now_ms: i64,
    map: OffsetMap,
    workspace: Workspace,
    groups: VecDeque<Vec<Arc<Segment>>>,
    transactions: CleanedTransactions,
    statistics: Statistics,
    /// Where `.cleaned` files lie that are not complete.
    unfinished: Option<Offset>,
    phase: Phase,
}

impl Compaction {
    /// A compaction of what `log` has in `range`. `now_ms` holds for all of it.
    ///
    /// # Errors
    /// The disk's.
    pub fn new(
        log: &Log,
        range: Cleanable,
        limits: CompactionLimits,
        now_ms: i64,
    ) -> Result<Compaction, LogError> {
        let segments = log.shared_segments();
        let keys = KeyPass::new(&segments, &range, log)?;
        let expected = (range.first_uncleanable - range.first_dirty).max(0);
        let expected = usize::try_from(expected).unwrap_or(usize::MAX);
        let config = log.config();
        Ok(Compaction {
            disk: log.shared_disk(),
            dir: log.dir_name().into(),
            segments,
            segment_bytes: config.segment_bytes,
            segment_index_bytes: config.segment_index_bytes,
            index_interval_bytes: config.index_interval_bytes,
            delete_retention_ms: config.delete_retention_ms,
            range,
            limits,
            now_ms,
            map: OffsetMap::new(limits.hash_key, limits.slots, limits.load_factor, expected),
            workspace: Workspace::default(),
            groups: VecDeque::new(),
            transactions: CleanedTransactions::default(),
            statistics: Statistics::default(),
            unfinished: None,
            phase: Phase::Keys(keys),
        })
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Does the next piece. After an error the compaction is to be [given up](Compaction::abandon).
    ///
    /// # Errors
    /// The disk's; [`LogError::Corrupt`] for batches that cannot be read; [`LogError::Replaced`] when the log has lost
    /// segments since, by retention for instance: then another compaction may be tried.
    pub fn step(&mut self, view: &dyn LogView) -> Result<Step, LogError> {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Keys(pass) => self.read_keys(pass),
            Phase::Groups => self.next_group(view),
            Phase::Copy(copying) => self.copy(copying, view),
            Phase::Over => Ok(Step::Over(self.outcome())),
        }
    }

    fn outcome(&self) -> Outcome {
        let first_dirty = (self.map.latest_offset() + 1).max(self.range.first_dirty);
        Outcome { first_dirty, statistics: self.statistics }
    }

    fn read_keys(&mut self, mut pass: KeyPass) -> Result<Step, LogError> {
        if let Some(bytes) = pass.step(&mut self.map, &mut self.workspace, self.limits.io_bytes)? {
            self.statistics.map_bytes_read += bytes;
            self.phase = Phase::Keys(pass);
            return Ok(Step::Moved(bytes));
        }
        self.statistics.map_entries = self.map.len() as u64;
        self.statistics.map_utilization = self.map.len() as f64 / self.limits.slots.max(1) as f64;
        let end = self.outcome().first_dirty;
        let upper = self.segments.partition_point(|segment| segment.base() < end);
        let (bytes, index_bytes) = (u64::from(self.segment_bytes), u64::from(self.segment_index_bytes));
        self.groups = group(&self.segments[..upper], bytes, index_bytes, self.range.first_uncleanable)?;
        self.phase = Phase::Groups;
        Ok(Step::Moved(0))
    }

    fn next_group(&mut self, view: &dyn LogView) -> Result<Step, LogError> {
        let Some(group) = self.groups.pop_front() else { return Ok(Step::Over(self.outcome())) };
        let base = group[0].base();
        self.remove_cleaned(base)?;
        self.unfinished = Some(base);
        let (disk, dir) = (self.disk.clone(), self.dir.clone());
        let target = Segment::create(disk, dir, base, self.index_interval_bytes, Stage::Cleaned)?;
        let producers = view.last_records();
        let target = Arc::new(target);
        self.phase =
            Phase::Copy(Box::new(Copying { group, at: 0, walk: None, target, producers, out: Vec::new() }));
        Ok(Step::Moved(0))
    }

    fn copy(&mut self, mut copying: Box<Copying>, view: &dyn LogView) -> Result<Step, LogError> {
        let Some(segment) = copying.group.get(copying.at) else { return self.seal(*copying) };
        let mut walk = match copying.walk.take() {
            Some(walk) => walk,
            None => {
                let upper = match copying.group.get(copying.at + 1) {
                    Some(next) => next.base(),
                    None => segment.next_offset()?,
                };
                self.transactions.add(view.aborted_transactions(segment.base(), upper)?);
                Walk::new(segment, Offset::ZERO, self.limits.io_bytes)?
            }
        };
        let rules = Rules {
            map: &self.map,
            now_ms: self.now_ms,
            delete_retention_ms: self.delete_retention_ms,
            first_uncleanable: self.range.first_uncleanable,
            producers: &copying.producers,
        };
        let (transactions, workspace) = (&mut self.transactions, &mut self.workspace);
        let (statistics, out) = (&mut self.statistics, &mut copying.out);
        let mut stay_aborted = Vec::new();
        let read = walk.go_on(self.limits.io_bytes as u64, &mut |batch| {
            let decided = if batch.is_control() {
                let kind = control_kind(batch, workspace)?;
                let (decided, aborted) = transactions.on_control(batch.header(), kind);
                stay_aborted.extend(aborted);
                decided
            } else {
                transactions.on_data(batch.header())
            };
            let counts = rules.filter(batch, decided, workspace, out)?;
            statistics.records_read += counts.read;
            statistics.records_retained += counts.retained;
            statistics.records_invalid += counts.invalid;
            Ok(true)
        })?;
        if !stay_aborted.is_empty() {
            copying.target.add_aborted(&stay_aborted)?;
        }
        self.statistics.bytes_read += read.unwrap_or(0);
        match read {
            Some(_) => copying.walk = Some(walk),
            None => copying.at += 1,
        }
        let last = copying.at == copying.group.len();
        let mut written = 0;
        if copying.out.len() >= self.limits.io_bytes || last {
            written = copying.out.len() as u64;
            self.write(&mut copying)?;
        }
        self.phase = Phase::Copy(copying);
        Ok(Step::Moved(read.unwrap_or(0) + written))
    }

    fn write(&mut self, copying: &mut Copying) -> Result<(), LogError> {
        let Copying { target, out, .. } = copying;
        if out.is_empty() {
            return Ok(());
        }
        let size = target.size()? + out.len() as u64;
        if size > i32::MAX as u64 {
            let found = format!("{size} bytes of what stays");
            return Err(target.damaged(size, target.base(), "a segment of at most 2³¹−1 bytes", found));
        }
        let headers = batches(out)
            .map(|batch| batch.map(|batch| *batch.header()))
            .collect::<Result<Vec<_>, _>>()
            .expect("just built, or copied from where they were read");
        target.append(out, &headers, Ahead::NOTHING).map_err(|(error, _)| error)?;
        self.statistics.bytes_written += out.len() as u64;
        out.clear();
        out.shrink_to(4 * self.limits.io_bytes);
        Ok(())
    }

    fn seal(&mut self, copying: Copying) -> Result<Step, LogError> {
        let Copying { group, target, .. } = copying;
        target.seal()?;
        for file in target.files()? {
            file.sync_data().map_err(LogError::io(&self.dir))?;
        }
        self.disk.sync_dir(&self.dir).map_err(LogError::io(&self.dir))?;
        self.unfinished = None;
        self.phase = Phase::Groups;
        Ok(Step::Ready(Replacement::new(self.disk.clone(), self.dir.clone(), target, group)))
    }

    /// Gives up: what was written and has not taken its place goes. What is not removed now goes at the next start. All
    /// that is left to do then is nothing.
    pub fn abandon(&mut self) {
        self.phase = Phase::Over;
        if let Some(base) = self.unfinished.take() {
            let _ = self.remove_cleaned(base);
        }
    }

    fn remove_cleaned(&self, base: Offset) -> Result<(), LogError> {
        super::swap::remove_stage(self.disk.as_ref(), &self.dir, base, Stage::Cleaned)
    }
}
