//! The demo's secret key: kept beside its data, so that a page that is open stays good when the demo starts again.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::ids::new_secret;

/// The fewest characters of a key, as settings ask for.
const SHORTEST: usize = 32;

fn file(data: &Path) -> PathBuf {
    data.join("secret.key")
}

/// The key of the last start, or a new one: where there is none, or where the demo is made `anew`.
pub fn open(data: &Path, anew: bool) -> Result<String> {
    let file = file(data);
    if !anew
        && let Ok(text) = std::fs::read_to_string(&file)
        && text.trim().len() >= SHORTEST
    {
        return Ok(text.trim().to_owned());
    }
    let key = new_secret();
    let unfinished = file.with_extension("key.new");
    // Renamed into place, so that a start that is cut off leaves no half of it.
    write(&unfinished, &key)
        .and_then(|()| std::fs::rename(&unfinished, &file))
        .map_err(|cause| Error::internal(format!("cannot write {}: {cause}", file.display())))?;
    Ok(key)
}

/// Writes a file that its owner alone may read.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    // One that a cut-off start left may have other permissions.
    match std::fs::remove_file(file) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_kept_and_made_anew_when_the_demo_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), true).unwrap();
        assert!(first.len() >= SHORTEST);
        assert_eq!(open(folder.path(), false).unwrap(), first);
        let second = open(folder.path(), true).unwrap();
        assert_ne!(second, first);
        assert_eq!(open(folder.path(), false).unwrap(), second);
        std::fs::write(file(folder.path()), "short").unwrap();
        assert_ne!(open(folder.path(), false).unwrap(), second);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret.key.new"), "left behind").unwrap();
        open(folder.path(), false).unwrap();
        let mode = std::fs::metadata(file(folder.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!folder.path().join("secret.key.new").exists());
    }
}
