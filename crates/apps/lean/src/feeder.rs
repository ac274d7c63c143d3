//! Keeps the kernel's free memory backed by the host while a broker fills its page cache.
//!
//! On a virtual machine that gives free memory back, the first touch of a page costs a nested fault, and a run that
//! writes gigabytes measures the hypervisor. So as much memory as the run will write is touched before, and freed in step
//! with it. A chunk is above the allocator's largest threshold, so that freeing it really gives it back.

const CHUNK: usize = 64 << 20;

/// Memory that waits to be given to the kernel's free list.
pub struct Feeder(Vec<Vec<u8>>);

impl Feeder {
    /// Touches memory for `bytes` and a few chunks more.
    pub fn fill(bytes: u64) -> Self {
        let chunks = usize::try_from(bytes).unwrap_or(0) / CHUNK + 3;
        Self((0..chunks).map(|_| vec![1u8; CHUNK]).collect())
    }

    /// Frees memory until one chunk more than the `bytes` that are still to be written is left.
    pub fn left(&mut self, bytes: u64) {
        let keep = usize::try_from(bytes).unwrap_or(0) / CHUNK + 1;
        self.0.truncate(keep);
    }
}
