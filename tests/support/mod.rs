//! The built site under test: pages opened in real browsers, labs run in them, natively computed answers to compare.

pub mod driver;
pub mod html;
pub mod server;

use anyhow::{Context, Result, bail, ensure};
use driver::{Browser, Session};
use labs::{
    data::Data,
    frame::Frame,
    lab::AnyLab,
    points::{self, MOST, Point, REACH},
    random::Random,
    schema::{Domain, Schema},
    settings::{self, Settings},
    text::Language,
};
use serde_json::{Value, json};
use server::{Host, Meddler};
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

/// How long a lab may take to get ready or to finish, in milliseconds.
const PATIENCE: u32 = 120_000;

/// The built site, a server for it, and browsers to look at it with.
pub struct Site {
    /// The folder that holds it.
    pub folder: PathBuf,
    base: String,
    host: Host,
    idle: Mutex<Vec<Session>>,
    native: Mutex<BTreeMap<String, Frame>>,
}

impl Site {
    /// Serves the site that `cargo xtask` built, named by `SITE_DIST` and `SITE_BASE`.
    pub fn open() -> Result<Self> {
        let folder = env::var_os("SITE_DIST").context("this needs the built site; run `cargo xtask test`")?;
        let folder = PathBuf::from(folder);
        let base = env::var("SITE_BASE").unwrap_or_else(|_| "/".into());
        ensure!(
            folder.join("index.html").is_file(),
            "there is no site in {}; run `cargo xtask test`",
            folder.display()
        );
        for browser in Browser::ALL {
            if let Some(obstacle) = browser.obstacle() {
                bail!(obstacle);
            }
        }
        let host = Host::start(&folder, &base)?;
        Ok(Self { folder, base, host, idle: Mutex::default(), native: Mutex::default() })
    }

    /// Every page: its path in the site, such as `en/double-descent/`, and its file.
    pub fn pages(&self) -> Result<Vec<(String, PathBuf)>> {
        let mut pages = Vec::new();
        collect_pages(&self.folder, &self.folder, &mut pages)?;
        pages.sort();
        Ok(pages)
    }

    /// The paths of the chapters in one language.
    pub fn chapters(&self, language: Language) -> Result<Vec<String>> {
        let pages = self.pages()?.into_iter().filter(|(path, file)| {
            path.starts_with(language.code()) && fs::read_to_string(file).is_ok_and(|html| html.contains("<article"))
        });
        Ok(pages.map(|(path, _)| path).collect())
    }

    /// The browsers in which one of [`Self::chapters`] is tested wherever the engine may matter. The first chapter is seen
    /// in both browsers in both languages. Each further one, which has the same machinery, is seen in both languages and
    /// in both browsers too, but each language in one of them, by turns.
    pub fn browsers(&self, language: Language, path: &str) -> Result<Vec<Browser>> {
        let place = self.chapters(language)?.iter().position(|chapter| chapter == path).unwrap_or(0);
        if place == 0 {
            return Ok(Browser::ALL.to_vec());
        }
        Ok(vec![Browser::ALL[(place + usize::from(language == Language::Chinese)) % Browser::ALL.len()]])
    }

    /// The first chapter in one language that shows a lab.
    pub fn chapter_with(&self, lab: &str, language: Language) -> Result<Option<String>> {
        let shows = |path: &String| {
            let file = self.folder.join(path).join("index.html");
            fs::read_to_string(file).is_ok_and(|html| html.contains(&format!("data-lab=\"{lab}\"")))
        };
        Ok(self.chapters(language)?.into_iter().find(shows))
    }

    /// Serves the site once more, with answers that a meddler has a hand in.
    pub fn host_with(&self, meddler: Meddler) -> Result<Host> {
        Host::start_with(&self.folder, &self.base, meddler)
    }

