//! Real files: positional calls, no seek, every error with operation and path.

use crate::DiskSpace;
use crate::error::context;
use headwater_log::disk::{DirEntry, Disk, DiskFile, OpenMode, Space};
use rustix::fs::FallocateFlags;
use rustix::io::{Errno, ReadWriteFlags};
use std::any::Any;
use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A folder of the real file system as a [`Disk`].
#[derive(Debug)]
pub struct RealDisk {
    root: PathBuf,
}

/// An open real file.
#[derive(Debug)]
pub struct RealFile {
    file: File,
    path: PathBuf,
}

/// Files that are open through [`RealDisk`], in all of the process.
static OPEN_FILES: AtomicU64 = AtomicU64::new(0);

/// The most that may be: of four parts of the process's limit three. The rest is for sockets and folders, so that neither
/// a connection nor a sync finds itself without. Zero until it was asked for.
static MOST_FILES: AtomicU64 = AtomicU64::new(0);

/// How many files are open, and how many may be.
pub(crate) fn open_files() -> (u64, u64) {
    let mut most = MOST_FILES.load(Ordering::Relaxed);
    if most == 0 {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        most = limit.unwrap_or(u64::MAX) / 4 * 3;
        MOST_FILES.store(most, Ordering::Relaxed);
    }
    (OPEN_FILES.load(Ordering::Relaxed), most)
}

impl Drop for RealFile {
    fn drop(&mut self) {
        OPEN_FILES.fetch_sub(1, Ordering::Relaxed);
    }
}

impl RealDisk {
    /// The disk rooted at the existing folder `root`.
    ///
    /// # Errors
    /// `NotFound`, `NotADirectory`, or what the system says.
    pub fn open(root: &Path) -> io::Result<RealDisk> {
        let meta = std::fs::metadata(root).map_err(|error| context("open folder", root.display(), error))?;
        if !meta.is_dir() {
            return Err(context(
                "open folder",
                root.display(),
                io::Error::from(io::ErrorKind::NotADirectory),
            ));
        }
        Ok(RealDisk { root: root.to_owned() })
    }

    fn path(&self, relative: &str) -> PathBuf {
        if relative.is_empty() { self.root.clone() } else { self.root.join(relative) }
    }
}

impl Disk for RealDisk {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let path = self.path(path);
        let (open, most) = open_files();
        if open >= most {
            return Err(context("open", path.display(), io::Error::from_raw_os_error(libc::EMFILE)));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        match mode {
            OpenMode::Existing => {}
            OpenMode::Create => {
                options.create(true);
            }
            OpenMode::CreateNew => {
                options.create_new(true);
            }
        }
        let file = options.open(&path).map_err(|error| context("open", path.display(), error))?;
        OPEN_FILES.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(RealFile { file, path }))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<DirEntry>> {
        let path = self.path(dir);
        let read = || {
            let mut entries = Vec::new();
            for entry in std::fs::read_dir(&path)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                // As Java does, a link counts as what it points to; a dangling one as a file.
                let is_dir = match entry.file_type()? {
                    kind if kind.is_symlink() => entry.path().is_dir(),
                    kind => kind.is_dir(),
                };
                entries.push(DirEntry { name, is_dir });
            }
            entries.sort();
            Ok(entries)
        };
        read().map_err(|error: io::Error| context("list", path.display(), error))
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        let path = self.path(path);
        path.try_exists().map_err(|error| context("look up", path.display(), error))
    }

    fn create_dir(&self, path: &str) -> io::Result<()> {
        let path = self.path(path);
        std::fs::create_dir(&path).map_err(|error| context("create folder", path.display(), error))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.path(from), self.path(to));
        std::fs::rename(&from, &to)
            .map_err(|error| context("rename", format_args!("{} to {}", from.display(), to.display()), error))
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        let path = self.path(path);
        std::fs::remove_file(&path).map_err(|error| context("remove", path.display(), error))
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        let path = self.path(path);
        std::fs::remove_dir(&path).map_err(|error| context("remove folder", path.display(), error))
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        sync_folder(&self.path(dir))
    }

    fn space(&self) -> io::Result<Option<Space>> {
        let found = rustix::fs::statvfs(&self.root)
            .map_err(|error| context("look for room in", self.root.display(), error))?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Ok(Some(Space { total: bytes(found.f_blocks), free: bytes(found.f_bavail) }))
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| context("sync folder", path.display(), error))
}

