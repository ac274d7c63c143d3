//! The consumer's half of an incremental fetch session (KIP-227): only what changed is asked for again.

use std::collections::BTreeMap;

use headwater_base::ErrorCode;

use crate::history::Place;

/// Epoch of a fetch that belongs to no session.
const NO_SESSION: i32 = -1;

/// See the module.
#[derive(Debug)]
pub struct FetchSession {
    wanted: bool,
    id: i32,
    epoch: i32,
    told: BTreeMap<Place, i64>,
}

impl FetchSession {
    /// A session to be begun, or none at all.
    #[must_use]
    pub fn new(wanted: bool) -> Self {
        Self { wanted, id: 0, epoch: if wanted { 0 } else { NO_SESSION }, told: BTreeMap::new() }
    }

    /// Forgets the session; the next fetch begins a new one.
    pub fn reset(&mut self) {
        *self = Self::new(self.wanted);
    }

    /// Session id and epoch of the next request.
    #[must_use]
    pub fn header(&self) -> (i32, i32) {
        (self.id, self.epoch)
    }

    /// Whether the node has to be told of this position; it counts as told then.
    pub fn tell(&mut self, place: Place, position: i64) -> bool {
        let known = self.told.insert(place, position);
        self.epoch <= 0 || known != Some(position)
    }

    /// Takes note of an answer; false when the session is over.
    ///
    /// # Errors
    /// The code, if no session explains it.
    pub fn answered(&mut self, error_code: i16, session_id: i32) -> Result<bool, ErrorCode> {
        match ErrorCode::from_code(error_code) {
            ErrorCode::None if self.epoch == NO_SESSION => Ok(true),
            // The node may have no place for one more.
            ErrorCode::None if session_id == 0 && self.epoch == 0 => Ok(true),
            ErrorCode::None => {
                self.id = session_id;
                self.epoch = self.epoch.checked_add(1).unwrap_or(1);
                Ok(true)
            }
            ErrorCode::FetchSessionIdNotFound | ErrorCode::InvalidFetchSessionEpoch if self.epoch > 0 => {
                self.reset();
                Ok(false)
            }
            code => Err(code),
        }
    }
}
