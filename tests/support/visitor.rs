//! Who asks the service in process: a browser that keeps cookies and sends forms, and a program with a token.

use super::html;
use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use lanyard::app::App;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// The service's front door: takes a request, gives the answer.
pub type Service = Rc<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = Answer>>>>;

/// Builds the application as the server does.
pub async fn service_of(app: App) -> Service {
    let service = Rc::new(init_service(lanyard::http::server::application(app, lanyard::routes::Shared::default())).await);
    Rc::new(move |request| {
        let service = service.clone();
        Box::pin(async move {
            let response = call_service(&*service, request.to_request()).await;
            let status = response.status().as_u16();
            let text = |value: &actix_web::http::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
            let cookies = response.response().cookies().map(Cookie::into_owned).collect();
            Answer { status, headers, cookies, body: read_body(response).await.to_vec() }
        })
    })
}

/// What the service answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    cookies: Vec<Cookie<'static>>,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Every header, names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body as it came.
    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What a reader reads.
    pub fn text(&self) -> String {
        html::text(&self.html())
    }

    /// The body as JSON, null when it is empty.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.html()))
    }

    /// The stable code of a problem document.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("status {} leads nowhere: {}", self.status, self.text()))
    }

    /// The same answer, when it has this status; what it says otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The same answer, when a reader reads this in it.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let text = self.text();
        assert!(text.contains(words), "{words:?} is not in:\n{text}");
        self
    }

    /// The same answer, when a reader does not read this in it.
    #[track_caller]
    pub fn says_nothing_of(self, words: &str) -> Self {
        let text = self.text();
        assert!(!text.contains(words), "{words:?} is in:\n{text}");
        self
    }
}

/// A browser: keeps cookies, knows the page it shows, sends that page's forms; follows redirects when told to.
pub struct Visitor {
    service: Service,
    address: std::net::SocketAddr,
    cookies: RefCell<BTreeMap<String, String>>,
    shown: RefCell<Option<(String, Answer)>>,
}

impl Visitor {
    pub fn new(service: Service, number: u8) -> Self {
        let address = std::net::SocketAddr::from(([203, 0, 113, number], 40_000));
        Self { service, address, cookies: RefCell::default(), shown: RefCell::default() }
    }

