//! A panic is a bug, and a bug ends the process: half-done work is worse than a restart. One exemption: code that
//! changes nothing before it returns (a machine's `decide`) may be asked through [`exempt`].

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static EXEMPT_DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// The message of a panic that [`exempt`] caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    /// What the panic said.
    pub message: String,
}

impl std::fmt::Display for Panicked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "panicked: {}", self.message)
    }
}

impl std::error::Error for Panicked {}

/// From now on any panic outside [`exempt`] is printed and aborts the process. Call once, first thing in `main`.
pub fn install_panic_policy() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        print(info);
        if EXEMPT_DEPTH.get() == 0 {
            eprintln!("fatal: a panic is a bug; the process ends here");
            std::process::abort();
        }
    }));
}

/// Runs `work`; a panic in it is still printed but comes back as an error. `work` must not have changed anything that
/// outlives it when it panics.
///
/// # Errors
/// [`Panicked`] with the panic's message.
pub fn exempt<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    EXEMPT_DEPTH.set(EXEMPT_DEPTH.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(work));
    EXEMPT_DEPTH.set(EXEMPT_DEPTH.get() - 1);
    result.map_err(|payload| Panicked { message: message(&*payload) })
}

fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}
