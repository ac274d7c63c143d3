//! KRaft as a stepping machine.
