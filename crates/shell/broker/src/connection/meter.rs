//! What a connection tells the metrics: bytes, and the moments of its requests.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use headwater_protocol::api::ApiKey;
use headwater_runtime::Tick;

use super::Peer;
use super::response::Response;
use crate::broker::Broker;
use crate::metrics::CoreMetrics;
use crate::metrics::requests::Moments;

/// See the module.
pub(super) struct Meter {
    core: Arc<CoreMetrics>,
    listener: usize,
    peer: SocketAddr,
    /// Answers in the output, each with the number of bytes that must have left until it is sent.
    sending: VecDeque<(u64, Moments)>,
}

impl Meter {
    /// The meter of a connection that is served on the core of the calling task.
    pub(super) fn new(broker: &Broker, peer: &Peer) -> Self {
        Self {
            core: Arc::clone(broker.metrics.core(broker.runtime.current_core())),
            listener: broker.metrics.listener(&peer.listener),
            peer: peer.address,
            sending: VecDeque::new(),
        }
    }

    pub(super) fn received(&self, bytes: usize) {
        self.core.traffic(self.listener).bytes_in.add(bytes as u64);
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.core.traffic(self.listener).bytes_out.add(bytes as u64);
    }

    /// A handler was called for a frame that came at `read`.
    pub(super) fn started(&self, frame: &[u8], read: Tick, started: Tick, handled: Tick) -> Moments {
        let number = |at: usize| frame.get(at..at + 2).map_or(0, |two| i16::from_be_bytes([two[0], two[1]]));
        let bytes = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let moments = Moments {
            key: number(0),
            version: number(2),
            bytes,
            read,
            started,
            handled,
            ready: handled,
            queued: handled,
        };
        self.core.requests.started(moments.key, moments.version, bytes);
        moments
    }

    /// An answer's turn has come; with it, `queued` bytes were ever put into the output.
    pub(super) fn answered(&mut self, response: &Response, queued: u64, moments: Moments) {
        let bytes = response.len();
        if !response.errors.is_clean() {
            let api = ApiKey::from_code(moments.key).map_or("?", |key| key.row().name);
            tracing::debug!(peer = %self.peer, api, version = moments.version, errors = %response.errors, "answered with errors");
        }
        self.core.requests.answered(moments.key, bytes, &response.errors);
        self.sending.push_back((queued + bytes, moments));
    }

    /// All that there is to do was done.
    pub(super) fn finished(&self, moments: &Moments, sent: Tick) {
        self.core.requests.finished(moments, sent);
    }

    /// Of all that was ever put into the output, so much has left.
    pub(super) fn sent(&mut self, written: u64, now: Tick) {
        while let Some((_, moments)) = self.sending.pop_front_if(|(end, _)| *end <= written) {
            self.core.requests.finished(&moments, now);
        }
    }

    /// Nobody waits for this request any more.
    pub(super) fn abandoned(&self, key: i16) {
        self.core.requests.abandoned(key);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.sending.iter().for_each(|(_, moments)| self.abandoned(moments.key));
    }
}
