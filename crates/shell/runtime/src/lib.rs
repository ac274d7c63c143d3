//! The two grounds, real and simulated: time, tasks, sockets, files, randomness.
