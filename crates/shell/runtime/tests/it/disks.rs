//! Files of both grounds answer alike.

use crate::grounds::{Folder, on_both, on_real, on_sim};
use headwater_runtime::{Disk, OpenMode, Runtime};
use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::sync::Arc;

fn on_both_disks(question: fn(&dyn Disk)) {
    on_both(move |runtime: Runtime| async move {
        let folder = Folder::new();
        let root = folder.path.join("a/b");
        runtime.create_root(&root).unwrap();
        runtime.create_root(&root).unwrap();
        question(&*runtime.disk(&root).unwrap());
    });
}

fn kind<T>(result: io::Result<T>) -> io::ErrorKind {
    result.err().expect("an error").kind()
}

#[test]
fn files_keep_what_is_written_where_it_is_written() {
    on_both_disks(|disk| {
        let file = disk.open("f", OpenMode::Create).unwrap();
        assert!(file.is_empty().unwrap());
        file.write_at(b"hello", 3).unwrap();
        let parts = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
        file.write_vectored_at(&parts, 8).unwrap();
        let mut buffer = [9; 20];
        assert_eq!(file.read_at(&mut buffer, 0).unwrap(), 13);
        assert_eq!(&buffer[..13], b"\0\0\0helloabcde");
        assert_eq!(file.read_at(&mut buffer, 13).unwrap(), 0);
        file.truncate(5).unwrap();
        file.allocate(8).unwrap();
        assert_eq!(file.len().unwrap(), 8);
        file.allocate(2).unwrap();
        file.allocate(0).unwrap();
        assert_eq!(file.read_at(&mut buffer, 0).unwrap(), 8);
        assert_eq!(&buffer[..8], b"\0\0\0he\0\0\0");
        file.sync_data().unwrap();
        // A second handle sees the same file; a removed file lives on in its handles.
        assert_eq!(disk.open("f", OpenMode::Existing).unwrap().len().unwrap(), 8);
        disk.remove_file("f").unwrap();
        assert_eq!(file.len().unwrap(), 8);
    });
}

#[test]
fn many_parts_are_written_whole() {
    on_both_disks(|disk| {
        let file = disk.open("f", OpenMode::Create).unwrap();
        let part: Vec<u8> = (0..100).collect();
        let parts = vec![IoSlice::new(&part); 3000];
        file.write_vectored_at(&parts, 0).unwrap();
        let mut read = vec![0; 300_001];
        assert_eq!(file.read_at(&mut read, 0).unwrap(), 300_000);
        assert!(read[..300_000].chunks(100).all(|chunk| chunk == part));
    });
}

#[test]
fn names_and_errors() {
    on_both_disks(|disk| {
        assert_eq!(kind(disk.open("none", OpenMode::Existing)), io::ErrorKind::NotFound);
        disk.create_dir("dir").unwrap();
        assert_eq!(kind(disk.create_dir("dir")), io::ErrorKind::AlreadyExists);
        assert_eq!(kind(disk.create_dir("no/dir")), io::ErrorKind::NotFound);
        disk.open("dir/b", OpenMode::CreateNew).unwrap();
        assert_eq!(kind(disk.open("dir/b", OpenMode::CreateNew)), io::ErrorKind::AlreadyExists);
        disk.open("dir/a", OpenMode::Create).unwrap();
        let names: Vec<_> = disk.list("dir").unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(disk.list("").unwrap()[0].is_dir);
        assert_eq!(kind(disk.list("none")), io::ErrorKind::NotFound);
        assert_eq!(kind(disk.remove_dir("dir")), io::ErrorKind::DirectoryNotEmpty);
        disk.rename("dir/a", "dir/b").unwrap();
        assert!(!disk.exists("dir/a").unwrap());
        disk.rename("dir", "other").unwrap();
        disk.sync_dir("").unwrap();
        disk.sync_dir("other").unwrap();
        disk.remove_file("other/b").unwrap();
        assert_eq!(kind(disk.remove_file("other/b")), io::ErrorKind::NotFound);
        disk.remove_dir("other").unwrap();
        assert!(disk.list("").unwrap().is_empty());
        let error = disk.open("none", OpenMode::Existing).err().unwrap();
        assert!(error.to_string().contains("none"), "{error}");
    });
}