    /// Opens a page in a browser that no other test uses meanwhile. `path` begins with `/`, the site's root.
    pub fn visit(&self, browser: Browser, path: &str) -> Result<Page<'_>> {
        let page = self.blank(browser)?;
        page.go(path)?;
        Ok(page)
    }

    /// A browser with an empty page.
    pub fn blank(&self, browser: Browser) -> Result<Page<'_>> {
        let waiting = self.idle.lock().ok().and_then(|mut idle| {
            let place = idle.iter().position(|session| session.browser == browser)?;
            Some(idle.swap_remove(place))
        });
        let session = match waiting {
            Some(session) => session,
            None => Session::start(browser).with_context(|| format!("{} does not start", browser.name()))?,
        };
        Ok(Page { site: self, session: Some(session) })
    }

    /// Lets all browsers go.
    pub fn close(&self) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.clear();
        }
    }

    /// What was asked of the server since the last call.
    pub fn take_visits(&self) -> Vec<server::Visit> {
        self.host.take_visits()
    }

    /// The last frame of a run on this machine's own processor, computed once for each setting.
    pub fn native(&self, lab: &'static dyn AnyLab, settings: &Settings) -> Result<Frame> {
        let key = format!("{}?{}", lab.schema().id, query(lab.schema(), settings));
        if let Some(frame) = self.native.lock().ok().and_then(|known| known.get(&key).cloned()) {
            return Ok(frame);
        }
        let frame = labs::run::complete(lab, settings.clone(), &Data::bundled());
        ensure!(!frame.digest.is_empty(), "{key} does not finish natively");
        if let Ok(mut known) = self.native.lock() {
            known.insert(key, frame.clone());
        }
        Ok(frame)
    }
}

fn collect_pages(root: &Path, folder: &Path, pages: &mut Vec<(String, PathBuf)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect_pages(root, &path, pages)?;
        } else if path.file_name().is_some_and(|name| name == "index.html") {
            let relative = folder.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            pages.push((if relative.is_empty() { relative } else { relative + "/" }, path));
        }
    }
    Ok(())
}

