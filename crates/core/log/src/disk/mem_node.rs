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

    /// Every sector has had some of the operations on it, in their order, and lost the later ones; sectors and length
    /// each for themselves. Now and then everything is kept or lost.
    pub(super) fn lose_power(&mut self, dice: &mut Dice) {
        let ops = std::mem::take(&mut self.pending);
        let mode = if ops.is_empty() { LOSE_ALL } else { dice.below(4) };
        if mode == KEEP_ALL {
            self.durable = std::mem::take(&mut self.bytes);
        } else if mode != LOSE_ALL {
            self.tear(&ops, dice);
        }
        self.bytes = self.durable.clone();
    }

    fn tear(&mut self, ops: &[FileOp], dice: &mut Dice) {
        let mut len = self.durable.len();
        let mut lens = vec![len];
        let mut longest = len;
        let mut touching: BTreeMap<usize, Vec<&FileOp>> = BTreeMap::new();
        for op in ops {
            let (start, end) = match op {
                FileOp::Write { position, data } => (*position, position + data.len()),
                FileOp::SetLen(len) => (*len, longest.max(*len)),
            };
            for sector in start / SECTOR..end.div_ceil(SECTOR) {
                touching.entry(sector).or_default().push(op);
            }
            len = if let FileOp::SetLen(len) = op { *len } else { len.max(end) };
            longest = longest.max(len);
            lens.push(len);
        }
        self.durable.resize(longest, 0);
        for (sector, ops) in touching {
            let kept = dice.below(ops.len() as u64 + 1) as usize;
            let region = sector * SECTOR..((sector + 1) * SECTOR).min(longest);
            for op in &ops[..kept] {
                op.apply_within(&mut self.durable, region.clone());
            }
        }
        self.durable.truncate(lens[dice.below(lens.len() as u64) as usize]);
    }
}

const KEEP_ALL: u64 = 0;
const LOSE_ALL: u64 = 1;

impl FileOp {
    /// What the operation does to one region of the file.
    fn apply_within(&self, bytes: &mut [u8], region: std::ops::Range<usize>) {
        match self {
            FileOp::Write { position, data } => {
                let start = region.start.max(*position);
                let end = region.end.min(position + data.len());
                if start < end {
                    bytes[start..end].copy_from_slice(&data[start - position..end - position]);
                }
            }
            FileOp::SetLen(len) => {
                let start = region.start.max(*len);
                if start < region.end {
                    bytes[start..region.end].fill(0);
                }
            }
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
