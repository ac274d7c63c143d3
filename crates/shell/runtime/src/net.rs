//! Sockets of either ground. All methods take `&self`, so one task can wait for reading and writing at once; two
//! tasks must not wait for the same direction of one stream.

use crate::real::net::{RealIncoming, RealListener, RealStream};
use crate::sim::socket::{SimListener, SimStream};
use crate::{DiskFile, Runtime};
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
    /// Reads what is there into `buffer`, waiting until something is; 0 at the end of the stream. Safe to cancel.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.read(buffer).await,
            StreamInner::Sim(stream) => stream.read(buffer).await,
        }
    }

    /// Reads what is there without waiting.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is there.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.try_read(buffer),
            StreamInner::Sim(stream) => stream.try_read(buffer),
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

    /// Writes a part of `bytes`, waiting until some fit; returns how many. Safe to cancel.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)]).await
    }

    /// Writes all of `bytes`.
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = self.write(bytes).await?;
            bytes = &bytes[count..];
        }
        Ok(())
    }

    /// Writes a prefix of the concatenated parts, waiting until some fit; returns how many bytes. Safe to cancel.
    pub async fn write_vectored(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.write_vectored(parts, false).await,
            StreamInner::Sim(stream) => stream.write_vectored(parts).await,
        }
    }

    /// As [`Stream::write_vectored`], and tells the system that more follows at once (`MSG_MORE`), so that a header
    /// and the file range after it leave in one packet.
    pub async fn write_vectored_more(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.write_vectored(parts, true).await,
            StreamInner::Sim(stream) => stream.write_vectored(parts).await,
        }
    }

    /// Writes a prefix without waiting.
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits.
    pub fn try_write_vectored(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.try_write_vectored(parts),
            StreamInner::Sim(stream) => stream.try_write_vectored(parts),
        }
    }

    /// Appends what is there to `buffer`, at most `limit` bytes, without waiting and without zeroing its room first.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is there.
    pub fn try_read_vec(&self, buffer: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.try_read_vec(buffer, limit),
            StreamInner::Sim(stream) => stream.try_read_vec(buffer, limit),
        }
    }

    /// Writes a prefix without waiting; `more` tells the system that more follows at once (`MSG_MORE`).
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits.
    pub fn try_write(&self, bytes: &[u8], more: bool) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.try_write(bytes, more),
            StreamInner::Sim(stream) => stream.try_write(bytes),
        }
    }

    /// As [`Stream::send_file`], without waiting for room.
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

    /// Sends a prefix of `len` bytes of the file from `offset` on, waiting until some fit; returns how many, 0 only
    /// at the end of the file. Real files never pass through user space. Reads that miss the page cache block the
    /// core: see [`Runtime::is_cached`]. Safe to cancel.
    pub async fn send_file(&self, file: &dyn DiskFile, offset: u64, len: u64) -> io::Result<usize> {
        match &self.inner {
            StreamInner::Real(stream) => stream.send_file(file, offset, len).await,
            StreamInner::Sim(stream) => stream.send_file(file, offset, len).await,
        }
    }

    /// Waits until a read would not wait: data, the end, or an error. Safe to cancel.
    pub async fn readable(&self) -> io::Result<()> {
        match &self.inner {
            StreamInner::Real(stream) => stream.readable().await,
            StreamInner::Sim(stream) => stream.readable().await,
        }
    }

    /// Waits until a write would not wait. Safe to cancel.
    pub async fn writable(&self) -> io::Result<()> {
        match &self.inner {
            StreamInner::Real(stream) => stream.writable().await,
            StreamInner::Sim(stream) => stream.writable().await,
        }
    }

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
