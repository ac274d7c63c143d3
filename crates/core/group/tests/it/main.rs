//! The group coordinator driven by scripts and by chance. `UPDATE=1 cargo test -p headwater-group` rewrites the scripts'
//! answers.

mod assignors;
mod chance;
mod scripts;
mod world;
