//! How the rest of the node reaches the quorum.

use std::sync::Arc;
use std::sync::atomic::{AtomicI16, Ordering};

use arc_swap::ArcSwap;
use headwater_base::{LeaderEpoch, NodeId, Offset};
use headwater_controller::{Answer, Input};
use headwater_metadata::Image;
use headwater_raft::VoterSet;
use headwater_runtime::sync::{mpsc, oneshot, watch};
use headwater_runtime::{TaskHandle, Tick};

use super::error::{QuorumError, SubmitError};
use super::publish::Reply;

/// Inputs that may wait for the driver before those who submit wait too.
pub(super) const QUEUE: usize = 1024;

/// What the driver is asked.
pub(super) enum Message {
    /// An input that is not looked at after its deadline.
    Submit {
        input: Box<Input>,
        deadline: Tick,
        reply: Reply,
    },
    Describe {
        reply: oneshot::Sender<QuorumState>,
    },
    Shutdown {
        done: oneshot::Sender<()>,
    },
}

/// How the quorum stands.
#[derive(Clone, Debug)]
pub struct QuorumState {
    /// The leader, which is this node, or none.
    pub leader_id: Option<NodeId>,
    /// The epoch that it leads.
    pub epoch: LeaderEpoch,
    /// Records below it are committed.
    pub high_watermark: Option<Offset>,
    /// End of the log.
    pub log_end_offset: Offset,
    /// Who votes.
    pub voters: VoterSet,
}

/// Access to the metadata from any core. Cheap to clone.
#[derive(Clone)]
pub struct QuorumHandle {
    pub(super) queue: mpsc::Sender<Message>,
    pub(super) image: Arc<ArcSwap<Image>>,
    pub(super) changed: watch::Receiver<Arc<Image>>,
    pub(super) kraft_version: Arc<AtomicI16>,
}

impl QuorumHandle {
    /// Asks the controller and waits until its answer is committed and its effect is published on this node.
    ///
    /// # Errors
    /// See [`SubmitError`].
    pub async fn submit(&self, input: Input) -> Result<Answer, SubmitError> {
        self.submit_until(Tick::NEVER, input).await
    }

    /// The same, unless the controller gets to it at the deadline or later. What it began is carried out.
    ///
    /// # Errors
    /// See [`SubmitError`].
    pub async fn submit_until(&self, deadline: Tick, input: Input) -> Result<Answer, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Submit { input: Box::new(input), deadline, reply };
        self.queue.send(message).await.map_err(|_| SubmitError::NotController)?;
        answer.await.unwrap_or(Err(SubmitError::NotController))
    }

    /// How the quorum stands.
    ///
    /// # Errors
    /// When the driver has ended.
    pub async fn describe(&self) -> Result<QuorumState, SubmitError> {
        let (reply, state) = oneshot::channel();
        self.queue.send(Message::Describe { reply }).await.map_err(|_| SubmitError::NotController)?;
        state.await.map_err(|_| SubmitError::NotController)
    }

    /// The image that was published last. Costs no lock.
    #[must_use]
    pub fn image(&self) -> Arc<Image> {
        self.image.load_full()
    }

    /// The finalized level of `kraft.version`, which the image does not have: it is the quorum's own.
    #[must_use]
    pub fn kraft_version(&self) -> i16 {
        self.kraft_version.load(Ordering::Acquire)
    }

    /// A receiver of images from now on; it may skip some, but never goes back.
    #[must_use]
    pub fn images(&self) -> watch::Receiver<Arc<Image>> {
        self.changed.clone()
    }

    /// Commits what was submitted, closes the log and ends the driver. Answers that still come are given out.
    pub async fn shutdown(&self) {
        let (done, wait) = oneshot::channel();
        if self.queue.send(Message::Shutdown { done }).await.is_ok() {
            // An error means that the driver ended by itself.
            let _ = wait.await;
        }
    }
}

impl std::fmt::Debug for QuorumHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("QuorumHandle")
    }
}

/// A quorum whose controller is active.
#[derive(Debug)]
pub struct RunningQuorum {
    /// Access to it.
    pub handle: QuorumHandle,
    /// Ends with `Ok` after [`QuorumHandle::shutdown`], with an error when storage failed: then the node must stop.
    pub task: TaskHandle<Result<(), QuorumError>>,
}
