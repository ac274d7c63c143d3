//! A panic ends the process, except where it is exempt. Each case runs in a child process.

use headwater_runtime::{RealConfig, RealGround, exempt, install_panic_policy};
use std::process::{Command, Output};
use std::time::Duration;

const CASE: &str = "HEADWATER_PANIC_CASE";

/// Not a test by itself: what the child processes run.
#[test]
fn child() {
    let Ok(case) = std::env::var(CASE) else { return };
    install_panic_policy();
    match case.as_str() {
        "task" => RealGround::start(&RealConfig { data_cores: 1 }).unwrap().block_on(|runtime| async move {
            runtime.spawn_on(0, "faulty", |_| async { panic!("a bug in a task") });
            runtime.sleep(Duration::from_secs(60)).await;
        }),
        "pool" => RealGround::start(&RealConfig { data_cores: 1 }).unwrap().block_on(|runtime| async move {
            let pool = runtime.io_pool("io", 1, 1).unwrap();
            pool.run(|| panic!("a bug in a job")).await
        }),
        "exempt" => {
            let caught = exempt(|| panic!("a bug in decide")).unwrap_err();
            assert_eq!(caught.message, "a bug in decide");
            assert_eq!(exempt(|| exempt(|| panic!("inner"))).unwrap().unwrap_err().message, "inner");
            assert_eq!(exempt(|| 5), Ok(5));
            eprintln!("went on");
        }
        "after" => {
            let _ = exempt(|| panic!("forgiven"));
            panic!("not forgiven");
        }
        other => panic!("unknown case {other}"),
    }
    eprintln!("reached the end");
}

fn run(case: &str) -> (Output, String) {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", "panic_policy::child", "--nocapture"]).env(CASE, case);
    let output = command.output().unwrap();
    let words =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output, words)
}

#[test]
fn a_panic_in_a_task_or_job_aborts_the_process() {
    use std::os::unix::process::ExitStatusExt;
    for (case, message) in
        [("task", "a bug in a task"), ("pool", "a bug in a job"), ("after", "not forgiven")]
    {
        let (output, words) = run(case);
        assert_eq!(output.status.signal(), Some(6), "{case}: {words}");
        assert!(words.contains(message) && !words.contains("reached the end"), "{case}: {words}");
    }
}

#[test]
fn an_exempt_panic_comes_back_as_an_error() {
    let (output, words) = run("exempt");
    assert!(output.status.success() && words.contains("went on"), "{words}");
}
