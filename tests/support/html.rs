//! As much of HTML as it takes to find a page's links and attributes.

/// A start tag.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its name, in lower case.
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All attributes, names in lower case.
    pub fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }
}

/// The start tags of a page, without those in comments, scripts and styles.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            rest = &rest[1..];
            continue;
        }
        let (tag, after) = tag(&rest[1..]);
        rest = match tag.name.as_str() {
            "script" | "style" => after.find(&format!("</{}", tag.name)).map_or("", |end| &after[end..]),
            _ => after,
        };
        tags.push(tag);
    }
    tags
}

fn tag(text: &str) -> (Tag, &str) {
    let ends_name = |c: char| c.is_whitespace() || c == '>' || c == '/' || c == '=';
    let (name, mut rest) = text.split_at(text.find(ends_name).unwrap_or(text.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        let (key, after) = rest.split_at(rest.find(ends_name).unwrap_or(rest.len()));
        rest = after.trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|&c| c == '"' || c == '\'');
            let (inside, next) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len())),
            };
            (value, rest) = (inside, next);
        } else if key.is_empty() {
            // A stray character; without this there would be no end.
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        attributes.push((key.to_ascii_lowercase(), unescape(value)));
    }
    (Tag { name: name.to_ascii_lowercase(), attributes }, rest)
}

fn unescape(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'");
    text.replace("&amp;", "&")
}
