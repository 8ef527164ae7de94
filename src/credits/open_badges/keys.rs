//! The keys that sign Open Badges (RS256): one of the installation signs, those before it prove what they signed.
//! The private half is sealed under the installation's secret and thrown away when its key is retired.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

use crate::app::{Actor, App, Site, Tx};
use crate::audit::Entry;
use crate::checkin::roster::{open_under, seal_under};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{open_badges, signing_keys};
use crate::error::{Checks, Error, Result};
use crate::ids::SigningKeyId;
use crate::on_either;

/// What every verifier of Open Badges knows.
const ALGORITHM: &str = "RS256";

/// A key, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct SigningKey {
    pub id: SigningKeyId,
    pub algorithm: String,
    pub modulus: String,
    pub exponent: String,
    sealed: Option<String>,
    pub made_at: Instant,
    pub retired_at: Option<Instant>,
    /// Nothing is verified by it any more.
    pub withdrawn_at: Option<Instant>,
    pub actor: String,
}

/// Where a key answers as a JWK; the same text names it in signatures and in the key set.
pub fn address(base_url: &str, id: &SigningKeyId) -> String {
    format!("{base_url}/open-badges/keys/{id}")
}

impl SigningKey {
    /// The public half.
    pub fn jwk(&self, base_url: &str) -> Value {
        json!({
            "kty": "RSA", "use": "sig", "alg": self.algorithm, "kid": address(base_url, &self.id),
            "n": self.modulus, "e": self.exponent,
        })
    }

    /// The key ready to sign; none where it was retired, or sealed under another secret of the installation.
    pub fn opened(&self, site: &Site) -> Option<Signer> {
        let private = open_under(&sealing_key(site), self.sealed.as_deref()?)?;
        let pair = KeyPair::from_pkcs8(&private).ok()?;
        Some(Signer { id: self.id.clone(), kid: address(&site.config.base_url, &self.id), pair })
    }
}

fn sealing_key(site: &Site) -> [u8; 32] {
    site.config.key_for("signing keys of open badges")
}

/// A key that can sign.
pub struct Signer {
    pub id: SigningKeyId,
    kid: String,
    pair: KeyPair,
}

impl Signer {
    /// The payload as a compact JWS. Its header has what Open Badges allow and nothing else; the same payload is always
    /// signed to the same text. Takes a millisecond of a processor: keep it out of transactions.
    pub fn sign(&self, payload: &Value) -> Result<String> {
        let header = json!({ "alg": ALGORITHM, "kid": self.kid, "typ": "JWT" });
        let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let text = format!("{}.{}", part(&header), part(payload));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| Error::internal("an Open Badge could not be signed"))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// A pair that was just made and belongs to no row yet.
pub struct Fresh {
    private: Vec<u8>,
    modulus: String,
    exponent: String,
}

impl Fresh {
    /// Makes a pair of 2048 bits, which takes up to a second of a processor: keep it out of transactions.
    pub fn make() -> Result<Self> {
        let failed = |what: &str| Error::internal(format!("a signing key could not be made: {what}"));
        let private = generate().map_err(|_| failed("no pair"))?;
        let pair = KeyPair::from_pkcs8(&private).map_err(|cause| failed(&cause.to_string()))?;
        let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
        Ok(Self { private, modulus: URL_SAFE_NO_PAD.encode(public.n), exponent: URL_SAFE_NO_PAD.encode(public.e) })
    }

    fn row(&self, tx: &Tx<'_>) -> Result<SigningKey> {
        Ok(SigningKey {
            id: SigningKeyId::new(),
            algorithm: ALGORITHM.to_owned(),
            modulus: self.modulus.clone(),
            exponent: self.exponent.clone(),
            sealed: Some(seal_under(&sealing_key(tx.site), &self.private)?),
            made_at: tx.now,
            retired_at: None,
            withdrawn_at: None,
            actor: tx.actor.label(),
        })
    }
}

/// A private key of 2048 bits as PKCS #8. `ring` signs but makes no RSA keys.
fn generate() -> std::result::Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    let der: Pkcs8V1Der<'static> = KeyPair::generate(KeySize::Rsa2048)?.as_der()?;
    Ok(der.as_ref().to_vec())
}

/// All keys, the newest first.
pub fn list(db: &mut Db) -> Result<Vec<SigningKey>> {
    Ok(signing_keys::table.order(signing_keys::id.desc()).select(SigningKey::as_select()).load(db)?)
}

/// The key set: every key that signed or signs, the newest first, but those that were withdrawn.
pub fn published(db: &mut Db) -> Result<Vec<SigningKey>> {
    Ok(list(db)?.into_iter().filter(|key| key.withdrawn_at.is_none()).collect())
}

