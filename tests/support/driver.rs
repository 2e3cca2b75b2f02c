//! Browsers, driven over the `WebDriver` protocol.
//!
//! `WebDriver` is JSON over HTTP with one request at a time, so a blocking client of a few dozen lines does; the crates
//! for it bring an asynchronous runtime and a TLS stack along.

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    env, fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The size of a window when it opens, in CSS pixels.
const SIZE: (u32, u32) = (1280, 900);

/// A browser that the site is tested in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Chromium or Chrome, through `chromedriver`.
    Chromium,
    /// Firefox, through geckodriver.
    Firefox,
}

impl Browser {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    /// The name that tests carry.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }

    const fn driver(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
        }
    }

    /// Where it is, if it is on PATH.
    pub fn program(self) -> Option<PathBuf> {
        let names: &[&str] = match self {
            Self::Chromium => &["chromium", "chromium-browser", "google-chrome", "chrome"],
            Self::Firefox => &["firefox-esr", "firefox"],
        };
        names.iter().find_map(|name| on_path(name))
    }

    /// What keeps the browser from being driven on this machine.
    pub fn obstacle(self) -> Option<String> {
        let lacks = |what: &str| Some(format!("{what} is not on PATH; `cargo xtask test` installs what it may"));
        if on_path(self.driver()).is_none() {
            return lacks(self.driver());
        }
        self.program().map_or_else(|| lacks(self.name()), |_| None)
    }

    fn capabilities(self, profile: &Path) -> Value {
        let program = self.program();
        match self {
            Self::Chromium => {
                let folder = format!("--user-data-dir={}", profile.display());
                json!({
                    "goog:loggingPrefs": { "browser": "ALL" },
                    "goog:chromeOptions": {
                        "binary": program,
                        "args": [
                            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
                            "--disable-sync", "--disable-extensions", format!("--window-size={},{}", SIZE.0, SIZE.1),
                            "--enable-blink-features=ForceEagerMeasureMemory", folder,
                        ],
                    },
                })
            }
            Self::Firefox => json!({
                "moz:firefoxOptions": {
                    "binary": program,
                    "args": ["-headless", format!("--width={}", SIZE.0), format!("--height={}", SIZE.1)],
                    "prefs": {
                        "app.update.auto": false,
                        "browser.shell.checkDefaultBrowser": false,
                        "datareporting.policy.dataSubmissionEnabled": false,
                        "network.captive-portal-service.enabled": false,
                        "network.connectivity-service.enabled": false,
                        "toolkit.telemetry.reportingpolicy.firstRun": false,
                    },
                },
            }),
        }
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|candidate| candidate.is_file())
}

/// One window of one browser, with the driver process that serves it.
pub struct Session {
    /// Which browser it is.
    pub browser: Browser,
    driver: Child,
    agent: ureq::Agent,
    address: String,
    profile: PathBuf,
    /// Whether its window or its media are not those it began with.
    is_changed: Cell<bool>,
}

