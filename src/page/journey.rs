//! The page that tells readers where they were: all that the book has to read and to do, for `journey.js` to mark.

use super::body::{self, Place};
use crate::html::escape;
use book::{Book, Chapter, TaskKind};
use labs::text::{Language, Text};
use leptos::prelude::*;
use std::fmt::Write;

/// The page's title, and the text of links to it.
pub static TITLE: Text = Text::new("Where was I", "读到哪里");
/// What the page is for.
pub static ABOUT: Text = Text::new(
    "What you have read, guessed and solved, and where to go on. It is kept in this browser alone; nothing of it is \
     sent anywhere.",
    "你读过、猜过、做过什么，接着从哪里读起。记录只保存在这个浏览器里，不会发送到任何地方。",
);

/// When a section is read, as `journey.js` judges it.
static RULE: Text = Text::new(
    "A section counts as read once its end has been on the screen and a fifth of the time that its text takes (at 240 \
     words a minute) has been spent in it.",
    "一节的末尾在屏幕上出现过，并且在这一节停留的时间达到读完它所需时间的五分之一（按每分钟 400 字计），就算已读。",
);
static NO_SCRIPT: Text = Text::new(
    "Scripts are off, so nothing is remembered. Here is all that there is to read and to do.",
    "脚本已关闭，因此不会记录进度。下面是全部可读、可做的内容。",
);
static SECTIONS: Text = Text::new("Sections", "小节");
static GUESSES: Text = Text::new("Guesses", "预测");
static CHALLENGES: Text = Text::new("Challenges", "挑战");
static EXERCISES: Text = Text::new("Exercises", "习题");

/// How many sections of a chapter can be read.
pub fn sections(chapter: &Chapter) -> usize {
    chapter.edition(Language::English).headings.iter().filter(|heading| heading.level == 2).count()
}

/// The page.
pub fn journey(book: &Book, place: &Place) -> String {
    let say = |text: &Text| text.get(place.language).to_string();
    let chapters: String = book.chapters.iter().map(|chapter| lists(chapter, place.language)).collect();
    let content = view! {
        <main id="main" class="contents-page" data-journey="">
            <h1>{say(&TITLE)}</h1>
            <p>{say(&ABOUT)}</p>
            <noscript><p class="notice">{say(&NO_SCRIPT)}</p></noscript>
            <div inner_html=chapters></div>
            <p><small>{say(&RULE)}</small></p>
        </main>
    };
    body::framed(place, content)
}

/// A chapter's lists of what there is to read and to do, a link each.
fn lists(chapter: &Chapter, language: Language) -> String {
    let edition = chapter.edition(language);
    let slug = &chapter.slug;
    let mut html =
        format!("<section data-chapter=\"{slug}\"><h2><a href=\"../{slug}/\">{}</a></h2>", escape(&edition.title));
    let headings = edition.headings.iter().filter(|heading| heading.level == 2);
    let sections: Vec<_> = headings.map(|heading| (&heading.id, &heading.html_text)).collect();
    let tasks = |kind: TaskKind| {
        let tasks = edition.tasks.iter().filter(|task| task.kind == kind);
        tasks.map(|task| (&task.id, &task.html_text)).collect::<Vec<_>>()
    };
    let kinds = [
        ("section", &SECTIONS, sections),
        ("guess", &GUESSES, tasks(TaskKind::Guess)),
        ("challenge", &CHALLENGES, tasks(TaskKind::Challenge)),
        ("exercise", &EXERCISES, tasks(TaskKind::Exercise)),
    ];
    for (kind, name, items) in kinds.iter().filter(|(_, _, items)| !items.is_empty()) {
        // Writing to a string cannot fail.
        let _ = write!(html, "<h3>{}</h3><ul data-kind=\"{kind}\">", name.get(language));
        for (id, html_text) in items {
            let _ = write!(html, "<li data-id=\"{id}\"><a href=\"../{slug}/#{id}\">{html_text}</a></li>");
        }
        html.push_str("</ul>");
    }
    html + "</section>"
}
