//! How the rest of the node reaches the quorum.

use std::sync::Arc;

use arc_swap::ArcSwap;
use headwater_controller::{Answer, Input};
use headwater_metadata::Image;
use headwater_runtime::TaskHandle;
use headwater_runtime::sync::{mpsc, oneshot, watch};

use super::error::{QuorumError, SubmitError};
use super::publish::Reply;

/// Inputs that may wait for the driver before those who submit wait too.
pub(super) const QUEUE: usize = 1024;

/// What the driver is asked.
pub(super) enum Message {
    Submit { input: Box<Input>, reply: Reply },
    Shutdown { done: oneshot::Sender<()> },
}

/// Access to the metadata from any core. Cheap to clone.
#[derive(Clone)]
pub struct QuorumHandle {
    pub(super) queue: mpsc::Sender<Message>,
    pub(super) image: Arc<ArcSwap<Image>>,
    pub(super) changed: watch::Receiver<Arc<Image>>,
    pub(super) kraft_version: i16,
}

impl QuorumHandle {
    /// Asks the controller and waits until its answer is committed and its effect is published on this node.
    ///
    /// # Errors
    /// See [`SubmitError`].
    pub async fn submit(&self, input: Input) -> Result<Answer, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Submit { input: Box::new(input), reply };
        self.queue.send(message).await.map_err(|_| SubmitError::NotController)?;
        answer.await.unwrap_or(Err(SubmitError::NotController))
    }

    /// The image that was published last. Costs no lock.
    #[must_use]
    pub fn image(&self) -> Arc<Image> {
        self.image.load_full()
    }

    /// The finalized level of `kraft.version`, which the image does not have: it is the quorum's own.
    #[must_use]
    pub fn kraft_version(&self) -> i16 {
        self.kraft_version
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
