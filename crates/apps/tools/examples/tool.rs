//! One tool without the rest of the program, for quick turns while a tool is written: `tool kafka-dump-log …`.

use std::process::ExitCode;

use headwater_tools::console::Console;
use headwater_tools::find;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let Some(tool) = words.next().and_then(|name| find(&name)) else {
        eprintln!("no such tool");
        return ExitCode::FAILURE;
    };
    let mut console = Console::standard();
    let code = (tool.main)(&words.collect::<Vec<_>>(), &mut console);
    console.flush();
    ExitCode::from((code & 0xff) as u8)
}
