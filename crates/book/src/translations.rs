//! Which blocks have changed in one language since they last said the same in both, as the history in Git tells.
//!
//! Both editions match block for block. Of each pair, `git blame` gives the commit that last touched either side. Where that is
//! one commit, the pair was changed together. Where it is not, the side of the later commit either followed the other or
//! left it behind: it followed if, before that commit, the other side was ahead, which is found out in the same way from
//! the history up to there. What is not committed yet counts as later than everything.

use crate::load;
use labs::text::Language;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::Path,
    process::{Command, Output},
    rc::Rc,
};

/// A block that has changed in one language alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The file that has changed, below the project's folder, and the block's line.
    pub changed: (String, usize),
    /// The other language's file, and the line of its block if it has one.
    pub other: (String, Option<usize>),
    /// How the changed block begins.
    pub beginning: String,
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let ((changed, line), (other, other_line)) = (&self.changed, &self.other);
        match other_line {
            Some(other_line) => {
                write!(f, "{changed}:{line} has changed since {other}:{other_line}: {}", self.beginning)
            }
            None => write!(f, "{changed}:{line} has no counterpart in {other}: {}", self.beginning),
        }
    }
}

/// The hash that Git gives to what is not committed.
const UNCOMMITTED: &str = "0000000000000000000000000000000000000000";
/// How much of a block is quoted, in characters.
const QUOTED: usize = 60;

/// All such blocks of the book in `chapters` below the project's folder, in the order of the book.
///
/// # Errors
/// A sentence that says why the history cannot be read.
pub fn behind(root: &Path) -> Result<Vec<Behind>, String> {
    let git = Git { root };
    let inside = git.ask(&["rev-parse", "--is-shallow-repository"])?;
    if !inside.status.success() {
        return Err("the history tells which translations are behind, and this folder is not in a Git repository; clone the project \
                    with Git"
            .into());
    }
    if inside.stdout.starts_with(b"true") {
        return Err("this clone has only the end of the history; `git fetch --unshallow` gets the rest".into());
    }
    let mut history = History { git, dir: root.join("chapters"), moments: BTreeMap::new() };
    load::slugs(&history.dir)?
        .iter()
        .map(|slug| history.behind(slug))
        .collect::<Result<Vec<_>, _>>()
        .map(|all| all.concat())
}

struct Git<'a> {
    root: &'a Path,
}

impl Git<'_> {
    fn ask(&self, words: &[&str]) -> Result<Output, String> {
        let output = Command::new("git").args(words).current_dir(self.root).output();
        output
            .map_err(|error| format!("the history tells which translations are behind, but git cannot be run: {error}"))
    }
}

/// The commit that last touched a line, and when, in seconds.
type Touch = (Rc<str>, i64);

/// One edition of a chapter at one moment.
#[derive(Default)]
struct Edition {
    lines: Vec<(Touch, String)>,
    blocks: Vec<Block>,
}

/// A block: what it shares with its translation, and its lines, the first counted from 1 and the one after its last.
struct Block {
    what: String,
    first: usize,
    end: usize,
}

impl Edition {
    fn text(&self, block: &Block) -> Vec<&str> {
        let lines = self.lines[block.first - 1..block.end - 1].iter().map(|(_, text)| text.trim_end());
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// What touched a block last.
    fn touch(&self, block: &Block) -> Option<&Touch> {
        let lines = &self.lines[block.first - 1..block.end - 1];
        lines.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(touch, _)| touch).max_by_key(|touch| touch.1)
    }
}

/// A chapter at one moment.
struct Moment {
    editions: [Edition; 2],
}

impl Moment {
    /// The blocks that match, by their indices. Where the editions part, what lies between the blocks that match from the
    /// beginning and from the end has no counterpart.
    fn counterpart(&self, side: usize, index: usize) -> Option<usize> {
        let [here, there] = [side, 1 - side].map(|side| &self.editions[side].blocks);
        let is_same = |(a, b): &(&Block, &Block)| a.what == b.what;
        let head = here.iter().zip(there).take_while(is_same).count();
        if index < head {
            return Some(index);
        }
        let tail = here.iter().rev().zip(there.iter().rev()).take_while(is_same).count();
        let tail = tail.min(here.len().min(there.len()) - head);
        (here.len() - index <= tail).then(|| there.len() - (here.len() - index))
    }
}

struct History<'a> {
    git: Git<'a>,
    dir: std::path::PathBuf,
    /// Chapters by slug and commit, the commit empty for the files as they lie there.
    moments: BTreeMap<(String, String), Rc<Moment>>,
}