    /// Puts a cookie into the browser.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// The value of a cookie that the browser has.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Opens a page; `path` may be a whole address, as letters have it.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get(), path).await
    }

    /// Opens a page that must be there.
    pub async fn open(&self, path: &str) -> Answer {
        self.get(path).await.expect(200)
    }

    /// Goes where the last answer leads, until a page is shown.
    pub async fn follow(&self) -> Answer {
        loop {
            let shown = self.shown.borrow().clone();
            let (path, answer) = shown.expect("nothing was opened yet");
            match answer.status {
                301..=308 => drop(self.get(&resolve(&path, answer.location())).await),
                _ => return answer,
            }
        }
    }

    /// Clicks the link of the shown page that reads exactly so.
    pub async fn click(&self, words: &str) -> Answer {
        let (path, answer) = self.shown.borrow().clone().expect("nothing was opened yet");
        let link = html::link(&answer.html(), words).unwrap_or_else(|| panic!("no link {words:?} in:\n{}", answer.text()));
        self.get(&resolve(&path, &link)).await
    }

    /// Posts fields as they are, with the form token of the shown page where it has one.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token();
        let token = token.as_deref().map(|token| ("csrf", token));
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain(token).collect();
        self.post_exactly(path, &fields).await
    }

    /// Posts these fields and no others.
    pub async fn post_exactly(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(TestRequest::post().set_form(fields), path).await
    }

    /// Uploads a file with the form token of the shown page.
    pub async fn upload(&self, path: &str, field: &str, bytes: &[u8]) -> Answer {
        let token = self.form_token().unwrap_or_default();
        let head = format!(
            "--b7\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b7\r\n\
             Content-Disposition: form-data; name=\"{field}\"; filename=\"list.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--b7--\r\n"].concat();
        let request = TestRequest::post().insert_header(("content-type", "multipart/form-data; boundary=b7")).set_payload(body);
        self.send(request, path).await
    }

    /// Posts fields and, last, a file of this name (none where it is empty), with the shown page's form token.
    pub async fn hand_in(&self, path: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Answer {
        let token = self.form_token().unwrap_or_default();
        let all = [("csrf", token.as_str())].into_iter().chain(fields.iter().copied());
        let part = |(name, value): (&str, &str)| format!("--f5\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let head = all.map(part).collect::<String>()
            + &format!("--f5\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: x/y\r\n\r\n");
        let body = [head.as_bytes(), bytes, b"\r\n--f5--\r\n"].concat();
        let request = TestRequest::post().insert_header(("content-type", "multipart/form-data; boundary=f5")).set_payload(body);
        self.send(request, path).await
    }

    /// Posts these fields as a form with files does, and no others.
    pub async fn post_with_files(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let parts =
            fields.iter().map(|(name, value)| format!("--x9\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        let body = parts.collect::<String>() + "--x9--\r\n";
        let request = TestRequest::post().insert_header(("content-type", "multipart/form-data; boundary=x9"));
        self.send(request.set_payload(body), path).await
    }

    /// Sends the shown page's form that carries an uploaded file on, with these fields added.
    pub async fn confirm_upload(&self, action: &str, more: &[(&str, &str)]) -> Answer {
        let html = self.shown.borrow().as_ref().map(|(_, answer)| answer.html()).unwrap_or_default();
        let form = html::forms(&html).into_iter().find(|form| form.action == action).unwrap_or_else(|| panic!("no form {action:?}"));
        let filled = form.filled.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = filled.chain(more.iter().copied()).collect();
        self.post_with_files(action, &fields).await
    }

    /// Fills in and sends the shown page's form whose address contains `action`. A field that the form
    /// does not have, or a choice it does not offer by name, fails the test; lists are given one by one.
    pub async fn submit(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let (path, answer) = self.shown.borrow().clone().expect("nothing was opened yet");
        let html = answer.html();
        let forms = html::forms(&html);
        let has_all = |form: &&html::Form| {
            let known = |name: &str| form.fields.iter().any(|field| field == name) || form.buttons.iter().any(|(button, _)| button == name);
            form.action.contains(action) && fields.iter().all(|(name, _)| known(name))
        };
        let form = forms.iter().find(has_all).unwrap_or_else(|| {
            let known: Vec<String> = forms.iter().map(|form| format!("{} {:?} {:?}", form.action, form.fields, form.buttons)).collect();
            panic!("no form {action:?} with {fields:?} on {path}; there are {known:#?}\n{}", answer.text())
        });
        let mut sent: Vec<(&str, &str)> = form.filled.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        sent.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        sent.extend(fields);
        let target = resolve(&path, &form.action);
        if form.is_post {
            return self.post_exactly(&target, &sent).await;
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
        self.get(&format!("{}?{query}", target.split('?').next().unwrap_or_default())).await
    }

    /// Sends JSON as a script of the shown page does, with its form token in a header.
    pub async fn script(&self, method: Method, path: &str, body: &Value) -> Answer {
        let token = self.form_token().unwrap_or_default();
        let request = TestRequest::default().method(method).insert_header((lanyard::http::api::TOKEN_HEADER, token));
        self.send(request.set_json(body), path).await
    }

    /// Sends a request as it is, with this browser's cookies.
    pub async fn ask(&self, request: TestRequest, path: &str) -> Answer {
        self.send(request, path).await
    }

    /// The form token of the shown page.
    pub fn form_token(&self) -> Option<String> {
        let shown = self.shown.borrow();
        let (_, answer) = shown.as_ref()?;
        let forms = html::forms(&answer.html());
        forms.iter().flat_map(|form| &form.filled).find(|(name, _)| name == "csrf").map(|(_, value)| value.clone())
    }

    async fn send(&self, request: TestRequest, path: &str) -> Answer {
        let path = path_of(path);
        let mut request = request.uri(&path).peer_addr(self.address);
        for (name, value) in &*self.cookies.borrow() {
            request = request.cookie(Cookie::new(name.clone(), value.clone()));
        }
        let answer = (self.service)(request).await;
        for cookie in &answer.cookies {
            let mut cookies = self.cookies.borrow_mut();
            let is_gone = cookie.value().is_empty() || cookie.max_age().is_some_and(|age| age.is_zero());
            if is_gone {
                cookies.remove(cookie.name())
            } else {
                cookies.insert(cookie.name().to_owned(), cookie.value().to_owned())
            };
        }
        *self.shown.borrow_mut() = Some((path, answer.clone()));
        answer
    }
}

/// Path and query of an address of ours.
fn path_of(address: &str) -> String {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    path.split('#').next().unwrap_or_default().to_owned()
}

/// An address as the page at `path` means it.
fn resolve(path: &str, address: &str) -> String {
    if address.is_empty() {
        return path.to_owned();
    }
    let base = url::Url::parse("https://congress.example.org").and_then(|base| base.join(path)).expect("a page's path");
    path_of(base.join(address).expect("an address").as_str())
}

/// A program that calls the API, with a token or without.
#[derive(Clone)]
pub struct Api {
    service: Service,
    token: Option<String>,
}

impl Api {
    pub fn new(service: Service, token: Option<String>) -> Self {
        Self { service, token }
    }

    /// `GET /api/v1…`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get(), path).await
    }

    /// `POST /api/v1…` with JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(TestRequest::post().set_json(body), path).await
    }

    /// `POST /api/v1…` with an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: Value) -> Answer {
        self.send(TestRequest::post().insert_header(("idempotency-key", key)).set_json(body), path).await
    }

    /// `DELETE /api/v1…`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(TestRequest::delete(), path).await
    }

    async fn send(&self, request: TestRequest, path: &str) -> Answer {
        let path = if path.starts_with("/api/") { path.to_owned() } else { format!("/api/v1{path}") };
        let mut request = request.uri(&path).peer_addr(std::net::SocketAddr::from(([198, 51, 100, 7], 50_000)));
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        (self.service)(request).await
    }
}

/// Runs all of them at once and returns what each gave, in their order.
pub async fn at_once<T: 'static>(futures: impl IntoIterator<Item = impl Future<Output = T> + 'static>) -> Vec<T> {
    let running: Vec<_> = futures.into_iter().map(actix_web::rt::spawn).collect();
    let mut given = Vec::with_capacity(running.len());
    for one in running {
        given.push(one.await.expect("one of many panicked"));
    }
    given
}
