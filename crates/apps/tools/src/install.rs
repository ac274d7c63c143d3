//! Links by which the tools are called like Kafka's scripts: `kafka-topics` and `kafka-topics.sh`.

use std::fs;
use std::io;
use std::path::Path;

use crate::tools::TOOLS;

/// Makes two links per tool in `folder`, to `program`. Links of an earlier installation are replaced; what is no link stays, and
/// is an error.
pub fn install(program: &Path, folder: &Path) -> io::Result<Vec<String>> {
    fs::create_dir_all(folder)?;
    let mut made = Vec::new();
    for name in TOOLS.iter().flat_map(|tool| [tool.name.to_owned(), format!("{}.sh", tool.name)]) {
        let link = folder.join(&name);
        if link.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
            fs::remove_file(&link)?;
        }
        std::os::unix::fs::symlink(program, &link)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", link.display())))?;
        made.push(name);
    }
    Ok(made)
}
