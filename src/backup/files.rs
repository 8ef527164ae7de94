//! The files of a backup: found, copied for their owner alone, and checked by length and SHA-256.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::ids::hex;

/// A file of a backup, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Where it lies in the backup.
    pub path: String,
    bytes: u64,
    sha256: String,
}

/// Says which file an error is about.
pub fn about(file: &Path) -> impl Fn(io::Error) -> Error {
    let name = file.display().to_string();
    move |cause| Error::internal(format!("{name}: {cause}"))
}

impl Part {
    pub fn of(folder: &Path, path: &Path) -> Result<Self> {
        let name = path.to_str().ok_or_else(|| Error::internal(format!("{} is not UTF-8", path.display())))?;
        let (bytes, sha256) = sum(&folder.join(path))?;
        Ok(Self { path: name.to_owned(), bytes, sha256 })
    }

    /// Refused unless the file is there and as it was written, inside the backup's own folder.
    pub fn check(&self, folder: &Path) -> Result<()> {
        let path = Path::new(&self.path);
        let stays_inside = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if stays_inside && sum(&folder.join(path)).is_ok_and(|found| found == (self.bytes, self.sha256.clone())) {
            return Ok(());
        }
        Err(Error::refused("backup.damaged", format!("{} is missing or not as it was written. Nothing was restored.", self.path)))
    }
}

fn sum(file: &Path) -> Result<(u64, String)> {
    let mut open = File::open(file).map_err(about(file))?;
    let (mut sum, mut bytes, mut piece) = (Sha256::new(), 0u64, vec![0; 256 * 1024]);
    loop {
        let read = open.read(&mut piece).map_err(about(file))?;
        if read == 0 {
            return Ok((bytes, hex(&sum.finalize())));
        }
        sum.update(&piece[..read]);
        bytes += read as u64;
    }
}

/// Every file under a folder that is none of these and under none of them, by its path in the folder, in order.
/// What is no plain file (a link, a socket) is left out, and a folder that is not there has none.
pub fn list(folder: &Path, skipped: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let (mut found, mut left) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(inside) = left.pop() {
        let here = folder.join(&inside);
        let entries = match fs::read_dir(&here) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(about(&here))?,
        };
        for entry in entries {
            let entry = entry.map_err(about(&here))?;
            let path = inside.join(entry.file_name());
            let kind = entry.file_type().map_err(about(&entry.path()))?;
            if skipped.iter().any(|skipped| whole(&entry.path()).is_ok_and(|whole| whole == *skipped)) {
                continue;
            }
            if kind.is_dir() {
                left.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The path from the root, links resolved.
pub fn whole(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).map_err(about(path))
}

/// Makes a folder, where it is missing, that its owner alone can open.
pub fn make_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(about(folder))
}

/// Copies a file with its permissions, to disk.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        make_private(folder)?;
    }
    fs::copy(from, to).map_err(about(from))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(about(to))
}

/// Writes a file to disk, then gives it its name.
pub fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let unfinished = file.with_extension("new");
    let mut open = File::create(&unfinished).map_err(about(&unfinished))?;
    open.write_all(bytes).and_then(|()| open.sync_all()).map_err(about(&unfinished))?;
    fs::rename(&unfinished, file).map_err(about(file))
}
