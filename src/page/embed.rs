//! The page on embedding: three labs in frames, as they stand in anyone's page, with what they tell the page around
//! them, and how that is done. Its script is `assets/embed/page.js`.

use super::body::{self, Place};
use crate::html::escape;
use labs::{
    labs::find,
    text::{Language, Text},
};
use leptos::prelude::*;

/// The page's title, and the text of links to it.
pub static TITLE: Text = Text::new("Embedding labs", "嵌入实验");
/// What the page is for.
pub static ABOUT: Text = Text::new(
    "Every lab can stand in a page of yours: in slides, in a course, beside your own words. Under each lab, “Save, cite, \
     embed” has the HTML for its present settings. This page embeds three, and says all that a frame understands.",
    "每个实验都可以放进你自己的网页：幻灯片、课程页面、你自己的文字旁边。每个实验下方的“保存、引用、嵌入”给出含当前设置的 HTML。本页嵌入了三个实验，并说明框架能懂的一切。",
);

static EXAMPLES: Text = Text::new("Three labs", "三个实验");
static RUN_ALL: Text = Text::new("Run all three", "运行全部三个");
static SEED_OF_ALL: Text = Text::new("Random seed of all three", "三者的随机种子");
static STATE: Text = Text::new("State: ", "状态：");
static DIGEST: Text = Text::new(", digest: ", "，校验码：");
static TOLD: Text = Text::new("Outputs that the frame has told this page", "框架告诉本页的结果");
static NAME: Text = Text::new("Output", "结果");
static VALUE: Text = Text::new("Value", "值");

static ADDRESS: Text = Text::new("What the address says", "地址里写什么");
static ADDRESS_ABOUT: Text = Text::new(
    "A lab’s own page is made to be framed: the bar above it, its heading and the links below it stay away in a frame. \
     Its address says the rest.",
    "实验自己的页面就是为嵌入而设的：在框架里，上方的导航栏、标题和页脚都不出现。其余由地址决定。",
);

/// What may stand in an address, and what it does.
static KEYS: [(&str, Text); 6] = [
    ("/en/lab/…/, /zh/lab/…/", Text::new("The language.", "语言。")),
    (
        "gamma=2",
        Text::new(
            "A parameter by its name. A value out of range is moved into it, and the reader is told.",
            "按名称给出的参数。超出范围的值会被移到范围之内，并告知读者。",
        ),
    ),
    ("seed=7", Text::new("The first random seed.", "第一个随机种子。")),
    ("run=1", Text::new("Runs at once.", "打开即运行。")),
    (
        "theme=dark",
        Text::new(
            "dark or light, whatever the reader’s system prefers; it is not remembered.",
            "dark 或 light，不论读者的系统偏好哪一种；不会被记住。",
        ),
    ),
    (
        "hide=seed,step",
        Text::new(
            "Leaves out parameters and buttons (run, pause, step, reset, copy_link, download), and in a frame also about, \
             origin, legend, parameters, buttons, outputs, words, data, take.",
            "略去参数和按钮（run、pause、step、reset、copy_link、download）；在框架中还可略去 about、origin、legend、parameters、buttons、outputs、words、data、take。",
        ),
    ),
];

static HEIGHT: Text = Text::new("The height of the frame", "框架的高度");
static HEIGHT_ABOUT: Text = Text::new(
    "A page cannot see how high its frames would like to be, so the lab says it, whenever that changes. These lines give \
     each frame its height. Without them the frame scrolls.",
    "网页看不到框架想要多高，因此每当高度变化，实验都会告知。下面几行代码据此设定每个框架的高度；没有它们，框架内可以滚动。",
);

static MESSAGES: Text = Text::new("What the frame tells", "框架说些什么");
static MESSAGES_ABOUT: Text = Text::new(
    "Messages are objects with source: \"why-it-generalizes\", version: 1, lab (its name) and type. Nothing in them is secret, \
     so they go to whatever page holds the frame. They mean something only if event.source is the window of your own \
     frame: compare it.",
    "消息是对象，含有 source: \"why-it-generalizes\"、version: 1、lab（实验的名称）和 type。其中没有秘密，因此会发给任何持有框架的网页。只有当 event.source 确实是你自己框架的窗口时，消息才可信：请比较。",
);

static FROM_FRAME: [(&str, &str, Text); 5] = [
    (
        "height",
        "height",
        Text::new("The height of the page in the frame, in CSS pixels.", "框架内网页的高度，以 CSS 像素计。"),
    ),
    (
        "ready",
        "settings, outputs, digest, state",
        Text::new(
            "The lab is alive and shows the run that was computed when the book was built.",
            "实验已就绪，显示本书构建时算出的那次运行。",
        ),
    ),
    ("state", "state", Text::new("idle, running, paused, done or error.", "idle、running、paused、done 或 error。")),
    (
        "done",
        "settings, outputs, digest, state",
        Text::new(
            "A run is over. Outputs are numbers with all their digits, by name; the digest is that of every bit of them.",
            "一次运行已完成。结果是按名称给出的数，带有全部数位；校验码由其每一位算出。",
        ),
    ),
    ("refused", "reasons", Text::new("Why settings were not taken, in sentences.", "设置未被采用的理由，一条一句。")),
];

