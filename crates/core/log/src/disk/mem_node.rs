//! What [`super::MemDisk`] keeps for one file or folder: the image that survives a power loss, and what is pending.

use std::collections::BTreeMap;

use super::mem::Dice;

/// Bytes that a disk writes as one: a torn write is cut at multiples of it.
pub(super) const SECTOR: usize = 512;

pub(super) type NodeId = u64;

#[derive(Clone)]
pub(super) enum Node {
    File(FileNode),
    Dir(DirNode),
}

#[derive(Clone)]
enum FileOp {
    Write { position: usize, data: Vec<u8> },
    SetLen(usize),
}

#[derive(Clone, Default)]
pub(super) struct FileNode {
    pub(super) bytes: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<FileOp>,
}

impl FileNode {
    pub(super) fn write(&mut self, position: usize, data: &[u8]) {
        overwrite(&mut self.bytes, position, data);
        self.pending.push(FileOp::Write { position, data: data.to_vec() });
    }

    pub(super) fn set_len(&mut self, len: usize) {
        self.bytes.resize(len, 0);
        self.pending.push(FileOp::SetLen(len));
    }

    pub(super) fn sync(&mut self) {
        for op in std::mem::take(&mut self.pending) {
            match op {
                FileOp::Write { position, data } => overwrite(&mut self.durable, position, &data),
                FileOp::SetLen(len) => self.durable.resize(len, 0),
            }
        }
    }

    /// A sync that failed: the pages count as clean, so no later sync writes them.
    pub(super) fn forget_pending(&mut self) {
        self.pending.clear();
    }

    /// Each pending operation is kept, dropped, or (writes) torn; order stays.
    pub(super) fn lose_power(&mut self, dice: &mut Dice) {
        for op in std::mem::take(&mut self.pending) {
            match (op, dice.below(3)) {
                (_, 0) => {}
                (FileOp::SetLen(len), _) => self.durable.resize(len, 0),
                (FileOp::Write { position, data }, 1) => overwrite(&mut self.durable, position, &data),
                (FileOp::Write { position, data }, _) => self.tear(position, &data, dice),
            }
        }
        self.bytes = self.durable.clone();
    }

    /// Writes some sectors of `data`: either a prefix, or any subset (a disk may reorder them).
    fn tear(&mut self, position: usize, data: &[u8], dice: &mut Dice) {
        let prefix_only = dice.below(2) == 0;
        let mut start = 0;
        while start < data.len() {
            let boundary = ((position + start) / SECTOR + 1) * SECTOR - position;
            let end = boundary.min(data.len());
            if dice.below(2) == 0 {
                overwrite(&mut self.durable, position + start, &data[start..end]);
            } else if prefix_only {
                return;
            }
            start = end;
        }
    }
}

fn overwrite(bytes: &mut Vec<u8>, position: usize, data: &[u8]) {
    let end = position + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[position..end].copy_from_slice(data);
}

#[derive(Clone)]
enum DirOp {
    Link { name: String, node: NodeId },
    Unlink { name: String },
    Rename { from: String, to: String, node: NodeId },
}

#[derive(Clone, Default)]
pub(super) struct DirNode {
    pub(super) names: BTreeMap<String, NodeId>,
    durable: BTreeMap<String, NodeId>,
    pending: Vec<DirOp>,
}

impl DirNode {
    pub(super) fn link(&mut self, name: &str, node: NodeId) {
        self.names.insert(name.to_owned(), node);
        self.pending.push(DirOp::Link { name: name.to_owned(), node });
    }

    pub(super) fn unlink(&mut self, name: &str) {
        self.names.remove(name);
        self.pending.push(DirOp::Unlink { name: name.to_owned() });
    }

    pub(super) fn rename(&mut self, from: &str, to: &str, node: NodeId) {
        self.names.remove(from);
        self.names.insert(to.to_owned(), node);
        self.pending.push(DirOp::Rename { from: from.to_owned(), to: to.to_owned(), node });
    }

    pub(super) fn sync(&mut self) {
        for op in std::mem::take(&mut self.pending) {
            apply(&mut self.durable, op);
        }
    }

    pub(super) fn forget_pending(&mut self) {
        self.pending.clear();
    }

    pub(super) fn lose_power(&mut self, dice: &mut Dice) {
        for op in std::mem::take(&mut self.pending) {
            if dice.below(2) == 0 {
                apply(&mut self.durable, op);
            }
        }
        self.names = self.durable.clone();
    }
}

fn apply(names: &mut BTreeMap<String, NodeId>, op: DirOp) {
    match op {
        DirOp::Link { name, node } => {
            names.insert(name, node);
        }
        DirOp::Unlink { name } => {
            names.remove(&name);
        }
        DirOp::Rename { from, to, node } => {
            if names.get(&from) == Some(&node) {
                names.remove(&from);
            }
            names.insert(to, node);
        }
    }
}
