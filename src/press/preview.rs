//! Preview images: what stands for a page where it is linked to. A card with the page's title beside its lab's figure.

use super::{
    cores,
    site::{self, Site},
};
use crate::{
    figure::{self, Theme, palette::Palette},
    html::escape,
    page::words,
};
use anyhow::{Context, Result, anyhow};
use labs::{figure::Figure, text::Language};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{FontResolver, Options, Tree},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    sync::{Arc, Mutex, PoisonError},
};

/// The size of a card in pixels, which those who show previews ask for.
const SIZE: (u32, u32) = (1200, 630);
/// Its outer margin.
const MARGIN: f64 = 56.0;
/// The width of its column of words.
const COLUMN: f64 = 430.0;
/// The sizes of letters that a title is tried in.
const TITLES: [f64; 4] = [60.0, 52.0, 44.0, 36.0];
/// The size of the letters below the title, and the height of their lines.
const ABOUT: f64 = 25.0;
const ABOUT_STEP: f64 = 35.0;
/// The height of a title's line over the size of its letters.
const LEADING: f64 = 1.3;
/// The room between title and description.
const GAP: f64 = 24.0;
/// What the words may take from top to bottom, above the book's name.
const HEIGHT: f64 = SIZE.1 as f64 - 2.0 * MARGIN - 48.0;
/// The fonts that the book brings along: Chinese with Latin and Greek, and raised and lowered signs.
const FONTS: [&str; 2] = ["preview.otf", "preview-signs.ttf"];

/// What a card shows.
pub struct Card {
    /// The page's path below the root.
    pub page: String,
    /// The page's title.
    pub title: String,
    /// What the page is about, in a sentence.
    pub about: String,
    /// A lab's figure.
    pub figure: Option<Figure>,
    /// The page's language.
    pub language: Language,
}

/// The images by the paths of their pages.
#[derive(Default)]
pub struct Previews(BTreeMap<String, String>);

impl Previews {
    /// The image that stands for a page: its own, or the book's in its language.
    pub fn of(&self, page: &str) -> Option<&str> {
        let shared = page.split_once('/').map_or("", |(language, _)| language);
        self.0.get(page).or_else(|| self.0.get(&format!("{shared}/"))).or_else(|| self.0.get("")).map(String::as_str)
    }
}

/// Draws the cards and writes them as PNG.
pub fn write(site: &Site, cards: &[Card]) -> Result<Previews> {
    let easel = Easel::open()?;
    let written = Mutex::new(BTreeMap::new());
    cores::for_each(cards, |card| {
        let name = if card.page.is_empty() { "book" } else { card.page.trim_end_matches('/') };
        let file = site.write_hashed(&format!("previews/{}", name.replace('/', "-")), "png", &easel.draw(card)?)?;
        written.lock().unwrap_or_else(PoisonError::into_inner).insert(card.page.clone(), file);
        Ok(())
    })?;
    let missing = easel.missing();
    if !missing.is_empty() {
        eprintln!("press: previews leave out “{missing}”: assets/fonts/README.md says how to extend their font");
    }
    Ok(Previews(written.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// Draws with the font that the book brings along, so that an image is the same whatever a machine has installed.
struct Easel {
    options: Options<'static>,
    /// Characters that the font does not have.
    missing: Arc<Mutex<BTreeSet<char>>>,
}

impl Easel {
    fn open() -> Result<Self> {
        let missing: Arc<Mutex<BTreeSet<char>>> = Arc::default();
        let mut options = Options::default();
        for name in FONTS {
            let font = site::root().join("assets/fonts").join(name);
            let font = fs::read(&font).with_context(|| format!("cannot read {}", font.display()))?;
            options.fontdb_mut().load_font_data(font);
        }
        let fonts = options.fontdb_mut();
        let family = fonts.faces().next().and_then(|face| face.families.first()).map(|(family, _)| family.clone());
        let family = family.with_context(|| format!("assets/fonts/{} holds no font", FONTS[0]))?;
        fonts.set_sans_serif_family(family.clone());
        options.font_family = family;
        let noted = missing.clone();
        let other_font = FontResolver::default_fallback_selector();
        options.font_resolver.select_fallback = Box::new(move |letter, used, fonts| {
            let found = other_font(letter, used, fonts);
            if found.is_none() {
                noted.lock().unwrap_or_else(PoisonError::into_inner).insert(letter);
            }
            found
        });
        Ok(Self { options, missing })
    }

    fn missing(&self) -> String {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).iter().collect()
    }

    /// The card as PNG.
    fn draw(&self, card: &Card) -> Result<Vec<u8>> {
        let mut image = Pixmap::new(SIZE.0, SIZE.1).context("a preview has a size")?;
        let words = self.read(&words_of(card), card)?;
        resvg::render(&words, Transform::identity(), &mut image.as_mut());
        if let Some(figure) = &card.figure {
            let drawing = self.read(&figure::svg(figure, card.language, Theme::Light), card)?;
            let left = 2.0 * MARGIN + COLUMN;
            let room = (f64::from(SIZE.0) - left - MARGIN / 2.0, f64::from(SIZE.1) - MARGIN);
            let size = (f64::from(drawing.size().width()), f64::from(drawing.size().height()));
            let scale = (room.0 / size.0).min(room.1 / size.1);
            let at = (left + (room.0 - scale * size.0) / 2.0, (f64::from(SIZE.1) - scale * size.1) / 2.0);
            let place = Transform::from_translate(at.0 as f32, at.1 as f32).pre_scale(scale as f32, scale as f32);
            resvg::render(&drawing, place, &mut image.as_mut());
        }
        indexed(&image).with_context(|| format!("the preview of {}", card.page))
    }

    fn read(&self, svg: &str, card: &Card) -> Result<Tree> {
        Tree::from_str(svg, &self.options).map_err(|reason| anyhow!("the preview of {}: {reason}", card.page))
    }
}

/// A PNG with at most 256 colors: the most frequent ones, and for each other the nearest of them. The seldom ones are shades
/// at the edges of lines, and an image takes less than half the bytes.
fn indexed(image: &Pixmap) -> Result<Vec<u8>> {
    // Everything lies on opaque paper, so colors need no undoing of their opacity.
    let pixels = || image.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]);
    let mut counts: BTreeMap<[u8; 3], usize> = BTreeMap::new();
    for color in pixels() {
        *counts.entry(color).or_default() += 1;
    }
    let mut colors: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    colors.sort_by_key(|(color, count)| (Reverse(*count), *color));
    let palette: Vec<[u8; 3]> = colors.iter().take(256).map(|(color, _)| *color).collect();
    let distance = |one: &[u8; 3], other: &[u8; 3]| -> u32 {
        one.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(*other)).pow(2)).sum()
    };
    let nearest = |color: &[u8; 3]| {
        let places = palette.iter().enumerate().min_by_key(|(_, other)| distance(color, other));
        places.map_or(0, |(place, _)| place as u8)
    };
    let places: BTreeMap<[u8; 3], u8> = colors.iter().map(|(color, _)| (*color, nearest(color))).collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, image.width(), image.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    // Neighboring places in a palette are not neighboring colors, so differences say nothing.
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer
        .write_image_data(&pixels().map(|color| places.get(&color).copied().unwrap_or_default()).collect::<Vec<_>>())?;
    writer.finish()?;
    Ok(png)
}

