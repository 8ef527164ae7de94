//! Settings from the environment, read once at start-up; every wrong or missing one is named at once.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::ids;

/// What a running service knows about its surroundings.
#[derive(Clone, Debug)]
pub struct Config {
    pub database_url: String,
    /// Address and port to listen on.
    pub listen: String,
    /// The address that people type, without a slash at the end.
    pub base_url: String,
    /// The folder for files: letters written to a folder, the demo's access file.
    pub data: PathBuf,
    /// Keys are derived from this secret; at least 32 characters.
    pub secret_key: String,
    /// Where letters are handed in; without it they are written to a folder.
    pub smtp_url: Option<String>,
    pub mail_from: String,
    /// Address and port where the meters may be read without a token.
    pub metrics_listen: Option<String>,
    /// With this bearer token the meters may be read where everything else is.
    pub metrics_token: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed, by their addresses.
    pub trusted_proxies: Vec<IpAddr>,
    /// Fonts for letters that the binary's own font lacks.
    pub fonts: PathBuf,
    /// Where uploaded files lie: `file://PATH` or `s3://bucket/prefix`.
    pub storage_url: String,
    /// The settings of the S3-compatible store by their names, `AWS_…`.
    pub aws: BTreeMap<String, String>,
    /// The demo shows its letters and sign-in links.
    pub demo: bool,
}

/// One setting of the environment, for start-up and for `.env.example`.
pub struct Setting {
    pub name: &'static str,
    pub needed: bool,
    pub example: &'static str,
    pub what: &'static str,
}

/// Every setting that is read, in the order of `.env.example`.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "DATABASE_URL",
        needed: true,
        example: "sqlite:///var/lib/lanyard/lanyard.db",
        what: "The database: sqlite://PATH or postgres://user:password@host/name.",
    },
    Setting { name: "LANYARD_LISTEN", needed: false, example: "127.0.0.1:8080", what: "Address and port to listen on." },
    Setting {
        name: "LANYARD_URL",
        needed: true,
        example: "https://congress.example.org",
        what: "The address people type, used in letters and links. Plain http is taken only for 127.0.0.1, [::1] and localhost.",
    },
    Setting { name: "LANYARD_DATA", needed: true, example: "/var/lib/lanyard", what: "A folder for files that the service writes." },
    Setting {
        name: "LANYARD_SECRET_KEY",
        needed: true,
        example: "",
        what: "At least 32 random characters, such as the output of `openssl rand -hex 32`. Changing it ends every sign-in code and open form.",
    },
    Setting {
        name: "LANYARD_SMTP_URL",
        needed: false,
        example: "smtp://user:password@mail.example.org:587?tls=required",
        what: "Where letters are handed in (smtp:// or smtps://). Without it they are written to LANYARD_DATA/mail/.",
    },
    Setting {
        name: "LANYARD_MAIL_FROM",
        needed: true,
        example: "Patient Safety Congress <congress@example.org>",
        what: "The sender of every letter.",
    },
    Setting {
        name: "LANYARD_METRICS_LISTEN",
        needed: false,
        example: "127.0.0.1:9090",
        what: "An address and port of its own for /metrics (Prometheus), where no token is asked for.",
    },
    Setting {
        name: "LANYARD_METRICS_TOKEN",
        needed: false,
        example: "",
        what: "With this bearer token (at least 16 characters) /metrics answers on LANYARD_LISTEN too.",
    },
    Setting {
        name: "LANYARD_TRUSTED_PROXIES",
        needed: false,
        example: "127.0.0.1",
        what: "Addresses of the proxies before the service, separated by commas; only their X-Forwarded-For is believed. Without it everyone behind a proxy shares one limit.",
    },
    Setting {
        name: "LANYARD_FONTS",
        needed: false,
        example: "/usr/share/fonts",
        what: "A folder with TrueType or OpenType fonts, looked into for letters on badges that DejaVu Sans lacks (Chinese, Thai, Devanagari, …).",
    },
    Setting {
        name: "LANYARD_STORAGE_URL",
        needed: false,
        example: "s3://bucket/prefix",
        what: "Where recordings and other uploads lie: file:///a/folder (LANYARD_DATA/files unless told) or s3://bucket/prefix.",
    },
    Setting {
        name: "AWS_ENDPOINT_URL",
        needed: false,
        example: "https://s3.example.org",
        what: "With s3://: the address of a store that is not Amazon's. Readers' browsers must reach it too.",
    },
    Setting { name: "AWS_REGION", needed: false, example: "us-east-1", what: "With s3://: the region of the bucket." },
    Setting {
        name: "AWS_ACCESS_KEY_ID",
        needed: false,
        example: "",
        what: "With s3://: who the service is there. Without it the credentials of the machine or container are asked for.",
    },
    Setting { name: "AWS_SECRET_ACCESS_KEY", needed: false, example: "", what: "With s3://: the secret of AWS_ACCESS_KEY_ID." },
];

