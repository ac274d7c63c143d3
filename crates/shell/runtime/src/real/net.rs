//! TCP through epoll.

use super::disk::RealFile;
use crate::error::context;
use crate::{DiskFile, ListenOptions, Runtime};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg, sockopt};
use std::io::{self, IoSlice};
use std::net::{SocketAddr, ToSocketAddrs};
use std::task::{Context, Poll};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::TcpStream;

/// The most that one `sendfile` is asked for, so that one connection cannot hold its core for long.
const SEND_FILE_CHUNK: u64 = 1 << 20;

/// Buffer for files that are not real (tests).
const COPY_CHUNK: u64 = 64 << 10;

pub(crate) struct RealListener {
    socket: AsyncFd<std::net::TcpListener>,
    local: SocketAddr,
}

pub(crate) struct RealIncoming {
    socket: std::net::TcpStream,
    peer: SocketAddr,
}

pub(crate) struct RealStream {
    socket: TcpStream,
    peer: SocketAddr,
    local: SocketAddr,
}

pub(crate) fn listen(address: SocketAddr, options: ListenOptions) -> io::Result<RealListener> {
    bind(address, options).map_err(|error| context("listen on", address, error))
}

fn bind(address: SocketAddr, options: ListenOptions) -> io::Result<RealListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM.nonblocking().cloexec(),
        Some(socket2::Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    // Accepted sockets inherit both sizes; set before `listen` the receive size also sets the window scale.
    if let Some(size) = options.receive_buffer {
        socket.set_recv_buffer_size(size as usize)?;
    }
    if let Some(size) = options.send_buffer {
        socket.set_send_buffer_size(size as usize)?;
    }
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(options.backlog).unwrap_or(i32::MAX))?;
    let listener: std::net::TcpListener = socket.into();
    let local = listener.local_addr()?;
    // SAFETY: the standard listener owns one descriptor, never changes it, and closes it only when it is dropped,
    // which `AsyncFd` does after it has deregistered it.
    #[allow(unsafe_code)]
    let socket = unsafe { AsyncFd::register_with_interest(listener, Interest::READABLE)? };
    Ok(RealListener { socket, local })
}

impl RealListener {
    pub(crate) async fn accept(&self) -> io::Result<RealIncoming> {
        loop {
            match self.socket.async_io(Interest::READABLE, |listener| listener.accept()).await {
                Ok((socket, peer)) => return Ok(RealIncoming { socket, peer }),
                // The peer gave up while it waited: its affair, and no reason for the caller to rest.
                Err(error) if is_peers_fault(&error) => {}
                Err(error) => return Err(context("accept on", self.local, error)),
            }
        }
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl RealIncoming {
    pub(crate) fn peer_addr(&self) -> SocketAddr {
        self.peer
    }

    pub(crate) fn open(self) -> io::Result<RealStream> {
        self.socket.set_nonblocking(true)?;
        let local = self.socket.local_addr()?;
        let socket = TcpStream::from_std(self.socket)?;
        socket.set_nodelay(true)?;
        // As Apache Kafka does: a peer whose machine vanished is noticed in the end.
        sockopt::set_socket_keepalive(&socket, true)?;
        Ok(RealStream { socket, peer: self.peer, local })
    }
}

/// Errors of one pending connection that Linux reports from `accept`.
fn is_peers_fault(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkUnreachable, TimedOut,
    };
    let kinds =
        [ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkUnreachable, TimedOut];
    kinds.contains(&error.kind()) || error.raw_os_error() == Some(Errno::PROTO.raw_os_error())
}

pub(crate) async fn connect(address: SocketAddr) -> io::Result<RealStream> {
    let connect = async {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let local = socket.local_addr()?;
        Ok(RealStream { socket, peer: address, local })
    };
    connect.await.map_err(|error: io::Error| context("connect to", address, error))
}

pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(ip) = host.parse() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let name = host.to_owned();
    let found = Runtime::on_own_thread("resolver", move || {
        (name.as_str(), port).to_socket_addrs().map(|addresses| addresses.collect::<Vec<_>>())
    });
    found.await?.map_err(|error| context("resolve", host, error))
}

