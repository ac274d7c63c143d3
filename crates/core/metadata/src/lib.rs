//! The metadata image and its deltas.
