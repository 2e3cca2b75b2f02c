//! The page that times the labs' arithmetic in the reader's browser. Its script, `assets/bench/page.js`, reveals what is
//! printed here and fills in the numbers, so that every word stands here.
//!
//! It exists in each language, and once at `/bench/` in both, which is the address that programs use.

use super::body::{self, Place};
use crate::interface::{RESULTS, RUN};
use crate::page::words;
use labs::text::{Language, Text};
use leptos::prelude::*;

/// The page's title, and the text of links to it.
pub static TITLE: Text = Text::new("Speed on your machine", "本机速度");
/// What the page is for.
pub static ABOUT: Text = Text::new(
    "The labs train their networks in the page, on your processor. Here you can time that training, beside the same \
     training in plain JavaScript.",
    "实验就在网页中、用你的处理器训练网络。这里可以测量训练有多快，并与用普通 JavaScript 写的同一训练相比。",
);

static NO_SCRIPT: Text = Text::new(
    "Scripts are off, so nothing can be timed. What would be timed, and how, is explained below.",
    "脚本已关闭，无法测量。测量什么、如何测量，见下文。",
);
static UNSUPPORTED: Text = Text::new(
    "This browser lacks WebAssembly with SIMD, so nothing can be timed. Chromium 91, Firefox 89, Safari 16.4 and later \
     have it.",
    "此浏览器不支持带 SIMD 的 WebAssembly，无法测量。Chromium 91、Firefox 89、Safari 16.4 及更高版本支持。",
);

static KIND: Text = Text::new("What to time", "测量什么");
static TRAINING: Text = Text::new("Training a network", "训练网络");
static PRODUCT: Text = Text::new("A matrix product", "矩阵乘积");
static DIMS: Text = Text::new("Layer sizes, inputs first", "各层大小，从输入层起");
static BATCH: Text = Text::new("Batch", "批量大小");
static GEMM: Text = Text::new("Sides, M-K-N", "各边 M-K-N");
static STEPS: Text = Text::new("Steps", "步数");
static REPETITIONS: Text = Text::new("Repetitions", "次数");
static OPEN_END: Text = Text::new("Left empty: two seconds’ worth", "留空：测两秒");
static PRESETS: Text = Text::new("Examples", "示例");
static STOP: Text = Text::new("Stop", "停止");

/// What is wrong with a job, by the name that the script has for it.
static PROBLEMS: [(&str, Text); 6] = [
    (
        "dims",
        Text::new(
            "Layer sizes are two or more whole numbers from 1 on with hyphens between them, such as 784-128-10.",
            "各层大小应为两个或更多的整数，至少为 1，以连字符相隔，例如 784-128-10。",
        ),
    ),
    ("batch", Text::new("The batch is a whole number from 1 on.", "批量大小应为至少是 1 的整数。")),
    (
        "gemm",
        Text::new(
            "A product is given by three whole numbers from 1 on with hyphens between them, such as 128-784-128.",
            "矩阵乘积由三个整数给出，至少为 1，以连字符相隔，例如 128-784-128。",
        ),
    ),
    (
        "repetitions",
        Text::new(
            "Steps or repetitions are a whole number from 1 to a billion, or left empty.",
            "步数或次数应为 1 到十亿的整数，也可留空。",
        ),
    ),
    (
        "large",
        Text::new(
            "This does not fit into memory. Fewer or smaller layers, or a smaller batch, will.",
            "内存容纳不下。请减少层数、缩小各层或批量大小。",
        ),
    ),
    (
        "broken",
        Text::new(
            "The program could not be loaded or broke down. Check the connection, and that the browser supports \
             WebAssembly with SIMD; then run again.",
            "程序未能载入或已崩溃。请检查网络连接，并确认浏览器支持带 SIMD 的 WebAssembly，然后重新运行。",
        ),
    ),
];

/// What the worker is doing.
static STAGES: [(&str, Text); 5] = [
    ("load", Text::new("Loading…", "正在载入……")),
    ("agreement", Text::new("Comparing the two programs’ numbers…", "正在比较两个程序的结果……")),
    ("simd", Text::new("Timing WebAssembly with SIMD…", "正在测量带 SIMD 的 WebAssembly……")),
    ("plain", Text::new("Timing plain JavaScript…", "正在测量普通 JavaScript……")),
    ("peak", Text::new("Timing the vector unit alone…", "正在测量向量单元本身……")),
];
static DONE: Text = Text::new("Done.", "完成。");
static STOPPED: Text = Text::new("Stopped.", "已停止。");

