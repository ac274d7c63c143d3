//! A client for the endpoint that looks at every byte of the answer.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// Sends bytes and reads until the end of the connection.
pub fn raw(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

pub fn get(address: SocketAddr, path: &str, more: &str) -> Answer {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{more}\r\n"))
}

pub fn ask(address: SocketAddr, request: &str) -> Answer {
    let bytes = raw(address, request.as_bytes());
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().strip_prefix("HTTP/1.1 ").unwrap().split(' ').next().unwrap();
    let headers: BTreeMap<String, String> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let body = match (headers.get("transfer-encoding").map(String::as_str), headers.get("content-length")) {
        (Some("chunked"), None) if !request.starts_with("HEAD") => unchunk(body),
        (None, Some(length)) if !request.starts_with("HEAD") => {
            assert_eq!(body.len().to_string(), *length);
            body.to_owned()
        }
        _ => body.to_owned(),
    };
    Answer { status: status.parse().unwrap(), headers, body }
}

fn unchunk(mut text: &str) -> String {
    let mut out = String::new();
    loop {
        let (size, rest) = text.split_once("\r\n").unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            assert_eq!(rest, "\r\n", "bytes behind the last chunk");
            return out;
        }
        out.push_str(&rest[..size]);
        text = rest[size..].strip_prefix("\r\n").expect("the end of a chunk");
    }
}
