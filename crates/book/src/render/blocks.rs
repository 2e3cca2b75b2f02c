//! Paragraphs, headings, lists, tables and `:::` blocks.

use super::{Context, Display, Writer, challenges, exercises, inlines, phrases};
use crate::{
    Block, Heading, LabPlace, TaskKind,
    complaint::Complaints,
    html::{escaped, with_formulas_held},
    names::Names,
    source::{Directive, DirectiveKind, Kind, Piece, pieces},
    words,
};
use comrak::nodes::{ListType, Node, NodeValue, TableAlignment};
use labs::{lab::AnyLab, labs::find, settings::Settings};
use std::fmt::Write as _;

/// Gives every section the wording of its heading, so that references before it can use it.
pub(super) fn call_sections(context: &Context, root: Node<'_>, names: &mut Names) {
    for node in root.children().filter(|node| matches!(node.data().value, NodeValue::Heading(_))) {
        // Complaints about headings are made when the document itself is written.
        let mut unheard = Complaints::new("");
        let mut writer = Writer::new(context, names, &mut unheard);
        inlines::children(&mut writer, node);
        let html = std::mem::take(&mut writer.out);
        if let Some(id) = heading_id(context, node) {
            names.call_section(&id, &html);
        }
    }
}

/// Writes every top-level block.
pub(super) fn document(writer: &mut Writer, root: Node<'_>) {
    let mut footnotes = Vec::new();
    for node in root.children() {
        if matches!(node.data().value, NodeValue::FootnoteDefinition(_)) {
            footnotes.push(node);
            continue;
        }
        match lab_directive(writer.context, node) {
            Some((directive, settings)) => lab(writer, node, directive, settings),
            None => block(writer, node, false),
        }
        flush(writer);
    }
    if !footnotes.is_empty() {
        let label = words::FOOTNOTES.get(writer.context.language);
        let _ = write!(writer.out, "<section class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"{label}\"><ol>");
        for node in footnotes {
            footnote(writer, node);
        }
        writer.out.push_str("</ol></section>");
        flush(writer);
    }
}

fn flush(writer: &mut Writer) {
    let html = std::mem::take(&mut writer.out);
    if !html.is_empty() {
        writer.rendered.blocks.push(Block::Html(with_formulas_held(&html)));
    }
}

fn children(writer: &mut Writer, node: Node<'_>, tight: bool) {
    for child in node.children() {
        block(writer, child, tight);
    }
}

/// Writes one block; a paragraph in a tight list goes without `<p>`.
pub(super) fn block(writer: &mut Writer, node: Node<'_>, tight: bool) {
    let line = writer.line(node);
    let value = node.data().value.clone();
    match value {
        NodeValue::Paragraph => paragraph(writer, node, tight),
        NodeValue::Heading(heading_node) => heading(writer, node, heading_node.level),
        NodeValue::List(list_node) => list(writer, node, &list_node),
        NodeValue::Table(table_node) => table(writer, node, &table_node.alignments),
        NodeValue::BlockDirective(_) => directive(writer, node),
        NodeValue::BlockQuote => {
            writer.fact(line, "a quotation");
            writer.out.push_str("<blockquote>");
            children(writer, node, false);
            writer.out.push_str("</blockquote>");
        }
        NodeValue::CodeBlock(code) => {
            writer.fact(line, "a code block");
            let language = code.info.split_whitespace().next().unwrap_or_default();
            let class =
                if language.is_empty() { String::new() } else { format!(" class=\"language-{}\"", escaped(language)) };
            let _ = write!(writer.out, "<pre tabindex=\"0\"><code{class}>{}</code></pre>", escaped(&code.literal));
        }
        NodeValue::ThematicBreak => {
            writer.fact(line, "a break");
            writer.out.push_str("<hr>");
        }
        NodeValue::HtmlBlock(_) => writer.complaints.add(line, "raw HTML has no place in a chapter"),
        _ => writer.complaints.add(line, "this kind of block has no place in a chapter"),
    }
}

fn paragraph(writer: &mut Writer, node: Node<'_>, tight: bool) {
    let line = writer.line(node);
    let start = writer.out.len();
    writer.begin_run(if tight { Display::Between } else { Display::Divides });
    open_paragraph(writer);
    inlines::children(writer, node);
    close_paragraph(writer, line);
    writer.end_run(line);
    writer.link_terms(start);
}

