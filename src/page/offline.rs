//! The page that the service worker shows for one that is not on the device while there is no network.

use super::{
    body::{self, Place},
    words,
};
use crate::html::escape;
use book::Book;
use labs::text::{Language, Text};
use leptos::prelude::*;

/// Stands for the site's root, which the worker knows.
pub const ROOT: &str = "__ROOT__";
/// The page's title.
pub static TITLE: Text = Text::new("No network", "没有网络连接");
/// What it says.
pub static ABOUT: Text = Text::new(
    "This page has not been kept on this device, and the network cannot be reached.",
    "此设备上没有保存这一页，网络也无法连接。",
);
static AGAIN: Text = Text::new("Try again", "重试");
static KEPT: Text = Text::new("Available offline", "可离线阅读的章节");
static NONE: Text = Text::new(
    "No chapter yet. Those that you read while there is a network are kept automatically.",
    "还没有。有网络时读过的章节会自动保存下来。",
);

/// The page. Each chapter has a line of its own: the worker leaves out the lines of those that are not on the device.
pub fn offline(book: &Book, language: Language) -> String {
    let place = Place { language, root: ROOT.into(), path: String::new() };
    let say = |text: &Text| text.get(language).to_string();
    let code = language.code();
    let chapters = book.chapters.iter().map(|chapter| {
        let (slug, title) = (&chapter.slug, escape(&chapter.edition(language).title));
        format!("\n<li data-page=\"{code}/{slug}/\"><a href=\"{ROOT}{code}/{slug}/\">{title}</a></li>")
    });
    let list: String = chapters.chain([format!("\n<li data-none>{}</li>\n", say(&NONE))]).collect();
    let content = view! {
        <main id="main" class="contents-page">
            <h1>{say(&TITLE)}</h1>
            <p>{say(&ABOUT)}</p>
            <p><a class="read" href="">{say(&AGAIN)}</a></p>
            <h2>{say(&KEPT)}</h2>
            <ul class="lab-list" inner_html=list></ul>
            <p><a href=format!("{ROOT}{code}/")>{say(&words::HOME)}</a></p>
        </main>
    };
    body::framed(&place, content)
}