/// A text in as few lines as a width allows, each as long as the others where that can be.
fn balanced(text: &str, width: f64, size: f64) -> Vec<String> {
    let set = |width: f64| figure::wrap(text, width, size);
    let fits = |lines: &[String], width: f64| lines.iter().all(|line| figure::width_of(line, size) <= width);
    let mut lines = set(width);
    for step in 1..10 {
        let narrower = width * (1.0 - f64::from(step) / 20.0);
        let tried = set(narrower);
        if tried.len() > lines.len() || !fits(&tried, narrower) {
            break;
        }
        lines = tried;
    }
    lines
}

/// The lines of a title, the size of its letters, and the lines of the description: the largest letters in which both fit.
/// Chinese words may break anywhere, so a Chinese title is set in one line if its letters need not be small for that.
fn setting(card: &Card) -> (Vec<String>, f64, Vec<String>) {
    let title =
        |size: f64| -> Vec<String> { card.title.lines().flat_map(|line| balanced(line, COLUMN, size)).collect() };
    let room = |title: &[String], size: f64| {
        let left = HEIGHT - GAP - title.len() as f64 * size * LEADING;
        (left / ABOUT_STEP).max(0.0) as usize
    };
    let fits = |size: &&f64| {
        let (title, size) = (title(**size), **size);
        title.iter().all(|line| figure::width_of(line, size) <= COLUMN)
            && figure::wrap(&card.about, COLUMN, ABOUT).len() <= room(&title, size)
    };
    let in_one = |size: &&f64| !card.title.contains(' ') && title(**size).len() == card.title.lines().count();
    let large = TITLES[..TITLES.len() - 1].iter();
    let size = large.filter(fits).find(in_one).or_else(|| TITLES.iter().find(fits)).copied();
    let size = size.unwrap_or(TITLES[TITLES.len() - 1]);
    let title = title(size);
    let most = room(&title, size);
    (title, size, about(&card.about, most))
}

/// At most so many lines of a description.
fn about(text: &str, most: usize) -> Vec<String> {
    let mut lines = figure::wrap(text, COLUMN, ABOUT);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.truncate(last.trim_end_matches(['，', '、', '；', '。', '：', ',', ';', '.', ':']).len());
            last.push('…');
        }
    }
    lines
}

