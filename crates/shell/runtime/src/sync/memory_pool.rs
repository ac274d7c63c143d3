//! A budget of bytes for requests in memory.

use super::permits::{Permit, Permits};

/// A budget of bytes. Reservations are granted in FIFO order. One that is larger than the whole pool is granted when
/// the pool is empty and then holds all of it: the smallest progress is guaranteed, and nothing runs beside it.
#[derive(Clone, Debug)]
pub struct MemoryPool {
    permits: Permits,
}

/// Bytes taken from a [`MemoryPool`]; returned on drop.
#[derive(Debug)]
pub struct Reservation {
    permit: Permit,
    bytes: u64,
}

impl MemoryPool {
    /// A pool of `capacity` bytes.
    pub fn new(capacity: u64) -> MemoryPool {
        MemoryPool { permits: Permits::new(capacity) }
    }

    /// Waits for `bytes`.
    pub async fn reserve(&self, bytes: u64) -> Reservation {
        Reservation { permit: self.permits.acquire(bytes).await, bytes }
    }

    /// Takes `bytes` if they are free and nobody waits.
    pub fn try_reserve(&self, bytes: u64) -> Option<Reservation> {
        Some(Reservation { permit: self.permits.try_acquire(bytes)?, bytes })
    }

    /// The size of the pool in bytes.
    pub fn capacity(&self) -> u64 {
        self.permits.capacity()
    }

    /// Bytes that are free now.
    pub fn available(&self) -> u64 {
        self.permits.available()
    }

    /// How many reservations wait.
    pub fn waiting(&self) -> usize {
        self.permits.waiting()
    }
}

impl Reservation {
    /// The bytes that were asked for (an oversized one holds only as much as the pool has).
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives back everything above `bytes`.
    pub fn shrink(&mut self, bytes: u64) {
        if bytes < self.bytes {
            self.bytes = bytes;
            self.permit.shrink(bytes);
        }
    }
}
