//! The controller driven by scripts. `UPDATE=1 cargo test -p headwater-controller` rewrites the scripts' answers, except
//! those under `testdata/kafka`, which Apache Kafka gave (`conformance/controller/run`).

mod administration;
mod golden;
mod laws;
mod requests;
mod script;
mod scripts;
mod show;
mod speed;
mod world;
