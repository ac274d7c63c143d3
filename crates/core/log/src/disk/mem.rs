//! A disk in memory that forgets and fails: the ground of this crate's tests and of the simulated runtime.
//!
//! Deterministic: the same calls with the same seeds give the same contents. A power loss keeps or drops what was not
//! synced: names each for themselves, files sector by sector. Handles opened before a power loss answer with an error after it.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use super::mem_file::MemFile;
use super::mem_node::{DirNode, FileNode, Node, NodeId};
use super::{DirEntry, Disk, DiskFile, OpenMode};

const ROOT: NodeId = 0;

/// splitmix64: all that a power loss needs of chance, from a seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

/// Which operations a [`Fault`] hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// `read_at`.
    Read,
    /// `write_at` and `write_vectored_at`. A prefix of the bytes may be written.
    Write,
    /// `sync_data` and `sync_dir`. What was pending is never made durable by a later sync.
    Sync,
    /// `open`, with a mode that may create, `create_dir`, `rename`, `remove_file`, `remove_dir`, `truncate`, `allocate`.
    Change,
}

/// An error that the disk will give.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which operations count.
    pub kind: FaultKind,
    /// Only operations on paths that contain this; empty for all.
    pub path: String,
    /// How many such operations succeed before.
    pub after: u64,
    /// How many fail then.
    pub times: u64,
    /// The error's kind (`Other` stands for EIO, `StorageFull` for ENOSPC).
    pub error: io::ErrorKind,
}

/// Counts of what was asked of a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskStats {
    /// Calls of `open`.
    pub opens: u64,
    /// Calls of `read_at`.
    pub reads: u64,
    /// Bytes that they gave.
    pub bytes_read: u64,
    /// Calls of `write_at` and `write_vectored_at`.
    pub writes: u64,
    /// Bytes that they took.
    pub bytes_written: u64,
    /// Calls of `sync_data`.
    pub file_syncs: u64,
    /// Calls of `sync_dir`.
    pub dir_syncs: u64,
    /// All calls that change something, syncs included.
    pub changes: u64,
}

#[derive(Clone)]
pub(super) struct State {
    pub(super) nodes: BTreeMap<NodeId, Node>,
    next_node: NodeId,
    /// Counts power losses; a handle of an earlier life is dead.
    pub(super) life: u64,
    faults: Vec<Fault>,
    /// Calls that may still change something before the power goes; `None` for no limit.
    pub(super) changes_left: Option<u64>,
    pub(super) capacity: u64,
    /// Syncs of paths that contain this are answered and not made.
    pub(super) syncs_lie: Option<String>,
    pub(super) stats: DiskStats,
}

/// See the module. Clones share one disk; [`MemDisk::fork`] copies it.
#[derive(Clone)]
pub struct MemDisk {
    state: Arc<Mutex<State>>,
}