/// The query that carries settings on a lab's own page.
pub fn query(schema: &Schema, settings: &Settings) -> String {
    let seed = ("seed".to_owned(), settings.seed.to_string());
    let pairs = settings.changes(schema).into_iter().filter(|(name, _)| name != "seed").chain([seed]);
    pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Three settings of a lab that are quick to run: its defaults with few seeds; sizes halfway to the least; other
/// choices with another seed.
pub fn three_settings(schema: &Schema) -> [Settings; 3] {
    let few = |settings: &mut Settings, seeds: &str| {
        if schema.parameter("seeds").is_some() {
            // Two or three seeds are in the range of every lab that has them, or are clamped to it.
            let _ = settings.set(schema, "seeds", seeds);
        }
    };
    let mut first = Settings::defaults(schema);
    few(&mut first, "2");
    let mut second = Settings::defaults(schema);
    let mut third = Settings::defaults(schema);
    for parameter in schema.parameters.iter() {
        let domain = &parameter.domain;
        let (smaller, other) = match domain {
            Domain::Integer { min, default, .. } => {
                let smaller = settings::write(domain, ((min + default) / 2) as f64);
                (smaller.clone(), smaller)
            }
            Domain::Real { min, max, default, .. } => {
                let toward = |end: f64, share: f64| default + (end - default) * share;
                (settings::write(domain, toward(*min, 0.5)), settings::write(domain, toward(*max, 0.125)))
            }
            Domain::Choice { choices, default } => {
                (choices[*default].name.to_string(), choices[choices.len() - 1].name.to_string())
            }
            Domain::Points { default } => (default.to_string(), "1,0.5;-0.3,-2.25,-".into()),
        };
        // Values inside the range are always taken.
        let _ = second.set(schema, &parameter.name, &smaller);
        let _ = third.set(schema, &parameter.name, &other);
    }
    few(&mut second, "2");
    few(&mut third, "3");
    second.seed = 1;
    third.seed = 7;
    [first, second, third]
}

/// Settings drawn at random from a lab's whole ranges, at most half the work of its defaults. The same in every run of the tests,
/// unless the variable `SITE_SEED` asks for others.
pub fn random_settings(lab: &dyn AnyLab, index: u64) -> Result<Settings> {
    const DRAWS: usize = 10_000;
    let schema = lab.schema();
    let cost = |settings: &Settings| lab.plan(settings).tasks.iter().map(|spec| lab.cost(spec)).sum::<f64>();
    let limit = cost(&Settings::defaults(schema)) / 2.0;
    let seed = env::var("SITE_SEED").map_or(Ok(1), |seed| seed.parse()).context("SITE_SEED is a whole number")?;
    let mut random = Random::new(seed, index);
    for _ in 0..DRAWS {
        let mut settings = Settings::defaults(schema);
        for parameter in schema.parameters.iter() {
            let domain = &parameter.domain;
            let value = match domain {
                Domain::Integer { min, max, .. } => {
                    settings::write(domain, *min as f64 + random.below((max - min + 1) as usize) as f64)
                }
                Domain::Real { min, max, .. } => settings::write(domain, random.between(*min, *max)),
                Domain::Choice { choices, .. } => choices[random.below(choices.len())].name.to_string(),
                Domain::Points { .. } => {
                    let mut coordinate = || random.between(-REACH, REACH);
                    let points: Vec<Point> = (0..MOST)
                        .map(|index| Point { x: coordinate(), y: coordinate(), is_positive: index % 2 > 0 })
                        .collect();
                    points::write(&points)
                }
            };
            // Values inside the range are always taken.
            let _ = settings.set(schema, &parameter.name, &value);
        }
        settings.seed = random.below(1000) as u64;
        if cost(&settings) <= limit {
            return Ok(settings);
        }
    }
    bail!("{DRAWS} draws found no settings of {} that take half the work of its defaults", schema.id)
}

/// A link of nonsense to a lab: its own names and others, with values that are none, in which markup and code are hidden.
/// The same for the same seed.
pub fn random_link(schema: &Schema, seed: u64) -> String {
    const VALUES: [&str; 22] = [
        "<img src=x onerror=broken=1>",
        "\"><script>broken=1</script>",
        "<b>1</b>",
        "javascript:broken=1",
        "NaN",
        "-inf",
        "1e999",
        "-1e-999",
        "0x10",
        "1_000",
        "１２",
        "+-1",
        "1,5",
        "null",
        "undefined",
        "__proto__",
        "\u{0}",
        "\u{202e}evil",
        "'; DROP TABLE labs; --",
        "😀",
        " ",
        "",
    ];
    const NAMES: [&str; 9] =
        ["seed", "seeds", "run", "hide", "constructor", "__proto__", "<b>", "a]b", "a\"]; [data-action"];
    let mut random = Random::new(seed, 7);
    let mut pairs = Vec::new();
    for _ in 0..=random.below(8) {
        let own = schema.parameters.iter().map(|parameter| &*parameter.name);
        let names: Vec<&str> = own.chain(NAMES).collect();
        let name = names[random.below(names.len())];
        // `run` alone would begin whatever the other values are; what it says is still anything.
        let value = match random.below(4) {
            0 => "9".repeat(1 + random.below(400)),
            1 => format!("{}.{}e{}", random.below(100), random.below(1000), random.below(800)),
            _ => VALUES[random.below(VALUES.len())].to_owned(),
        };
        // Half of the pairs are not escaped as an address should be.
        pairs.push(if random.below(2) == 0 {
            format!("{name}={value}").replace(['#', '%', '&'], "")
        } else {
            format!("{}={}", percent(name), percent(&value))
        });
    }
    pairs.join("&")
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The parameter that the tests move: the first with a range, other than the number of seeds.
pub fn moved(schema: &Schema) -> Option<&str> {
    let ranged = |domain: &Domain| !matches!(domain, Domain::Choice { .. } | Domain::Points { .. });
    schema.parameters.iter().find(|p| ranged(&p.domain) && p.name != "seeds").map(|p| &*p.name)
}

/// The middle one of several measured values.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One page, open in a browser that goes back to the others when this is dropped.
pub struct Page<'a> {
    site: &'a Site,
    session: Option<Session>,
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        // A browser that cannot even be emptied is not used again.
        let clean = "localStorage.clear(); sessionStorage.clear();";
        let emptied =
            session.script(clean, &[]).and_then(|_| session.go("about:blank")).and_then(|()| session.restore());
        if emptied.is_ok()
            && session.console().is_ok()
            && let Ok(mut idle) = self.site.idle.lock()
        {
            idle.push(session);
        }
    }
}