/// Opens a `<p>`, unless the run goes without.
pub(super) fn open_paragraph(writer: &mut Writer) {
    if writer.run.display == Display::Divides {
        writer.out.push_str("<p>");
    }
}

/// Ends a paragraph, or leaves it out if nothing stands in it.
pub(super) fn close_paragraph(writer: &mut Writer, line: usize) {
    writer.out.truncate(writer.out.trim_end().len());
    let empty = match writer.run.display {
        Display::Divides => writer.out.ends_with("<p>"),
        _ => writer.out.ends_with("</div>"),
    };
    if empty {
        writer.out.truncate(writer.out.len() - if writer.run.display == Display::Divides { "<p>".len() } else { 0 });
        return;
    }
    if writer.run.display == Display::Divides {
        writer.out.push_str("</p>");
    }
    writer.fact(line, "a paragraph");
}

fn heading_id(context: &Context, node: Node<'_>) -> Option<String> {
    node.children().find_map(|child| match &child.data().value {
        NodeValue::Text(text) => pieces(text).into_iter().find_map(|piece| match piece {
            Piece::Token(index) => match &context.source.tokens.get(index)?.kind {
                Kind::HeadingId(id) => Some(id.clone()),
                _ => None,
            },
            Piece::Text(_) => None,
        }),
        _ => None,
    })
}

fn heading(writer: &mut Writer, node: Node<'_>, level: u8) {
    let line = writer.line(node);
    let id = heading_id(writer.context, node);
    if level == 1 {
        writer.complaints.add(line, "the title of the chapter is in its front matter; headings begin at ##");
    }
    let before = std::mem::take(&mut writer.out);
    writer.begin_run(Display::Refused);
    inlines::children(writer, node);
    writer.end_run(line);
    let html = std::mem::replace(&mut writer.out, before);
    if html.contains("<a ") {
        writer.complaints.add(line, "a heading is a link to itself and holds no other link or citation");
    }
    let Some(id) = id else {
        if level < 4 {
            writer.complaints.add(line, "this heading needs an id: ## Title {#id}");
        }
        writer.fact(line, &format!("a heading of level {level}"));
        let _ = write!(writer.out, "<h{level}>{html}</h{level}>");
        return;
    };
    writer.fact(line, &format!("a heading of level {level} #{id}"));
    let _ = write!(writer.out, "<h{level} id=\"{id}\"><a class=\"anchor\" href=\"#{id}\">{html}</a></h{level}>");
    writer.rendered.headings.push(Heading { level, id, html_text: html });
}

fn list(writer: &mut Writer, node: Node<'_>, list: &comrak::nodes::NodeList) {
    let line = writer.line(node);
    let count = node.children().count();
    let (tag, kind) = if list.list_type == ListType::Ordered { ("ol", "numbered") } else { ("ul", "bulleted") };
    writer.fact(line, &format!("a {kind} list of {count}"));
    let start = if tag == "ol" && list.start != 1 { format!(" start=\"{}\"", list.start) } else { String::new() };
    let _ = write!(writer.out, "<{tag}{start}>");
    for item in node.children() {
        writer.out.push_str("<li>");
        children(writer, item, list.tight);
        writer.out.push_str("</li>");
    }
    let _ = write!(writer.out, "</{tag}>");
}

fn table(writer: &mut Writer, node: Node<'_>, alignments: &[TableAlignment]) {
    let line = writer.line(node);
    let label = words::TABLE.get(writer.context.language);
    let _ = write!(writer.out, "<div class=\"table\" role=\"group\" aria-label=\"{label}\" tabindex=\"0\"><table>");
    let rows: Vec<_> = node.children().collect();
    for (index, row) in rows.iter().enumerate() {
        let header = matches!(row.data().value, NodeValue::TableRow(true));
        writer.out.push_str(match (header, index) {
            (true, _) => "<thead><tr>",
            (false, 1) => "<tbody><tr>",
            (false, _) => "<tr>",
        });
        for (cell, alignment) in row.children().zip(alignments) {
            table_cell(writer, cell, header, *alignment);
        }
        writer.out.push_str(if header { "</tr></thead>" } else { "</tr>" });
    }
    writer.out.push_str(if rows.len() > 1 { "</tbody></table></div>" } else { "</table></div>" });
    writer.fact(line, &format!("a table of {} by {}", rows.len(), alignments.len()));
}

