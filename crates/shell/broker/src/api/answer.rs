//! From a response message to the bytes of an answer.

use std::pin::Pin;

use headwater_protocol::api::ApiKey;
use headwater_protocol::header::write_response_header;
use headwater_protocol::{Gap, Message, Writer};

use super::Reply;
use crate::connection::response::Response;
use crate::metrics::requests::ErrorTally;

/// An answer that is not there yet.
pub type Answer = Pin<Box<dyn Future<Output = Response>>>;

/// What of a request its answer needs.
#[derive(Clone, Copy, Debug)]
pub struct Answerer {
    /// The API.
    pub key: ApiKey,
    /// Version of the answer.
    pub version: i16,
    /// What the client recognises its answer by.
    pub correlation_id: i32,
}

impl Answerer {
    /// The whole answer as bytes, the gaps in them where record bytes belong, and what errors it tells of.
    ///
    /// # Panics
    /// If a handler filled in what the version cannot carry; that is a bug of the handler.
    #[must_use]
    pub fn encode(&self, message: &impl Message) -> (Vec<u8>, Vec<Gap>, ErrorTally) {
        let mut writer = Writer::with_capacity(256);
        let frame = writer.begin_frame();
        let written = write_response_header(&mut writer, self.key, self.version, self.correlation_id)
            .and_then(|()| message.encode_message(&mut writer, self.version));
        writer.end_frame(frame);
        if let Err(error) = written {
            panic!("{} v{}: {error}", self.key.row().name, self.version);
        }
        let mut errors = ErrorTally::default();
        message.visit_error_codes(&mut |code| errors.count(code));
        let (bytes, gaps) = writer.into_parts();
        (bytes, gaps, errors)
    }

    /// The whole answer of a message that leaves nothing out.
    #[must_use]
    pub fn answer(&self, message: &impl Message) -> Response {
        let (bytes, _, errors) = self.encode(message);
        Response { errors, ..Response::bytes(bytes) }
    }

    /// The answer at once.
    #[must_use]
    pub fn now(&self, message: &impl Message) -> Reply {
        Reply::Now(self.answer(message))
    }

    /// The answer when `message` is there.
    #[must_use]
    pub fn later<M: Message>(self, message: impl Future<Output = M> + 'static) -> Reply {
        Reply::Later(Box::pin(async move { self.answer(&message.await) }))
    }
}