static TO_FRAME: Text = Text::new("What the frame does when asked", "框架听从什么");
static TO_FRAME_ABOUT: Text = Text::new(
    "A frame does what the page that holds it asks, with frame.contentWindow.postMessage(message, \"*\"). A message is an \
     object with target: \"why-it-generalizes\", version: 1 and a type; anything else is ignored.",
    "持有框架的网页可以用 frame.contentWindow.postMessage(message, \"*\") 提出请求。消息是对象，含有 target: \"why-it-generalizes\"、version: 1 和 type；其他一概忽略。",
);

static FOR_FRAME: [(&str, &str, Text); 4] = [
    (
        "set",
        "settings",
        Text::new(
            "Sets parameters and the seed by name and runs, unless a value is not one that the lab takes. What is on show \
             already is answered with done at once.",
            "按名称设置参数和随机种子并运行；若有实验不接受的值，则什么也不改；若所设正是当前显示的，则立即回以 done。",
        ),
    ),
    ("run", "", Text::new("Runs, as the button does.", "运行，与按钮相同。")),
    (
        "reset",
        "",
        Text::new("Goes back to the run that was computed when the book was built.", "回到本书构建时算出的运行。"),
    ),
    (
        "ask",
        "",
        Text::new(
            "Answers with ready once more, for pages that listen late.",
            "再答一次 ready，以备网页开始接收得较晚。",
        ),
    ),
];

static SANDBOX: Text = Text::new("In a sandbox", "沙箱");
static SANDBOX_ABOUT: Text = Text::new(
    "A frame with the attribute sandbox needs at least allow-scripts and allow-same-origin; allow-downloads lets readers \
     save files, allow-popups follow links. allow=\"clipboard-write\" lets them copy.",
    "带有 sandbox 属性的框架至少需要 allow-scripts 与 allow-same-origin；allow-downloads 允许读者保存文件，allow-popups 允许打开链接。allow=\"clipboard-write\" 允许复制。",
);

static TYPE: Text = Text::new("Type", "类型");
static CONTENT: Text = Text::new("Content", "内容");
static MEANING: Text = Text::new("Meaning", "含义");
static KEY: Text = Text::new("Address", "地址");

/// A framed lab: its id, what its address asks, and whether it is in the page's other language.
struct Example {
    lab: &'static str,
    query: &'static str,
    is_other: bool,
    about: Text,
}

static LABS: [Example; 3] = [
    Example {
        lab: "ridgeless",
        query: "gamma=1.02&seeds=3&run=1",
        is_other: false,
        about: Text::new("It runs as soon as it is there.", "打开即运行。"),
    },
    Example {
        lab: "min-norm",
        query: "theme=dark&hide=about,words,data,take",
        is_other: false,
        about: Text::new("Dark, with little but the figure and its controls.", "深色，只留图与控件。"),
    },
    Example {
        lab: "escape",
        query: "theme=light&hide=parameters,step,download,copy_link,take",
        is_other: true,
        about: Text::new("In the other language, without the settings.", "另一种语言，不显示参数。"),
    },
];

/// The page's own files, by their names in the site's root.
pub struct Files {
    /// Its script.
    pub script: String,
    /// Its style sheet.
    pub style: String,
}

/// The lines that give frames their height: those that a lab's own panel copies.
fn resizer() -> &'static str {
    let module = include_str!("../../assets/study/embed.js");
    let inside = module.split_once("export const script = `").and_then(|(_, rest)| rest.split_once('`'));
    inside.map_or("", |(lines, _)| lines)
}

fn example(example: &Example, place: &Place) -> Option<impl IntoView + use<>> {
    let title = &find(example.lab)?.schema().title;
    let language = if example.is_other { place.language.other() } else { place.language };
    let say = |text: &Text| text.get(place.language).to_string();
    let address = format!("{}{}/lab/{}/?{}", place.root, language.code(), example.lab, example.query);
    let shown = address.trim_start_matches("../").to_string();
    let frame = format!(
        r#"<iframe src="{}" title="{}" width="720" height="900" loading="lazy" allow="clipboard-write"></iframe>"#,
        escape(&address),
        escape(title.get(place.language)),
    );
    let label = match place.language {
        Language::English => format!("{} ({})", say(&TOLD), title.en),
        Language::Chinese => format!("{}（{}）", say(&TOLD), title.zh),
    };
    let caption = label.clone();
    Some(view! {
        <section class="example" data-example=example.lab>
            <h3>{say(title)}</h3>
            <p>{say(&example.about)}" "<code>{shown}</code></p>
            <div inner_html=frame></div>
            <div class="needs-script">
                <p>{say(&STATE)}<code data-cell="state">"…"</code>{say(&DIGEST)}<code data-cell="digest">"…"</code></p>
                <div class="told" role="group" tabindex="0" aria-label=label>
                    <table>
                        <caption>{caption}</caption>
                        <thead><tr><th scope="col">{say(&NAME)}</th><th scope="col">{say(&VALUE)}</th></tr></thead>
                        <tbody></tbody>
                    </table>
                </div>
            </div>
        </section>
    })
}

