//! Sockets of both grounds.

use crate::grounds::{Folder, on_both, on_real};
use headwater_runtime::sync::{Either, select2};
use headwater_runtime::{Disk, ListenOptions, Listener, OpenMode, Runtime, Stream};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::time::Duration;

async fn listen(runtime: &Runtime) -> (Listener, SocketAddr) {
    let address = "127.0.0.1:0".parse().unwrap();
    let listener = runtime.listen(address, ListenOptions::default()).await.unwrap();
    let address = listener.local_addr();
    (listener, address)
}

async fn pair(runtime: &Runtime) -> (Stream, Stream) {
    let (listener, address) = listen(runtime).await;
    let client = runtime.connect(address).await.unwrap();
    let incoming = listener.accept().await.unwrap();
    assert_eq!(incoming.peer_addr().port(), client.local_addr().port());
    let server = incoming.open(runtime).unwrap();
    assert_eq!(server.peer_addr().port(), client.local_addr().port());
    (client, server)
}

#[test]
fn bytes_arrive_and_the_end_is_seen() {
    on_both(|runtime| async move {
        let (client, server) = pair(&runtime).await;
        client.write_all(b"question").await.unwrap();
        client.shutdown().unwrap();
        let mut buffer = [0; 8];
        server.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"question");
        assert_eq!(server.read(&mut buffer).await.unwrap(), 0);
        server.write_all(b"answer").await.unwrap();
        drop(server);
        client.read_exact(&mut buffer[..6]).await.unwrap();
        assert_eq!(&buffer[..6], b"answer");
        let error = client.read_exact(&mut buffer).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    });
}

