//! Sockets and frames.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use headwater_protocol::header::{read_response_header, write_request_header};
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::{ApiKey, Message, Reader, Writer};

/// Nothing that a test waits for takes longer.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Connects; tried again for a while, because the system's ports come back only after a moment.
pub fn connect(address: &str) -> Result<TcpStream, String> {
    let mut tries = 0;
    loop {
        match TcpStream::connect(address) {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(|error| error.to_string())?;
                stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
                stream.set_write_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
                return Ok(stream);
            }
            Err(error) if tries == 300 => return Err(format!("{address}: {error}")),
            Err(_) => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// A frame with its length.
pub fn frame(key: ApiKey, version: i16, correlation_id: i32, body: &impl Message) -> Option<Vec<u8>> {
    let mut writer = Writer::new();
    let at = writer.begin_frame();
    write_request_header(&mut writer, key, version, correlation_id, Some("hostile")).ok()?;
    body.encode_message(&mut writer, version).ok()?;
    writer.end_frame(at);
    Some(writer.into_bytes())
}

/// The next frame; `None` at the end of the stream.
pub fn receive(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if let Err(error) = stream.read_exact(&mut length) {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => Ok(None),
            _ => Err(error),
        };
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > 256 << 20 {
        return Err(io::Error::other(format!("an answer of {length} bytes")));
    }
    let mut bytes = vec![0; length];
    match stream.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Asks and waits for the answer.
pub fn call<M: Message>(
    stream: &mut TcpStream,
    key: ApiKey,
    version: i16,
    body: &impl Message,
) -> Result<M, String> {
    let answer = call_raw(stream, key, version, body)?;
    let mut reader = Reader::new(&answer);
    read_response_header(&mut reader, key, version).map_err(|error| error.to_string())?;
    M::decode_message(&mut reader, version).map_err(|error| error.to_string())
}

/// Asks and waits for the answer, which stays as it is.
pub fn call_raw(
    stream: &mut TcpStream,
    key: ApiKey,
    version: i16,
    body: &impl Message,
) -> Result<Vec<u8>, String> {
    let bytes = frame(key, version, 1, body).ok_or("cannot be written")?;
    stream.write_all(&bytes).map_err(|error| error.to_string())?;
    receive(stream).map_err(|error| error.to_string())?.ok_or_else(|| "the broker hung up".to_owned())
}

/// What the broker serves.
pub fn api_versions(stream: &mut TcpStream) -> Result<ApiVersionsResponse, String> {
    let request = ApiVersionsRequest {
        client_software_name: "hostile".to_owned(),
        client_software_version: "1".to_owned(),
    };
    call(stream, ApiKey::ApiVersions, 3, &request)
}

/// Whether a connection that was idle is answered.
pub fn is_alive(stream: &TcpStream) -> bool {
    stream.try_clone().is_ok_and(|mut stream| api_versions(&mut stream).is_ok())
}
