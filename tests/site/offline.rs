//! The book without a network: what was read opens and runs, all of it comes on request, and a version comes in whole.
//!
//! Each test has a server of its own, at an origin that no browser knows yet, and sees the files as they are: the worker
//! takes no other.

use crate::{
    Tests,
    support::{
        Page, Site,
        driver::Browser,
        server::{Host, gzip_size},
        three_settings,
    },
};
use anyhow::{Context, Result, ensure};
use labs::{labs::ALL, text::Language};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};
use why_it_generalizes::press::{
    offline::{retire, seal},
    site::Site as Staged,
};

/// What the shell may take, compressed, in bytes: it is loaded for readers who did not ask for it.
const SHELL_BYTES: usize = 400_000;

/// The folder under which the book lies.
const BASE: &str = "/a/book/";

/// Words for what a page sees of the worker.
const HELPERS: &str = "
    const pause = duration => new Promise(resolve => setTimeout(resolve, duration));
    const until = async (test, what) => {
        for (const begun = performance.now(); performance.now() - begun < 60000; await pause(30)) {
            const found = await test();
            if (found) return found;
        }
        const registration = await navigator.serviceWorker?.getRegistration();
        const states = ['installing', 'waiting', 'active'].map(stage => `${stage}: ${registration?.[stage]?.state}`);
        throw new Error(`waited in vain for ${what}; ${states}; ${await caches.keys()}`);
    };
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const worker = async () => (await navigator.serviceWorker.ready).active;
    const ask = async question => {
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise(arrive => (port1.onmessage = ({ data }) => arrive(data)));
        (await worker()).postMessage(question, [port2]);
        return answer;
    };
    const root = new URL(document.documentElement.dataset.root, location.href);
    const here = () => location.pathname.slice(root.pathname.length);
    const kept = page => until(async () => (await ask({ ask: 'state' })).pages.includes(page), `${page} to be kept`);
    const tidings = () => document.querySelector('.tidings [role=status]')?.textContent ?? '';
    const control = () => document.querySelector('.offline');
    const shown = selector => Array.from(control().querySelectorAll(selector)).find(it => !it.hidden);
    const press = name => shown('button') && Array.from(control().querySelectorAll('button'))
        .find(button => button.textContent === name && !button.hidden)?.click();
    const told = () => control().querySelector('[role=status]').textContent;
    // The button of a lab that lives: before, its form is disabled.
    const runs = figure => Array.from(figure.querySelectorAll('button'))
        .find(it => ['Run', '运行'].includes(it.textContent.trim()) && !it.matches(':disabled'));
    const versions = async () => (await caches.keys()).filter(name => !name.endsWith(' notes')).length;
";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for browser in Browser::ALL {
        let name = |fact: &str| format!("{}::{fact}", browser.name());
        tests.add(name("a_chapter_that_was_read_opens_and_runs_without_network"), move |site| read(site, browser));
        tests.add(name("a_new_version_comes_when_it_is_asked_for_and_is_whole"), move |site| renewed(site, browser));
    }
    tests.add("chromium::the_whole_book_is_taken_on_request".into(), whole);
    tests.add("chromium::a_half_deployed_version_never_starts".into(), half);
    tests.add("chromium::a_page_of_the_old_version_keeps_its_files_beside_one_of_the_new".into(), side_by_side);
    tests.add("chromium::a_full_storage_is_told_of_and_the_book_is_read_on".into(), full);
    tests.add("chromium::without_a_worker_the_book_is_read_and_the_control_says_so".into(), blocked);
    tests.add("chromium::the_retired_worker_leaves_nothing_behind".into(), retired);
    tests.add("files::the_manifest_names_icons_of_the_sizes_that_it_says".into(), manifest);
    tests.add("files::the_list_of_the_service_worker_has_every_file_of_a_page".into(), list);
}

/// A server of the test's own and a page of a browser.
struct Reader<'a> {
    host: Host,
    page: Page<'a>,
}

impl<'a> Reader<'a> {
    fn new(site: &'a Site, browser: Browser, folder: &Path) -> Result<Self> {
        Ok(Self { host: Host::bare(folder, BASE)?, page: site.blank(browser)? })
    }

    fn go(&self, path: &str) -> Result<()> {
        self.page.session().go(&format!("{}{path}", self.host.address)).with_context(|| format!("{path} does not open"))
    }

    fn run(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.page.run_script(&format!("{HELPERS}{body}"), arguments)
    }