impl Session {
    /// Starts a driver on a free port and a browser with a fresh profile.
    pub fn start(browser: Browser) -> Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let profile = env::temp_dir().join(format!("why-it-generalizes-{}-{count}", std::process::id()));
        fs::create_dir_all(&profile)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = Command::new(on_path(browser.driver()).context(browser.driver())?);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match browser {
            Browser::Chromium => command.arg(format!("--port={port}")),
            Browser::Firefox => command.args(["--port", &port.to_string(), "--log", "fatal"]),
        };
        let driver = command.spawn()?;
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(3)))
            .build()
            .new_agent();
        let mut session = Self {
            browser,
            driver,
            agent,
            address: format!("http://127.0.0.1:{port}"),
            profile: profile.clone(),
            is_changed: Cell::new(false),
        };
        session.await_driver(port)?;
        let capabilities = json!({ "capabilities": { "alwaysMatch": browser.capabilities(&profile) } });
        let answer = session.call("POST", "/session", &capabilities)?;
        let id = answer["sessionId"].as_str().context("the driver gave no session")?;
        session.address = format!("{}/session/{id}", session.address);
        let patience = json!({ "script": 150_000, "pageLoad": 60_000, "implicit": 0 });
        session.call("POST", "/timeouts", &patience)?;
        Ok(session)
    }

    fn await_driver(&mut self, port: u16) -> Result<()> {
        let begun = Instant::now();
        // A driver may try its port before it listens there for good.
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err()
            || self.call("GET", "/status", &Value::Null).is_err()
        {
            if let Some(status) = self.driver.try_wait()? {
                bail!("{} ended at once ({status})", self.browser.driver());
            }
            if begun.elapsed() > Duration::from_secs(20) {
                bail!("{} does not answer", self.browser.driver());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.address);
        let mut response = match method {
            "POST" => self.agent.post(&url).send_json(body),
            "DELETE" => self.agent.delete(&url).call(),
            _ => self.agent.get(&url).call(),
        }
        .with_context(|| format!("{} does not answer {method} {path}", self.browser.driver()))?;
        let mut answer: Value = response.body_mut().with_config().limit(256 << 20).read_json()?;
        let value = answer["value"].take();
        if let Some(error) = value["error"].as_str() {
            return Err(anyhow!("{error}: {}", value["message"].as_str().unwrap_or_default()));
        }
        Ok(value)
    }

    /// Opens an address and waits for the page's `load` event.
    pub fn go(&self, url: &str) -> Result<()> {
        self.call("POST", "/url", &json!({ "url": url })).map(drop)
    }

    /// The step back in the tab's history, and the step forward; both wait for the page.
    pub fn step(&self, direction: &str) -> Result<()> {
        self.call("POST", &format!("/{direction}"), &json!({})).map(drop)
    }

    /// The open tabs.
    pub fn tabs(&self) -> Result<Vec<String>> {
        let handles = self.call("GET", "/window/handles", &Value::Null)?;
        Ok(handles.as_array().into_iter().flatten().filter_map(|handle| Some(handle.as_str()?.to_owned())).collect())
    }

    /// Opens another tab, which hides this one once it is turned to, and returns its handle.
    pub fn open_tab(&self) -> Result<String> {
        let tab = self.call("POST", "/window/new", &json!({ "type": "tab" }))?;
        tab["handle"].as_str().map(str::to_owned).context("no tab opens")
    }

    /// Turns to a tab.
    pub fn turn_to(&self, tab: &str) -> Result<()> {
        self.call("POST", "/window", &json!({ "handle": tab })).map(drop)
    }

    /// Closes the tab that is turned to; another has to be turned to then.
    pub fn close_tab(&self) -> Result<()> {
        self.call("DELETE", "/window", &Value::Null).map(drop)
    }

    /// Runs the body of a function in the page, with `arguments` in `arguments`.
    pub fn script(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.call("POST", "/execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// Runs the body of an asynchronous function in the page and waits for what it returns.
    pub fn script_async(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        let body = format!(
            "const done = arguments[arguments.length - 1];\
             (async (...args) => {{ {body} }})(...Array.prototype.slice.call(arguments, 0, -1))\
             .then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let mut answer = self.call("POST", "/execute/async", &json!({ "script": body, "args": arguments }))?;
        match answer["error"].as_str() {
            Some(error) => bail!("the page's script failed: {error}"),
            None => Ok(answer["value"].take()),
        }
    }

    /// Presses keys one after the other, as on a keyboard, wherever the focus is. Special keys are `WebDriver`'s characters
    /// from U+E000 on.
    pub fn keys(&self, keys: &str) -> Result<()> {
        let key = |c: char| {
            let value = c.to_string();
            [json!({ "type": "keyDown", "value": value }), json!({ "type": "keyUp", "value": value })]
        };
        let actions: Vec<Value> = keys.chars().flat_map(key).collect();
        self.call(
            "POST",
            "/actions",
            &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }),
        )?;
        self.call("DELETE", "/actions", &Value::Null).map(drop)
    }

    /// Moves a `mouse` or a finger (`touch`) to a place in the window, and presses and releases it there if asked to.
    pub fn point(&self, kind: &str, x: i64, y: i64, press: bool) -> Result<()> {
        let mut actions = vec![json!({ "type": "pointerMove", "x": x, "y": y, "duration": 0 })];
        if press {
            actions.push(json!({ "type": "pointerDown", "button": 0 }));
            actions.push(json!({ "type": "pointerUp", "button": 0 }));
        }
        let source =
            json!({ "type": "pointer", "id": kind, "parameters": { "pointerType": kind }, "actions": actions });
        self.call("POST", "/actions", &json!({ "actions": [source] })).map(drop)
    }

    /// Draws with a `mouse` or a finger (`touch`) from one place in the window to another, in one movement.
    pub fn stroke(&self, kind: &str, from: (i64, i64), to: (i64, i64)) -> Result<()> {
        let to_place = |(x, y): (i64, i64)| json!({ "type": "pointerMove", "x": x, "y": y, "duration": 0 });
        let button = |what: &str| json!({ "type": what, "button": 0 });
        let actions = [to_place(from), button("pointerDown"), to_place(to), button("pointerUp")];
        let source =
            json!({ "type": "pointer", "id": kind, "parameters": { "pointerType": kind }, "actions": actions });
        self.call("POST", "/actions", &json!({ "actions": [source] })).map(drop)
    }

    /// Draws with a `mouse` or a finger (`touch`) through places in the window, a frame apart.
    pub fn path(&self, kind: &str, from: (i64, i64), through: &[(i64, i64)]) -> Result<()> {
        let to_place = |&(x, y): &(i64, i64)| json!({ "type": "pointerMove", "x": x, "y": y, "duration": 16 });
        let button = |what: &str| json!({ "type": what, "button": 0 });
        let actions: Vec<Value> = [to_place(&from), button("pointerDown")]
            .into_iter()
            .chain(through.iter().map(to_place))
            .chain([button("pointerUp")])
            .collect();
        let source =
            json!({ "type": "pointer", "id": kind, "parameters": { "pointerType": kind }, "actions": actions });
        self.call("POST", "/actions", &json!({ "actions": [source] })).map(drop)
    }

    /// Sets the size of the page's viewport in CSS pixels, until [`Self::restore`].
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.is_changed.set(true);
        match self.browser {
            // A window of Chromium cannot be as narrow as a phone, so its device is emulated.
            Browser::Chromium => self.zoom(width, height, 1),
            Browser::Firefox => {
                self.call("POST", "/window/rect", &json!({ "width": width, "height": height })).map(drop)
            }
        }
    }

    /// The same with so many pixels of the screen to the CSS pixel, as a reader's zoom makes it; Chromium only.
    pub fn zoom(&self, width: u32, height: u32, scale: u32) -> Result<()> {
        self.is_changed.set(true);
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics)
    }

    /// Lets the page believe in another medium (`print`) or in a reader's wishes (`prefers-…`), until [`Self::restore`];
    /// Chromium only.
    pub fn emulate_media(&self, medium: &str, features: &[(&str, &str)]) -> Result<()> {
        self.is_changed.set(true);
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.devtools("Emulation.setEmulatedMedia", &json!({ "media": medium, "features": features }))
    }

    /// Gives the window back the size and the media that it began with.
    pub fn restore(&self) -> Result<()> {
        if !self.is_changed.replace(false) {
            return Ok(());
        }
        match self.browser {
            Browser::Chromium => {
                self.devtools("Emulation.clearDeviceMetricsOverride", &json!({}))?;
                self.devtools("Emulation.setEmulatedMedia", &json!({ "media": "", "features": [] }))
            }
            Browser::Firefox => {
                self.call("POST", "/window/rect", &json!({ "width": SIZE.0, "height": SIZE.1 })).map(drop)
            }
        }
    }

    /// Prints the page, and returns the PDF in base 64.
    pub fn print(&self) -> Result<String> {
        let pdf = self.call("POST", "/print", &json!({}))?;
        pdf.as_str().map(str::to_owned).context("the browser prints no PDF")
    }

    /// One command of Chromium's own protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<()> {
        let body = json!({ "cmd": command, "params": parameters });
        self.call("POST", "/goog/cdp/execute", &body).map(drop)
    }

    /// What the console of Chromium has collected since the last call: level and message. Firefox has no such command;
    /// the script that the server adds to each page collects its errors.
    pub fn console(&self) -> Result<Vec<(String, String)>> {
        if self.browser == Browser::Firefox {
            return Ok(Vec::new());
        }
        let entries = self.call("POST", "/se/log", &json!({ "type": "browser" }))?;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(entries.iter().map(|entry| (text(entry, "level"), text(entry, "message"))).collect())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A browser that is already gone needs no farewell.
        let _ = self.call("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}