impl RealFile {
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Where the file was when it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks the system to forget the file's clean pages; for tests and measurements of cold reads.
    pub fn drop_from_cache(&self) {
        // A hint: whether it was followed is what `is_cached` answers.
        let _ = rustix::fs::fadvise(&self.file, 0, None, rustix::fs::Advice::DontNeed);
    }

    fn failed<'a>(&'a self, operation: &'static str) -> impl FnOnce(io::Error) -> io::Error + 'a {
        move |error| context(operation, self.path.display(), error)
    }

    fn write_all_vectored(&self, parts: &[IoSlice<'_>], mut position: u64) -> io::Result<()> {
        let mut parts: Vec<IoSlice<'_>> = parts.iter().filter(|part| !part.is_empty()).copied().collect();
        let mut rest = parts.as_mut_slice();
        while !rest.is_empty() {
            let batch = &rest[..rest.len().min(1024)];
            match rustix::io::pwritev(&self.file, batch, position) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    position += count as u64;
                    IoSlice::advance_slices(&mut rest, count);
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn reserve(&self, len: u64) -> io::Result<()> {
        if len == 0 {
            return Ok(());
        }
        loop {
            match rustix::fs::fallocate(&self.file, FallocateFlags::empty(), 0, len) {
                Ok(()) => return Ok(()),
                Err(Errno::INTR) => {}
                // A file system that cannot reserve still gets the length.
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
                    if self.file.metadata()?.len() < len {
                        self.file.set_len(len)?;
                    }
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl DiskFile for RealFile {
    fn len(&self) -> io::Result<u64> {
        self.file.metadata().map(|meta| meta.len()).map_err(self.failed("look up"))
    }

    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.file.read_at(&mut buf[filled..], position + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed("read")(error)),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, data: &[u8], position: u64) -> io::Result<()> {
        self.file.write_all_at(data, position).map_err(self.failed("write"))
    }

    fn write_vectored_at(&self, parts: &[IoSlice<'_>], position: u64) -> io::Result<()> {
        self.write_all_vectored(parts, position).map_err(self.failed("write"))
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len).map_err(self.failed("truncate"))
    }

    fn sync_data(&self) -> io::Result<()> {
        // Once and no retry: after a failure the system counts the pages as clean.
        self.file.sync_data().map_err(self.failed("sync"))
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.reserve(len).map_err(self.failed("allocate"))
    }

    fn modified_ms(&self) -> io::Result<Option<i64>> {
        let modified =
            self.file.metadata().and_then(|meta| meta.modified()).map_err(self.failed("look up"))?;
        let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(i64::try_from(since.as_millis()).ok())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Room of the file system that holds a folder.
pub(crate) fn space(root: &Path) -> io::Result<DiskSpace> {
    let found = rustix::fs::statvfs(root)
        .map_err(|error| context("ask for the space of", root.display(), io::Error::from(error)))?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(DiskSpace { total: bytes(found.f_blocks), usable: bytes(found.f_bavail) })
}

/// Creates a folder and its missing parents, and makes the new names durable.
pub(crate) fn create_root(root: &Path) -> io::Result<()> {
    let mut created = Vec::new();
    let mut path = root;
    while !path.exists() {
        created.push(path);
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => path = parent,
            _ => break,
        }
    }
    std::fs::create_dir_all(root).map_err(|error| context("create folder", root.display(), error))?;
    for path in created {
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent)?,
            _ => sync_folder(Path::new("."))?,
        }
    }
    Ok(())
}

/// Locks `root/.lock` with a record lock that belongs to the open file: it excludes Apache Kafka (whose record lock
/// belongs to its process) as well as a second attempt of this process, which would not lose the first one's lock.
pub(crate) fn lock_dir(root: &Path) -> io::Result<File> {
    let path = root.join(".lock");
    let lock = || {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        lock_whole_file(&file)?;
        Ok(file)
    };
    lock().map_err(|error: io::Error| context("lock", path.display(), error))
}

#[allow(unsafe_code)]
fn lock_whole_file(file: &File) -> io::Result<()> {
    // SAFETY: `flock` is plain integers, for which zero is a value: the whole file, and no process id, as
    // `F_OFD_SETLK` wants.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = libc::F_WRLCK as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    // SAFETY: the descriptor is open because `file` is borrowed, and `lock` lives through the call.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const lock) } == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    Err(match error.raw_os_error() {
        Some(libc::EAGAIN | libc::EACCES) => {
            io::Error::new(io::ErrorKind::ResourceBusy, "another process holds it")
        }
        _ => error,
    })
}

/// Distance of the probes of a system without `cachestat`.
const PROBE_STEP: u64 = 64 << 10;

/// Cleared when the system does not know (or forbids) `cachestat`.
static CACHESTAT_WORKS: AtomicBool = AtomicBool::new(true);

pub(crate) fn is_cached(file: &RealFile, offset: u64, len: u64) -> bool {
    if len == 0 {
        return true;
    }
    if CACHESTAT_WORKS.load(Ordering::Relaxed) {
        match cached_pages(&file.file, offset, len) {
            Ok(pages) => {
                let page = rustix::param::page_size() as u64;
                let (first, last) = (offset / page, (offset + len - 1) / page);
                return pages > last - first;
            }
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) => {
                CACHESTAT_WORKS.store(false, Ordering::Relaxed);
            }
            // A file system of another kind: the probes below.
            Err(_) => {}
        }
    }
    let last = offset + len - 1;
    let mut position = offset;
    while position < last {
        if !probe(file, position) {
            return false;
        }
        position += PROBE_STEP;
    }
    probe(file, last)
}

fn probe(file: &RealFile, position: u64) -> bool {
    let mut byte = [0];
    let read =
        rustix::io::preadv2(&file.file, &mut [IoSliceMut::new(&mut byte)], position, ReadWriteFlags::NOWAIT);
    // The end of the file is nothing to wait for either.
    read.is_ok()
}

/// How many pages of the range are in the page cache: `cachestat`, Linux 6.5.
#[allow(unsafe_code)]
fn cached_pages(file: &File, offset: u64, len: u64) -> io::Result<u64> {
    /// `cachestat` has the same number on every architecture with the common table.
    const SYS_CACHESTAT: libc::c_long = 451;
    let range = [offset, len];
    let mut statistics = [0_u64; 5];
    // SAFETY: the call reads two u64 (`struct cachestat_range`) and writes five (`struct cachestat`), both of which
    // live through it; the descriptor is open because `file` is borrowed.
    let result = unsafe {
        libc::syscall(SYS_CACHESTAT, file.as_raw_fd(), range.as_ptr(), statistics.as_mut_ptr(), 0_u32)
    };
    if result == 0 { Ok(statistics[0]) } else { Err(io::Error::last_os_error()) }
}

pub(crate) fn read_nowait(file: &RealFile, buffer: &mut [u8], offset: u64) -> io::Result<Option<usize>> {
    let mut filled = 0;
    while filled < buffer.len() {
        let rest = &mut [IoSliceMut::new(&mut buffer[filled..])];
        match rustix::io::preadv2(&file.file, rest, offset + filled as u64, ReadWriteFlags::NOWAIT) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(Errno::INTR) => {}
            // Not in the cache, or a file system that cannot tell: the I/O threads read it.
            Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(None),
            Err(error) => return Err(file.failed("read")(error.into())),
        }
    }
    Ok(Some(filled))
}
