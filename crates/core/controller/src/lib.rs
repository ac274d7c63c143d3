//! The controller as a replicated machine.