impl Config {
    /// Reads the settings of `serve`, or all sentences about what is missing or wrong.
    pub fn from_environment() -> Result<Self, Vec<String>> {
        Self::from_settings(&environment())
    }

    /// Reads settings given by name.
    pub fn from_settings(given: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let text = |name: &str| given.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut wrong: Vec<String> = SETTINGS
            .iter()
            .filter(|setting| setting.needed && text(setting.name).is_none())
            .map(|setting| format!("{} is missing. {}", setting.name, setting.what))
            .collect();
        let mut config = Self {
            database_url: text("DATABASE_URL").unwrap_or_default(),
            listen: text("LANYARD_LISTEN").unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            base_url: text("LANYARD_URL").unwrap_or_default().trim_end_matches('/').to_owned(),
            data: PathBuf::from(text("LANYARD_DATA").unwrap_or_default()),
            secret_key: text("LANYARD_SECRET_KEY").unwrap_or_default(),
            smtp_url: text("LANYARD_SMTP_URL"),
            mail_from: text("LANYARD_MAIL_FROM").unwrap_or_default(),
            metrics_listen: text("LANYARD_METRICS_LISTEN"),
            metrics_token: text("LANYARD_METRICS_TOKEN"),
            trusted_proxies: Vec::new(),
            fonts: PathBuf::from(text("LANYARD_FONTS").unwrap_or_else(|| "/usr/share/fonts".to_owned())),
            storage_url: text("LANYARD_STORAGE_URL").unwrap_or_default(),
            aws: given.iter().filter(|(name, _)| name.starts_with("AWS_")).map(|(name, value)| (name.clone(), value.clone())).collect(),
            demo: false,
        };
        if config.storage_url.is_empty() {
            config.storage_url = format!("file://{}", config.data.join("files").display());
        }
        let proxies = text("LANYARD_TRUSTED_PROXIES").unwrap_or_default();
        let proxies: Result<Vec<IpAddr>, _> = proxies.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::parse).collect();
        match proxies {
            Ok(proxies) => config.trusted_proxies = proxies,
            Err(_) => wrong.push("LANYARD_TRUSTED_PROXIES must be addresses such as 127.0.0.1, separated by commas.".to_owned()),
        }
        wrong.extend(config.complaints());
        if wrong.is_empty() { Ok(config) } else { Err(wrong) }
    }

    /// Reads the settings of a command that works on the database: those in `needed` and the database must be
    /// there; what else is missing gets a value that the command does not look at.
    pub fn of_command(given: &BTreeMap<String, String>, needed: &[&str]) -> Result<Self, Vec<String>> {
        let mut all = given.clone();
        for (name, stand_in) in [
            ("LANYARD_URL", "http://127.0.0.1:8080"),
            ("LANYARD_DATA", "."),
            ("LANYARD_SECRET_KEY", "a command neither mails codes nor takes forms"),
            ("LANYARD_MAIL_FROM", "Lanyard <lanyard@example.org>"),
        ] {
            let missing = given.get(name).is_none_or(|value| value.trim().is_empty());
            if missing && !needed.contains(&name) {
                all.insert(name.to_owned(), stand_in.to_owned());
            }
        }
        Self::from_settings(&all)
    }

    fn complaints(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |given: &str, fine: bool, sentence: &str| {
            if !given.is_empty() && !fine {
                wrong.push(sentence.to_owned());
            }
        };
        let known_scheme = ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| self.database_url.starts_with(scheme));
        check(&self.database_url, known_scheme, "DATABASE_URL must start with sqlite:// or postgres://.");
        check(
            &self.listen,
            self.listen.parse::<std::net::SocketAddr>().is_ok(),
            "LANYARD_LISTEN must be an address and a port such as 127.0.0.1:8080.",
        );
        check(
            &self.base_url,
            self.base_url.starts_with("https://") || self.is_plain_loopback(),
            "LANYARD_URL must start with https:// (plain http only on this machine itself).",
        );
        check(&self.secret_key, self.secret_key.chars().count() >= 32, "LANYARD_SECRET_KEY must have at least 32 characters.");
        check(
            &self.mail_from,
            self.mail_from.parse::<lettre::message::Mailbox>().is_ok(),
            "LANYARD_MAIL_FROM must be an address such as Congress <congress@example.org>.",
        );
        let smtp = self.smtp_url.as_deref().unwrap_or_default();
        let metrics = self.metrics_listen.as_deref().unwrap_or_default();
        let metrics_fine = metrics.parse::<std::net::SocketAddr>().is_ok() && metrics != self.listen;
        check(metrics, metrics_fine, "LANYARD_METRICS_LISTEN must be an address and a port of its own such as 127.0.0.1:9090.");
        let token = self.metrics_token.as_deref().unwrap_or_default();
        check(token, token.len() >= 16, "LANYARD_METRICS_TOKEN must have at least 16 characters.");
        let folder = self.storage_url.strip_prefix("file://").filter(|folder| !folder.is_empty());
        let bucket = self.storage_url.strip_prefix("s3://").filter(|bucket| !bucket.is_empty() && !bucket.starts_with('/'));
        check(
            &self.storage_url,
            folder.or(bucket).is_some(),
            "LANYARD_STORAGE_URL must be file:// and a folder, or s3:// and a bucket such as s3://bucket/prefix.",
        );
        check(smtp, smtp.starts_with("smtp://") || smtp.starts_with("smtps://"), "LANYARD_SMTP_URL must start with smtp:// or smtps://.");
        wrong
    }

    /// Whether the service is reached over plain http on this machine itself; only then may cookies do without `Secure`.
    pub fn is_plain_loopback(&self) -> bool {
        let Ok(url) = url::Url::parse(&self.base_url) else { return false };
        url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
    }

    /// A key for one purpose, derived from the secret so that no two purposes share one.
    pub fn key_for(&self, purpose: &str) -> [u8; 32] {
        ids::mac(self.secret_key.as_bytes(), &["lanyard", purpose])
    }
}

