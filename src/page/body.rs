//! The bodies of the pages, as Leptos components printed to HTML.

use super::{bench, embed, glossary, journey, references, search, words};
use book::{Block, Book, Chapter, Edition};
use labs::{
    schema::Schema,
    text::{Language, Text},
};
use leptos::prelude::*;

/// What a page needs to know to link to others.
#[derive(Clone, Debug)]
pub struct Place {
    /// The page's language.
    pub language: Language,
    /// The way to the site's root, `../` for each folder.
    pub root: String,
    /// The page's path below its language's folder, which is the same in the other: `double-descent/`.
    pub path: String,
}

impl Place {
    fn say(&self, text: &Text) -> String {
        text.get(self.language).to_string()
    }

    fn home(&self) -> String {
        format!("{}{}/", self.root, self.language.code())
    }
}

/// A labs' printed form, made by the press: the lab's place in the chapter to HTML.
pub type PrintLab<'a> = &'a dyn Fn(&book::LabPlace) -> String;

/// The bar at the top of every page: the way home, the other language, the theme.
#[component]
fn Bar(place: Place, #[prop(optional)] contents: Option<AnyView>) -> impl IntoView {
    let other = place.language.other();
    let toggle = format!("{}{}/{}", place.root, other.code(), place.path);
    view! {
        <a class="skip" href="#main">{place.say(&words::SKIP)}</a>
        <header class="bar">
            <a class="home" href=place.home()>{place.say(&words::BOOK)}</a>
            {contents}
            <nav class="tools">
                <a class="language" href=toggle hreflang=other.tag() lang=other.tag() data-keep-place="">{other.name()}</a>
                <button class="search needs-script" type="button" aria-keyshortcuts="/" aria-label=place.say(&search::SEARCH)>
                    <svg viewBox="0 0 20 20" width="18" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="2" d="M12.5 12.5 18 18M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z"/></svg>
                </button>
                <button class="theme needs-script" type="button" aria-pressed="false" aria-label=place.say(&words::THEME)>
                    <span aria-hidden="true">"◐"</span>
                </button>
            </nav>
        </header>
    }
}

/// Why labs may stand still; each line shows itself only when it is true.
#[component]
fn Notices(place: Place) -> impl IntoView {
    view! {
        <noscript><p class="notice">{place.say(&words::NO_SCRIPT)}</p></noscript>
        <p class="notice still unsupported" role="status">{place.say(&words::UNSUPPORTED)}</p>
        <p class="notice still failed" role="status">{place.say(&words::FAILED)}</p>
    }
}

#[component]
fn Footer(place: Place) -> impl IntoView {
    let pages = [
        ("glossary", &glossary::TITLE),
        ("references", &references::TITLE),
        ("journey", &journey::TITLE),
        ("data", &words::DATA),
        ("bench", &bench::TITLE),
        ("embed", &embed::TITLE),
    ];
    let link = |(folder, title): (&str, &Text)| {
        view! { <li><a href=format!("{}{folder}/", place.home())>{place.say(title)}</a></li> }
    };
    view! {
        <footer class="foot">
            <p>{place.say(&words::LICENSE)}</p>
            <ul>{pages.map(link).collect_view()}</ul>
        </footer>
    }
}

/// A page's content between the bar and the footer.
pub fn framed(place: &Place, content: impl IntoView + 'static) -> String {
    view! {
        <Bar place=place.clone() />
        {content}
        <Footer place=place.clone() />
    }
    .to_html()
}