impl Page<'_> {
    /// The browser's session.
    pub fn session(&self) -> &Session {
        match &self.session {
            Some(session) => session,
            None => unreachable!("a page gives its session back only when it is dropped"),
        }
    }

    /// Goes to another page of the site.
    pub fn go(&self, path: &str) -> Result<()> {
        let url = format!("{}{}", self.site.host.address, path.trim_start_matches('/'));
        self.session().go(&url).with_context(|| format!("{path} does not open"))
    }

    /// What an expression is worth in the page.
    pub fn value(&self, expression: &str) -> Result<Value> {
        self.session().script(&format!("return ({expression});"), &[])
    }

    /// A text that an expression is worth in the page; empty for anything else.
    pub fn text(&self, expression: &str) -> Result<String> {
        Ok(self.value(expression)?.as_str().unwrap_or_default().to_owned())
    }

    /// Runs the body of an asynchronous function in the page.
    pub fn run_script(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.session().script_async(body, arguments)
    }

    /// Follows the link to the page's other language, as a reader does, and waits until that is there.
    pub fn follow_language_link(&self) -> Result<()> {
        let before = self.text("location.pathname")?;
        self.value(
            "void setTimeout(() => { const link = document.querySelector('a[data-keep-place], header a[hreflang]');\
             link.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true })); link.click(); }, 20)",
        )?;
        for _ in 0..200 {
            std::thread::sleep(std::time::Duration::from_millis(50));
            // While the page changes there is none to ask.
            let arrived = self.text("document.readyState === 'complete' ? location.pathname : ''").unwrap_or_default();
            if !arrived.is_empty() && arrived != before {
                return Ok(());
            }
        }
        bail!("the language link leads nowhere")
    }

    /// An error if the page has had any: in its console, an exception, a file that did not load.
    pub fn expect_no_errors(&self) -> Result<()> {
        let mut errors = Vec::new();
        if let Some(list) = self.value("window.probe ? probe.errors : []")?.as_array() {
            errors.extend(list.iter().map(Value::to_string));
        }
        let console = self.session().console()?;
        errors.extend(console.into_iter().filter(|(level, _)| level == "SEVERE").map(|(_, message)| message));
        ensure!(errors.is_empty(), "the page has errors:\n  {}", errors.join("\n  "));
        Ok(())
    }

    /// A lab of this page.
    pub fn lab(&self, id: &str) -> LabOnPage<'_> {
        LabOnPage { page: self, id: id.to_owned() }
    }
}

/// A lab in an open page.
pub struct LabOnPage<'a> {
    page: &'a Page<'a>,
    id: String,
}

/// What a lab shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// `data-state`.
    pub state: String,
    /// `data-digest`.
    pub digest: String,
    /// Outputs with their `data-value`.
    pub outputs: BTreeMap<String, String>,
}

impl LabOnPage<'_> {
    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value> {
        let all: Vec<Value> = [json!(self.id)].into_iter().chain(arguments.iter().cloned()).collect();
        let body = format!("return await probe.{method}(...args);");
        self.page.run_script(&body, &all).with_context(|| format!("lab {}", self.id))
    }

    /// Scrolls to the lab and waits until it can be run.
    pub fn ready(&self) -> Result<&Self> {
        self.call("ready", &[json!(PATIENCE)])?;
        Ok(self)
    }

    /// Presses one of its buttons, named in English.
    pub fn press(&self, button: &str) -> Result<&Self> {
        self.call("press", &[json!(button)])?;
        Ok(self)
    }

    /// Waits until it is in a state.
    pub fn expect_state(&self, state: &str) -> Result<Shown> {
        self.call("awaitState", &[json!(state), json!(PATIENCE)])?;
        self.shown()
    }

    /// Waits until it is done.
    pub fn expect_done(&self) -> Result<Shown> {
        let shown = self.expect_state("done")?;
        ensure!(!shown.digest.is_empty(), "lab {} is done without a digest", self.id);
        Ok(shown)
    }

    /// What it shows now.
    pub fn shown(&self) -> Result<Shown> {
        let value = self.call("shown", &[])?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let outputs = value["outputs"]
            .as_object()
            .map(|outputs| outputs.iter().map(|(name, value)| (name.clone(), text(value))).collect());
        Ok(Shown { state: text(&value["state"]), digest: text(&value["digest"]), outputs: outputs.unwrap_or_default() })
    }

    /// Everything that can be seen of it, as one text: pixels, numbers.
    pub fn appearance(&self) -> Result<String> {
        Ok(self.call("appearance", &[])?.as_str().unwrap_or_default().to_owned())
    }

    /// Does something of `probe.js` with it.
    pub fn ask(&self, method: &str, arguments: &[Value]) -> Result<Value> {
        self.call(method, arguments)
    }
}

/// An error unless a lab shows exactly what the same run gives natively.
pub fn expect_same(shown: &Shown, native: &Frame) -> Result<()> {
    for output in &native.report.outputs {
        let text = shown.outputs.get(&output.name).with_context(|| format!("output {} is missing", output.name))?;
        if output.value.is_finite() {
            ensure!(
                text.parse() == Ok(output.value),
                "output {} is {text} in the page and {} natively",
                output.name,
                output.value
            );
        }
    }
    ensure!(shown.digest == native.digest, "the digest is {} in the page and {} natively", shown.digest, native.digest);
    Ok(())
}