impl History<'_> {
    fn behind(&mut self, slug: &str) -> Result<Vec<Behind>, String> {
        let now = self.moment(slug, "")?;
        let file = |side: usize| format!("chapters/{slug}/{}.md", Language::ALL[side].code());
        let mut found: Vec<Behind> = Vec::new();
        for side in [0, 1] {
            for (index, block) in now.editions[side].blocks.iter().enumerate() {
                let counterpart = now.counterpart(side, index);
                if let Some(counterpart) = counterpart
                    && self.ahead(slug, &now, [[index, counterpart], [counterpart, index]][side])? != Some(side)
                {
                    continue;
                }
                let line = counterpart.map(|index| now.editions[1 - side].blocks[index].first);
                let text = now.editions[side].text(block).join(" ");
                let mut beginning: String = text.chars().take(QUOTED).collect();
                if beginning.len() < text.len() {
                    beginning.push('…');
                }
                found.push(Behind { changed: (file(side), block.first), other: (file(1 - side), line), beginning });
            }
        }
        // Blocks may open in one line: a theorem and its title.
        let mut seen = BTreeSet::new();
        found.retain(|behind| seen.insert(behind.changed.clone()));
        Ok(found)
    }

    /// The side of a pair of blocks that has changed since both last said the same.
    fn ahead(&mut self, slug: &str, moment: &Rc<Moment>, pair: [usize; 2]) -> Result<Option<usize>, String> {
        let (mut moment, mut pair) = (moment.clone(), pair);
        // The sides that a later commit touched, from the last back, until a moment at which all is known.
        let mut later = Vec::new();
        let mut ahead = loop {
            let [english, chinese] = [0, 1].map(|side| {
                let edition = &moment.editions[side];
                edition.touch(&edition.blocks[pair[side]]).cloned()
            });
            let (Some(english), Some(chinese)) = (english, chinese) else { break None };
            if english.0 == chinese.0 || english.1 == chinese.1 {
                break None;
            }
            let side = usize::from(chinese.1 > english.1);
            later.push(side);
            let commit = if side == 0 { english.0 } else { chinese.0 };
            let before = if &*commit == UNCOMMITTED { "HEAD".to_owned() } else { format!("{commit}^") };
            let before = self.moment(slug, &before)?;
            // The other side was there already, as it is now.
            let other = &moment.editions[1 - side];
            let text = other.text(&other.blocks[pair[1 - side]]);
            let edition = &before.editions[1 - side];
            let same = (0..edition.blocks.len()).filter(|&index| edition.text(&edition.blocks[index]) == text);
            let Some(index) = same.min_by_key(|index| index.abs_diff(pair[1 - side])) else { break None };
            let Some(counterpart) = before.counterpart(1 - side, index) else { break Some(1 - side) };
            pair[1 - side] = index;
            pair[side] = counterpart;
            moment = before;
        };
        // A side that was behind has followed; any other has gone ahead.
        for side in later.into_iter().rev() {
            ahead = if ahead == Some(1 - side) { None } else { Some(side) };
        }
        Ok(ahead)
    }

    fn moment(&mut self, slug: &str, commit: &str) -> Result<Rc<Moment>, String> {
        let key = (slug.to_owned(), commit.to_owned());
        if let Some(moment) = self.moments.get(&key) {
            return Ok(moment.clone());
        }
        let [english, chinese] = Language::ALL.map(|language| self.edition(slug, commit, language));
        let moment = Rc::new(Moment { editions: [english?, chinese?] });
        self.moments.insert(key, moment.clone());
        Ok(moment)
    }

    fn edition(&self, slug: &str, commit: &str, language: Language) -> Result<Edition, String> {
        let file = format!("chapters/{slug}/{}.md", language.code());
        let words = ["blame", "--porcelain", commit, "--", &file];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let output = self.git.ask(&words)?;
        let lines = if output.status.success() {
            blamed(&String::from_utf8_lossy(&output.stdout))
        } else if commit.is_empty() {
            // A file that Git does not know yet.
            let text = fs::read_to_string(self.dir.join(slug).join(format!("{}.md", language.code())));
            let text = text.map_err(|error| format!("{file} cannot be read: {error}"))?;
            let touch: Touch = (UNCOMMITTED.into(), i64::MAX);
            text.lines().map(|line| (touch.clone(), line.to_owned())).collect()
        } else {
            // It was not there yet.
            Vec::new()
        };
        let text = lines.iter().fold(String::new(), |text, (_, line)| text + line + "\n");
        let facts = if text.is_empty() { Vec::new() } else { load::facts(&self.dir, language, &text) };
        // What stands before the first block: title, description, question.
        let front = (!lines.is_empty()).then(|| (1, "front matter".to_owned()));
        let facts = facts.into_iter().map(|fact| (fact.line.clamp(1, lines.len()), fact.what));
        let starts: Vec<(usize, String)> = front.into_iter().chain(facts).collect();
        let end_of = |first: usize| starts.iter().map(|start| start.0).filter(|&next| next > first).min();
        let blocks = starts.iter().map(|(first, what)| Block {
            what: what.clone(),
            first: *first,
            end: end_of(*first).unwrap_or(lines.len() + 1),
        });
        Ok(Edition { blocks: blocks.collect(), lines })
    }
}

/// The lines of a file with what touched them, as `git blame --porcelain` tells it: a header a line, and what there is to
/// know of a commit where it is named first.
fn blamed(porcelain: &str) -> Vec<(Touch, String)> {
    let mut times: BTreeMap<String, i64> = BTreeMap::new();
    let mut lines = Vec::new();
    let mut commit: Rc<str> = "".into();
    for line in porcelain.lines() {
        if let Some(text) = line.strip_prefix('\t') {
            let time = times.get(&*commit).copied().unwrap_or_default();
            lines.push(((commit.clone(), time), text.to_owned()));
        } else if let Some(time) = line.strip_prefix("committer-time ") {
            let time = if &*commit == UNCOMMITTED { i64::MAX } else { time.parse().unwrap_or_default() };
            times.insert(commit.to_string(), time);
        } else if let Some((hash, _)) = line.split_once(' ')
            && hash.len() >= UNCOMMITTED.len()
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            commit = hash.into();
        }
    }
    lines
}
