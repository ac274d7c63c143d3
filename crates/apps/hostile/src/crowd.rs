//! Connections that do nothing, and connections that do next to nothing.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::wire;

/// Opens connections that were served once and then say nothing.
pub fn idle(address: &str, count: usize) -> Result<Vec<TcpStream>, String> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = wire::connect(address)?;
        wire::api_versions(&mut stream)?;
        all.push(stream);
    }
    Ok(all)
}

/// Connections that announce a hundred megabytes and send a byte now and then.
pub struct Trickle {
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Trickle {
    pub fn start(address: &str, count: usize) -> Result<Trickle, String> {
        let mut streams = Vec::with_capacity(count);
        for _ in 0..count {
            let mut stream = wire::connect(address)?;
            stream.write_all(&(100_i32 << 20).to_be_bytes()).map_err(|error| error.to_string())?;
            streams.push(stream);
        }
        let stopping = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&stopping);
        let thread = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                streams.retain_mut(|stream| stream.write_all(&[0]).is_ok());
                std::thread::sleep(Duration::from_millis(100));
            }
            streams.len()
        });
        Ok(Trickle { stopping, thread })
    }

    /// How many were still open at the end.
    pub fn stop(self) -> usize {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or(0)
    }
}
