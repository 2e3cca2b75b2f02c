//! A lab's settings in a page's address: `?name=value` on the lab's own page, `?ID.name=value` in a chapter.

use labs::{
    schema::Schema,
    settings::{Refusal, Settings},
};

/// Where a lab stands, and so which keys of the query are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On its own page: every key.
    Alone,
    /// Among others: the keys that begin with its id and a dot.
    Among(String),
}

/// What an address asks of a lab.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The settings of its place, with what the address changes.
    pub settings: Settings,
    /// What could not be used as written.
    pub refusals: Vec<Refusal>,
    /// Whether to begin at once.
    pub run: bool,
    /// The controls and buttons to leave out.
    pub hidden: Vec<String>,
}

impl Place {
    /// The place of a lab on the page with that path.
    pub fn of(path: &str, lab: &str) -> Self {
        let folder = path.strip_suffix("index.html").unwrap_or(path).trim_end_matches('/');
        if folder.ends_with(&format!("/lab/{lab}")) { Self::Alone } else { Self::Among(lab.to_string()) }
    }

    /// A key without the lab's prefix, if it is the lab's.
    fn own<'a>(&self, key: &'a str) -> Option<&'a str> {
        match self {
            Self::Alone => Some(key),
            Self::Among(lab) => key.strip_prefix(lab.as_str())?.strip_prefix('.'),
        }
    }

    fn key(&self, name: &str) -> String {
        match self {
            Self::Alone => name.to_string(),
            Self::Among(lab) => format!("{lab}.{name}"),
        }
    }

    /// Whether a query asks for a run of the lab.
    pub fn wants_run(&self, query: &str) -> bool {
        pairs(query).iter().any(|(key, value)| self.own(key) == Some("run") && value == "1")
    }

    /// Reads a query, with or without its question mark, onto the settings of the lab's place.
    pub fn read(&self, query: &str, schema: &Schema, settings: &Settings) -> Request {
        let mut request = Request { settings: settings.clone(), refusals: Vec::new(), run: false, hidden: Vec::new() };
        for (key, value) in pairs(query) {
            match self.own(&key) {
                Some("run") => request.run = value == "1",
                // The page has the theme by now.
                Some("theme") | None => {}
                Some("hide") => request.hidden = value.split(',').map(|name| name.trim().to_string()).collect(),
                Some(name) => request.refusals.extend(request.settings.set(schema, name, &value).err()),
            }
        }
        request
    }

    /// The query with the lab's settings in place of those it held, `hide`, `theme` and what belongs to others left alone;
    /// empty or with its question mark. Only what differs from `printed` is written, or everything without it.
    pub fn write(
        &self,
        query: &str,
        schema: &Schema,
        settings: &Settings,
        printed: Option<&Settings>,
        run: bool,
    ) -> String {
        let kept = pairs(query)
            .into_iter()
            .filter(|(key, _)| self.own(key).is_none_or(|name| name == "hide" || name == "theme"));
        let mut all: Vec<(String, String)> = kept.collect();
        let parameters = schema.parameters.iter();
        let written = parameters.map(|p| (p, settings.text(p)));
        let changed = written.filter(|(p, text)| printed.is_none_or(|old| old.text(p) != *text));
        all.extend(changed.map(|(p, text)| (self.key(&p.name), text)));
        if printed.is_none_or(|old| old.seed != settings.seed) {
            all.push((self.key("seed"), settings.seed.to_string()));
        }
        if run {
            all.push((self.key("run"), "1".into()));
        }
        let written: Vec<String> =
            all.iter().map(|(key, value)| format!("{}={}", escape(key), escape(value))).collect();
        if written.is_empty() { String::new() } else { format!("?{}", written.join("&")) }
    }
}

/// Settings with what a query changes of them, and what of it could not be used as written. Every key is a setting's.
pub fn changed(query: &str, schema: &Schema, settings: &Settings) -> (Settings, Vec<Refusal>) {
    let mut changed = settings.clone();
    let refusals = pairs(query).iter().filter_map(|(name, value)| changed.set(schema, name, value).err()).collect();
    (changed, refusals)
}

/// The keys and values of a query, unescaped, in order.
fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.trim_start_matches('?').split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(key, value)| (unescape(key), unescape(value)))
        .collect()
}

/// Undoes percent escapes and `+`; what is not an escape stays as it is, and so does a text whose bytes are no text.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |index: usize| bytes.get(index).and_then(|byte| char::from(*byte).to_digit(16));
    let mut plain = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let (plain_byte, length) = match (byte, digit(index + 1), digit(index + 2)) {
            (b'%', Some(high), Some(low)) => ((16 * high + low) as u8, 3),
            (b'+', ..) => (b' ', 1),
            _ => (byte, 1),
        };
        plain.push(plain_byte);
        index += length;
    }
    String::from_utf8(plain).unwrap_or_else(|_| text.into())
}