fn table_cell(writer: &mut Writer, node: Node<'_>, header: bool, alignment: TableAlignment) {
    let line = writer.line(node);
    let class = match alignment {
        TableAlignment::None | TableAlignment::Left => "",
        TableAlignment::Center => " class=\"center\"",
        TableAlignment::Right => " class=\"right\"",
    };
    let tag = if header { "th" } else { "td" };
    let scope = if header { " scope=\"col\"" } else { "" };
    let _ = write!(writer.out, "<{tag}{scope}{class}>");
    writer.begin_run(Display::Refused);
    inlines::children(writer, node);
    writer.end_run(line);
    let _ = write!(writer.out, "</{tag}>");
}

fn footnote(writer: &mut Writer, node: Node<'_>) {
    let NodeValue::FootnoteDefinition(definition) = node.data().value.clone() else { return };
    let name = escaped(&definition.name);
    let line = writer.line(node);
    writer.fact(line, "a footnote");
    let _ = write!(writer.out, "<li id=\"fn-{name}\">");
    children(writer, node, false);
    let closed = writer.out.ends_with("</p>");
    if closed {
        writer.out.truncate(writer.out.len() - "</p>".len());
    }
    let label = words::BACK.get(writer.context.language);
    let _ = write!(writer.out, " <a href=\"#fnref-{name}\" role=\"doc-backlink\" aria-label=\"{label}\">↩</a>");
    writer.out.push_str(if closed { "</p></li>" } else { "</li>" });
}

/// The directive of a `:::` node.
pub(super) fn directive_of<'a>(context: &Context<'a>, node: Node<'_>) -> Option<(usize, &'a Directive)> {
    let NodeValue::BlockDirective(block) = &node.data().value else { return None };
    let index = block.info.parse().ok()?;
    Some((index, context.source.directives.get(index)?))
}

fn lab_directive<'a>(context: &Context<'a>, node: Node<'_>) -> Option<(&'a Directive, usize)> {
    let (index, directive) = directive_of(context, node)?;
    matches!(directive.kind, DirectiveKind::Lab { .. }).then_some((directive, index))
}

fn lab(writer: &mut Writer, node: Node<'_>, directive: &Directive, index: usize) {
    let DirectiveKind::Lab { id, pairs } = &directive.kind else { return };
    let is_paragraph = |child: &Node<'_>| matches!(child.data().value, NodeValue::Paragraph);
    let paragraphs = node.children().take_while(is_paragraph).count();
    if paragraphs == 0 {
        writer.complaints.add(directive.line, format!("the lab {id} needs a caption first: what to look for in it"));
    }
    for child in node.children().take(paragraphs) {
        let line = writer.line(child);
        writer.begin_run(Display::Refused);
        writer.out.push_str(if paragraphs > 1 { "<p>" } else { "" });
        inlines::children(writer, child);
        writer.out.push_str(if paragraphs > 1 { "</p>" } else { "" });
        writer.end_run(line);
    }
    let caption_html = with_formulas_held(&std::mem::take(&mut writer.out));
    let settings = writer.names.settings.get(&index).cloned();
    let schema = find(id).map(AnyLab::schema);
    let written = settings.as_ref().map_or_else(|| format!("{pairs:?}"), |settings| changes(id, settings).join(" "));
    writer.fact(directive.line, format!("the lab {id} {written}").trim_end());
    for child in node.children().skip(paragraphs) {
        if let Some((_, directive)) = directive_of(writer.context, child)
            && let DirectiveKind::Predict(guess) = &directive.kind
        {
            phrases::predict(writer, child, directive, guess.as_ref(), schema.zip(settings.as_ref()));
        } else {
            let line = writer.line(child);
            writer.complaints.add(line, "a lab holds its caption, in paragraphs, and after it :::predict");
        }
    }
    let predict_html = with_formulas_held(&std::mem::take(&mut writer.out));
    let Some(settings) = settings else { return };
    writer.rendered.blocks.push(Block::Lab(LabPlace { id: id.clone(), settings, caption_html, predict_html }));
}

