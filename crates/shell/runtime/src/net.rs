//! Sockets of either ground. All methods take `&self`, so one task can wait for reading and writing at once; two
//! tasks must not wait for the same direction of one stream.

use crate::real::net::{RealIncoming, RealListener, RealStream};
use crate::sim::socket::{SimListener, SimStream};
use crate::{DiskFile, Runtime};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::task::{Context, Poll};

/// How a listener is opened.
#[derive(Clone, Copy, Debug)]
pub struct ListenOptions {
    /// Connections that may wait to be accepted (`socket.listen.backlog.size`).
    pub backlog: u32,
    /// `SO_SNDBUF` of accepted connections in bytes; `None` leaves it to the system.
    pub send_buffer: Option<u32>,
    /// `SO_RCVBUF` of accepted connections in bytes; `None` leaves it to the system.
    pub receive_buffer: Option<u32>,
}

impl Default for ListenOptions {
    fn default() -> ListenOptions {
        ListenOptions { backlog: 1024, send_buffer: None, receive_buffer: None }
    }
}

/// A listening TCP socket.
pub struct Listener {
    pub(crate) inner: ListenerInner,
}

pub(crate) enum ListenerInner {
    Real(RealListener),
    Sim(SimListener),
}

/// An accepted connection that does not yet belong to a core. `Send`.
pub struct Incoming {
    pub(crate) inner: IncomingInner,
}

pub(crate) enum IncomingInner {
    Real(RealIncoming),
    Sim(SimStream),
}

/// A TCP connection. It belongs to the core on which it was opened.
pub struct Stream {
    pub(crate) inner: StreamInner,
}

pub(crate) enum StreamInner {
    Real(RealStream),
    Sim(SimStream),
}

impl Listener {
    /// Waits for the next connection. Safe to cancel.
    ///
    /// # Errors
    /// What the system says; a shortage of descriptors passes, so wait a little and call again.
    pub async fn accept(&self) -> io::Result<Incoming> {
        match &self.inner {
            ListenerInner::Real(listener) => listener.accept().await.map(IncomingInner::Real),
            ListenerInner::Sim(listener) => listener.accept().await.map(IncomingInner::Sim),
        }
        .map(|inner| Incoming { inner })
    }

    /// The address that is listened on, with the port that the system chose for port 0.
    pub fn local_addr(&self) -> SocketAddr {
        match &self.inner {
            ListenerInner::Real(listener) => listener.local_addr(),
            ListenerInner::Sim(listener) => listener.local_addr(),
        }
    }
}

impl Incoming {
    /// Who connects.
    pub fn peer_addr(&self) -> SocketAddr {
        match &self.inner {
            IncomingInner::Real(incoming) => incoming.peer_addr(),
            IncomingInner::Sim(stream) => stream.peer_addr(),
        }
    }

    /// Makes a stream of it that belongs to the core of the calling task. `TCP_NODELAY` is on.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(self, _runtime: &Runtime) -> io::Result<Stream> {
        match self.inner {
            IncomingInner::Real(incoming) => incoming.open().map(StreamInner::Real),
            IncomingInner::Sim(stream) => Ok(StreamInner::Sim(stream)),
        }
        .map(|inner| Stream { inner })
    }
}

impl Stream {
    // ---- without waiting ----

