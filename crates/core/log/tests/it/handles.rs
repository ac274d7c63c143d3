//! A process has only so many file handles: logs at rest give theirs back, also when there is none left to do it with.

use std::any::Any;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use headwater_base::{Offset, Uuid};
use headwater_log::disk::DirEntry;
use headwater_log::{
    AppendError, Disk, DiskFile, Log, LogConfig, MemDisk, OpenContext, OpenMode, Origin, SyncKind,
};

use crate::support::{DIR, NOW, contents, create, open, records, small, sync, try_append};

const EMFILE: i32 = 24;

/// A disk of whose files only so many may be open.
struct Limited {
    disk: MemDisk,
    most: usize,
    open: Arc<AtomicUsize>,
}

struct Counted {
    file: Arc<dyn DiskFile>,
    open: Arc<AtomicUsize>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Disk for Limited {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        if self.open.load(Ordering::Relaxed) >= self.most {
            return Err(io::Error::from_raw_os_error(EMFILE));
        }
        let file = self.disk.open(path, mode)?;
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Counted { file, open: Arc::clone(&self.open) }))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<DirEntry>> {
        self.disk.list(dir)
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        self.disk.exists(path)
    }

    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.disk.create_dir(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        self.disk.remove_file(path)
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        self.disk.remove_dir(path)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.disk.sync_dir(dir)
    }
}

impl DiskFile for Counted {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        self.file.read_at(buf, position)
    }

    fn write_at(&self, data: &[u8], position: u64) -> io::Result<()> {
        self.file.write_at(data, position)
    }

    fn write_vectored_at(&self, parts: &[IoSlice<'_>], position: u64) -> io::Result<()> {
        self.file.write_vectored_at(parts, position)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.file.allocate(len)
    }

    fn as_any(&self) -> &dyn Any {
        self.file.as_any()
    }
}

/// So many logs on a disk that lets `most` of their files be open.
fn logs(count: usize, most: usize, config: &LogConfig) -> (Vec<Log>, Arc<AtomicUsize>, Arc<Limited>) {
    let open = Arc::new(AtomicUsize::new(0));
    let disk = Arc::new(Limited { disk: MemDisk::new(), most, open: Arc::clone(&open) });
    let create = |index: usize| {
        let id = Uuid(index as u128 + 1);
        Log::create(disk.clone(), &format!("t-{index}"), config.clone(), Some(id), NOW).unwrap()
    };
    ((0..count).map(create).collect(), open, disk)
}

fn append(log: &mut Log) -> bool {
    match try_append(log, records(2).bytes(), Origin::Client) {
        Ok(_) => true,
        Err(AppendError::Log(error)) if error.is_passing() => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn e5_new_logs_that_hold_every_handle_give_them_back() {
    let (mut logs, open, _) = logs(8, 5, &LogConfig::default());
    let taken: Vec<bool> = logs.iter_mut().map(append).collect();
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 5, "the others have no handle");
    // Their indexes have no files yet, and there is no handle to make one.
    for log in &logs {
        log.close_idle().unwrap();
    }
    assert_eq!(open.load(Ordering::Relaxed), 0);
    for (log, taken) in logs.iter_mut().zip(taken) {
        assert!(append(log));
        assert_eq!(contents(log).len(), 1 + usize::from(taken));
        log.close_idle().unwrap();
    }
}

#[test]
fn e5_index_entries_that_cannot_be_written_wait_in_memory() {
    let (mut logs, open, disk) = logs(2, 100, &small());
    for _ in 0..4 {
        assert!(append(&mut logs[0]));
    }
    // Nothing is left, not even for one index.
    let taken: Vec<_> =
        (0..).map_while(|number| disk.open(&format!("other-{number}"), OpenMode::Create).ok()).collect();
    disk.open.fetch_add(1, Ordering::Relaxed);
    assert!(logs[0].close_idle().unwrap_err().is_passing());
    assert_eq!(open.load(Ordering::Relaxed), 100, "the log has none open; one was put on top");
    disk.open.fetch_sub(1, Ordering::Relaxed);
    drop(taken);
    let plan = logs[0].dirty(SyncKind::Checkpoint).unwrap();
    plan.run(disk.as_ref()).unwrap();
    logs[0].mark_durable(&plan);
    logs[0].close_idle().unwrap();
    let index = disk.open("t-0/00000000000000000000.index", OpenMode::Existing).unwrap();
    assert!(index.len().unwrap() > 0, "the entries came as far as the file");
    drop((plan, index));
    assert_eq!(open.load(Ordering::Relaxed), 0);
}

#[test]
fn an_empty_log_says_whose_it_is_from_its_first_checkpoint_on() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    let metadata = || disk.exists("t-0/partition.metadata").unwrap();
    assert!(!metadata(), "thousands may be created at once");
    assert!(log.is_dirty(SyncKind::Checkpoint));
    sync(&mut log, &disk, SyncKind::Checkpoint);
    assert!(metadata() && !log.is_dirty(SyncKind::Checkpoint));
    disk.power_loss(1);
    let (log, report) = open(&disk, small(), OpenContext::unclean(Offset(0), true, NOW));
    assert!(metadata() && report.is_quiet() && !log.is_dirty(SyncKind::Checkpoint), "{report:?}");
}

#[test]
fn an_empty_log_of_the_reference_has_no_epochs_to_build() {
    let disk = MemDisk::new();
    disk.create_dir(DIR).unwrap();
    disk.open("t-0/00000000000000000000.log", OpenMode::CreateNew).unwrap();
    let epochs = disk.open("t-0/leader-epoch-checkpoint", OpenMode::CreateNew).unwrap();
    epochs.write_at(b"0\n0\n", 0).unwrap();
    let (_, report) = open(&disk, LogConfig::default(), OpenContext::clean(NOW));
    assert!(report.is_quiet(), "{report:?}");
}

#[test]
fn a_short_log_has_no_index_to_build_after_a_kill() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    assert!(try_append(&mut log, records(2).bytes(), Origin::Client).is_ok());
    sync(&mut log, &disk, SyncKind::Checkpoint);
    disk.process_crash();
    let (log, report) = open(&disk, LogConfig::default(), OpenContext::unclean(Offset(2), false, NOW));
    assert!(report.is_quiet(), "{report:?}");
    assert_eq!(contents(&log), [(0, 2)]);
}
