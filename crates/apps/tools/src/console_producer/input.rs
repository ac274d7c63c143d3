//! Standard input, line by line, without holding up the producer while nobody types.

use std::io::{self, BufRead as _, BufReader, Stdin};

use headwater_runtime::IoPool;
use headwater_runtime::Runtime;

use crate::console::Thrown;

/// How much is read at once.
const BUFFER: usize = 64 * 1024;

/// The lines of standard input; they end where Java's `readLine` ends them.
pub(super) struct Lines {
    pool: IoPool,
    input: Option<BufReader<Stdin>>,
    /// Bytes that are read and not given yet.
    pending: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Lines {
    pub(super) fn open(runtime: &Runtime) -> Result<Self, Thrown> {
        let pool = runtime
            .io_pool("stdin", 1, 1)
            .map_err(|error| Thrown::new("java.io.IOException", error.to_string()))?;
        let input = Some(BufReader::with_capacity(BUFFER, io::stdin()));
        Ok(Self { pool, input, pending: Vec::new(), at: 0, ended: false })
    }

    /// The next line without its end; `None` behind the last.
    pub(super) async fn next(&mut self) -> Result<Option<String>, Thrown> {
        loop {
            if let Some(line) = self.take() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            self.fill().await?;
        }
    }

    fn take(&mut self) -> Option<String> {
        let rest = &self.pending[self.at..];
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let (length, skipped) = match end {
            Some(end) if rest[end] == b'\n' => (end, 1),
            Some(end) => match rest.get(end + 1) {
                Some(b'\n') => (end, 2),
                Some(_) => (end, 1),
                // What follows is not known yet.
                None if self.ended => (end, 1),
                None => return None,
            },
            None if self.ended && !rest.is_empty() => (rest.len(), 0),
            None => return None,
        };
        let line = String::from_utf8_lossy(&rest[..length]).into_owned();
        self.at += length + skipped;
        Some(line)
    }

    async fn fill(&mut self) -> Result<(), Thrown> {
        self.pending.drain(..self.at);
        self.at = 0;
        let mut input = self.input.take().expect("it is given back after every read");
        let (input, read) = self
            .pool
            .run(move || {
                let read = input.fill_buf().map(<[u8]>::to_vec);
                if let Ok(bytes) = &read {
                    input.consume(bytes.len());
                }
                (input, read)
            })
            .await;
        self.input = Some(input);
        let bytes = read.map_err(|error| Thrown::new("java.io.IOException", error.to_string()))?;
        self.ended = bytes.is_empty();
        self.pending.extend(bytes);
        Ok(())
    }
}
