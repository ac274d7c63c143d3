//! Kafka's tools: `headwater kafka-topics …`, the same through a link of that name, and `headwater tools`.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use headwater_tools::console::Console;
use headwater_tools::{TOOLS, Tool, find, install};

use crate::cli::ToolsCommand;
use crate::failure::Failure;

/// Runs the tool that this process was called as, or that its first argument names.
pub fn run_by_name() -> Option<ExitCode> {
    let mut words = std::env::args_os();
    let called_as = words.next()?;
    let called_as = Path::new(&called_as).file_name().map(|name| name.to_string_lossy().into_owned())?;
    let tool = find(&called_as).or_else(|| find(&words.next()?.to_string_lossy()))?;
    Some(run(tool, words))
}

fn run(tool: &Tool, words: impl Iterator<Item = OsString>) -> ExitCode {
    // As Java reads them: what is no UTF-8 becomes replacement characters.
    let arguments: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let mut console = Console::standard();
    let code = (tool.main)(&arguments, &mut console);
    console.flush();
    // The system keeps the low eight bits, of Java's exit codes too.
    ExitCode::from((code & 0xff) as u8)
}

/// `headwater tools`.
pub fn administer(command: &ToolsCommand) -> Result<ExitCode, Failure> {
    let mut text = String::new();
    match command {
        ToolsCommand::List => {
            let width = TOOLS.iter().map(|tool| tool.name.len()).max().unwrap_or_default();
            for tool in TOOLS {
                text.push_str(&format!("{:width$}  {}\n", tool.name, tool.about));
            }
        }
        ToolsCommand::Install { dir } => {
            let program =
                std::env::current_exe().map_err(|error| Failure::about("this program's path", error))?;
            let made = install(&program, dir).map_err(|error| Failure::about(dir.display(), error))?;
            text = format!("{} links in {}\n", made.len(), dir.display());
        }
    }
    std::io::stdout()
        .lock()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::about("standard output", error))?;
    Ok(ExitCode::SUCCESS)
}