/// The settings that differ from the lab's own, as `name=value`.
pub(super) fn changes(id: &str, settings: &Settings) -> Vec<String> {
    let changes = find(id).map(|lab| settings.changes(lab.schema())).unwrap_or_default();
    changes.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

fn directive(writer: &mut Writer, node: Node<'_>) {
    let Some((_, directive)) = directive_of(writer.context, node) else { return };
    let (opening, closing) = match &directive.kind {
        DirectiveKind::Theorem => ("<div class=\"theorem\"", "</div>"),
        DirectiveKind::Proof => ("<div class=\"proof\"", "</div>"),
        DirectiveKind::Exercise => ("<div class=\"exercise\"", "</div>"),
        DirectiveKind::Challenge(_) => ("<section class=\"challenge\"", "</section>"),
        DirectiveKind::Solution => ("<details class=\"solution\"", "</details>"),
        DirectiveKind::Aside => ("<aside role=\"note\"", "</aside>"),
        DirectiveKind::Choices => return exercises::choices(writer, node, directive.line),
        DirectiveKind::Number(number) => return exercises::number(writer, node, number.as_ref(), directive.line),
        DirectiveKind::Goal(goal) => {
            if node.first_child().is_some() {
                writer.complaints.add(directive.line, "a :::goal holds nothing; the text stands before it");
            }
            if let Some(goal) = goal {
                writer.fact(directive.line, &challenges::fact(goal));
            }
            return;
        }
        // A lab within another block was refused when it was scanned, and so was a guess outside of a lab.
        DirectiveKind::Lab { .. } | DirectiveKind::Predict(_) => return,
    };
    let mut attributes = String::new();
    match &directive.kind {
        DirectiveKind::Exercise => exercises::check(writer, node, directive.line),
        DirectiveKind::Challenge(lab) => attributes = challenges::attributes(writer, node, lab, directive.line),
        _ => {}
    }
    let name = directive.kind.name();
    let target = directive.label.as_deref().and_then(|label| writer.names.target(label));
    let title = title(writer, node);
    let lab = if let DirectiveKind::Challenge(lab) = &directive.kind { lab.as_str() } else { "" };
    let opened = [name, lab, directive.label.as_deref().unwrap_or_default()];
    let opened = opened.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    writer.fact(directive.line, &format!("the opening of a {opened}"));
    writer.out.push_str(opening);
    let mut label_id = String::new();
    if let Some(target) = target {
        let id = escaped(&target.anchor);
        let _ = write!(writer.out, " id=\"{id}\" role=\"group\" aria-labelledby=\"{id}-label\"");
        label_id = format!(" id=\"{id}-label\"");
    }
    writer.out.push_str(&attributes);
    writer.out.push('>');
    let language = writer.context.language;
    let called = match directive.kind {
        DirectiveKind::Proof => Some(words::PROOF.get(language).to_string()),
        DirectiveKind::Solution => Some(words::SOLUTION.get(language).to_string()),
        _ => target.map(|target| target.html.clone()),
    };
    let label = [called, title].into_iter().flatten().collect::<Vec<_>>().join(words::COLON.get(language));
    let task = match directive.kind {
        DirectiveKind::Exercise => Some(TaskKind::Exercise),
        DirectiveKind::Challenge(_) => Some(TaskKind::Challenge),
        _ => None,
    };
    if let Some((kind, target)) = task.zip(target) {
        writer.task(kind, &target.anchor, &label);
    }
    if directive.kind == DirectiveKind::Solution {
        let _ = write!(writer.out, "<summary>{label}</summary>");
    } else if !label.is_empty() {
        let _ = write!(writer.out, "<p class=\"label\"{label_id}>{label}</p>");
    }
    for child in node.children().filter(|child| !is_title(writer.context, child)) {
        block(writer, child, false);
    }
    writer.fact(directive.line, &format!("the end of a {name}"));
    writer.out.push_str(closing);
}

/// Whether this paragraph is the title of its block.
fn is_title(context: &Context, node: Node<'_>) -> bool {
    let Some(first) = node.first_child() else { return false };
    let NodeValue::Text(text) = &first.data().value else { return false };
    let Some(Piece::Token(index)) = pieces(text).into_iter().next() else { return false };
    matches!(context.source.tokens.get(index).map(|token| &token.kind), Some(Kind::Title))
}

fn title(writer: &mut Writer, node: Node<'_>) -> Option<String> {
    let paragraph = node.first_child().filter(|child| is_title(writer.context, child))?;
    let line = writer.line(paragraph);
    let before = std::mem::take(&mut writer.out);
    writer.begin_run(Display::Refused);
    inlines::children(writer, paragraph);
    writer.end_run(line);
    Some(std::mem::replace(&mut writer.out, before))
}