/// The process's environment with what a `.env` file in the working folder adds.
pub fn environment() -> BTreeMap<String, String> {
    // A missing .env is the usual case; what is in the environment wins over the file.
    let lines = dotenvy::dotenv_iter().into_iter().flatten();
    let told = lines.inspect(|line| {
        if let Err(dotenvy::Error::LineParse(text, _)) = line {
            // What stands behind the name may be a secret.
            let name = text.split('=').next().unwrap_or_default();
            eprintln!("The line {name}=… of .env cannot be read: a value with spaces stands in quotes, {name}=\"…\".");
        }
    });
    let mut all: BTreeMap<String, String> = told.flatten().collect();
    all.extend(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))));
    all
}

/// The text of `.env.example`, made from the same table that start-up reads.
pub fn example() -> String {
    let mut text = String::from("# Settings of `lanyard serve`; copy to .env and fill in. Made by `lanyard settings`.\n");
    for setting in SETTINGS {
        let mark = if setting.needed { "" } else { "# " };
        let need = if setting.needed { "Needed." } else { "Optional." };
        // The reader of .env ends a value at its first space, unless it stands in quotes.
        let quote = if setting.example.contains(' ') { "\"" } else { "" };
        text.push_str(&format!("\n# {} {need}\n{mark}{}={quote}{}{quote}\n", setting.what, setting.name, setting.example));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> BTreeMap<String, String> {
        [
            ("DATABASE_URL", "sqlite:///tmp/x.db"),
            ("LANYARD_URL", "https://congress.example.org/"),
            ("LANYARD_DATA", "/tmp"),
            ("LANYARD_SECRET_KEY", "0123456789012345678901234567890123456789"),
            ("LANYARD_MAIL_FROM", "Congress <congress@example.org>"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    #[test]
    fn every_bad_or_missing_setting_is_named_at_once() {
        let mut settings = good();
        settings.remove("LANYARD_MAIL_FROM");
        settings.insert("LANYARD_URL".to_owned(), "http://congress.example.org".to_owned());
        settings.insert("LANYARD_SECRET_KEY".to_owned(), "short".to_owned());
        let wrong = Config::from_settings(&settings).unwrap_err();
        assert_eq!(wrong.len(), 3, "{wrong:?}");
    }

    #[test]
    fn the_example_of_settings_can_be_filled_in_and_read() {
        let filled = example().replace("\n# LANYARD", "\nLANYARD").replace("\n# DATABASE", "\nDATABASE");
        let read: Vec<(String, String)> = dotenvy::from_read_iter(filled.as_bytes()).collect::<std::result::Result<_, _>>().unwrap();
        let examples: BTreeMap<&str, &str> = SETTINGS.iter().map(|setting| (setting.name, setting.example)).collect();
        for setting in SETTINGS.iter().filter(|setting| setting.needed) {
            let value = read.iter().find(|(name, _)| name == setting.name).map(|(_, value)| value.as_str());
            assert_eq!(value, examples.get(setting.name).copied(), "{}", setting.name);
        }
    }

    #[test]
    fn good_settings_are_taken() {
        let config = Config::from_settings(&good()).unwrap();
        assert_eq!(config.base_url, "https://congress.example.org");
        assert!(!config.is_plain_loopback());
    }
}
