//! Reads Open Badges as strangers do: signatures by another program, status lists and pictures by hand.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::source::root;
use super::visitor::Visitor;

/// What the service calls itself in tests.
pub const BASE: &str = "https://congress.example.org";

/// The path of an address of the service.
#[track_caller]
pub fn path(address: &Value) -> String {
    let address = address.as_str().unwrap_or_else(|| panic!("no address: {address}"));
    address.strip_prefix(BASE).unwrap_or_else(|| panic!("{address} is somewhere else")).to_owned()
}

/// Header and payload of a signed text where this key fits; none where it does not.
pub fn verified(jws: &str, jwk: &Value) -> Option<(Value, Value)> {
    let python = if PathBuf::from("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" };
    let script = root().join("tests/support/open_badge.py");
    let mut program = Command::new(python);
    program.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = program.spawn().expect("python3 can be run");
    let mut asked = running.stdin.take().expect("a pipe");
    asked.write_all(json!({ "jws": jws, "jwk": jwk }).to_string().as_bytes()).expect("the question is sent");
    drop(asked);
    let answer = running.wait_with_output().expect("an answer");
    let said = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success() || said.trim().is_empty(), "python3-cryptography verifies, as bin/test installs it: {said}");
    let read: Value = answer.status.success().then(|| serde_json::from_slice(&answer.stdout).expect("JSON"))?;
    Some((read["header"].clone(), read["payload"].clone()))
}

/// Header and payload of a signed text, nothing verified.
pub fn parts(jws: &str) -> (Value, Value) {
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON");
    let parts: Vec<&str> = jws.split('.').collect();
    assert_eq!(parts.len(), 3, "{jws}");
    (read(parts[0]), read(parts[1]))
}

/// Verifies a signed text as a stranger would: the key is fetched where the header says it is.
pub async fn checked(stranger: &Visitor, jws: &str) -> Value {
    let (header, _) = parts(jws);
    let mut names: Vec<&String> = header.as_object().expect("an object").keys().collect();
    names.sort();
    assert_eq!(names, ["alg", "kid", "typ"]);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
    let jwk = stranger.get(&path(&header["kid"])).await.expect(200);
    assert_eq!(jwk.header("access-control-allow-origin"), Some("*"));
    let jwk = jwk.json();
    assert!(jwk.get("d").is_none() && jwk["kid"] == header["kid"], "{jwk}");
    let set = stranger.get("/open-badges/keys").await.expect(200).json();
    assert!(set["keys"].as_array().expect("a list").contains(&jwk), "{set}");
    let (_, payload) = verified(jws, &jwk).expect("the signature fits");
    // The four claims repeat the credential's own fields.
    let issuer = payload["issuer"].get("id").unwrap_or(&payload["issuer"]);
    let from = payload["validFrom"].as_str().expect("an instant");
    let seconds = chrono::DateTime::parse_from_rfc3339(from).expect("RFC 3339").timestamp();
    assert!(from.ends_with('Z') && !from.contains('.'), "{from}");
    assert_eq!((&payload["iss"], &payload["jti"]), (issuer, &payload["id"]));
    assert_eq!((&payload["nbf"], &payload["sub"]), (&json!(seconds), &payload["credentialSubject"]["id"]));
    assert!(payload.get("vc").is_none() && payload.get("proof").is_none());
    payload
}

/// The places that are set in the list of a status entry, fetched and verified as a stranger does.
pub async fn set_in_list_of(stranger: &Visitor, entry: &Value) -> Vec<usize> {
    assert_eq!((&entry["type"], &entry["statusPurpose"]), (&json!("BitstringStatusListEntry"), &json!("revocation")));
    assert_ne!(entry["id"], entry["statusListCredential"], "an entry is not its list");
    let answer = stranger.get(&path(&entry["statusListCredential"])).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/vc+jwt"));
    let list = checked(stranger, &answer.html()).await;
    assert_eq!(list["id"], entry["statusListCredential"]);
    assert_eq!(list["type"], json!(["VerifiableCredential", "BitstringStatusListCredential"]));
    let subject = &list["credentialSubject"];
    assert_eq!((&subject["type"], &subject["statusPurpose"]), (&json!("BitstringStatusList"), &json!("revocation")));
    let encoded = subject["encodedList"].as_str().expect("a text").strip_prefix('u').expect("multibase base64url");
    let packed = URL_SAFE_NO_PAD.decode(encoded).expect("base64url without padding");
    let mut bits = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut bits).expect("gzip");
    assert!(bits.len() >= 16 * 1024, "{} bytes", bits.len());
    // The first place is the leftmost bit.
    (0..bits.len() * 8).filter(|place| bits[place / 8] >> (7 - place % 8) & 1 == 1).collect()
}

/// The place of an entry in its list.
pub fn place(entry: &Value) -> usize {
    entry["statusListIndex"].as_str().expect("a text").parse().expect("a number")
}

/// Kind and content of every chunk of a PNG, whose sums must be right.
pub fn chunks(png: &[u8]) -> Vec<(String, Vec<u8>)> {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let (mut rest, mut found) = (&png[8..], Vec::new());
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().expect("four bytes")) as usize;
        let mut sum = flate2::Crc::new();
        sum.update(&rest[4..8 + length]);
        assert_eq!(sum.sum().to_be_bytes(), rest[8 + length..12 + length], "the sum of a chunk");
        found.push((String::from_utf8_lossy(&rest[4..8]).into_owned(), rest[8..8 + length].to_vec()));
        rest = &rest[12 + length..];
    }
    found
}

/// The credential inside a picture: in one uncompressed text chunk.
pub fn baked(png: &[u8]) -> String {
    let texts: Vec<Vec<u8>> = chunks(png).into_iter().filter(|(kind, _)| kind == "iTXt").map(|(_, content)| content).collect();
    assert_eq!(texts.len(), 1, "the credential stands in it once");
    let text = texts[0].strip_prefix(b"openbadgecredential\0\0\0\0\0".as_slice()).expect("the keyword, not compressed, no language");
    String::from_utf8(text.to_vec()).expect("text")
}