fn messages(list: &'static [(&'static str, &'static str, Text)], language: Language) -> impl IntoView {
    let say = move |text: &Text| text.get(language).to_string();
    let rows = list.iter().map(|(name, content, meaning)| {
        view! { <tr><th scope="row"><code>{*name}</code></th><td><code>{*content}</code></td><td>{say(meaning)}</td></tr> }
    });
    let rows = rows.collect_view();
    view! {
        <div class="table">
            <table>
                <thead>
                    <tr><th scope="col">{say(&TYPE)}</th><th scope="col">{say(&CONTENT)}</th><th scope="col">{say(&MEANING)}</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The page.
pub fn embed(files: &Files, place: &Place) -> String {
    let language = place.language;
    let say = |text: &Text| text.get(language).to_string();
    let examples = LABS.iter().filter_map(|one| example(one, place)).collect_view();
    let keys = KEYS.iter().map(|(key, meaning)| {
        view! { <tr><th scope="row"><code>{*key}</code></th><td>{say(meaning)}</td></tr> }
    });
    let keys = keys.collect_view();
    let content = view! {
        <link rel="stylesheet" href=format!("{}{}", place.root, files.style) />
        <script type="module" src=format!("{}{}", place.root, files.script)></script>
        <main id="main" class="embed">
            <h1>{say(&TITLE)}</h1>
            <p class="lead">{say(&ABOUT)}</p>
            <h2>{say(&EXAMPLES)}</h2>
            <p class="acts needs-script">
                <button type="button" name="run">{say(&RUN_ALL)}</button>
                <label>{say(&SEED_OF_ALL)}<input type="number" name="seed" min="0" max="999" value="0" autocomplete="off" /></label>
            </p>
            {examples}
            <h2>{say(&ADDRESS)}</h2>
            <p>{say(&ADDRESS_ABOUT)}</p>
            <div class="table">
                <table>
                    <thead><tr><th scope="col">{say(&KEY)}</th><th scope="col">{say(&MEANING)}</th></tr></thead>
                    <tbody>{keys}</tbody>
                </table>
            </div>
            <h2>{say(&HEIGHT)}</h2>
            <p>{say(&HEIGHT_ABOUT)}</p>
            <pre tabindex="0" role="group" aria-label=say(&HEIGHT)><code>{resizer()}</code></pre>
            <h2>{say(&MESSAGES)}</h2>
            <p>{say(&MESSAGES_ABOUT)}</p>
            {messages(&FROM_FRAME, language)}
            <h2>{say(&TO_FRAME)}</h2>
            <p>{say(&TO_FRAME_ABOUT)}</p>
            {messages(&FOR_FRAME, language)}
            <h2>{say(&SANDBOX)}</h2>
            <p>{say(&SANDBOX_ABOUT)}</p>
        </main>
    };
    body::framed(place, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(language: Language) -> String {
        let files = Files { script: "embed.js".into(), style: "embed.css".into() };
        embed(&files, &Place { language, root: "../../".into(), path: "embed/".into() })
    }

    #[test]
    fn three_labs_are_framed_in_either_language() {
        for language in Language::ALL {
            let html = page(language);
            assert_eq!(html.matches("<iframe ").count(), LABS.len());
            assert!(html.contains(&format!("../../{}/lab/escape/", language.other().code())));
        }
    }

    #[test]
    fn the_lines_on_the_page_are_those_that_a_lab_copies() {
        assert!(resizer().starts_with("<script>") && resizer().ends_with("</script>"), "{}", resizer());
        assert!(page(Language::English).contains("&lt;script>") || page(Language::English).contains("&lt;script&gt;"));
    }

    #[test]
    fn every_message_that_is_explained_is_one_that_frames_know() {
        let module = include_str!("../../assets/study/frame.js");
        for (name, ..) in &FROM_FRAME {
            assert!(module.contains(&format!("tell(\"{name}\"")), "{name}");
        }
        for (name, ..) in &FOR_FRAME {
            assert!(module.contains(&format!("  {name}: lab")) || module.contains(&format!("  {name}(lab")), "{name}");
        }
    }
}
