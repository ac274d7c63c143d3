//! What every ground must do, asked of both.

mod real_ground;