impl Default for MemDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl MemDisk {
    /// An empty disk of unlimited size.
    pub fn new() -> Self {
        let mut nodes = BTreeMap::new();
        nodes.insert(ROOT, Node::Dir(DirNode::default()));
        let state = State {
            nodes,
            next_node: ROOT + 1,
            life: 0,
            faults: Vec::new(),
            changes_left: None,
            capacity: u64::MAX,
            syncs_lie: None,
            stats: DiskStats::default(),
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// A copy of the disk as it is, pending operations included. Handles stay with the original.
    pub fn fork(&self) -> Self {
        let mut state = self.lock().clone();
        state.life += 1;
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Cuts the power: of what is unsynced, each change of a name is kept or dropped, and each sector of 512 bytes keeps
    /// some of its writes, as the seed says. Handles of before are dead; faults and limits are lifted.
    pub fn power_loss(&self, seed: u64) {
        let mut state = self.lock();
        let mut dice = Dice(seed);
        for node in state.nodes.values_mut() {
            match node {
                Node::File(file) => file.lose_power(&mut dice),
                Node::Dir(dir) => dir.lose_power(&mut dice),
            }
        }
        state.restart();
        state.drop_unreachable();
    }

    /// The process dies, the machine stays: all that was written stays. Handles of before are dead; faults are lifted.
    pub fn process_crash(&self) {
        self.lock().restart();
    }

    /// Lets the power go after `changes` more calls that change something: all later ones fail.
    pub fn fail_after_changes(&self, changes: u64) {
        self.lock().changes_left = Some(changes);
    }

    /// Adds an error to come.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Lifts all faults.
    pub fn heal(&self) {
        let mut state = self.lock();
        state.faults.clear();
        state.changes_left = None;
    }

    /// Bytes that all files together may have; a write beyond fails with `StorageFull`.
    pub fn set_capacity(&self, bytes: u64) {
        self.lock().capacity = bytes;
    }

    /// From now on syncs of paths that contain `path` succeed and make nothing durable: what a drive does that lies about
    /// its cache, or a program that forgot to ask. Whoever tests durability can see with it that his test finds losses.
    pub fn ignore_syncs(&self, path: &str) {
        self.lock().syncs_lie = Some(path.to_owned());
    }

    /// Bytes that all files have now.
    pub fn used(&self) -> u64 {
        self.lock().used()
    }

    /// What was asked so far.
    pub fn stats(&self) -> DiskStats {
        self.lock().stats
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

pub(super) fn not_found(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{path}: no such file or folder"))
}

fn split(path: &str) -> (&str, &str) {
    match path.rfind('/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => ("", path),
    }
}

impl State {
    fn restart(&mut self) {
        self.life += 1;
        self.faults.clear();
        self.changes_left = None;
    }

    fn drop_unreachable(&mut self) {
        let mut reached = vec![ROOT];
        let mut next = 0;
        while next < reached.len() {
            if let Some(Node::Dir(dir)) = self.nodes.get(&reached[next]) {
                reached.extend(dir.names.values().copied());
            }
            next += 1;
        }
        reached.sort_unstable();
        self.nodes.retain(|id, _| reached.binary_search(id).is_ok());
    }

    fn used(&self) -> u64 {
        let len = |node: &Node| if let Node::File(file) = node { file.bytes.len() as u64 } else { 0 };
        self.nodes.values().map(len).sum()
    }

    pub(super) fn room(&self) -> u64 {
        if self.capacity == u64::MAX { u64::MAX } else { self.capacity.saturating_sub(self.used()) }
    }

    fn find(&self, path: &str) -> Option<NodeId> {
        let mut node = ROOT;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            match self.nodes.get(&node) {
                Some(Node::Dir(dir)) => node = *dir.names.get(name)?,
                _ => return None,
            }
        }
        Some(node)
    }

    fn dir(&mut self, path: &str) -> io::Result<&mut DirNode> {
        let id = self.find(path).ok_or_else(|| not_found(path))?;
        match self.nodes.get_mut(&id) {
            Some(Node::Dir(dir)) => Ok(dir),
            _ => Err(io::Error::new(io::ErrorKind::NotADirectory, format!("{path}: not a folder"))),
        }
    }

    fn add(&mut self, path: &str, node: Node) -> io::Result<NodeId> {
        let (dir, name) = split(path);
        let id = self.next_node;
        self.dir(dir)?.link(name, id);
        self.next_node += 1;
        self.nodes.insert(id, node);
        Ok(id)
    }

    /// The error that the next operation of this kind has to give.
    pub(super) fn fault(&mut self, kind: FaultKind, path: &str) -> Option<io::Error> {
        let changing = kind != FaultKind::Read;
        if changing {
            self.stats.changes += 1;
            match &mut self.changes_left {
                Some(0) => return Some(io::Error::other("the power is off")),
                Some(left) => *left -= 1,
                None => {}
            }
        }
        let hit = |fault: &&mut Fault| fault.kind == kind && path.contains(&fault.path) && fault.times > 0;
        let fault = self.faults.iter_mut().find(hit)?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        Some(io::Error::new(fault.error, format!("{path}: injected fault")))
    }

    pub(super) fn lies(&self, path: &str) -> bool {
        self.syncs_lie.as_ref().is_some_and(|lie| path.contains(lie))
    }

    pub(super) fn change(&mut self, path: &str) -> io::Result<()> {
        self.fault(FaultKind::Change, path).map_or(Ok(()), Err)
    }
}

impl Disk for MemDisk {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.lock();
        state.stats.opens += 1;
        let node = match (state.find(path), mode) {
            (Some(_), OpenMode::CreateNew) => {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{path}: exists")));
            }
            (Some(node), _) if matches!(state.nodes.get(&node), Some(Node::File(_))) => node,
            (Some(_), _) => {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, format!("{path}: a folder")));
            }
            (None, OpenMode::Existing) => return Err(not_found(path)),
            (None, _) => {
                state.change(path)?;
                state.add(path, Node::File(FileNode::default()))?
            }
        };
        let life = state.life;
        drop(state);
        Ok(Arc::new(MemFile { disk: self.clone(), node, life, path: path.to_owned() }))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<DirEntry>> {
        let mut state = self.lock();
        let names = state.dir(dir)?.names.clone();
        let entry = |(name, node): (String, NodeId)| DirEntry {
            is_dir: matches!(state.nodes.get(&node), Some(Node::Dir(_))),
            name,
        };
        Ok(names.into_iter().map(entry).collect())
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        Ok(self.lock().find(path).is_some())
    }

    fn create_dir(&self, path: &str) -> io::Result<()> {
        let mut state = self.lock();
        if state.find(path).is_some() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{path}: exists")));
        }
        state.change(path)?;
        state.add(path, Node::Dir(DirNode::default())).map(|_| ())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.lock();
        let node = state.find(from).ok_or_else(|| not_found(from))?;
        let ((from_dir, from_name), (to_dir, to_name)) = (split(from), split(to));
        if from_dir != to_dir {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{from} to {to}: another folder"),
            ));
        }
        if let Some(target) = state.find(to)
            && matches!(state.nodes.get(&target), Some(Node::Dir(dir)) if !dir.names.is_empty())
        {
            return Err(io::Error::new(io::ErrorKind::DirectoryNotEmpty, format!("{to}: not empty")));
        }
        state.change(from)?;
        state.dir(from_dir)?.rename(from_name, to_name, node);
        Ok(())
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        let mut state = self.lock();
        let node = state.find(path).ok_or_else(|| not_found(path))?;
        if !matches!(state.nodes.get(&node), Some(Node::File(_))) {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, format!("{path}: a folder")));
        }
        state.change(path)?;
        let (dir, name) = split(path);
        state.dir(dir)?.unlink(name);
        Ok(())
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        let mut state = self.lock();
        if !state.dir(path)?.names.is_empty() {
            return Err(io::Error::new(io::ErrorKind::DirectoryNotEmpty, format!("{path}: not empty")));
        }
        state.change(path)?;
        let (dir, name) = split(path);
        state.dir(dir)?.unlink(name);
        Ok(())
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.stats.dir_syncs += 1;
        let fault = state.fault(FaultKind::Sync, dir);
        let powered = state.changes_left != Some(0);
        let lies = state.lies(dir);
        let node = state.dir(dir)?;
        match fault {
            Some(error) if powered => {
                node.forget_pending();
                Err(error)
            }
            Some(error) => Err(error),
            None if lies => Ok(()),
            None => {
                node.sync();
                Ok(())
            }
        }
    }
}
