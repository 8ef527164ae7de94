//! A real Chromium without a window, driven over WebDriver, on a phone's or a laptop's screen.

use super::programs::{Folder, Program, find_program};
use base64::prelude::{BASE64_STANDARD, Engine};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// More than two browsers on a small machine make each other time out.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

const ARGUMENTS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--password-store=basic",
];

/// How a browser should be; made by [`phone`] or [`laptop`].
pub struct Options {
    is_phone: bool,
    is_dark: bool,
    camera: Option<PathBuf>,
}

/// A phone held upright: 360 × 740 CSS pixels, two device pixels each, touch.
pub fn phone() -> Options {
    Options { is_phone: true, is_dark: false, camera: None }
}

/// A laptop: 1280 × 800 pixels.
pub fn laptop() -> Options {
    Options { is_phone: false, is_dark: false, camera: None }
}

impl Options {
    /// With a camera that shows the film at `y4m` over and over, and that pages may use unasked.
    pub fn with_camera(mut self, y4m: &Path) -> Self {
        self.camera = Some(y4m.to_path_buf());
        self
    }

    /// With the dark color scheme.
    pub fn dark(mut self) -> Self {
        self.is_dark = true;
        self
    }

    /// Starts the browser with an empty profile; waits while two others run.
    pub async fn start(self) -> Browser {
        let permit = AT_ONCE.acquire().await.expect("the semaphore is never closed");
        let folder = Folder::on_disk();
        let (driver, port) = start_driver(&folder).await;
        let capabilities = self.capabilities(&folder);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        let browser = Browser { client, _driver: driver, folder, _permit: permit };
        if self.is_dark {
            let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
            browser.devtools("Emulation.setEmulatedMedia", dark).await;
        }
        browser
    }

    fn capabilities(&self, folder: &Folder) -> serde_json::Map<String, Value> {
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
        if let Some(film) = &self.camera {
            arguments.push("--use-fake-device-for-media-stream".to_owned());
            arguments.push("--use-fake-ui-for-media-stream".to_owned());
            arguments.push(format!("--use-file-for-fake-video-capture={}", film.display()));
        }
        let browser = find_program(&["chromium", "chromium-browser", "google-chrome"], &[])
            .expect("no Chromium on this machine: bin/test installs it (Debian's package chromium)");
        let mut chrome = json!({ "binary": browser });
        if self.is_phone {
            // A window cannot be as narrow as a phone, an emulated screen can.
            chrome["mobileEmulation"] = json!({ "deviceMetrics":
                { "width": 360, "height": 740, "pixelRatio": 2.0, "mobile": true, "touch": true } });
        } else {
            arguments.push("--window-size=1280,800".to_owned());
            // A window's own frame would take its part of the height.
            chrome["mobileEmulation"] = json!({ "deviceMetrics":
                { "width": 1280, "height": 800, "pixelRatio": 1.0, "mobile": false, "touch": false } });
        }
        chrome["args"] = json!(arguments);
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": chrome });
        capabilities.as_object().cloned().unwrap_or_default()
    }
}

/// A running browser; dropping or closing it ends it and removes its profile.
pub struct Browser {
    client: Client,
    // Ends before its folder goes.
    _driver: Program,
    folder: Folder,
    _permit: SemaphorePermit<'static>,
}

impl Browser {
    /// The WebDriver client, for everything this type has no word for.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A folder that goes with the browser, for films and downloads.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens a page and waits until it is loaded.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url} does not open: {error}"));
    }

    /// What a reader reads on the page.
    pub async fn text(&self) -> String {
        let script = "return document.body.innerText";
        let text = self.client.execute(script, vec![]).await.expect("the page's text");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// How many CSS pixels the page is wider than the screen, 0 when nothing needs sideways scrolling.
    pub async fn overflow(&self) -> i64 {
        let script = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
        self.client.execute(script, vec![]).await.expect("the page's width").as_i64().unwrap_or_default()
    }

    /// Writes a picture of the whole page, however long, as PNG.
    pub async fn screenshot(&self, path: &Path) {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let size = &metrics["cssContentSize"];
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let picture = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.devtools("Page.captureScreenshot", picture).await;
        let encoded = answer["data"].as_str().expect("a picture");
        let bytes = BASE64_STANDARD.decode(encoded).expect("a picture in base64");
        fs::write(path, bytes).expect("the picture's file");
    }

    /// Sends a DevTools command and returns its answer.
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let answer = self.client.issue_cmd(DevTools { command, parameters }).await;
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Ends the browser in an orderly way.
    pub async fn close(self) {
        let _ = self.client.clone().close().await;
    }
}

/// Chromedriver's own addition to WebDriver: a DevTools command for the page.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.parameters });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// Starts chromedriver on a free port that it picks itself.
async fn start_driver(folder: &Folder) -> (Program, u16) {
    let driver = find_program(&["chromedriver"], &["/usr/lib/chromium", "/usr/lib/chromium-browser"])
        .expect("no chromedriver on this machine: bin/test installs it (Debian's package chromium-driver)");
    let log = folder.path().join("chromedriver.log");
    let output = fs::File::create(&log).expect("chromedriver's log");
    let mut command = Command::new(driver);
    command.arg("--port=0").current_dir(folder.path());
    command.env("TMPDIR", folder.path()).env("HOME", folder.path());
    command.stderr(output.try_clone().expect("chromedriver's log")).stdout(output);
    let mut program = Program::start(&mut command, "TERM");
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let said = fs::read_to_string(&log).unwrap_or_default();
        let port = said
            .split("started successfully on port ")
            .nth(1)
            .and_then(|rest| rest.split_once('.').and_then(|(port, _)| port.parse().ok()));
        if let Some(port) = port {
            return (program, port);
        }
        // The port it picked may have been taken in that very moment.
        if said.contains("Address already in use") {
            return Box::pin(start_driver(folder)).await;
        }
        assert!(program.is_running() && Instant::now() < deadline, "chromedriver does not start:\n{said}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
