//! Objects as files of a folder. What comes in parts grows under `unfinished/` and gets its name when it is whole.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bytes::Bytes;
use futures_util::stream;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{GetResultPayload, ObjectStoreExt};
use tokio::task::spawn_blocking;

use super::{Key, Pieces};
use crate::error::{Error, Result};

/// So many bytes are read at once: much fewer cost a thread's turn each, many more cost memory for every reader.
const PIECE: u64 = 128 * 1024;

/// Files that are not whole yet.
pub const UNFINISHED: &str = "unfinished";

/// A folder of this machine, made when something is first written.
pub struct Folder {
    root: PathBuf,
    store: OnceLock<LocalFileSystem>,
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::internal(format!("storage: {cause}"))
}

fn io_failed(cause: io::Error) -> Error {
    if cause.kind() == ErrorKind::NotFound { Error::NotFound } else { failed(cause) }
}

fn store_failed(cause: object_store::Error) -> Error {
    if matches!(cause, object_store::Error::NotFound { .. }) { Error::NotFound } else { failed(cause) }
}

/// Makes a folder that its owner alone can open, with those above it.
fn make_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed)
}

/// Runs what waits for the disk on a thread that may wait.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(Error::internal)?
}

impl Folder {
    pub fn at(path: &str) -> Self {
        Self { root: PathBuf::from(path), store: OnceLock::new() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn store(&self) -> Result<&LocalFileSystem> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        make_private(&self.root)?;
        let store = LocalFileSystem::new_with_prefix(&self.root).map_err(store_failed)?.with_automatic_cleanup(false);
        Ok(self.store.get_or_init(|| store))
    }

    fn file_of(&self, key: &Key) -> PathBuf {
        self.root.join(key.as_str())
    }

    fn unfinished(&self, key: &Key) -> PathBuf {
        // The last segment is random and enough; one folder is easy to look through.
        self.root.join(UNFINISHED).join(key.as_str().replace('/', "-"))
    }

    pub fn free_bytes(&self) -> Result<u64> {
        make_private(&self.root)?;
        let disk = rustix::fs::statvfs(&self.root).map_err(failed)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    pub async fn put_part(&self, key: &Key, at: u64, bytes: Bytes) -> Result<()> {
        let file = self.unfinished(key);
        on_disk(move || {
            if let Some(folder) = file.parent() {
                make_private(folder)?;
            }
            // Only the first part makes the file: a late one of what was given up meanwhile leaves nothing behind.
            let mut open = File::options().create(at == 0).truncate(false).write(true).open(&file).map_err(io_failed)?;
            // After a restore the rows may know of bytes that are not there any more.
            if open.metadata().map_err(failed)?.len() < at {
                return Err(Error::NotFound);
            }
            open.seek(SeekFrom::Start(at)).and_then(|_| open.write_all(&bytes)).and_then(|()| open.sync_data()).map_err(failed)
        })
        .await
    }

    pub async fn finish(&self, key: &Key, size: u64) -> Result<()> {
        let (from, to) = (self.unfinished(key), self.file_of(key));
        on_disk(move || {
            if to.exists() && !from.exists() {
                return Ok(());
            }
            let open = File::options().write(true).open(&from).map_err(io_failed)?;
            // A part that came again may have left more than was wanted.
            open.set_len(size).and_then(|()| open.sync_all()).map_err(failed)?;
            if let Some(folder) = to.parent() {
                make_private(folder)?;
                fs::rename(&from, &to).map_err(failed)?;
                // The name is to be as safe as what it names.
                return File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed);
            }
            Ok(())
        })
        .await
    }

    pub async fn remove(&self, key: &Key) -> Result<()> {
        let files = [self.unfinished(key), self.file_of(key)];
        on_disk(move || {
            for file in files {
                match fs::remove_file(file) {
                    Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(failed(cause)),
                    _ => {}
                }
            }
            Ok(())
        })
        .await
    }

    pub async fn put(&self, key: &Key, bytes: Bytes) -> Result<()> {
        self.store()?.put(&ObjectPath::from(key.as_str()), bytes.into()).await.map_err(store_failed)?;
        Ok(())
    }

    pub async fn size(&self, key: &Key) -> Result<Option<u64>> {
        match self.store()?.head(&ObjectPath::from(key.as_str())).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(store_failed(cause)),
        }
    }

    /// Reads by itself: the store's own stream takes eight kilobytes at a time, a thread's turn for each.
    pub async fn read(&self, key: &Key, range: Range<u64>) -> Result<Pieces> {
        let found = self.store()?.get(&ObjectPath::from(key.as_str())).await.map_err(store_failed)?;
        if range.end > found.meta.size {
            return Err(Error::NotFound);
        }
        let GetResultPayload::File(mut file, _) = found.payload else { return Err(failed("this is no file")) };
        let left = range.end.saturating_sub(range.start);
        let begin = range.start;
        let file = on_disk(move || file.seek(SeekFrom::Start(begin)).map(|_| file).map_err(failed)).await?;
        Ok(Box::pin(stream::try_unfold((file, left), |(mut file, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let piece = usize::try_from(left.min(PIECE)).map_err(Error::internal)?;
            let (bytes, file) = on_disk(move || {
                let mut bytes = vec![0; piece];
                file.read_exact(&mut bytes).map_err(failed)?;
                Ok((bytes, file))
            })
            .await?;
            Ok(Some((Bytes::from(bytes), (file, left - piece as u64))))
        })))
    }
}
