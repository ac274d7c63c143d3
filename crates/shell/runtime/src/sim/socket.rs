//! The handles of simulated sockets.

use super::net::ConnectState;
use super::trace::Kind;
use super::world::{SimNode, World};
use crate::{DiskFile, ListenOptions};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::sync::MutexGuard;
use std::task::{Context, Poll, Waker};

/// The most that one `send_file` copies.
const COPY_CHUNK: u64 = 64 << 10;

pub(crate) struct SimListener {
    node: SimNode,
    local: SocketAddr,
    id: u64,
}

pub(crate) struct SimStream {
    node: SimNode,
    connection: u64,
    side: usize,
    local: SocketAddr,
    peer: SocketAddr,
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the node of this socket is dead")
}

fn add_waker(wakers: &mut Vec<Waker>, waker: &Waker) {
    if !wakers.iter().any(|known| known.will_wake(waker)) {
        wakers.push(waker.clone());
    }
}

pub(crate) fn listen(node: &SimNode, address: SocketAddr, options: ListenOptions) -> io::Result<SimListener> {
    let mut world = node.alive().ok_or_else(gone)?;
    let local = world.listen(node.node, address, options.backlog as usize)?;
    let id = world.network.listeners.get(&(node.node, local.port())).map_or(0, |listener| listener.id);
    drop(world);
    Ok(SimListener { node: node.clone(), local, id })
}

impl SimListener {
    pub(crate) async fn accept(&self) -> io::Result<SimStream> {
        let key = (self.node.node, self.local.port());
        poll_fn(|context| {
            let mut world = self.node.alive().ok_or_else(gone)?;
            let Some(listener) = world.network.listeners.get_mut(&key).filter(|l| l.id == self.id) else {
                return Poll::Ready(Err(gone()));
            };
            let Some(connection) = listener.backlog.pop_front() else {
                add_waker(&mut listener.wakers, context.waker());
                return Poll::Pending;
            };
            world.record(self.node.node, Kind::Accept, connection, 0, 0);
            Poll::Ready(stream(&self.node, &world, connection, 1))
        })
        .await
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl Drop for SimListener {
    fn drop(&mut self) {
        let mut world = self.node.shared.world();
        let key = (self.node.node, self.local.port());
        if world.network.listeners.get(&key).is_none_or(|listener| listener.id != self.id) {
            return;
        }
        let listener = world.network.listeners.remove(&key);
        for connection in listener.into_iter().flat_map(|listener| listener.backlog) {
            world.close(connection, 1);
        }
    }
}

fn stream(node: &SimNode, world: &World, connection: u64, side: usize) -> io::Result<SimStream> {
    let state = world.network.connections.get(&connection).ok_or_else(gone)?;
    let (local, peer) = (state.ends[side].address, state.ends[1 - side].address);
    Ok(SimStream { node: node.clone(), connection, side, local, peer })
}

pub(crate) async fn connect(node: &SimNode, address: SocketAddr) -> io::Result<SimStream> {
    let stream = {
        let mut world = node.alive().ok_or_else(gone)?;
        let connection = world.begin_connect(node.node, address);
        stream(node, &world, connection, 0)?
    };
    // Dropping this future drops the stream, which gives the attempt up.
    poll_fn(|context| {
        let mut world = stream.world()?;
        let Some(connection) = world.network.connections.get_mut(&stream.connection) else {
            return Poll::Ready(Err(gone()));
        };
        match connection.state {
            ConnectState::Pending => {
                add_waker(&mut connection.ends[0].read_wakers, context.waker());
                return Poll::Pending;
            }
            ConnectState::Established => {}
            ConnectState::Failed(kind) => {
                let words = format!("connect to {address}: {kind}");
                return Poll::Ready(Err(io::Error::new(kind, words)));
            }
        }
        world.record(node.node, Kind::ConnectResult, stream.connection, 0, 0);
        Poll::Ready(Ok(()))
    })
    .await?;
    Ok(stream)
}

impl SimStream {
    fn world(&self) -> io::Result<MutexGuard<'_, World>> {
        self.node.alive().ok_or_else(gone)
    }

    fn await_readable(&self, world: &mut World, waker: &Waker) {
        if let Some(connection) = world.network.connections.get_mut(&self.connection) {
            add_waker(&mut connection.ends[self.side].read_wakers, waker);
        }
    }

    fn await_writable(&self, world: &mut World, waker: &Waker) {
        if let Some(connection) = world.network.connections.get_mut(&self.connection) {
            add_waker(&mut connection.ends[self.side].write_wakers, waker);
        }
    }

    /// Reads and wakes the peer's writers, who have more room now.
    fn read_now(&self, world: &mut World, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        let result = world.read(self.connection, self.side, buffer)?;
        if let Some(connection) = world.network.connections.get_mut(&self.connection) {
            for waker in std::mem::take(&mut connection.ends[1 - self.side].write_wakers) {
                waker.wake();
            }
        }
        Some(result)
    }

    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut world = self.world()?;
        self.read_now(&mut world, buffer).unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
    }

    pub(crate) fn try_read_vec(&self, buffer: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
        let start = buffer.len();
        buffer.resize(start + limit, 0);
        let result = self.try_read(&mut buffer[start..]);
        buffer.truncate(start + result.as_ref().copied().unwrap_or(0));
        result
    }

    pub(crate) fn try_send_file(&self, file: &dyn DiskFile, offset: u64, len: u64) -> io::Result<usize> {
        let mut buffer = vec![0; len.min(COPY_CHUNK) as usize];
        match file.read_at(&mut buffer, offset)? {
            0 => Ok(0),
            count => self.try_write_vectored(&[IoSlice::new(&buffer[..count])]),
        }
    }

    pub(crate) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut world = self.world()?;
        let end = world.network.connections.get(&self.connection).map(|c| &c.ends[self.side]);
        if end.is_none_or(|end| end.readable()) {
            return Poll::Ready(Ok(()));
        }
        self.await_readable(&mut world, context.waker());
        Poll::Pending
    }

    pub(crate) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut world = self.world()?;
        if !matches!(world.writable(self.connection, self.side), Ok(0)) {
            return Poll::Ready(Ok(()));
        }
        self.await_writable(&mut world, context.waker());
        Poll::Pending
    }

    pub(crate) fn try_write_vectored(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut world = self.world()?;
        world
            .write(self.connection, self.side, parts)
            .unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
    }

    pub(crate) fn peer_addr(&self) -> SocketAddr {
        self.peer
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local
    }

    pub(crate) fn shutdown(&self) -> io::Result<()> {
        self.world()?.shutdown(self.connection, self.side)
    }
}

impl Drop for SimStream {
    fn drop(&mut self) {
        self.node.shared.world().close(self.connection, self.side);
    }
}