/// The paper with everything but the figure, as SVG.
fn words_of(card: &Card) -> String {
    let Palette { paper, ink, muted, .. } = Palette::of(Theme::Light);
    let (paper, ink, muted) = (paper.css(), ink.css(), muted.css());
    let (title, size, about) = setting(card);
    let title_step = size * LEADING;
    let height = title.len() as f64 * title_step + GAP + about.len() as f64 * ABOUT_STEP;
    let mut top = MARGIN + (HEIGHT - height) / 2.0;
    let mut lines = String::new();
    // The font has one weight; a thin outline makes it heavier.
    let heavy = format!(r#"fill="{ink}" stroke="{ink}" stroke-width="{}""#, size / 32.0);
    for line in &title {
        top += title_step;
        let baseline = top - 0.32 * size;
        let _ =
            write!(lines, r#"<text x="{MARGIN}" y="{baseline}" font-size="{size}" {heavy}>{}</text>"#, escape(line));
    }
    top += GAP;
    for line in &about {
        top += ABOUT_STEP;
        let baseline = top - 0.35 * ABOUT;
        let _ = write!(
            lines,
            r#"<text x="{MARGIN}" y="{baseline}" font-size="{ABOUT}" fill="{muted}">{}</text>"#,
            escape(line)
        );
    }
    let [english, chinese] = Language::ALL.map(|language| words::BOOK.get(language));
    let (width, bottom) = (SIZE.0, f64::from(SIZE.1) - MARGIN);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{}"><path fill="{paper}" d="M0 0h{width}v{}H0z"/>
        {lines}<text x="{MARGIN}" y="{bottom}" font-size="22" fill="{ink}">{english} · {chinese}</text></svg>"#,
        SIZE.1, SIZE.1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(title: &str, about: &str) -> Card {
        let (page, title, about) = (String::new(), title.into(), about.into());
        Card { page, title, about, figure: None, language: Language::Chinese }
    }

    #[test]
    fn titles_keep_to_their_column_in_both_languages() {
        for text in ["Double descent", "Benign overfitting of a two-layer convolutional network", "良性过拟合"] {
            let (lines, size, _) = setting(&card(text, "One line."));
            assert!(lines.iter().all(|line| figure::width_of(line, size) <= COLUMN), "{lines:?} at {size}");
        }
        assert_eq!(setting(&card("One\n二", "")).0, ["One", "二"]);
        assert_eq!(setting(&card("良性过拟合的相图", "")).0, ["良性过拟合的相图"]);
    }

    #[test]
    fn a_long_description_makes_the_title_smaller_before_it_is_cut() {
        let set = |words: usize| setting(&card("The phase diagram of benign overfitting", &"words and ".repeat(words)));
        let (few, some, many) = (set(1), set(18), set(90));
        assert!(few.1 > some.1, "{} and {}", few.1, some.1);
        let is_cut = |lines: &[String]| lines.last().is_some_and(|line| line.ends_with('…'));
        assert!(!is_cut(&some.2) && is_cut(&many.2), "{:?}", some.2);
    }

    #[test]
    fn long_descriptions_end_in_an_ellipsis_and_short_ones_stay() {
        let long = about(&"words and ".repeat(60), 4);
        assert_eq!(long.len(), 4);
        assert!(long.last().is_some_and(|line| line.ends_with('…')));
        assert_eq!(about("A few words.", 4), ["A few words."]);
    }

    #[test]
    fn lines_of_a_title_are_of_like_length() {
        assert_eq!(balanced("良性过拟合的相图", 420.0, 60.0), ["良性过拟", "合的相图"]);
    }

    #[test]
    fn an_image_keeps_its_frequent_colors() {
        let mut image = Pixmap::new(20, 20).unwrap_or_else(|| panic!("20 × 20 is a size"));
        for (place, pixel) in image.data_mut().as_chunks_mut().0.iter_mut().enumerate() {
            *pixel = if place < 130 { [9, 9, 9, 255] } else { [place as u8, (place / 2) as u8, 200, 255] };
        }
        let png = indexed(&image).unwrap_or_else(|error| panic!("{error:#}"));
        let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap_or_else(|e| panic!("{e}"));
        let mut places = vec![0; reader.output_buffer_size().unwrap_or_default()];
        reader.next_frame(&mut places).unwrap_or_else(|error| panic!("{error}"));
        let palette = reader.info().palette.clone().unwrap_or_default();
        assert_eq!((palette.len(), &palette[..3]), (3 * 256, &[9, 9, 9][..]));
        assert!(places[..130].iter().all(|place| *place == 0));
    }

    #[test]
    fn a_character_that_the_font_lacks_is_noticed() {
        let easel = Easel::open().unwrap_or_else(|error| panic!("{error:#}"));
        let draw = |title| easel.draw(&card(title, "")).unwrap_or_else(|error| panic!("{error:#}"));
        assert_ne!(draw("为何泛化"), draw("Why"));
        assert_eq!(easel.missing(), "");
        draw("‖w‖₂ ≥ 10⁻³ 龘");
        assert_eq!(easel.missing(), "龘");
    }
}
