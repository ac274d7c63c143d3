//! A disk of real files, as simple as can be.

use std::any::Any;
use std::fs::{self, File};
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use headwater_log::disk::DirEntry;
use headwater_log::{Disk, DiskFile, OpenMode};

pub struct StdDisk(pub PathBuf);

struct StdFile(File);

impl Disk for StdDisk {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = File::options();
        options.read(true).write(true);
        match mode {
            OpenMode::Existing => &mut options,
            OpenMode::Create => options.create(true),
            OpenMode::CreateNew => options.create_new(true),
        };
        Ok(Arc::new(StdFile(options.open(self.0.join(path))?)))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.0.join(dir))? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|_| io::ErrorKind::InvalidData)?;
            entries.push(DirEntry { name, is_dir: entry.file_type()?.is_dir() });
        }
        entries.sort();
        Ok(entries)
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        fs::exists(self.0.join(path))
    }

    fn create_dir(&self, path: &str) -> io::Result<()> {
        fs::create_dir(self.0.join(path))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(path))
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        fs::remove_dir(self.0.join(path))
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        File::open(self.0.join(dir))?.sync_all()
    }
}

impl DiskFile for StdFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            match self.0.read_at(&mut buf[done..], position + done as u64)? {
                0 => break,
                read => done += read,
            }
        }
        Ok(done)
    }

    fn write_at(&self, data: &[u8], position: u64) -> io::Result<()> {
        self.0.write_all_at(data, position)
    }

    fn write_vectored_at(&self, parts: &[IoSlice<'_>], mut position: u64) -> io::Result<()> {
        for part in parts {
            self.0.write_all_at(part, position)?;
            position += part.len() as u64;
        }
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        if self.len()? < len { self.0.set_len(len) } else { Ok(()) }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