#[test]
fn try_operations_never_wait() {
    on_both(|runtime| async move {
        let (client, server) = pair(&runtime).await;
        let mut buffer = [0; 4];
        assert_eq!(server.try_read(&mut buffer).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        client.writable().await.unwrap();
        assert!(client.try_write_vectored(&[IoSlice::new(b"x"), IoSlice::new(b"y")], false).unwrap() > 0);
        server.readable().await.unwrap();
        assert!(server.try_read(&mut buffer).unwrap() > 0);
        assert_eq!(buffer[0], b'x');
    });
}

#[test]
fn a_vector_grows_by_what_is_there_and_not_beyond_the_limit() {
    on_both(|runtime| async move {
        let (client, server) = pair(&runtime).await;
        let message: Vec<u8> = (0..100_000).map(|at| (at / 3) as u8).collect();
        let sent = message.clone();
        let sender = runtime.spawn_local("sender", async move {
            client.write_all(&sent).await.unwrap();
            client
        });
        let mut frame = Vec::new();
        let mut waited = 0;
        while frame.len() < message.len() {
            let before = frame.len();
            let limit = (message.len() - before).min(7_001);
            match server.try_read_vec(&mut frame, limit) {
                Ok(count) => assert!(count <= limit && frame.len() == before + count && count > 0),
                Err(error) => {
                    assert_eq!((error.kind(), frame.len()), (io::ErrorKind::WouldBlock, before));
                    waited += 1;
                    // A reader that has emptied the socket must hear of what comes later.
                    runtime.timeout(Duration::from_secs(10), server.readable()).await.unwrap().unwrap();
                }
            }
        }
        assert!(frame == message && waited > 0);
        drop(sender.await.unwrap());
        server.readable().await.unwrap();
        assert_eq!(server.try_read_vec(&mut frame, 10).unwrap(), 0);
    });
}

#[test]
fn a_writer_is_held_back_by_a_reader_who_does_not_read() {
    on_both(|runtime| async move {
        let (client, server) = pair(&runtime).await;
        let chunk = vec![7_u8; 64 << 10];
        let mut sent = 0;
        while let Ok(count) = runtime.timeout(Duration::from_millis(50), client.write(&chunk)).await {
            sent += count.unwrap();
            assert!(sent < 64 << 20, "no bound");
        }
        // One task waits for both directions: reading makes room, so the second becomes ready.
        let mut buffer = vec![0; 64 << 10];
        let mut received = 0;
        while received < sent {
            let writable = client.writable();
            match select2(server.read(&mut buffer), writable).await {
                Either::First(count) => received += count.unwrap(),
                Either::Second(ready) => {
                    ready.unwrap();
                    received += server.read(&mut buffer).await.unwrap();
                }
            }
        }
        assert_eq!(received, sent);
        client.writable().await.unwrap();
    });
}

#[test]
fn errors_name_the_address() {
    on_both(|runtime| async move {
        let (listener, address) = listen(&runtime).await;
        let error = runtime.listen(address, ListenOptions::default()).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        drop(listener);
        let error = runtime.connect(address).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert_eq!(runtime.resolve("127.0.0.1", 5).await.unwrap(), ["127.0.0.1:5".parse().unwrap()]);
        assert!(!runtime.resolve("localhost", 5).await.unwrap().is_empty());
    });
}

#[test]
fn many_connections_carry_their_own_bytes() {
    on_both(|runtime| async move {
        let (listener, address) = listen(&runtime).await;
        let server = runtime.clone();
        let accepting = runtime.spawn_local("accept", async move {
            for number in 0.. {
                let incoming = listener.accept().await.unwrap();
                server.spawn_on(number % server.cores(), "echo", move |runtime| async move {
                    let stream = incoming.open(&runtime).unwrap();
                    let mut buffer = vec![0; 3000];
                    loop {
                        match stream.read(&mut buffer).await.unwrap() {
                            0 => return,
                            count => stream.write_all(&buffer[..count]).await.unwrap(),
                        }
                    }
                });
            }
        });
        let mut clients = Vec::new();
        for number in 0..20_u8 {
            let client = runtime.clone();
            clients.push(runtime.spawn_local("client", async move {
                let stream = client.connect(address).await.unwrap();
                for round in 1..20_usize {
                    let message: Vec<u8> = (0..round * 301).map(|at| number ^ at as u8).collect();
                    let mut answer = vec![0; message.len()];
                    stream.write_all(&message).await.unwrap();
                    stream.read_exact(&mut answer).await.unwrap();
                    assert!(answer == message);
                }
            }));
        }
        for client in clients {
            runtime.timeout(Duration::from_secs(60), client).await.unwrap().unwrap();
        }
        accepting.abort();
    });
}

/// Sends a header and a file range much larger than the socket's buffer; the reader checks every byte.
async fn send_and_check(runtime: Runtime, disk: std::sync::Arc<dyn Disk>, size: usize) {
    let contents: Vec<u8> = (0..size).map(|at| (at * 31 + at / 251) as u8).collect();
    let file = disk.open("segment", OpenMode::CreateNew).unwrap();
    file.write_at(&contents, 0).unwrap();

    let (client, server) = pair(&runtime).await;
    let offset = 1000;
    let sender = runtime.spawn_local("sender", async move {
        let mut header = &b"header"[..];
        while !header.is_empty() {
            let count = server.write_vectored_more(&[IoSlice::new(header)]).await.unwrap();
            header = &header[count..];
        }
        let mut position = offset as u64;
        while position < size as u64 {
            let count = server.send_file(&*file, position, size as u64 - position).await.unwrap();
            assert!(count > 0);
            position += count as u64;
        }
        // Beyond the end there is nothing to send.
        assert_eq!(server.send_file(&*file, size as u64, 10).await.unwrap(), 0);
        assert_eq!(server.send_file(&*file, 0, 0).await.unwrap(), 0);
        server.write_all(b"footer").await.unwrap();
    });
    let mut received = vec![0; 6 + size - offset + 6];
    client.read_exact(&mut received).await.unwrap();
    assert_eq!(&received[..6], b"header");
    assert!(received[6..received.len() - 6] == contents[offset..]);
    assert_eq!(&received[received.len() - 6..], b"footer");
    sender.await.unwrap();
}

#[test]
fn a_file_larger_than_the_socket_buffer_is_sent_whole() {
    on_both(|runtime| async move {
        // On the real ground too this is a disk in memory: the copying way.
        let disk: std::sync::Arc<dyn Disk> = std::sync::Arc::new(headwater_log::disk::MemDisk::new());
        send_and_check(runtime, disk, 700_000).await;
    });
    let folder = Folder::new();
    let root = folder.path.clone();
    on_real(move |runtime| {
        let disk = runtime.disk(&root).unwrap();
        send_and_check(runtime, disk, 24 << 20)
    });
}
