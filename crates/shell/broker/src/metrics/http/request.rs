//! The head of an HTTP request (RFC 9112), as strict as it may be.

use std::io;

use headwater_runtime::Stream;

use super::MAX_HEAD;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The path, without what stands behind a question mark.
    pub path: String,
    /// The values of `Accept`, between commas.
    pub accept: String,
    /// The client understands chunks.
    pub chunks: bool,
    /// False for HEAD.
    pub wants_body: bool,
}

/// Why a request is not served: status and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal(pub &'static str, pub &'static str);

impl Refusal {
    pub const TIMEOUT: Refusal = Refusal("408 Request Timeout", "no request came\n");
    const MALFORMED: Refusal = Refusal("400 Bad Request", "this is no HTTP request\n");
    const BODY: Refusal = Refusal("400 Bad Request", "a request has no body here\n");
    const LARGE: Refusal = Refusal("431 Request Header Fields Too Large", "the head is too large\n");
    const METHOD: Refusal = Refusal("405 Method Not Allowed", "only GET and HEAD\n");
    const VERSION: Refusal = Refusal("505 HTTP Version Not Supported", "only HTTP/1.1 and HTTP/1.0\n");
}

/// Reads a head.
///
/// # Errors
/// The stream's; its end before a whole head is one.
pub async fn read(stream: &Stream) -> io::Result<Result<Head, Refusal>> {
    let mut bytes = Vec::with_capacity(512);
    loop {
        let mut part = [0; 1024];
        let room = part.len().min(MAX_HEAD + 1 - bytes.len());
        match stream.read(&mut part[..room]).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => bytes.extend_from_slice(&part[..n]),
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(parse(&bytes[..end + 2]));
        }
        if bytes.len() > MAX_HEAD {
            return Ok(Err(Refusal::LARGE));
        }
        // Who speaks another protocol is told at once instead of after the time for a head.
        if !bytes[0].is_ascii_uppercase() {
            return Ok(Err(Refusal::MALFORMED));
        }
    }
}

/// Reads what the peer still sends, until it has no more to say.
pub async fn drain(stream: &Stream) {
    let mut part = [0; 1024];
    while stream.read(&mut part).await.is_ok_and(|n| n > 0) {}
}

/// Takes a head apart; every line ends with CR LF.
fn parse(head: &[u8]) -> Result<Head, Refusal> {
    let text = std::str::from_utf8(head).map_err(|_| Refusal::MALFORMED)?;
    let mut lines = text.strip_suffix("\r\n").unwrap_or(text).split("\r\n");
    let first = lines.next().unwrap_or_default();
    let [method, target, version] = first.split(' ').collect::<Vec<_>>()[..] else {
        return Err(Refusal::MALFORMED);
    };
    let chunks = match version {
        "HTTP/1.1" => true,
        "HTTP/1.0" => false,
        other if other.starts_with("HTTP/") => return Err(Refusal::VERSION),
        _ => return Err(Refusal::MALFORMED),
    };
    let visible = |c: u8| (0x21..=0x7E).contains(&c);
    if !target.starts_with('/') || !target.bytes().all(visible) {
        return Err(Refusal::MALFORMED);
    }
    let (mut accept, mut hosts) = (Vec::new(), 0);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Refusal::MALFORMED)?;
        let is_token = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
        if name.is_empty() || !name.bytes().all(is_token) || value.bytes().any(|c| c < 0x20 && c != b'\t') {
            return Err(Refusal::MALFORMED);
        }
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "accept" => accept.push(value),
            "host" => hosts += 1,
            "content-length" if value != "0" => return Err(Refusal::BODY),
            "transfer-encoding" => return Err(Refusal::BODY),
            _ => {}
        }
    }
    if hosts > 1 || (chunks && hosts == 0) {
        return Err(Refusal::MALFORMED);
    }
    let wants_body = match method {
        "GET" => true,
        "HEAD" => false,
        _ => return Err(Refusal::METHOD),
    };
    let path = target.split('?').next().unwrap_or_default().to_owned();
    Ok(Head { path, accept: accept.join(","), chunks, wants_body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_are_served() {
        let head =
            parse(b"GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nACCEPT: a/b\r\naccept: c/d\r\n").expect("valid");
        let expected = Head {
            path: "/metrics".to_owned(),
            accept: "a/b,c/d".to_owned(),
            chunks: true,
            wants_body: true,
        };
        assert_eq!(head, expected);
        let head = parse(b"HEAD / HTTP/1.0\r\n").expect("HTTP/1.0 needs no host");
        assert!(!head.chunks && !head.wants_body);
    }

    #[test]
    fn heads_that_are_refused() {
        let cases: &[(&[u8], Refusal)] = &[
            (b"GET /metrics HTTP/1.1\r\n", Refusal::MALFORMED),
            (b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n", Refusal::MALFORMED),
            (b"GET /metrics\r\n", Refusal::MALFORMED),
            (b"GET  /metrics HTTP/1.1\r\nHost: a\r\n", Refusal::MALFORMED),
            (b"GET http://a/metrics HTTP/1.1\r\nHost: a\r\n", Refusal::MALFORMED),
            (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n", Refusal::MALFORMED),
            (b"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n", Refusal::MALFORMED),
            (b"GET / HTTP/1.1\r\nHost : a\r\n", Refusal::MALFORMED),
            (b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n", Refusal::MALFORMED),
            (b"GET / HTTP/1.1\r\nHost: \xFF\r\n", Refusal::MALFORMED),
            (b"GET / HTTP/2.0\r\nHost: a\r\n", Refusal::VERSION),
            (b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n", Refusal::METHOD),
            (b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n", Refusal::BODY),
            (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n", Refusal::BODY),
        ];
        for (head, refusal) in cases {
            assert_eq!(parse(head), Err(*refusal), "{:?}", String::from_utf8_lossy(head));
        }
    }
}