impl RealStream {
    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len();
        self.receive(room, || Ok(retry_on_intr(|| rustix::io::read(&self.socket, &mut *buffer))?))
    }

    pub(crate) fn try_read_vec(&self, buffer: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
        buffer.reserve(limit);
        let spare = &mut buffer.spare_capacity_mut()[..limit];
        let read = || Ok(retry_on_intr(|| Ok(rustix::io::read(&self.socket, &mut *spare)?.0.len()))?);
        let count = self.receive(limit, read)?;
        // SAFETY: the system has written `count` bytes behind the old length, and `count` is at most `limit`, for which
        // there is capacity.
        #[allow(unsafe_code)]
        unsafe {
            buffer.set_len(buffer.len() + count);
        }
        Ok(count)
    }

    /// Runs one read. One that does not fill its room has emptied the socket.
    fn receive(&self, room: usize, read: impl FnOnce() -> io::Result<usize>) -> io::Result<usize> {
        self.transfer(Interest::READABLE, room, read)
    }

    /// Moves bytes if the socket is ready. A transfer of less than `wanted` has used the socket up: its readiness is
    /// taken back at once (the next edge brings it again), so that a request costs one system call and not a second
    /// one that only says so.
    fn transfer(
        &self,
        interest: Interest,
        wanted: usize,
        operation: impl FnOnce() -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut used_up = None;
        let outcome = self.socket.try_io(interest, || {
            let count = operation()?;
            if count > 0 && count < wanted {
                used_up = Some(count);
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Ok(count)
        });
        used_up.map_or(outcome, Ok)
    }

    pub(crate) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_read_ready(context)
    }

    pub(crate) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_write_ready(context)
    }

    pub(crate) fn try_write_vectored(&self, parts: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
        let flags = if more { SendFlags::NOSIGNAL | SendFlags::MORE } else { SendFlags::NOSIGNAL };
        // The system takes at most IOV_MAX parts; a prefix is all that is promised.
        let parts = &parts[..parts.len().min(1024)];
        let wanted = parts.iter().map(|part| part.len()).sum();
        let send = || sendmsg(&self.socket, parts, &mut SendAncillaryBuffer::default(), flags);
        self.transfer(Interest::WRITABLE, wanted, || Ok(retry_on_intr(send)?))
    }

    pub(crate) fn try_send_file(&self, file: &dyn DiskFile, offset: u64, len: u64) -> io::Result<usize> {
        if len == 0 {
            return Ok(0);
        }
        let Some(file) = file.as_any().downcast_ref::<RealFile>() else {
            return self.try_send_copied(file, offset, len);
        };
        let count = len.min(SEND_FILE_CHUNK) as usize;
        let send = || {
            let mut position = offset;
            rustix::fs::sendfile(&self.socket, file.descriptor(), Some(&mut position), count)
        };
        // A short transfer may be the end of the file, so it says nothing about the socket.
        let sent = self.socket.try_io(Interest::WRITABLE, || Ok(retry_on_intr(send)?));
        sent.map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => error,
            _ => context("send", file.path().display(), error),
        })
    }

    fn try_send_copied(&self, file: &dyn DiskFile, offset: u64, len: u64) -> io::Result<usize> {
        let mut buffer = vec![0; len.min(COPY_CHUNK) as usize];
        match file.read_at(&mut buffer, offset)? {
            0 => Ok(0),
            count => self.try_write_vectored(&[IoSlice::new(&buffer[..count])], false),
        }
    }

    pub(crate) fn peer_addr(&self) -> SocketAddr {
        self.peer
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local
    }

    pub(crate) fn shutdown(&self) -> io::Result<()> {
        Ok(rustix::net::shutdown(&self.socket, rustix::net::Shutdown::Write)?)
    }

    pub(crate) fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.socket.set_nodelay(on)
    }
}