    /// Reads a page until the worker has it.
    fn read(&self, path: &str) -> Result<()> {
        self.go(path)?;
        self.run("await kept(here());", &[]).with_context(|| format!("{path} is read")).map(drop)
    }

    fn title(&self) -> Result<String> {
        self.page.text("document.querySelector('h1').textContent")
    }
}

/// A copy of the site that goes when this does.
struct Copy(PathBuf);

impl Copy {
    /// The files of one folder; nothing is copied but their names.
    fn of(folder: &Path) -> Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Beside the site, because a link to a file cannot lead to another disk.
        let place = folder.with_file_name(format!("site-copy-{}-{count}", std::process::id()));
        link_all(folder, &place)?;
        Ok(Self(place))
    }

    /// A file with another content. The site's own stays as it is.
    fn change(&self, path: &str, change: impl Fn(&str) -> String) -> Result<()> {
        let file = self.0.join(path);
        let text = change(&fs::read_to_string(&file)?);
        fs::remove_file(&file)?;
        Ok(fs::write(file, text)?)
    }

    /// Another version of the site: each page has a mark, and the style sheet and all workers have other names.
    fn renewed(site: &Site) -> Result<Self> {
        let copy = Self::of(&site.folder)?;
        let files = names(&site.folder)?;
        let is_script =
            |name: &str| name.contains("worker-") && Path::new(name).extension().is_some_and(|ending| ending == "js");
        let old: Vec<&String> = files.iter().filter(|name| is_script(name) || is_style(name)).collect();
        let rename =
            |text: &str| old.iter().fold(text.to_owned(), |text, name| text.replace(*name, &renamed_file(name)));
        for (path, _) in site.pages()? {
            let mark = |html: &str| rename(html).replacen("<body", "<body data-version=\"2\"", 1);
            copy.change(&format!("{path}index.html"), mark)?;
        }
        for language in Language::ALL {
            copy.change(&format!("offline/{}.html", language.code()), rename)?;
        }
        for name in &old {
            let mark = if is_style(name) { ":root { --version: 2; }" } else { "// 2" };
            copy.change(name, |text| format!("{}\n{mark}\n", rename(text)))?;
            fs::rename(copy.0.join(name), copy.0.join(renamed_file(name)))?;
        }
        fs::remove_file(copy.0.join("sw.js"))?;
        seal(&Staged::at(copy.0.clone()))?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What cannot be removed lies in the folder of what is built.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn link_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            link_all(&path, &target)?;
        } else {
            fs::hard_link(&path, &target)?;
        }
    }
    Ok(())
}

