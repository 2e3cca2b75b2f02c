//! What a small bilingual library answers, and what its files withstand.

use labs::text::{Language, Text};
use search::{Answer, Damage, Document, Kind, Library, Searcher};

/// A document without a parent.
fn document(kind: Kind, path: &str, title: Text, prose: Text, volume: usize) -> Document {
    Document { kind, parent: None, path: path.into(), title, prose, volume }
}

fn library() -> Library {
    let mut library = Library::default();
    let volume = library.add_volume("descent");
    let chapter = library.add(document(
        Kind::Chapter,
        "descent/",
        Text::new("Double descent", "双下降"),
        Text::new("Why is the model that barely fits the worst?", "为什么刚好能拟合的模型最差？"),
        volume,
    ));
    for (path, title, prose) in [
        (
            "descent/#peak",
            Text::new("Where the peak comes from", "峰从何来"),
            Text::new(
                "The variance explodes as γ = p/n nears 1. Of all interpolating vectors we take the minimum-norm solution.",
                "当 γ = p/n 接近 1 时，方差爆炸。在所有插值向量中，我们取最小范数解。",
            ),
        ),
        (
            "descent/#ridge",
            Text::new("Regularization removes the peak", "正则化抹平这座峰"),
            Text::new(
                "A ridge penalty shrinks the variance. The variance, not the bias, made the peak; the variance again.",
                "岭惩罚压低方差。造成峰的是方差，而非偏差；误差下降，双方都受益。",
            ),
        ),
        (
            "descent/#words",
            Text::new("A word on words", "一点说明"),
            Text::new("Generalization is meant on fresh data.", "这里的每双鞋都在下面，降价出售。"),
        ),
    ] {
        library.add(Document { kind: Kind::Section, parent: Some(chapter), path: path.into(), title, prose, volume });
    }
    let volume = library.add_volume("labs");
    library.add(document(
        Kind::Lab,
        "descent/#lab-ridge",
        Text::new("Ridge regression", "岭回归"),
        Text::new("Tune the ridge and watch the risk.", "调节岭参数，观察风险。"),
        volume,
    ));
    let volume = library.add_volume("glossary");
    for (path, title, prose) in [
        (
            "glossary/#hessian",
            Text::new("Hessian", "海森矩阵"),
            Text::new("The matrix of second derivatives.", "二阶导数的矩阵，其特征值是曲率。也叫 Hessian。"),
        ),
        (
            "glossary/#minimum-norm",
            Text::new("minimum-norm solution", "最小范数解"),
            Text::new("The shortest vector that fits.", "能拟合数据的最短向量。"),
        ),
        ("glossary/#ridge", Text::new("ridge", "岭"), Text::new("A squared penalty.", "平方惩罚。")),
    ] {
        library.add(document(Kind::Term, path, title, prose, volume));
    }
    library
}

fn file(volume: usize, language: Language) -> String {
    format!("search/{volume}-{}.bin", language.code())
}

fn files(library: &Library) -> Vec<[String; 2]> {
    (0..library.volumes.len()).map(|volume| Language::ALL.map(|language| file(volume, language))).collect()
}

/// A searcher, with or without its texts.
fn searcher(with_texts: bool) -> Searcher {
    let library = library();
    let mut searcher =
        Searcher::open(&library.index(&files(&library))).unwrap_or_else(|damage| panic!("cannot open: {damage}"));
    for volume in (0..library.volumes.len()).filter(|_| with_texts) {
        for language in Language::ALL {
            searcher
                .add_volume(&file(volume, language), &library.volume(volume, language))
                .unwrap_or_else(|damage| panic!("cannot add: {damage}"));
        }
    }
    searcher
}

/// Addresses below the language's folder, the best first.
fn addresses(answer: &Answer) -> Vec<&str> {
    answer.found.iter().map(|found| &found.address[3..]).collect()
}

/// Pieces as text, marked ones in brackets.
fn shown(pieces: &[search::Piece]) -> String {
    pieces.iter().map(|it| if it.marked { format!("[{}]", it.text) } else { it.text.clone() }).collect()
}

#[test]
fn queries_find_what_they_mean_first_in_either_language() {
    let searcher = searcher(false);
    for (typed, first) in [
        ("双下降", "descent/"),
        ("double descent", "descent/"),
        ("Double Desc", "descent/"),
        ("ＤＯＵＢＬＥ　ｄｅｓｃｅｎｔ", "descent/"),
        ("峰从何来", "descent/#peak"),
        ("where does the peak come", "descent/#peak"),
        ("gamma", "descent/#peak"),
        ("γ", "descent/#peak"),
        ("γ 方差", "descent/#peak"),
        ("γ方差", "descent/#peak"),
        ("p/n", "descent/#peak"),
        ("min-norm", "glossary/#minimum-norm"),
        ("最小范数", "glossary/#minimum-norm"),
        ("Hessian 特征值", "glossary/#hessian"),
        ("hessian特征值", "glossary/#hessian"),
        ("正则化", "descent/#ridge"),
        ("variance bias", "descent/#ridge"),
        ("generalisation", "descent/#words"),
        ("interpolator", "descent/#peak"),
        ("ridge regression", "descent/#lab-ridge"),
        ("岭回归", "descent/#lab-ridge"),
    ] {
        for reader in Language::ALL {
            let answer = searcher.answer(typed, reader);
            assert_eq!(addresses(&answer).first(), Some(&first), "{typed} for {reader:?}: {:?}", addresses(&answer));
            assert!(answer.found.iter().all(|found| found.address.starts_with(reader.code())), "{typed}");
        }
    }
}

