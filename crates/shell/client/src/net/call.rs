//! One request and its answer; the loop of attempts.

use std::rc::Rc;
use std::time::Duration;

use headwater_runtime::Tick;

use super::cluster::Cluster;
use super::link::{Answer, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::connection::Versions;
use crate::request::Request;

impl Cluster {
    /// The moment by which a request made now must be answered, at the latest at `deadline`.
    pub(crate) fn request_deadline(&self, deadline: Tick) -> Tick {
        deadline.min(self.after_ms(self.config().request_timeout_ms))
    }

    /// Sends a request on a connection and waits for the answer's bytes.
    pub(crate) async fn exchange_raw<R: Request>(
        &self,
        link: &Link,
        version: i16,
        request: &R,
        deadline: Tick,
    ) -> Result<Answer> {
        // A little more than asked: a broker that keeps to the same limit has its say first.
        let slack = Duration::from_millis(50);
        let receiver = link.send(version, request, &[], self.request_deadline(deadline) + slack)?;
        receiver.await.map_err(|_| Error::closed())?
    }

    /// Sends a request in this version and waits for the answer.
    pub(crate) async fn exchange<R: Request>(
        &self,
        link: &Link,
        version: i16,
        request: &R,
        deadline: Tick,
    ) -> Result<R::Response> {
        self.exchange_raw(link, version, request, deadline).await?.decode::<R>()
    }

    /// As [`Cluster::exchange`], in the highest version that both sides know.
    pub(crate) async fn ask<R: Request>(
        &self,
        link: &Link,
        request: &R,
        deadline: Tick,
    ) -> Result<R::Response> {
        let version = link.ready().await?.pick(R::API, 0, i16::MAX)?;
        self.exchange(link, version, request, deadline).await
    }

    /// As [`Cluster::exchange`], with a request that depends on what the broker offers.
    pub(crate) async fn ask_with<R: Request>(
        &self,
        link: &Link,
        make: impl FnOnce(&Rc<Versions>) -> Result<(i16, R)>,
        deadline: Tick,
    ) -> Result<R::Response> {
        let (version, request) = make(&link.ready().await?)?;
        self.exchange(link, version, &request, deadline).await
    }

    /// Runs `attempt` until it succeeds, fails for good, or the deadline has passed; `name` is the call in messages.
    pub(crate) async fn attempts<T>(
        &self,
        name: &str,
        deadline: Tick,
        mut attempt: impl AsyncFnMut() -> Result<T>,
    ) -> Result<T> {
        let mut failures = 0_u32;
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            failures = failures.saturating_add(1);
            if !error.retriable() || self.is_closed() || failures > self.config().retries {
                return Err(error);
            }
            let wait = self.config().retry_backoff.after(failures, self.runtime().random_u64());
            let next = self.after_ms(wait);
            if next >= deadline {
                if self.now() < deadline {
                    self.runtime().sleep_until(deadline).await;
                }
                return Err(timed_out(name, failures, &error));
            }
            self.runtime().sleep_until(next).await;
        }
    }
}

/// The call's time is over; says what went wrong last.
fn timed_out(name: &str, attempts: u32, last: &Error) -> Error {
    let message = match last.kind() {
        ErrorKind::Timeout if last.message().starts_with("Timed out waiting for a node") => {
            format!("Timed out waiting for a node assignment. Call: {name}")
        }
        _ => format!("Call {name} timed out after {attempts} attempt(s): {last}"),
    };
    Error::timeout(message).with_written(last.may_have_been_written())
}
