//! Markdown → HTML fragments, with the facts that the parity check compares.

mod blocks;
mod challenges;
mod exercises;
mod inlines;
mod phrases;

use crate::{
    Block, Heading, Mention, Task, TaskKind, Values,
    bibliography::Bibliography,
    complaint::Complaints,
    glossary::Glossary,
    html::without_links,
    math::Converter,
    names::Names,
    parity::{self, Fact},
    source::Source,
    typography,
};
use comrak::{Arena, Options, nodes::Node, parse_document};
use labs::text::Language;
use std::collections::BTreeSet;

/// What an edition is rendered with.
pub(crate) struct Context<'a> {
    pub(crate) language: Language,
    pub(crate) source: &'a Source,
    pub(crate) bibliography: &'a Bibliography,
    pub(crate) glossary: &'a Glossary,
    pub(crate) values: &'a dyn Values,
    pub(crate) math: &'a Converter,
    /// Slugs of the chapters that are written.
    pub(crate) chapters: &'a BTreeSet<String>,
}

/// A rendered edition.
#[derive(Default)]
pub(crate) struct Rendered {
    pub(crate) headings: Vec<Heading>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) terms: Vec<Mention>,
    pub(crate) citations: Vec<Mention>,
    pub(crate) words: usize,
}

/// Renders a scanned edition.
pub(crate) fn render(context: &Context, names: &mut Names, complaints: &mut Complaints) -> Rendered {
    let arena = Arena::new();
    let root = parse_document(&arena, &context.source.markdown, &options());
    blocks::call_sections(context, root, names);
    let mut writer = Writer::new(context, names, complaints);
    blocks::document(&mut writer, root);
    writer.rendered
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.footnotes = true;
    options.extension.cjk_friendly_emphasis = true;
    options.extension.block_directive = true;
    options.parse.ignore_setext = true;
    options
}

/// Writes the HTML of one edition.
struct Writer<'a> {
    context: &'a Context<'a>,
    names: &'a Names,
    complaints: &'a mut Complaints,
    rendered: Rendered,
    /// HTML of the block that is being written.
    out: String,
    run: Run,
    /// References, requested values and phrases since the last fact.
    cited: Vec<String>,
    computed: Vec<String>,
    phrased: Vec<String>,
}

/// The running text of one paragraph, heading or cell.
#[derive(Default)]
struct Run {
    /// Its characters with their lines, formulas and the like as single characters.
    flow: Vec<(char, usize)>,
    /// A line break of the author's that is not written yet.
    pending_break: bool,
    /// The open spans.
    spans: Vec<Span>,
    /// Depth within emphasis and links.
    depth: usize,
    /// Where display equations may stand.
    display: Display,
}

/// `[…]{…}`, as far as it is written.
#[derive(Clone, Copy)]
enum Span {
    /// `[…]{.role}`.
    Colored,
    /// `[…]{.given}`, which leaves no trace.
    Given,
    /// `[…]{lab …}`, whose text begins there in the HTML.
    Phrase { text: usize },
}

/// What becomes of a display equation in running text.
#[derive(Clone, Copy, Default, PartialEq)]
enum Display {
    /// It has no place here.
    #[default]
    Refused,
    /// It stands between the text before and after it.
    Between,
    /// It divides a `<p>` in two.
    Divides,
}

impl<'a> Writer<'a> {
    fn new(context: &'a Context<'a>, names: &'a Names, complaints: &'a mut Complaints) -> Self {
        Self {
            context,
            names,
            complaints,
            rendered: Rendered::default(),
            out: String::new(),
            run: Run::default(),
            cited: Vec::new(),
            computed: Vec::new(),
            phrased: Vec::new(),
        }
    }

    /// The author's line on which a node begins.
    fn line(&self, node: Node<'_>) -> usize {
        self.context.source.line(node.data().sourcepos.start.line)
    }

    fn begin_run(&mut self, display: Display) {
        self.run = Run { display, ..Run::default() };
    }

    /// Checks the text of the run that ends, and counts its words.
    fn end_run(&mut self, line: usize) {
        if self.run.spans.pop().is_some() {
            self.complaints.add(line, "[…]{…} does not end in the block in which it begins");
        }
        self.check_flow();
    }

    /// Checks the running text since the last check, and counts its words.
    fn check_flow(&mut self) {
        let flow = std::mem::take(&mut self.run.flow);
        self.rendered.words += count_words(&flow);
        let language = self.context.language;
        for misnomer in self.context.glossary.misnomers(flow.iter().map(|(c, _)| *c), language) {
            let line = flow.get(misnomer.at).map_or(1, |(_, line)| *line);
            self.complaints.add(line, misnomer.reason);
        }
        typography::check(flow.into_iter(), language, self.complaints);
    }

    /// A place in the section that is being written.
    fn mention(&self, id: &str) -> Mention {
        Mention { id: id.to_string(), heading: self.rendered.headings.len().checked_sub(1) }
    }

    /// Links the first uses of terms in what was written since `start`.
    fn link_terms(&mut self, start: usize) {
        let html = self.out.split_off(start.min(self.out.len()));
        let mut seen: Vec<String> = self.rendered.terms.iter().map(|mention| mention.id.clone()).collect();
        let known = seen.len();
        self.out.push_str(&self.context.glossary.link(&html, self.context.language, &mut seen));
        for id in seen.drain(known..) {
            let mention = self.mention(&id);
            self.rendered.terms.push(mention);
        }
    }

    /// Notes what there is to do for readers in the element with the `id`.
    fn task(&mut self, kind: TaskKind, id: &str, html: &str) {
        let task = Task { kind, id: id.to_string(), html_text: without_links(html) };
        self.rendered.tasks.push(task);
    }

    /// Records a fact, with what has been cited, computed and asked of labs since the last one.
    fn fact(&mut self, line: usize, what: &str) {
        let what = parity::with_contents(what, &mut self.cited, &mut self.computed, &mut self.phrased);
        self.rendered.facts.push(Fact { line, what });
    }
}

/// Latin words and numbers, and Chinese characters one by one.
fn count_words(flow: &[(char, usize)]) -> usize {
    let mut words = 0;
    let mut inside = false;
    for (c, _) in flow {
        let han = typography::is_han(*c);
        let letter = c.is_alphanumeric() && !han || (inside && matches!(c, '\'' | '’' | '-' | '.'));
        words += usize::from(han || (letter && !inside));
        inside = letter;
    }
    words
}
