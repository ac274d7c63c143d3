//! Whole nodes on the simulated ground, with named invariants.