/// The names of the files in a folder.
fn names(folder: &Path) -> Result<Vec<String>> {
    Ok(fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
}

fn is_style(name: &str) -> bool {
    // Not its compressed twins.
    name.starts_with("style-") && Path::new(name).extension().is_some_and(|ending| ending == "css")
}

/// A file's name with the hash of another content.
fn renamed_file(name: &str) -> String {
    let (stem, rest) = name.rsplit_once('-').unwrap_or((name, ""));
    let (hash, ending) = rest.split_once('.').unwrap_or((rest, ""));
    format!("{stem}-{}.{ending}", hash.chars().rev().collect::<String>())
}

/// The two first chapters in a language.
fn chapters(site: &Site, language: Language) -> Result<[String; 2]> {
    let mut paths = site.chapters(language)?.into_iter();
    let [first, second] = [paths.next(), paths.next()].map(|path| path.context("the book has two chapters"));
    Ok([first?, second?])
}

fn read(site: &Site, browser: Browser) -> Result<()> {
    let reader = Reader::new(site, browser, &site.folder)?;
    let [read, unread] = chapters(site, Language::English)?;
    reader.read(&read)?;
    reader.host.show(None);

    // With settings in the address, and without the final slash.
    let text = fs::read_to_string(site.folder.join(&read).join("index.html"))?;
    let stands = |id: &str| text.contains(&format!("data-lab=\"{id}\""));
    let lab = *ALL.iter().find(|lab| stands(&lab.schema().id)).context("the chapter has a lab")?;
    let schema = lab.schema();
    let [settings, ..] = three_settings(schema);
    let changes = settings.changes(schema).into_iter().map(|(name, value)| format!("{}.{name}={value}&", schema.id));
    let query: String = changes.collect();
    let id = &schema.id;
    reader.go(&format!("{}?{query}{id}.run=1#lab-{id}", read.trim_end_matches('/')))?;
    reader.run(
        "const figure = document.querySelector(`figure[data-lab='${args[0]}']`);
         figure.scrollIntoView();
         await until(() => figure.dataset.digest === args[1], `the digest, which is ${figure.dataset.digest}, ${figure.dataset.state}`);",
        &[json!(schema.id), json!(site.native(lab, &settings)?.digest)],
    )?;

    // In the contents, it is marked.
    reader.go("en/")?;
    reader.run(
        "await until(() => document.querySelector('.kept-sign'), 'a mark');
         const marks = Array.from(document.querySelectorAll('.kept-sign'), sign => sign.closest('li').querySelector('a').href);
         expect(marks.join() === new URL(args[0], root).href, marks.join());",
        &[json!(read)],
    )?;

    // The same chapter in the other language, and one that was not read.
    reader.go(&read.replacen("en/", "zh/", 1))?;
    let language = reader.page.text("document.querySelector('article') && document.documentElement.lang")?;
    ensure!(language == Language::Chinese.tag(), "the other edition is in “{language}”");
    for (path, title) in [(unread.clone(), "No network"), (unread.replacen("en/", "zh/", 1), "没有网络连接")] {
        reader.go(&path)?;
        ensure!(reader.title()? == title, "{path} shows “{}”", reader.title()?);
        let links = reader
            .page
            .value("Array.from(document.querySelectorAll('li[data-page] a'), link => link.getAttribute('href'))")?;
        let way_on = format!("{BASE}{}/{}", &path[..2], &read[3..]);
        ensure!(links == json!([way_on]), "the way on from {path} is {links}");
        ensure!(reader.page.value("document.querySelector('[data-none]')")?.is_null(), "it says that nothing is kept");
        reader.page.value("void setTimeout(() => document.querySelector('li[data-page] a').click(), 20)")?;
        reader
            .run("await until(() => document.querySelector('article'), 'the chapter');", &[])
            .or_else(|_| reader.run("await until(() => document.querySelector('article'), 'the chapter');", &[]))?;
    }
    Ok(())
}

fn whole(site: &Site) -> Result<()> {
    let reader = Reader::new(site, Browser::Chromium, &site.folder)?;
    reader.go("zh/")?;
    let values = reader.run(
        "await until(control, 'the control');
         await until(() => / MB$/.test(control().querySelector('.size').textContent), 'the size');
         const bar = control().querySelector('progress');
         const values = [];
         new MutationObserver(() => values.push(bar.value)).observe(bar, { attributes: true, attributeFilter: ['value'] });
         press('下载全书以便离线阅读');
         await until(() => values.filter(value => value > 1e6).length > 1, 'progress');
         press('取消');
         await until(() => shown('button')?.textContent === '下载全书以便离线阅读', 'the end of it');
         const { all, bytes, total } = await ask({ ask: 'state' });
         expect(!all && bytes < total, `${bytes} of ${total} after it was called off`);
         press('下载全书以便离线阅读');
         await until(() => bar.value > bytes, 'more progress');
         return values;",
        &[],
    )?;
    let values: Vec<f64> = values.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    ensure!(values.is_sorted() && values.len() > 2, "the progress is {values:?}");

    // It goes on after the page was left.
    reader.go("zh/")?;
    reader.run("await until(() => control() && /全书已保存/.test(told()), 'all of it');", &[])?;

    reader.host.show(None);
    reader.go("zh/")?;
    let missing = reader.run(
        "const missing = [];
         for (const path of args[0]) {
             const answer = await fetch(new URL(path, root)).catch(() => ({}));
             if (!answer.ok) missing.push(path);
         }
         return missing;",
        &[json!(site.pages()?.into_iter().map(|(path, _)| path).collect::<Vec<_>>())],
    )?;
    ensure!(missing == json!([]), "these pages are missing: {missing}");
    for language in Language::ALL {
        for path in site.chapters(language)? {
            reader.go(&path)?;
            reader.run(
                "const [figure] = document.querySelectorAll('figure[data-lab]');
                 figure.scrollIntoView();
                 await until(() => runs(figure), 'a living lab');",
                &[],
            )?;
        }
    }
    reader.host.show(Some(&site.folder));
    reader.go("zh/")?;
    reader.run(
        "await until(() => control() && shown('button')?.textContent === '移除', 'the way to remove it');
         press('移除');
         await until(() => shown('button')?.textContent === '下载全书以便离线阅读', 'the beginning');
         const { pages, bytes, total } = await ask({ ask: 'state' });
         expect(pages.every(page => ['', 'en/', 'zh/'].includes(page)), `${pages} are still there`);
         expect(bytes < total / 4, `${bytes} bytes are still there`);",
        &[],
    )?;
    Ok(())
}

/// What a page says of its version: the mark of its HTML, that of its style sheet, and that of its other language.
const VERSION: &str = "
    const version = async (page = window) => {
        const twin = await page.fetch(page.document.querySelector('a.language').href);
        const sheet = page.document.querySelector('link[rel=stylesheet]');
        return [
            page.document.body.dataset.version ?? '1',
            page.getComputedStyle(page.document.documentElement).getPropertyValue('--version').trim() || '1',
            (await (await page.fetch(sheet.href)).text()).includes('--version: 2') ? '2' : '1',
            twin.ok ? (await twin.text()).includes('data-version=\"2\"') ? '2' : '1' : `no answer: ${twin.status}`,
        ].join();
    };
    const update = async () => (await navigator.serviceWorker.ready).update();
    const settled = async () => {
        const registration = await navigator.serviceWorker.ready;
        await until(() => !registration.installing, 'the end of the installation');
        return registration;
    };
";

impl Reader<'_> {
    fn versions(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.run(&format!("{VERSION}{body}"), arguments)
    }

    fn expect_version(&self, version: &str) -> Result<()> {
        let seen = self.versions("return version();", &[])?;
        let all = [version; 4].join(",");
        ensure!(seen == json!(all), "the page is of versions {seen} instead of {all}");
        Ok(())
    }

    /// Asks for the version that is ready, and waits until the page is there again.
    fn renew(&self) -> Result<()> {
        self.page.value("void (window.before = true, document.querySelector('.tidings button').click())")?;
        for _ in 0..600 {
            let fresh = "!window.before && document.readyState === 'complete' && document.body.dataset.version";
            // While the page changes there is none to ask.
            if self.page.value(fresh).is_ok_and(|found| found == json!("2")) {
                return Ok(());
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        anyhow::bail!("the new version did not come")
    }
}

fn renewed(site: &Site, browser: Browser) -> Result<()> {
    let new = Copy::renewed(site)?;
    let reader = Reader::new(site, browser, &site.folder)?;
    let [read, _] = chapters(site, Language::Chinese)?;
    reader.read(&read)?;
    reader.host.show(Some(&new.0));
    reader.versions("await update(); await until(tidings, 'a word on the new version');", &[])?;
    reader.expect_version("1")?;
    // Another page opens in the version that is in use.
    reader.go("zh/")?;
    reader.expect_version("1")?;
    reader.run("await until(tidings, 'a word on the new version');", &[])?;
    reader.renew()?;
    reader.expect_version("2")?;
    // What was kept of the old version was taken of the new, too.
    reader.host.show(None);
    reader.go(&read)?;
    reader.expect_version("2")?;
    reader.run("await until(async () => await versions() === 1, 'the old version to go');", &[])?;
    Ok(())
}

fn half(site: &Site) -> Result<()> {
    let new = Copy::renewed(site)?;
    let reader = Reader::new(site, Browser::Chromium, &site.folder)?;
    reader.read("en/")?;
    let before = reader.run("return (await ask({ ask: 'state' })).version;", &[])?;
    // Two ways to be half there: a page of the old version, and a file that has not come yet.
    let half = Copy::of(&new.0)?;
    fs::remove_file(half.0.join("zh/index.html"))?;
    fs::copy(site.folder.join("zh/index.html"), half.0.join("zh/index.html"))?;
    let lacking = Copy::of(&new.0)?;
    let style = names(&new.0)?.into_iter().find(|name| is_style(name)).context("there is no style sheet")?;
    fs::remove_file(lacking.0.join(style))?;
    for folder in [&half, &lacking] {
        reader.host.show(Some(&folder.0));
        reader.versions(
            "await update().catch(() => {});
             const registration = await settled();
             expect(!registration.waiting, 'half a version is ready');
             expect((await ask({ ask: 'state' })).version === args[0], 'another version is in use');
             await until(async () => await versions() === 1, 'the half version to go');
             expect(!tidings(), tidings());",
            std::slice::from_ref(&before),
        )?;
        reader.go("en/")?;
        reader.expect_version("1")?;
    }
    reader.host.show(Some(&new.0));
    reader.versions("await update(); await until(tidings, 'a word on the new version');", &[])?;
    reader.renew()?;
    reader.expect_version("2")
}

fn side_by_side(site: &Site) -> Result<()> {
    let new = Copy::renewed(site)?;
    let reader = Reader::new(site, Browser::Chromium, &site.folder)?;
    let [read, _] = chapters(site, Language::English)?;
    reader.read(&read)?;
    reader.run(
        "const other = window.open(new URL('en/', root), 'other');
         await until(() => other.document.readyState === 'complete' && other.document.querySelector('.parts'), 'a second page');",
        &[],
    )?;
    reader.host.show(Some(&new.0));
    // The second page asks for the new version, and goes when it has it. Then the server has nothing of the old one.
    reader.versions(
        "await update();
         const other = window.open('', 'other');
         const button = await until(() => tidings() && other.document.querySelector('.tidings button'), 'a word in both pages');
         button.click();
         await until(() => other.document.body?.dataset.version === '2', 'the new version');
         other.close();
         expect(await version() === '1,1,1,1', `the old page is of versions ${await version()}`);
         expect(await versions() === 2, 'the old version is gone');
         // A lab whose worker was not needed so far.
         const figure = Array.from(document.querySelectorAll('figure[data-lab]')).at(-1);
         figure.scrollIntoView();
         const run = await until(() => runs(figure), `${figure.dataset.lab} to live`);
         const states = [];
         new MutationObserver(() => states.push(figure.dataset.state)).observe(figure, { attributeFilter: ['data-state'] });
         run.click();
         await until(() => ['done', 'error'].includes(states.at(-1)), `${figure.dataset.lab} to end`);
         expect(states.at(-1) === 'done', `${figure.dataset.lab}: ${states}`);",
        &[],
    )?;
    reader.go(&read)?;
    reader.expect_version("2")?;
    reader.run("await until(async () => await versions() === 1, 'the old version to go');", &[])?;
    Ok(())
}

fn full(site: &Site) -> Result<()> {
    let reader = Reader::new(site, Browser::Chromium, &site.folder)?;
    let [read, _] = chapters(site, Language::English)?;
    let origin = reader.host.address.trim_end_matches(BASE).to_owned();
    let quota = json!({ "origin": origin, "quotaSize": 200_000 });
    reader.page.session().devtools("Storage.overrideQuotaForOrigin", &quota)?;
    reader.go(&read)?;
    reader.run("await until(() => /no room/.test(tidings()), 'a word on the room');", &[])?;
    // On with the network, through a worker that has nothing.
    reader.go(&read)?;
    reader.run(
        "const [figure] = document.querySelectorAll('figure[data-lab]');
         figure.scrollIntoView();
         await until(() => runs(figure), 'a living lab');
         expect(!(await ask({ ask: 'state' })).pages.length, 'pages are kept');",
        &[],
    )?;
    reader.go("en/")?;
    reader.run(
        "await until(control, 'the control');
         press('Take the whole book offline');
         await until(() => /no more room/.test(told()), 'a word on the room');",
        &[],
    )?;
    reader.page.session().devtools("Storage.overrideQuotaForOrigin", &json!({ "origin": origin }))
}

fn blocked(site: &Site) -> Result<()> {
    let copy = Copy::of(&site.folder)?;
    fs::remove_file(copy.0.join("sw.js"))?;
    let reader = Reader::new(site, Browser::Chromium, &copy.0)?;
    reader.go("")?;
    let told = reader.run(
        "await until(control, 'the control');
         press('Take the whole book offline');
         await until(told, 'a word');
         expect(shown('button').textContent === 'Try again', shown('button').textContent);
         return Array.from(document.querySelectorAll('.offline [role=status]'), it => it.textContent);",
        &[],
    )?;
    let texts: Vec<&str> = told.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure!(
        texts.len() == 2 && texts[0].contains("could not be kept") && texts[1].contains("未能"),
        "the control says {texts:?}"
    );
    Ok(())
}

fn retired(site: &Site) -> Result<()> {
    let copy = Copy::of(&site.folder)?;
    fs::remove_file(copy.0.join("sw.js"))?;
    retire(&Staged::at(copy.0.clone()))?;
    let reader = Reader::new(site, Browser::Chromium, &site.folder)?;
    reader.read("en/")?;
    reader.host.show(Some(&copy.0));
    reader.page.value("void navigator.serviceWorker.ready.then(it => { window.before = true; it.update(); })")?;
    for _ in 0..600 {
        let state = reader.page.run_script(
            "if (window.before) return 'old';
             const { length } = await caches.keys();
             return `${length} ${Boolean(await navigator.serviceWorker.getRegistration())}`;",
            &[],
        );
        // While the page changes there is none to ask.
        if state.is_ok_and(|state| state == json!("0 false")) {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    anyhow::bail!("the worker stays")
}

fn manifest(site: &Site) -> Result<()> {
    let manifest: Value = serde_json::from_slice(&fs::read(site.folder.join("manifest.webmanifest"))?)?;
    let name = manifest["name"].as_str().unwrap_or_default();
    ensure!(name.contains("Why It Generalizes") && name.contains("为何泛化"), "the name is {name}");
    ensure!(manifest["start_url"] == "./" && manifest["scope"] == "./", "it works at one path only");
    let mut found = Vec::new();
    for icon in manifest["icons"].as_array().context("there are no icons")? {
        let text = |key: &str| icon[key].as_str().unwrap_or_default();
        let bytes = fs::read(site.folder.join(text("src"))).with_context(|| format!("{icon} is not there"))?;
        if text("type") != "image/png" {
            continue;
        }
        // A PNG begins with eight bytes of its own, its header's eight, then width and height.
        let side = |at: usize| bytes.get(at..at + 4).and_then(|side| side.try_into().ok()).map(u32::from_be_bytes);
        let (width, height) = (side(16).context("no PNG")?, side(20).context("no PNG")?);
        ensure!(text("sizes") == format!("{width}x{height}"), "{icon} has {width} by {height} pixels");
        found.push((width, text("purpose").to_owned()));
    }
    for wanted in [(192, "any"), (512, "any"), (512, "maskable")] {
        ensure!(found.iter().any(|(size, purpose)| (*size, purpose.as_str()) == wanted), "there is no icon {wanted:?}");
    }
    for (path, file) in site.pages()? {
        let linked = fs::read_to_string(file)?.contains("<link rel=\"manifest\"");
        ensure!(linked, "/{path} does not link to the manifest");
    }
    Ok(())
}

fn list(site: &Site) -> Result<()> {
    let worker = fs::read_to_string(site.folder.join("sw.js"))?;
    let list = worker.split_once("const book = ").and_then(|(_, rest)| rest.split_once(";\n")).context("no list")?.0;
    let list: Value = serde_json::from_str(list)?;
    let files = list["files"].as_array().context("no files")?;
    let path = |index: &Value| files[index.as_u64().unwrap_or_default() as usize][0].as_str().unwrap_or_default();
    let shell: Vec<&str> = list["shell"].as_array().into_iter().flatten().map(path).collect();
    let mut bytes = 0;
    for file in &shell {
        bytes += gzip_size(&fs::read(site.folder.join(file))?);
    }
    eprintln!("\nthe shell: {} files, {bytes} bytes with gzip (at most {SHELL_BYTES})", shell.len());
    ensure!(bytes <= SHELL_BYTES, "the shell has {bytes} bytes: {shell:#?}");
    for (page, file) in site.pages()? {
        let parts: Vec<&str> = list["pages"][&page].as_array().into_iter().flatten().map(path).collect();
        let last = parts.last().copied().unwrap_or_default();
        ensure!(last == format!("{page}index.html"), "/{page} ends with {last}");
        // Of each lab on it: its printed run, and its worker's program.
        let html = fs::read_to_string(file)?;
        let labs = html.matches("data-sheet=\"").count();
        let count = |begins: &str| parts.iter().filter(|part| part.starts_with(begins)).count();
        let (sheets, programs) = (count("labs/"), count("worker-"));
        ensure!(sheets >= labs.min(1) && programs >= 2 * labs.min(1), "/{page}: {labs} labs, {parts:?}");
    }
    // Search has its texts loaded when they are found; all the others belong to a page.
    let of_pages = list["pages"].as_object().into_iter().flatten().filter_map(|(_, parts)| parts.as_array()).flatten();
    let of_pages: Vec<&str> = of_pages.map(path).chain(shell).collect();
    let stray = files.iter().filter_map(|file| file[0].as_str());
    let stray: Vec<&str> = stray.filter(|file| !of_pages.contains(file) && !file.starts_with("search/")).collect();
    ensure!(stray.is_empty(), "no page needs {stray:?}");
    Ok(())
}