#[test]
fn neighboring_characters_are_found_and_the_same_characters_apart_are_not() {
    let answer = searcher(true).answer("双下降", Language::Chinese);
    assert_eq!(addresses(&answer), ["descent/"]);
}

#[test]
fn words_without_spaces_between_them_are_found_apart() {
    let answer = searcher(false).answer("方差偏差", Language::Chinese);
    assert_eq!(addresses(&answer).first(), Some(&"descent/#ridge"));
}

#[test]
fn a_title_counts_more_than_text_and_a_heading_more_than_a_term() {
    let searcher = searcher(false);
    let answer = searcher.answer("norm", Language::English);
    assert_eq!(addresses(&answer), ["glossary/#minimum-norm", "descent/#peak"]);
    let answer = searcher.answer("ridge", Language::English);
    let place = |path| addresses(&answer).iter().position(|address| *address == path);
    assert!(place("descent/#lab-ridge") < place("descent/#ridge"), "{:?}", addresses(&answer));
    assert!(place("glossary/#ridge") < place("descent/#ridge"), "{:?}", addresses(&answer));
}

#[test]
fn documents_that_have_every_word_leave_out_those_that_lack_one() {
    let searcher = searcher(false);
    assert_eq!(addresses(&searcher.answer("ridge bias", Language::English)), ["descent/#ridge"]);
    assert!(!searcher.answer("ridge unheardof", Language::English).found.is_empty());
    assert!(searcher.answer("unheardof", Language::English).found.is_empty());
    assert!(searcher.answer("", Language::English).found.is_empty());
    assert!(searcher.answer("！？…", Language::Chinese).found.is_empty());
}

#[test]
fn a_snippet_shows_and_marks_what_was_looked_for_in_the_readers_language() {
    let searcher = searcher(true);
    let answer = searcher.answer("γ 方差", Language::Chinese);
    let first = &answer.found[0];
    assert_eq!(shown(&first.snippet), "当 [γ] = p/n 接近 1 时，[方差]爆炸。在所有插值向量中，我们取最小范数解。");
    assert_eq!(first.language, Language::Chinese);
    assert_eq!(first.titles.iter().map(|title| shown(title)).collect::<Vec<_>>(), ["双下降", "峰从何来"]);
    // The English words' Chinese names stand in the Chinese edition.
    let answer = searcher.answer("min-norm", Language::Chinese);
    let section = answer.found.iter().find(|found| found.address == "zh/descent/#peak");
    let section = section.unwrap_or_else(|| panic!("{:?}", addresses(&answer)));
    assert!(shown(&section.snippet).contains("我们取[最小范数解]"), "{}", shown(&section.snippet));
}

#[test]
fn what_only_the_other_edition_says_is_shown_from_it_and_its_language_told() {
    let answer = searcher(true).answer("fresh data", Language::Chinese);
    let first = &answer.found[0];
    assert_eq!((first.address.as_str(), first.language), ("zh/descent/#words", Language::English));
    assert_eq!(shown(&first.snippet), "Generalization is meant on [fresh] [data].");
    assert_eq!(shown(&first.titles[1]), "一点说明");
}

#[test]
fn an_answer_names_the_volumes_that_its_snippets_lack() {
    let answer = searcher(false).answer("γ 方差", Language::Chinese);
    assert_eq!(answer.wanted, ["search/0-zh.bin"]);
    assert_eq!(answer.found[0].snippet, []);
    assert_eq!(searcher(true).answer("γ 方差", Language::Chinese).wanted, Vec::<String>::new());
}

#[test]
fn a_query_of_any_length_and_any_characters_is_answered() {
    let searcher = searcher(true);
    for typed in ["的", "a", "the", "的的的", "\u{0}\u{301}'", "-–—", "👩‍🔬 γ", "ẞßﬁ", "𝛾", &"双下降 double ".repeat(500)]
    {
        for reader in Language::ALL {
            searcher.answer(typed, reader);
        }
    }
}

#[test]
fn damaged_files_are_refused() {
    let library = library();
    let index = library.index(&files(&library));
    let volume = library.volume(0, Language::Chinese);
    for at in 0..index.len() {
        let mut broken = index.clone();
        broken[at] ^= 0x10;
        assert!(Searcher::open(&broken).is_err(), "byte {at}");
        assert!(Searcher::open(&index[..at]).is_err(), "{at} bytes");
    }
    assert_eq!(Searcher::open(&volume).err(), Some(Damage::Foreign));
    let mut searcher = searcher(false);
    assert_eq!(searcher.add_volume("search/0-zh.bin", &volume[1..]), Err(Damage::Broken));
    assert_eq!(searcher.add_volume("search/0-zh.bin", &index), Err(Damage::Foreign));
}

#[test]
fn files_that_are_sealed_but_make_no_sense_are_refused_without_a_panic() {
    let library = library();
    let index = library.index(&files(&library));
    let seal = |mut bytes: Vec<u8>| {
        let hash = bytes.iter().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        bytes.extend_from_slice(&hash.to_le_bytes());
        bytes
    };
    let body = &index[..index.len() - 4];
    assert!(Searcher::open(&seal(body.to_vec())).is_ok());
    for at in (4..body.len()).step_by(3) {
        assert!(Searcher::open(&seal(body[..at].to_vec())).is_err(), "{at} bytes");
        for value in [0, 1, 127, 128, 255] {
            let mut broken = body.to_vec();
            broken[at] = value;
            // Some changes make another index that is sound; whatever opens can be asked.
            if let Ok(searcher) = Searcher::open(&seal(broken)) {
                searcher.answer("双下降 γ variance", Language::Chinese);
            }
        }
    }
}