    /// Reads what is there.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is there.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.try_read(buffer),
            StreamInner::Sim(stream) => stream.try_read(buffer),
        }
    }

    /// Appends what is there to `buffer`, at most `limit` bytes, without zeroing its room first.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is there.
    pub fn try_read_vec(&self, buffer: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.try_read_vec(buffer, limit),
            StreamInner::Sim(stream) => stream.try_read_vec(buffer, limit),
        }
    }

    /// Writes a prefix; `more` tells the system that more follows at once (`MSG_MORE`), so that a header and the file
    /// range after it leave in one packet.
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits.
    pub fn try_write(&self, bytes: &[u8], more: bool) -> io::Result<usize> {
        self.try_write_vectored(&[IoSlice::new(bytes)], more)
    }

    /// Writes a prefix of the concatenated parts; `more` as for [`Stream::try_write`].
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits.
    pub fn try_write_vectored(&self, parts: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.try_write_vectored(parts, more),
            StreamInner::Sim(stream) => stream.try_write_vectored(parts),
        }
    }

    /// Sends a prefix of `len` bytes of the file from `offset` on; returns how many, 0 only at the end of the file.
    /// Real files never pass through user space. Reads that miss the page cache block the core: see
    /// [`Runtime::is_cached`].
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits.
    pub fn try_send_file(&self, file: &dyn DiskFile, offset: u64, len: u64) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.try_send_file(file, offset, len),
            StreamInner::Sim(stream) => stream.try_send_file(file, offset, len),
        }
    }

    /// [`Stream::readable`] for hand-written futures: one waker is kept for this direction.
    pub fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.inner {
            StreamInner::Real(stream) => stream.poll_readable(context),
            StreamInner::Sim(stream) => stream.poll_readable(context),
        }
    }

    /// [`Stream::writable`] for hand-written futures: one waker is kept for this direction.
    pub fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.inner {
            StreamInner::Real(stream) => stream.poll_writable(context),
            StreamInner::Sim(stream) => stream.poll_writable(context),
        }
    }

    // ---- waiting; all safe to cancel unless they say otherwise ----

    /// Waits until a read would not wait: data, the end, or an error.
    pub async fn readable(&self) -> io::Result<()> {
        poll_fn(|context| self.poll_readable(context)).await
    }

    /// Waits until a write would not wait.
    pub async fn writable(&self) -> io::Result<()> {
        poll_fn(|context| self.poll_writable(context)).await
    }

    /// Reads what is there into `buffer`, waiting until something is; 0 at the end of the stream.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.take_turn().await;
        loop {
            match self.try_read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable().await?,
                result => return result,
            }
        }
    }

    /// Fills `buffer`. Not safe to cancel: what was read so far would be lost.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends before.
    pub async fn read_exact(&self, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read(buffer).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => buffer = &mut buffer[count..],
            }
        }
        Ok(())
    }

    /// Writes a part of `bytes`, waiting until some fit; returns how many.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)]).await
    }

    /// Writes all of `bytes`. When it is cancelled, a part may have been written.
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = self.write(bytes).await?;
            bytes = &bytes[count..];
        }
        Ok(())
    }

    /// Writes a prefix of the concatenated parts, waiting until some fit; returns how many bytes.
    pub async fn write_vectored(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.when_writable(|| self.try_write_vectored(parts, false)).await
    }

    /// As [`Stream::write_vectored`], and tells the system that more follows at once, as [`Stream::try_write`] does.
    pub async fn write_vectored_more(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.when_writable(|| self.try_write_vectored(parts, true)).await
    }

    /// As [`Stream::try_send_file`], waiting until some bytes fit.
    pub async fn send_file(&self, file: &dyn DiskFile, offset: u64, len: u64) -> io::Result<usize> {
        self.when_writable(|| self.try_send_file(file, offset, len)).await
    }

    async fn when_writable(&self, mut write: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
        self.take_turn().await;
        loop {
            match write() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.writable().await?,
                result => return result,
            }
        }
    }

    /// Lets other tasks of the core run now and then, also when this stream is always ready.
    async fn take_turn(&self) {
        match &self.inner {
            StreamInner::Real(_) => tokio::task::consume_budget().await,
            StreamInner::Sim(_) => {}
        }
    }

    // ---- the rest ----

    /// The other side.
    pub fn peer_addr(&self) -> SocketAddr {
        match &self.inner {
            StreamInner::Real(stream) => stream.peer_addr(),
            StreamInner::Sim(stream) => stream.peer_addr(),
        }
    }

    /// This side.
    pub fn local_addr(&self) -> SocketAddr {
        match &self.inner {
            StreamInner::Real(stream) => stream.local_addr(),
            StreamInner::Sim(stream) => stream.local_addr(),
        }
    }

    /// Ends the writing direction: the peer reads what was written and then the end. Dropping the stream closes both.
    pub fn shutdown(&self) -> io::Result<()> {
        match &self.inner {
            StreamInner::Real(stream) => stream.shutdown(),
            StreamInner::Sim(stream) => stream.shutdown(),
        }
    }

    /// Sets `TCP_NODELAY`, which is on from the start.
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        match &self.inner {
            StreamInner::Real(stream) => stream.set_nodelay(on),
            StreamInner::Sim(_) => Ok(()),
        }
    }
}
