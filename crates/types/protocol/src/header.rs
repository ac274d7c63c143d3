//! Headers of requests and responses, whose own version follows from key and version of the request.

use crate::data::request_header::RequestHeader;
use crate::data::response_header::ResponseHeader;
use crate::{ApiKey, DecodeError, EncodeError, Reader, Writer};

/// A request's header as it was read.
#[derive(Clone, Debug, PartialEq)]
pub enum ParsedHeader {
    /// The key exists; the version may still be one that is not served.
    Known {
        /// The API.
        key: ApiKey,
        /// The header, whose `request_api_version` is as the client sent it.
        header: RequestHeader,
    },
    /// No API has this key: the connection is closed.
    UnknownKey(i16),
}

/// Reads the header of a request. Its own version depends on the first two numbers in it, which are the same in every
/// version.
pub fn read_request_header(r: &mut Reader<'_>) -> Result<ParsedHeader, DecodeError> {
    let (code, version) = r.peek_two_shorts()?;
    let Some(key) = ApiKey::from_code(code) else { return Ok(ParsedHeader::UnknownKey(code)) };
    let header = RequestHeader::decode(r, key.request_header_version(version))?;
    Ok(ParsedHeader::Known { key, header })
}

/// Writes the header of a request.
pub fn write_request_header(
    w: &mut Writer,
    key: ApiKey,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Result<(), EncodeError> {
    let header = RequestHeader {
        request_api_key: key.code(),
        request_api_version: version,
        correlation_id,
        client_id: client_id.map(str::to_string),
    };
    header.encode(w, key.request_header_version(version))
}

/// Writes the header of the response to a request of this key and version.
pub fn write_response_header(
    w: &mut Writer,
    key: ApiKey,
    version: i16,
    correlation_id: i32,
) -> Result<(), EncodeError> {
    ResponseHeader { correlation_id }.encode(w, key.response_header_version(version))
}

/// Reads the header of the response to a request of this key and version; gives the correlation id.
pub fn read_response_header(r: &mut Reader<'_>, key: ApiKey, version: i16) -> Result<i32, DecodeError> {
    ResponseHeader::decode(r, key.response_header_version(version)).map(|header| header.correlation_id)
}