/// Escapes what has a meaning in a query; commas and the like stay readable.
fn escape(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,:;/@".contains(&byte) {
            escaped.push(byte.into());
        } else {
            escaped.push('%');
            escaped.push(DIGITS[usize::from(byte >> 4)].into());
            escaped.push(DIGITS[usize::from(byte & 15)].into());
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::labs::find;

    fn schema() -> &'static Schema {
        find("ridgeless").expect("the lab ridgeless is in the registry").schema()
    }

    fn read(place: &Place, query: &str) -> Request {
        place.read(query, schema(), &Settings::defaults(schema()))
    }

    fn among() -> Place {
        Place::Among("ridgeless".into())
    }

    #[test]
    fn a_lab_page_is_known_by_its_path() {
        for path in ["/zh/lab/ridgeless/", "/a/b/en/lab/ridgeless/index.html", "/en/lab/ridgeless"] {
            assert_eq!(Place::of(path, "ridgeless"), Place::Alone, "{path}");
        }
        assert_eq!(Place::of("/en/double-descent/", "ridgeless"), among());
        assert_eq!(Place::of("/en/lab/other/", "ridgeless"), among());
    }

    #[test]
    fn a_lab_takes_its_own_keys_only() {
        let request = read(&among(), "?gamma=3&ridgeless.gamma=2&other.gamma=4&ridgeless.seed=7&ridgeless.run=1");
        assert_eq!((request.settings.real("gamma"), request.settings.seed, request.run), (2.0, 7, true));
        assert_eq!(request.refusals, []);
        let request = read(&Place::Alone, "gamma=3&hide=run,%20gamma");
        assert_eq!((request.settings.real("gamma"), request.run), (3.0, false));
        assert_eq!(request.hidden, ["run", "gamma"]);
    }

    #[test]
    fn one_bad_value_costs_nothing_else_and_is_told() {
        let request = read(&Place::Alone, "?gamma=99&samples=x&seeds=2&nonsense=1");
        assert_eq!(request.refusals.len(), 3);
        assert_eq!((request.settings.real("gamma"), request.settings.count("seeds")), (10.0, 2));
    }

    #[test]
    fn what_is_written_reads_back() {
        let defaults = Settings::defaults(schema());
        for place in [Place::Alone, among()] {
            let mut settings = defaults.clone();
            for (name, value) in [("gamma", "2.5"), ("seed", "12"), ("samples", "60")] {
                settings.set(schema(), name, value).expect("these values are in range");
            }
            for printed in [None, Some(&defaults)] {
                let query = place.write("", schema(), &settings, printed, true);
                let request = read(&place, &query);
                assert_eq!((request.settings, request.run), (settings.clone(), true), "{query}");
            }
        }
    }

    #[test]
    fn points_are_written_as_they_are_read() {
        let schema = find("max-margin").expect("the lab max-margin is in the registry").schema();
        let defaults = Settings::defaults(schema);
        let read = |query: &str| Place::Alone.read(query, schema, &defaults);
        let request = read("?points=1,0.5;-2,-1,-");
        assert_eq!((request.settings.points().len(), request.refusals.len()), (2, 0));
        let query = Place::Alone.write("", schema, &request.settings, Some(&defaults), false);
        assert_eq!(query, "?points=1,0.5;-2,-1,-");
        // In a query a plus sign is a space.
        let signed = read("?points=1,0.5,+;-2,-1,-").settings;
        assert_eq!(signed.points(), request.settings.points());
        let query = Place::Alone.write("", schema, &signed, None, false);
        assert_eq!(read(&query).settings, signed);
    }

    #[test]
    fn the_query_of_a_printed_run_is_empty_and_others_keep_theirs() {
        let defaults = Settings::defaults(schema());
        assert_eq!(Place::Alone.write("?gamma=2", schema(), &defaults, Some(&defaults), false), "");
        let query = "theme=dark&hide=run";
        assert_eq!(Place::Alone.write(query, schema(), &defaults, Some(&defaults), false), "?theme=dark&hide=run");
        assert_eq!(read(&Place::Alone, query).refusals, []);
        let query = "?other.gamma=4&ridgeless.gamma=2&ridgeless.hide=run&x=a%20b";
        assert_eq!(
            among().write(query, schema(), &defaults, Some(&defaults), false),
            "?other.gamma=4&ridgeless.hide=run&x=a%20b"
        );
    }

    #[test]
    fn broken_escapes_are_taken_as_they_are() {
        assert_eq!(unescape("100%"), "100%");
        assert_eq!(unescape("%zz+%E4%B8%AD%"), "%zz 中%");
        assert_eq!(unescape("%中"), "%中");
    }
}
