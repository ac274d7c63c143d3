//! Project tasks, run as `cargo xtask TASK`. One file per task; a new task is a file and a row in `TASKS`.

mod codegen;
mod config;
mod layers;
mod names;
mod notation;
mod spec;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

/// What a task says when it is done or has failed.
type Outcome = Result<String, String>;

/// One row: the name of the task, how to call it, and its entry point (given the arguments behind the name).
struct Task {
    name: &'static str,
    usage: &'static str,
    run: fn(&[String]) -> Outcome,
}

const TASKS: &[Task] = &[
    Task {
        name: "spec",
        usage: "spec --jars DIR   facts from the reference's jars -> spec/",
        run: spec::run,
    },
    Task { name: "codegen", usage: "codegen [--check]  spec/ -> committed Rust", run: codegen::run },
    Task {
        name: "config",
        usage: "config             the table of configuration keys beside the reference's",
        run: config::run,
    },
    Task { name: "tidy", usage: "tidy               house rules that a machine can check", run: tidy::run },
    Task { name: "layers", usage: "layers             imports point downward", run: layers::run },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(task) = arguments.first().and_then(|name| TASKS.iter().find(|task| task.name == name)) else {
        eprintln!("usage: cargo xtask TASK");
        for task in TASKS {
            eprintln!("  {}", task.usage);
        }
        return ExitCode::FAILURE;
    };
    match (task.run)(&arguments[1..]) {
        Ok(said) => {
            eprintln!("{}: {said}", task.name);
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{} failed: {why}", task.name);
            ExitCode::FAILURE
        }
    }
}

/// The root folder of the workspace.
fn workspace_root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask lies directly under the root").to_path_buf()
}