/// The key with this id, unless it was withdrawn.
pub fn find(db: &mut Db, id: &SigningKeyId) -> Result<Option<SigningKey>> {
    let key: Option<SigningKey> = signing_keys::table.find(id).select(SigningKey::as_select()).first(db).optional()?;
    Ok(key.filter(|key| key.withdrawn_at.is_none()))
}

/// The key that signs; none before the first Open Badge.
pub fn in_use(db: &mut Db) -> Result<Option<SigningKey>> {
    Ok(signing_keys::table.filter(signing_keys::retired_at.is_null()).select(SigningKey::as_select()).first(db).optional()?)
}

/// Adds the first key. Whoever comes second finds it there.
fn add(tx: &mut Tx<'_>, fresh: &Fresh, reason: &str) -> Result<()> {
    let row = fresh.row(tx)?;
    let added = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(signing_keys::table).values(&row).on_conflict_do_nothing().execute(connection))?;
    if added > 0 {
        Entry::of("signing_key.made", "signing_key", &row.id).reason(reason).record(tx)?;
    }
    Ok(())
}

/// Retires the key in use and puts a new one in its place. What the old one signed stays good: its public half stays
/// in the key set, its private half is thrown away.
pub fn rotate(tx: &mut Tx<'_>, fresh: &Fresh, reason: &str) -> Result<()> {
    let mut checks = Checks::new();
    checks.required("reason", reason, "Say why there is a new key.");
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    retire(tx, reason.trim())?;
    add(tx, fresh, reason.trim())
}

fn retire(tx: &mut Tx<'_>, reason: &str) -> Result<()> {
    // Two who rotate at once retire the same key once, and put one new key in its place.
    let columns = (signing_keys::retired_at.eq(tx.now), signing_keys::sealed.eq(None::<String>));
    let in_use = in_use(tx.db)?;
    let Some(key) = in_use else { return Ok(()) };
    let retired = diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null())).set(columns).execute(tx.db)?;
    if retired > 0 {
        Entry::of("signing_key.retired", "signing_key", &key.id).reason(reason).record(tx)?;
    }
    Ok(())
}

/// Takes a retired key out of the key set, since it may be in somebody else's hands. What it signed is no longer verified;
/// holders who take their Open Badges again get them signed anew, with the same ids and places.
pub fn withdraw(tx: &mut Tx<'_>, id: &SigningKeyId, reason: &str) -> Result<()> {
    let key = find(tx.db, id)?.ok_or(Error::NotFound)?;
    let mut checks = Checks::new();
    checks.required("reason", reason, "Say why the key is withdrawn.");
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    if key.retired_at.is_none() {
        return Err(Error::refused("signing_keys.in_use", "This key signs. Put a new one in place first."));
    }
    diesel::update(signing_keys::table.find(id)).set(signing_keys::withdrawn_at.eq(tx.now)).execute(tx.db)?;
    let columns = (open_badges::key_id.eq(None::<SigningKeyId>), open_badges::credential.eq(None::<String>));
    let unsigned = diesel::update(open_badges::table.filter(open_badges::key_id.eq(id))).set(columns).execute(tx.db)?;
    let entry = Entry::of("signing_key.withdrawn", "signing_key", id).reason(reason.trim());
    entry.after(json!({ "open_badges": unsigned })).record(tx)
}

/// The key in use, ready to sign. Where there is none yet, or the secret of the installation was changed so that it
/// does not open, a new one is made first.
pub async fn signer(app: &App) -> Result<Signer> {
    let site = app.clone();
    let (known, opened) = app
        .read(move |db| {
            let key = in_use(db)?;
            Ok((key.is_some(), key.and_then(|key| key.opened(&site.site))))
        })
        .await?;
    if let Some(signer) = opened {
        return Ok(signer);
    }
    if known {
        tracing::warn!("the key that signs Open Badges does not open under this LANYARD_SECRET_KEY; a new one is made");
    }
    let fresh = tokio::task::spawn_blocking(Fresh::make).await.map_err(Error::internal)??;
    app.write(Actor::Service("open_badges"), move |tx| {
        let opens = in_use(tx.db)?.and_then(|key| key.opened(tx.site)).is_some();
        match (opens, known) {
            // Somebody else was quicker.
            (true, _) => {}
            (false, true) => rotate(tx, &fresh, "the secret of the installation was changed")?,
            (false, false) => add(tx, &fresh, "the first Open Badge")?,
        }
        in_use(tx.db)?.and_then(|key| key.opened(tx.site)).ok_or_else(|| Error::internal("no key signs Open Badges"))
    })
    .await
}
