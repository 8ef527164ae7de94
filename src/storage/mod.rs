//! Where files of people lie: a folder of this machine, or a bucket of an S3-compatible store. Objects are named by keys
//! that are made here at random, never by the names of people's files.

mod bucket;
mod folder;

use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::ids::{hex, random_bytes};
use bucket::Bucket;
use folder::Folder;
pub use folder::UNFINISHED;

/// Where staff put objects that are to be registered, and where nothing of ours is written.
pub const INCOMING: &str = "incoming/";

/// So many bytes the parts of an upload have, the last one apart: S3 takes no smaller ones, and some of its kin no others.
pub const PART: usize = 5 * 1024 * 1024;

/// An object's bytes, piece by piece.
pub type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// The name of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// A new name of 160 random bits.
    pub fn random() -> Self {
        let name = hex(&random_bytes::<20>());
        // In 256 folders, since some file systems slow down with many files in one.
        Self(format!("objects/{}/{}", &name[..2], &name[2..]))
    }

    /// A name as it is stored or typed: letters, digits, `.`, `-` and `_` in segments. Nothing leads out of the storage.
    pub fn parse(text: &str) -> Option<Self> {
        let fine = |segment: &str| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        (text.len() <= 500 && text.split('/').all(fine)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How an object is given to browsers by the store itself.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    pub media_type: &'a str,
    /// The whole `Content-Disposition`.
    pub disposition: &'a str,
}

enum Place {
    Folder(Folder),
    Bucket(Box<Bucket>),
}

/// The storage of the configuration; cloning it is cheap.
#[derive(Clone)]
pub struct Storage(Arc<Place>);

impl Storage {
    /// The storage that the configuration names; nothing is made or reached yet.
    pub fn from_config(config: &Config) -> Result<Self> {
        let url = config.storage_url.as_str();
        let place = if let Some(path) = url.strip_prefix("file://") {
            Place::Folder(Folder::at(path))
        } else if let Some(rest) = url.strip_prefix("s3://") {
            Place::Bucket(Box::new(Bucket::open(rest, &config.aws)?))
        } else {
            return Err(Error::internal("LANYARD_STORAGE_URL must start with file:// or s3://"));
        };
        Ok(Self(Arc::new(place)))
    }

    /// The folder, where it is one of this machine.
    pub fn folder(&self) -> Option<&Path> {
        match &*self.0 {
            Place::Folder(folder) => Some(folder.root()),
            Place::Bucket(_) => None,
        }
    }

    /// The origin that presigned links lead to (`https://host`), for content policies.
    pub fn origin(&self) -> Option<&str> {
        match &*self.0 {
            Place::Folder(_) => None,
            Place::Bucket(bucket) => Some(bucket.origin()),
        }
    }

    /// How many bytes may still be written, where that is known. An error means that nobody can tell.
    pub fn free_bytes(&self) -> Result<Option<u64>> {
        match &*self.0 {
            Place::Folder(folder) => folder.free_bytes().map(Some),
            Place::Bucket(_) => Ok(None),
        }
    }

    /// The fewest bytes that a part may have which is not the last.
    pub fn smallest_part(&self) -> usize {
        match &*self.0 {
            Place::Folder(_) => 1,
            Place::Bucket(_) => PART,
        }
    }

    /// Begins an object that comes in parts; gives the store's own name of that, to be kept until the end.
    pub async fn begin(&self, key: &Key, media_type: &str) -> Result<String> {
        match &*self.0 {
            // The file is made with its first part.
            Place::Folder(_) => Ok(String::new()),
            Place::Bucket(bucket) => bucket.begin(key, media_type).await,
        }
    }

    /// Writes the part with this number, which begins at this byte; gives what [`Storage::finish`] has to know of it.
    /// The same part may come again.
    pub async fn put_part(&self, key: &Key, begun: &str, number: usize, at: u64, bytes: Bytes) -> Result<String> {
        match &*self.0 {
            Place::Folder(folder) => folder.put_part(key, at, bytes).await.map(|()| String::new()),
            Place::Bucket(bucket) => bucket.put_part(key, begun, number, bytes).await,
        }
    }

    /// Makes an object of its parts; before that nobody sees it. Doing it again does no harm.
    pub async fn finish(&self, key: &Key, begun: &str, parts: Vec<String>, size: u64) -> Result<()> {
        match &*self.0 {
            Place::Folder(folder) => folder.finish(key, size).await,
            Place::Bucket(bucket) => bucket.finish(key, begun, parts, size).await,
        }
    }

    /// Throws away an object, or what came of it; what is not there is gone already. `begun` is the store's own name of
    /// an upload that was not finished.
    pub async fn remove(&self, key: &Key, begun: Option<&str>) -> Result<()> {
        match &*self.0 {
            Place::Folder(folder) => folder.remove(key).await,
            Place::Bucket(bucket) => bucket.remove(key, begun.filter(|begun| !begun.is_empty())).await,
        }
    }

    /// Writes a small object at once.
    pub async fn put(&self, key: &Key, media_type: &str, bytes: Bytes) -> Result<()> {
        match &*self.0 {
            Place::Folder(folder) => folder.put(key, bytes).await,
            Place::Bucket(bucket) => bucket.put(key, media_type, bytes).await,
        }
    }

    /// How many bytes an object has; `None` when there is none.
    pub async fn size(&self, key: &Key) -> Result<Option<u64>> {
        match &*self.0 {
            Place::Folder(folder) => folder.size(key).await,
            Place::Bucket(bucket) => bucket.size(key).await,
        }
    }

    /// Bytes of an object, piece by piece; not found when it is not there or shorter.
    pub async fn read(&self, key: &Key, range: Range<u64>) -> Result<Pieces> {
        match &*self.0 {
            Place::Folder(folder) => folder.read(key, range).await,
            Place::Bucket(bucket) => bucket.read(key, range).await,
        }
    }

    /// A link by which anybody reads the object from the store itself, for so long; `None` where the service has to give it.
    pub async fn link(&self, key: &Key, shown: &Shown<'_>, lasts: Duration) -> Result<Option<String>> {
        match &*self.0 {
            Place::Folder(_) => Ok(None),
            Place::Bucket(bucket) => bucket.link(key, shown, lasts).await.map(Some),
        }
    }

    /// Writes, reads and removes an object; says where it lay.
    pub async fn check(&self) -> Result<String> {
        let key = Key::random();
        self.put(&key, "text/plain", Bytes::from_static(b"lanyard")).await?;
        let size = self.size(&key).await?;
        self.remove(&key, None).await?;
        if size != Some(7) {
            return Err(Error::internal("what was written could not be read back"));
        }
        Ok(match &*self.0 {
            Place::Folder(folder) => format!("files are kept in {}", folder.root().display()),
            Place::Bucket(bucket) => format!("files are kept in a bucket at {}", bucket.origin()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_and_nothing_in_them_leads_anywhere_else() {
        let key = Key::random();
        assert_ne!(key, Key::random());
        assert_eq!(Key::parse(key.as_str()), Some(key));
        assert!(Key::parse("incoming/K1_final-2.mp4").is_some());
        for bad in
            ["", "/etc/passwd", "../x", "incoming/../x", "incoming//x", "incoming/.hidden", "a\\b", "a b", "a\0", "ä", "a/", "%2e%2e/x"]
        {
            assert_eq!(Key::parse(bad), None, "{bad:?}");
        }
        assert_eq!(Key::parse(&"a".repeat(501)), None);
    }
}