static CAPTION_TRAINING: Text = Text::new(
    r#"One training step of <b data-cell="shape"></b>, batch <b data-cell="batch"></b>"#,
    r#"网络 <b data-cell="shape"></b>、批量大小 <b data-cell="batch"></b> 的一步训练"#,
);
static CAPTION_PRODUCT: Text =
    Text::new(r#"One matrix product <b data-cell="shape"></b>"#, r#"一次矩阵乘积 <b data-cell="shape"></b>"#);
static PROGRAM: Text = Text::new("Program", "程序");
static MILLISECONDS: Text = Text::new("ms", "毫秒");
static SIMD: Text = Text::new("WebAssembly with SIMD", "带 SIMD 的 WebAssembly");
static PLAIN: Text = Text::new("Plain JavaScript", "普通 JavaScript");
static RATIO: Text = Text::new(
    r#"With SIMD it is <b data-cell="ratio"></b> times as fast."#,
    r#"带 SIMD 的程序速度是普通 JavaScript 的 <b data-cell="ratio"></b> 倍。"#,
);
static PEAK: Text = Text::new(
    r#"In registers alone, the vector unit reaches <b data-cell="peak"></b> GFLOP/s; the operations that are really
    done here take <b data-cell="share"></b>% of that."#,
    r#"只在寄存器中运算时，向量单元可达 <b data-cell="peak"></b> GFLOP/s；这里实际所做的运算占其 <b data-cell="share"></b>%。"#,
);
static AGREEMENT: Text = Text::new(
    r#"Same network, same data: after <b data-cell="compared"></b> repetitions, in which numbers changed by up to
    <b data-cell="change"></b>, no two differ by more than <b data-cell="difference"></b>."#,
    r#"同样的初值，同样的数据：重复 <b data-cell="compared"></b> 次后，数值变化最大为 <b data-cell="change"></b>，而两个程序的结果最多相差
    <b data-cell="difference"></b>。"#,
);

/// What is timed and how, heading by heading.
static EXPLANATION: [(Text, Text); 5] = [
    (
        Text::new("What is timed", "测量什么"),
        Text::new(
            "A fully connected ReLU network with softmax cross-entropy takes steps of plain gradient descent on random \
             examples. One program is the labs’ own: Rust, compiled to WebAssembly with 128-bit SIMD. The other is the \
             same step in JavaScript on <code>Float32Array</code>, with loops that walk memory forward and take four \
             rows at a time. Both start from the same numbers and run in a worker, on one core. (A lab uses more cores \
             when it has several runs to do.)",
            "一个全连接 ReLU 网络以 softmax 交叉熵为损失，在随机样本上做普通的梯度下降。一个程序就是实验所用的代码：Rust 编译成带 128 位 SIMD \
             的 WebAssembly。另一个是用 JavaScript 在 <code>Float32Array</code> 上写的同样一步，循环沿内存顺序进行，一次处理四行。\
             两者从同样的数出发，在后台线程中运行，只用一个核心。（实验有多次运行要做时，会用上更多核心。）",
        ),
    ),
    (
        Text::new("How it is timed", "如何测量"),
        Text::new(
            "Each program first warms up for at least 0.3 seconds, until the browser has compiled it fully and it no \
             longer gets faster. Then ten portions are timed, and the median portion counts. Browsers coarsen their \
             clocks, so a portion lasts at least 20 ms: where the steps asked for are over sooner, more are timed.",
            "每个程序先预热至少 0.3 秒，直到浏览器把它完全编译好、速度不再提高。然后分十段计时，取各段的中位数。浏览器会降低时钟的精度，\
             因此每段至少 20 毫秒：若要求的步数很快就做完，便多测一些。",
        ),
    ),
    (
        Text::new("What a GFLOP/s is", "什么是 GFLOP/s"),
        Text::new(
            "A billion floating-point operations a second. A training step counts 6 × parameters × batch: one \
             multiplication and one addition for each parameter and example, once on the way forward and twice on the \
             way back. That is the usual count, too high by up to a half: the first layer needs no gradient by its \
             inputs. A product of M × K and K × N matrices counts 2MKN.",
            "每秒十亿次浮点运算。一步训练计 6 × 参数个数 × 批量大小：每个参数、每个样本各一次乘法和一次加法，前向一遍，反向两遍。\
             这是惯用的计法，最多偏高一半：第一层不需要对输入的梯度。M × K 与 K × N 矩阵的乘积计 2MKN。",
        ),
    ),
    (
        Text::new("Why SIMD", "为什么用 SIMD"),
        Text::new(
            "One instruction on a 128-bit vector does four single-precision operations. JavaScript has no such \
             instructions, and it computes in double precision, converting every number that it loads and stores. The \
             book does without fused multiply-adds and relaxed SIMD, which would be faster still, because their results \
             differ between machines; here a link is an experiment that gives everyone the same numbers.",
            "一条 128 位向量指令一次完成四个单精度运算。JavaScript 没有这样的指令，而且以双精度计算，每次读写都要转换。\
             融合乘加与宽松（relaxed）SIMD 还会更快，但结果因机器而异，本书因此不用：在这里，一个链接就是一次实验，人人得到同样的数。",
        ),
    ),
    (
        Text::new("What to make of it", "如何看待结果"),
        Text::new(
            "Speed varies with heat, power saving, other tabs and other programs. Run it several times before you \
             conclude anything.",
            "速度随温度、省电模式、其他标签页和其他程序而变。下结论之前，请多运行几次。",
        ),
    ),
];

static ADDRESS: Text = Text::new("From the address bar", "通过地址运行");
static ADDRESS_ABOUT: Text = Text::new(
    "An address with a shape in it runs at once and gives the result as JSON; <code>compare=1</code> adds JavaScript and \
     the vector unit.",
    "地址中带有形状时，页面打开即运行，并给出 JSON 结果；加上 <code>compare=1</code> 则还测 JavaScript 与向量单元。",
);

/// Shapes to try: layers and batch. The first is that of most labs.
const NETWORKS: [&str; 5] = ["64-32-10@50", "40-100-100-10@64", "64-32-10@16", "784-128-10@128", "196-1000-10@500"];
/// Products to try.
const PRODUCTS: [&str; 3] = ["64-64-64", "128-784-128", "500-196-1000"];
/// Addresses to try.
const ADDRESSES: [&str; 3] =
    ["?dims=784-128-10&batch=128&steps=200", "?dims=64-32-10&batch=50&compare=1", "?gemm=128-784-128&reps=200"];

/// The names of the page's own files in the site's root.
#[derive(Clone, Debug)]
pub struct Files {
    /// The style sheet.
    pub style: String,
    /// The module that brings the page to life.
    pub script: String,
}

/// What languages a page speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Voice {
    One(Language),
    Both,
}

