//! The whole text, written piece by piece: with ten thousand partitions it has a few megabytes, and nobody shall wait for
//! all of them, nor hold them all in memory.

mod directories;
mod groups;
mod node;
mod process;
mod requests;
pub mod text;
mod topics;

use std::io;
use std::sync::Arc;

use headwater_runtime::sync::yield_now;

use crate::broker::Broker;
use crate::data::DataDirectories;
use text::{Format, Text};

/// Text is handed on when there is this much of it.
const PIECE_BYTES: usize = 32 * 1024;

/// What is looked at.
#[derive(Clone)]
pub struct Observed {
    /// Requests, partitions, metadata.
    pub broker: Arc<Broker>,
    /// Log directories.
    pub data: Arc<DataDirectories>,
}

/// Where the text goes.
pub trait Sink {
    /// Takes a piece.
    fn send(&mut self, piece: String) -> impl Future<Output = io::Result<()>>;
}

impl Sink for String {
    async fn send(&mut self, piece: String) -> io::Result<()> {
        self.push_str(&piece);
        Ok(())
    }
}

/// The text under way, and where it goes.
struct Out<'a, S: Sink> {
    text: Text,
    sink: &'a mut S,
}

impl<S: Sink> Out<'_, S> {
    /// Hands on what there is, if it is enough for a piece, and lets others of this core run.
    async fn flush(&mut self) -> io::Result<()> {
        if self.text.len() >= PIECE_BYTES {
            self.sink.send(self.text.take()).await?;
            yield_now().await;
        }
        Ok(())
    }
}

/// Writes everything.
///
/// # Errors
/// The sink's.
pub async fn write(observed: &Observed, format: Format, sink: &mut impl Sink) -> io::Result<()> {
    let broker = &observed.broker;
    let mut out = Out { text: Text::new(format), sink };
    let seen = topics::look(broker).await;
    let census = broker.groups.census().await;
    {
        let mut look = broker.metrics.windows.look(broker.runtime.now());
        node::write(&mut out.text, broker, &seen);
        process::write(&mut out.text, broker, &mut look);
        directories::write(&mut out.text, observed, &seen, &mut look);
        groups::write(&mut out.text, broker, &census, &mut look);
        requests::write(&mut out.text, &broker.metrics, &mut look);
    }
    out.flush().await?;
    topics::write(&mut out, broker, &seen).await?;
    out.text.finish();
    let rest = out.text.take();
    out.sink.send(rest).await
}
