//! Objects in a bucket of an S3-compatible store: parts become a multipart upload, readers get presigned links.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer};
use object_store::{
    Attribute, Attributes, GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, RetryConfig,
};

use super::{Key, Pieces, Shown};
use crate::error::{Error, Result};

/// A bucket, and the beginning that all our names have in it.
pub struct Bucket {
    store: AmazonS3,
    prefix: String,
    origin: String,
}

fn failed(cause: object_store::Error) -> Error {
    if matches!(cause, object_store::Error::NotFound { .. }) {
        return Error::NotFound;
    }
    Error::internal(format!("storage: {cause}"))
}

impl Bucket {
    /// Opens `bucket/prefix` with the `AWS_…` settings; nothing is reached yet.
    pub fn open(place: &str, settings: &BTreeMap<String, String>) -> Result<Self> {
        // The client asks the process for its cryptography. Where something chose it before, that one stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let retries = RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_retry(retries);
        let mut given = BTreeMap::new();
        for (name, value) in settings {
            let name = name.to_lowercase();
            // Other programs' settings are none of ours.
            if let Ok(key) = name.parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
                given.insert(name, value.as_str());
            }
        }
        let first = |names: &[&str]| names.iter().find_map(|name| given.get(*name).copied());
        let endpoint = first(&["aws_endpoint_url_s3", "aws_endpoint_url", "aws_endpoint"]);
        let region = first(&["aws_region", "aws_default_region"]).unwrap_or("us-east-1");
        let is_virtual = first(&["aws_virtual_hosted_style_request"]) == Some("true");
        let origin = match endpoint {
            Some(endpoint) => origin_of(endpoint)?,
            None if is_virtual => format!("https://{bucket}.s3.{region}.amazonaws.com"),
            None => format!("https://s3.{region}.amazonaws.com"),
        };
        let store = builder.with_allow_http(origin.starts_with("http://")).build().map_err(failed)?;
        Ok(Self { store, prefix: prefix.trim_matches('/').to_owned(), origin })
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn path(&self, key: &Key) -> Path {
        if self.prefix.is_empty() { Path::from(key.as_str()) } else { Path::from(format!("{}/{}", self.prefix, key.as_str())) }
    }

    pub async fn begin(&self, key: &Key, media_type: &str) -> Result<String> {
        let options = PutMultipartOptions { attributes: typed(media_type), ..PutMultipartOptions::default() };
        self.store.create_multipart_opts(&self.path(key), options).await.map_err(failed)
    }

    pub async fn put_part(&self, key: &Key, begun: &str, number: usize, bytes: Bytes) -> Result<String> {
        let part = self.store.put_part(&self.path(key), &begun.to_owned(), number, bytes.into()).await.map_err(failed)?;
        Ok(part.content_id)
    }

    pub async fn finish(&self, key: &Key, begun: &str, parts: Vec<String>, size: u64) -> Result<()> {
        let parts = parts.into_iter().map(|content_id| PartId { content_id }).collect();
        match self.store.complete_multipart(&self.path(key), &begun.to_owned(), parts).await {
            Ok(_) => Ok(()),
            // It may have been finished before an answer got lost.
            Err(_) if self.size(key).await? == Some(size) => Ok(()),
            Err(cause) => Err(failed(cause)),
        }
    }

    pub async fn remove(&self, key: &Key, begun: Option<&str>) -> Result<()> {
        let path = self.path(key);
        if let Some(begun) = begun {
            gone(self.store.abort_multipart(&path, &begun.to_owned()).await)?;
        }
        gone(self.store.delete(&path).await)
    }

    pub async fn put(&self, key: &Key, media_type: &str, bytes: Bytes) -> Result<()> {
        let options = PutOptions { attributes: typed(media_type), ..PutOptions::default() };
        self.store.put_opts(&self.path(key), bytes.into(), options).await.map_err(failed)?;
        Ok(())
    }

    pub async fn size(&self, key: &Key) -> Result<Option<u64>> {
        match self.store.head(&self.path(key)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(failed(cause)),
        }
    }

    pub async fn read(&self, key: &Key, range: Range<u64>) -> Result<Pieces> {
        if range.is_empty() {
            return Ok(Box::pin(futures_util::stream::empty()));
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let found = self.store.get_opts(&self.path(key), options).await.map_err(failed)?;
        Ok(Box::pin(found.into_stream().map(|piece| piece.map_err(failed))))
    }

    pub async fn link(&self, key: &Key, shown: &Shown<'_>, lasts: Duration) -> Result<String> {
        let options = SignedUrlOptions::default()
            .with_query([("response-content-type", shown.media_type), ("response-content-disposition", shown.disposition)]);
        let link = self.store.signed_url_opts(object_store::signer::Method::GET, &self.path(key), lasts, &options).await;
        link.map(String::from).map_err(failed)
    }
}

/// What was not there is gone as well.
fn gone(removed: object_store::Result<()>) -> Result<()> {
    match removed {
        Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
        Err(cause) => Err(failed(cause)),
    }
}

fn typed(media_type: &str) -> Attributes {
    Attributes::from_iter([(Attribute::ContentType, media_type.to_owned())])
}

fn origin_of(endpoint: &str) -> Result<String> {
    let url =
        url::Url::parse(endpoint).map_err(|_| Error::internal("AWS_ENDPOINT_URL must be an address such as https://s3.example.org"))?;
    Ok(url.origin().ascii_serialization())
}