/// The list of a chapter's sections.
fn sections(edition: &Edition) -> String {
    let items = edition.headings.iter().filter(|heading| heading.level == 2);
    items.map(|heading| format!(r##"<li><a href="#{}">{}</a></li>"##, heading.id, heading.html_text)).collect()
}

/// A chapter's body.
pub fn chapter(chapter: &Chapter, place: Place, print_lab: PrintLab) -> String {
    let edition = chapter.edition(place.language);
    let blocks: String = edition
        .blocks
        .iter()
        .map(|block| match block {
            Block::Html(html) => html.clone(),
            Block::Lab(lab) => print_lab(lab),
        })
        .collect();
    let list = sections(edition);
    let contents = {
        let (list, name) = (list.clone(), place.say(&words::CONTENTS));
        view! {
            <details class="contents-menu">
                <summary>{name}</summary>
                <ol inner_html=list></ol>
            </details>
        }
    };
    let references = edition.references_section();
    view! {
        <Bar place=place.clone() contents=contents.into_any() />
        <div class="layout">
            <nav class="contents" aria-label=place.say(&words::CONTENTS)><ol inner_html=list></ol></nav>
            <main id="main">
                <article class="chapter" data-chapter=chapter.slug.clone()>
                    <header class="title">
                        <h1>{edition.title.clone()}</h1>
                        <p class="subtitle">{edition.subtitle.clone()}</p>
                        <p class="question">{edition.question.clone()}</p>
                    </header>
                    <Notices place=place.clone() />
                    <div class="text" inner_html=blocks></div>
                    <div class="references" inner_html=references></div>
                </article>
            </main>
        </div>
        <Footer place=place />
    }
    .to_html()
}

/// One lab alone: for slides, for an `<iframe>`, for a link that is an experiment.
pub fn lab(schema: &Schema, place: Place, from: Option<(&str, &str)>, printed: String) -> String {
    let origin = from.map(|(slug, title)| {
        let href = format!("{}{}/#lab-{}", place.home(), slug, schema.id);
        view! { <p class="origin">{place.say(&words::FROM_CHAPTER)}<a href=href>{title.to_string()}</a></p> }
    });
    view! {
        <Bar place=place.clone() />
        <main id="main" class="alone">
            <h1>{place.say(&schema.title)}</h1>
            <p class="about">{place.say(&schema.about)}</p>
            <Notices place=place.clone() />
            <div inner_html=printed></div>
            {origin}
        </main>
        <Footer place=place />
    }
    .to_html()
}

/// One line of the contents: a chapter that stands, or one that is planned.
fn entry(book: &Book, chapter: &book::Contents, language: Language, root: &str) -> String {
    let title = crate::html::escape(chapter.title.get(language));
    if let Some(written) = chapter.chapter.and_then(|index| book.chapters.get(index)) {
        let (code, slug, sections) = (language.code(), &chapter.slug, journey::sections(written));
        format!(
            r#"<li data-chapter="{slug}" data-journey="{sections}"><a href="{root}{code}/{slug}/">{title}</a></li>"#
        )
    } else {
        let planned = words::PLANNED.get(language);
        format!(r#"<li class="planned">{title} <small>{planned}</small></li>"#)
    }
}

fn parts(book: &Book, language: Language, root: &str) -> String {
    let part = |part: &book::Part| {
        let entries: String = part.entries.iter().map(|chapter| entry(book, chapter, language, root)).collect();
        format!("<section><h3>{}</h3><ol>{entries}</ol></section>", crate::html::escape(part.title.get(language)))
    };
    book.parts.iter().map(part).collect()
}

fn lab_list(schemas: &[&Schema], language: Language, root: &str) -> String {
    let item = |schema: &&Schema| {
        let (title, about) = (schema.title.get(language), schema.about.get(language));
        let escape = crate::html::escape;
        format!(
            r#"<li><a href="{root}{}/lab/{}/">{}</a> <span>{}</span></li>"#,
            language.code(),
            schema.id,
            escape(title),
            escape(about)
        )
    };
    schemas.iter().map(item).collect()
}

/// The contents of the book in one language.
pub fn contents(book: &Book, schemas: &[&Schema], place: Place) -> String {
    let parts = parts(book, place.language, &place.root);
    let labs = lab_list(schemas, place.language, &place.root);
    view! {
        <Bar place=place.clone() />
        <main id="main" class="contents-page">
            <h1>{place.say(&words::BOOK)}</h1>
            <p class="question">{place.say(&words::QUESTION)}</p>
            <p>{place.say(&words::ABOUT)}</p>
            <h2>{place.say(&words::CONTENTS)}</h2>
            <div class="parts" inner_html=parts></div>
            <h2>{place.say(&words::LABS)}</h2>
            <ul class="lab-list" inner_html=labs></ul>
            <h2>{place.say(&words::BACK_MATTER)}</h2>
            <ul class="lab-list">
                <li><a href="glossary/">{place.say(&glossary::TITLE)}</a>" "<span>{place.say(&glossary::ABOUT)}</span></li>
                <li><a href="references/">{place.say(&references::TITLE)}</a>" "<span>{place.say(&references::ABOUT)}</span></li>
                <li><a href="journey/">{place.say(&journey::TITLE)}</a>" "<span>{place.say(&journey::ABOUT)}</span></li>
            </ul>
        </main>
        <Footer place=place />
    }
    .to_html()
}

/// The landing page: both languages side by side under one computed figure.
pub fn landing(book: &Book, hero: String, first: &str) -> String {
    let side = |language: Language| {
        let say = |text: &Text| text.get(language).to_string();
        let parts = parts(book, language, "./");
        let read = format!("./{}/{first}/", language.code());
        view! {
            <section lang=language.tag() class="side">
                <h1>{say(&words::BOOK)}</h1>
                <p class="question">{say(&words::QUESTION)}</p>
                <p>{say(&words::ABOUT)}</p>
                <p><a class="read" href=read>{say(&words::READ)}</a></p>
                <h2>{say(&words::CONTENTS)}</h2>
                <div class="parts" inner_html=parts></div>
            </section>
        }
    };
    view! {
        <main id="main" class="landing">
            <div class="hero" inner_html=hero></div>
            <div class="sides">{side(Language::English)} {side(Language::Chinese)}</div>
        </main>
    }
    .to_html()
}

/// One data set, as the page on data credits it.
pub struct Credit {
    /// Its name.
    pub name: Text,
    /// What it is, where it comes from, under what license.
    pub about: Text,
}

/// The page that credits the data.
pub fn data(credits: &[Credit], place: Place) -> String {
    let items = credits.iter().map(|credit| {
        view! { <dt>{place.say(&credit.name)}</dt><dd>{place.say(&credit.about)}</dd> }
    });
    let items = items.collect_view();
    view! {
        <Bar place=place.clone() />
        <main id="main" class="contents-page">
            <h1>{place.say(&words::DATA)}</h1>
            <p>{place.say(&words::DATA_ABOUT)}</p>
            <dl>{items}</dl>
        </main>
        <Footer place=place />
    }
    .to_html()
}

/// No page at this address, in both languages. `home` is the site's root.
pub fn not_found(home: &str) -> String {
    let side = |language: Language| {
        view! {
            <section lang=language.tag()>
                <h1>{words::NOT_FOUND.get(language).to_string()}</h1>
                <p><a href=format!("{home}{}/", language.code())>{words::HOME.get(language).to_string()}</a></p>
            </section>
        }
    };
    view! { <main id="main" class="contents-page">{side(Language::English)} {side(Language::Chinese)}</main> }.to_html()
}