impl Voice {
    /// A text's HTML; in both languages, each is marked as such.
    fn say(self, text: &Text) -> String {
        match self {
            Self::One(language) => text.get(language).to_string(),
            Self::Both => Language::ALL.map(|l| format!(r#"<span lang="{}">{}</span>"#, l.tag(), text.get(l))).concat(),
        }
    }

    /// For attributes, which have no markup.
    fn say_plainly(self, text: &Text) -> String {
        match self {
            Self::One(language) => text.get(language).to_string(),
            Self::Both => Language::ALL.map(|language| text.get(language).to_string()).join(" · "),
        }
    }
}

/// The page in one language.
pub fn bench(files: &Files, place: &Place) -> String {
    body::framed(place, content(files, &place.root, Voice::One(place.language)))
}

/// The page in both languages. `root` is the way to the site's root.
pub fn bilingual(files: &Files, root: &str) -> String {
    let both = Voice::Both;
    let links = Language::ALL.map(|language| {
        let href = format!("{root}{}/bench/", language.code());
        let tag = language.tag();
        view! { <a class="language" href=href hreflang=tag lang=tag data-keep-place="">{language.name()}</a> }
    });
    let content = content(files, root, both);
    view! {
        <a class="skip" href="#main">{both.say_plainly(&words::SKIP)}</a>
        <header class="bar">
            <a class="home" href=root.to_string()>{both.say_plainly(&words::BOOK)}</a>
            <nav class="tools">
                {links.into_iter().collect_view()}
                <button class="theme needs-script" type="button" aria-pressed="false" aria-label=both.say_plainly(&words::THEME)>
                    <span aria-hidden="true">"◐"</span>
                </button>
            </nav>
        </header>
        {content}
    }
    .to_html()
}

fn content(files: &Files, root: &str, voice: Voice) -> impl IntoView + use<> {
    let say = |text: &Text| voice.say(text);
    let class = if voice == Voice::Both { "bench both" } else { "bench" };
    view! {
        <link rel="stylesheet" href=format!("{root}{}", files.style) />
        <script type="module" src=format!("{root}{}", files.script)></script>
        <main id="main" class=class>
            <h1 inner_html=say(&TITLE)></h1>
            <p class="lead" inner_html=say(&ABOUT)></p>
            <noscript><p class="notice" inner_html=say(&NO_SCRIPT)></p></noscript>
            <p class="notice still unsupported" role="status" inner_html=say(&UNSUPPORTED)></p>
            {form(voice)}
            {results(voice)}
            <section class="explanation">
                {EXPLANATION.iter().map(|(heading, text)| view! { <h2 inner_html=say(heading)></h2> <p inner_html=say(text)></p> }).collect_view()}
                <h2 inner_html=say(&ADDRESS)></h2>
                <p inner_html=say(&ADDRESS_ABOUT)></p>
                <ul class="addresses">
                    {ADDRESSES.map(|query| view! { <li><a href=query><code>{query}</code></a></li> }).collect_view()}
                </ul>
            </section>
        </main>
    }
}

/// A text field under its label, in the row that belongs to the kind of job; none for all kinds.
fn field(name: &'static str, label: String, value: &'static str, hint: Option<String>) -> impl IntoView {
    let id = format!("bench-{name}");
    let described = hint.is_some().then(|| format!("{id}-hint"));
    let hint = hint.map(|hint| view! { <p class="hint" id=format!("bench-{name}-hint") inner_html=hint></p> });
    view! {
        <div class="field">
            <label for=id.clone() inner_html=label></label>
            <input id=id name=name type="text" value=value aria-describedby=described autocomplete="off" autocapitalize="off" spellcheck="false" />
            {hint}
        </div>
    }
}

fn presets(shapes: &[&'static str], kind: &'static str, voice: Voice) -> impl IntoView {
    let buttons: Vec<_> = shapes
        .iter()
        .map(|&shape| {
            let name = shape.replace('@', " @ ");
            view! { <button type="button" class="preset" data-preset=shape>{name}</button> }
        })
        .collect();
    view! {
        <div class="presets" role="group" aria-label=voice.say_plainly(&PRESETS) data-kind=kind>
            <span class="name" aria-hidden="true" inner_html=voice.say(&PRESETS)></span>
            {buttons}
        </div>
    }
}

fn form(voice: Voice) -> impl IntoView {
    let say = |text: &Text| voice.say(text);
    // Beside each other, two labels stand for the two kinds of job.
    let count = format!(
        r#"<span data-kind="training">{}</span><span data-kind="product" hidden>{}</span>"#,
        say(&STEPS),
        say(&REPETITIONS)
    );
    let problems = PROBLEMS
        .iter()
        .map(|(name, text)| view! { <p class="problem" data-problem=*name hidden inner_html=say(text)></p> })
        .collect_view();
    let stages = STAGES
        .iter()
        .map(|(name, text)| view! { <span data-stage=*name hidden inner_html=say(text)></span> })
        .collect_view();
    view! {
        <form id="bench" class="panel needs-script" novalidate>
            <fieldset class="kinds">
                <legend inner_html=say(&KIND)></legend>
                <label><input type="radio" name="kind" value="training" checked /><span inner_html=say(&TRAINING)></span></label>
                <label><input type="radio" name="kind" value="product" /><span inner_html=say(&PRODUCT)></span></label>
            </fieldset>
            {presets(&NETWORKS, "training", voice)}
            {presets(&PRODUCTS, "product", voice)}
            <div class="fields">
                <div class="shape" data-kind="training">
                    {field("dims", say(&DIMS), "784-128-10", None)}
                    {field("batch", say(&BATCH), "128", None)}
                </div>
                <div class="shape" data-kind="product" hidden>{field("gemm", say(&GEMM), "128-784-128", None)}</div>
                {field("repetitions", count, "", Some(say(&OPEN_END)))}
            </div>
            <div role="alert">{problems}</div>
            <div class="buttons">
                <button type="submit" name="run" class="run" inner_html=say(&RUN)></button>
                <button type="button" name="stop" aria-disabled="true" inner_html=say(&STOP)></button>
                <p class="status" role="status">
                    <span data-while="running" hidden>{stages}</span>
                    <span data-while="done" hidden inner_html=say(&DONE)></span>
                    <span data-while="stopped" hidden inner_html=say(&STOPPED)></span>
                </p>
            </div>
        </form>
    }
}

fn results(voice: Voice) -> impl IntoView {
    let say = |text: &Text| voice.say(text);
    let row = |name: &'static str, label: &Text| {
        view! {
            <tr data-row=name hidden>
                <th scope="row"><span inner_html=say(label)></span><div class="track"><div class="rate" data-bar=name></div></div></th>
                <td data-cell=format!("{name}-ms")></td>
                <td data-cell=format!("{name}-gflops")></td>
            </tr>
        }
    };
    view! {
        <section id="bench-results" class="panel needs-script" aria-label=voice.say_plainly(&RESULTS) hidden>
            <table>
                <caption>
                    <span data-of="training" inner_html=say(&CAPTION_TRAINING)></span>
                    <span data-of="product" hidden inner_html=say(&CAPTION_PRODUCT)></span>
                </caption>
                <thead>
                    <tr><th scope="col" inner_html=say(&PROGRAM)></th><th scope="col" inner_html=say(&MILLISECONDS)></th><th scope="col">"GFLOP/s"</th></tr>
                </thead>
                <tbody>{row("simd", &SIMD)} {row("plain", &PLAIN)}</tbody>
            </table>
            <p data-needs="simd plain" hidden inner_html=say(&RATIO)></p>
            <p data-needs="simd peak" hidden inner_html=say(&PEAK)></p>
            <p data-needs="agreement" hidden inner_html=say(&AGREEMENT)></p>
        </section>
        <pre id="result" class="needs-script"></pre>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        Files { style: "bench.css".into(), script: "bench.js".into() }
    }

    fn page(language: Language) -> String {
        bench(&files(), &Place { language, root: "../../".into(), path: "bench/".into() })
    }

    /// The values of an attribute, in order.
    fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
        let start = format!(" {attribute}=\"");
        html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn both_languages_have_the_same_controls_and_cells() {
        let [english, chinese] = Language::ALL.map(page);
        for attribute in ["name", "id", "data-problem", "data-stage", "data-row", "data-needs", "data-preset"] {
            assert!(!values(&english, attribute).is_empty(), "{attribute}");
            assert_eq!(values(&english, attribute), values(&chinese, attribute), "{attribute}");
        }
        let cells = |html: &str| {
            let mut cells: Vec<String> = values(html, "data-cell").into_iter().map(str::to_owned).collect();
            cells.sort();
            cells
        };
        assert_eq!(cells(&english), cells(&chinese));
    }

    #[test]
    fn the_page_in_both_languages_says_everything_twice_with_each_id_once() {
        let html = bilingual(&files(), "../");
        for (_, text) in &PROBLEMS {
            for language in Language::ALL {
                assert!(html.contains(text.get(language)), "{}", text.get(language));
            }
        }
        let mut ids = values(&html, "id");
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn every_problem_and_every_cell_of_the_script_is_on_the_page() {
        let script = include_str!("../../assets/bench/page.js");
        let html = page(Language::English);
        let problems = values(&html, "data-problem");
        for name in ["dims", "batch", "gemm", "repetitions", "large", "broken"] {
            assert!(problems.contains(&name) && script.contains(&format!("\"{name}\"")), "{name}");
        }
        let cells = values(&html, "data-cell");
        for name in script.split("fill(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(cells.contains(&name), "{name}");
        }
        for name in ["simd", "plain"].map(|name| [format!("{name}-ms"), format!("{name}-gflops")]).concat() {
            assert!(cells.contains(&&*name), "{name}");
        }
    }
}
