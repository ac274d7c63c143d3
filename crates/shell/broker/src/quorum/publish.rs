//! Images on their way to the rest of the node, in the order of the log.
//!
//! For each image first the subscribers act, one after the other, then the image becomes the one that requests see, and
//! only then the answers go out whose effects it shows. So whoever got an answer finds its effect.

use std::sync::Arc;

use arc_swap::ArcSwap;
use headwater_controller::Answer;
use headwater_metadata::{Image, Loaded};
use headwater_runtime::LocalBoxFuture;
use headwater_runtime::sync::{mpsc, oneshot, watch};

use super::error::SubmitError;

/// Publications that may wait for slow subscribers before the driver waits too.
pub(super) const QUEUE: usize = 256;

/// Keeps state that follows from the metadata: partitions, caches.
pub trait Subscriber {
    /// The image has changed. The next change comes when the future is done; answers that depend on it wait too.
    fn publish<'a>(&'a mut self, loaded: &'a Loaded) -> LocalBoxFuture<'a, ()>;
}

/// Where an answer goes.
pub(super) type Reply = oneshot::Sender<Result<Answer, SubmitError>>;

/// What became committed at once.
#[derive(Default)]
pub(super) struct Publication {
    pub images: Vec<Loaded>,
    pub answers: Vec<(Reply, Answer)>,
    /// Told when all of it is carried out.
    pub done: Option<oneshot::Sender<()>>,
}

impl Publication {
    pub(super) fn is_empty(&self) -> bool {
        self.images.is_empty() && self.answers.is_empty() && self.done.is_none()
    }
}

/// Carries out publications until the driver is gone.
pub(super) async fn run(
    mut queue: mpsc::Receiver<Publication>,
    mut subscribers: Vec<Box<dyn Subscriber>>,
    current: Arc<ArcSwap<Image>>,
    changed: watch::Sender<Arc<Image>>,
) {
    while let Some(publication) = queue.recv().await {
        for loaded in &publication.images {
            for subscriber in &mut subscribers {
                subscriber.publish(loaded).await;
            }
            let image = Arc::new(loaded.image.clone());
            current.store(image.clone());
            changed.send(image);
        }
        for (reply, answer) in publication.answers {
            // Whoever asked may have gone.
            let _ = reply.send(Ok(answer));
        }
        if let Some(done) = publication.done {
            let _ = done.send(());
        }
    }
}