#[test]
fn a_folder_has_one_owner() {
    on_both(|runtime| async move {
        let folder = Folder::new();
        let root = folder.path.join("data");
        assert_eq!(kind(runtime.lock_dir(&root)), io::ErrorKind::NotFound);
        assert_eq!(kind(runtime.disk(&root)), io::ErrorKind::NotFound);
        runtime.create_root(&root).unwrap();
        let lock = runtime.lock_dir(&root).unwrap();
        assert_eq!(kind(runtime.lock_dir(&root)), io::ErrorKind::ResourceBusy);
        drop(lock);
        runtime.lock_dir(&root).unwrap();
    });
}

#[test]
fn a_record_lock_as_java_takes_it_finds_the_folder_taken() {
    use rustix::fs::{FlockOperation, fcntl_lock};
    let folder = Folder::new();
    let root: PathBuf = folder.path.clone();
    on_real(move |runtime| {
        let lock = runtime.lock_dir(&root).unwrap();
        let attempt = || {
            let file = std::fs::OpenOptions::new().read(true).write(true).open(root.join(".lock")).unwrap();
            fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive)
        };
        assert!(attempt().is_err());
        // The first attempt's file was closed, which ends the locks of a process, but not this one.
        assert!(attempt().is_err());
        drop(lock);
        assert!(attempt().is_ok());
        async {}
    });
}

#[test]
fn the_page_cache_is_asked_before_reading() {
    let folder = Folder::new();
    let root: PathBuf = folder.path.clone();
    on_real(move |runtime| {
        let file = runtime.disk(&root).unwrap().open("f", OpenMode::Create).unwrap();
        async move {
            file.write_at(&vec![5; 300_000], 0).unwrap();
            assert!(runtime.is_cached(&*file, 0, 300_000));
            assert!(runtime.is_cached(&*file, 4095, 2));
            assert!(runtime.is_cached(&*file, 0, 0));
            let mut buffer = vec![0; 10_000];
            // A file system that cannot tell says `None`.
            if let Some(count) = runtime.read_nowait(&*file, &mut buffer, 295_000).unwrap() {
                assert_eq!(count, 5_000);
                assert!(buffer[..count].iter().all(|byte| *byte == 5));
            }
        }
    });
}

#[test]
fn simulated_files_are_cold_by_chance() {
    let mut answers = [0; 2];
    for seed in 0..200 {
        let (cached, read) = on_sim(seed, |runtime| async move {
            let root = std::path::Path::new("/data");
            runtime.create_root(root).unwrap();
            let file = runtime.disk(root).unwrap().open("f", OpenMode::Create).unwrap();
            file.write_at(b"contents", 0).unwrap();
            let read = runtime.read_nowait(&*file, &mut [0; 20], 0).unwrap();
            (runtime.is_cached(&*file, 0, 8), read)
        })
        .0;
        answers[0] += u32::from(cached);
        answers[1] += u32::from(read == Some(8));
    }
    assert!(answers.iter().all(|hot| (150..200).contains(hot)), "{answers:?}");
}

#[test]
fn what_was_dropped_from_the_page_cache_is_cold() {
    let folder = Folder::new();
    let root: PathBuf = folder.path.clone();
    on_real(move |runtime| {
        let disk: Arc<dyn Disk> = runtime.disk(&root).unwrap();
        async move {
            let file = disk.open("f", OpenMode::Create).unwrap();
            file.write_at(&vec![5; 8 << 20], 0).unwrap();
            file.sync_data().unwrap();
            let real = file.as_any().downcast_ref::<headwater_runtime::RealFile>().unwrap();
            real.drop_from_cache();
            // A file system in memory has no cache to drop from.
            if runtime.is_cached(&*file, 0, 8 << 20) {
                return;
            }
            let mut byte = [0; 1];
            assert_eq!(file.read_at(&mut byte, 4 << 20).unwrap(), 1);
            assert!(runtime.is_cached(&*file, 4 << 20, 1));
            assert!(!runtime.is_cached(&*file, 0, 8 << 20), "one hot page does not make the range hot");
        }
    });
}
