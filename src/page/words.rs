//! What the page shell says, in both languages.

use labs::text::Text;

/// The book's title.
pub static BOOK: Text = Text::new("Why It Generalizes", "为何泛化");
/// The book's one question.
pub static QUESTION: Text =
    Text::new("Why do networks that can memorize anything generalize at all?", "能记住一切的网络，为什么还会泛化？");
/// What the book is, in two sentences.
pub static ABOUT: Text = Text::new(
    "An interactive textbook in English and Chinese. Every phenomenon is a small, honest training run that happens in \
     this page: move a slider, and the model is trained again before your eyes.",
    "一本中英双语的交互式教科书。书中每个现象都是一次在网页里真实进行的小型训练：拖动滑块，模型就在你眼前重新训练。",
);
/// For link previews and search engines.
pub static DESCRIPTION: Text = Text::new(
    "A bilingual, interactive textbook on generalization: live training runs in the page, theory and measurement on \
     the same axes.",
    "一本关于泛化的中英双语交互式教科书：训练在网页中实时进行，理论与测量画在同一坐标系里。",
);
/// First stop of the keyboard.
pub static SKIP: Text = Text::new("Skip to the text", "跳到正文");
/// The list of sections.
pub static CONTENTS: Text = Text::new("Contents", "目录");
/// The theme button.
pub static THEME: Text = Text::new("Dark theme", "深色主题");
/// A chapter that is not there yet.
pub static PLANNED: Text = Text::new("in preparation", "撰写中");
/// Opens a chapter.
pub static READ: Text = Text::new("Read", "开始阅读");
/// Heading over the list of labs.
pub static LABS: Text = Text::new("Labs", "实验");
/// Heading over glossary and bibliography.
pub static BACK_MATTER: Text = Text::new("To look things up", "查阅");
/// Above a lab that stands alone.
pub static FROM_CHAPTER: Text = Text::new("From the chapter ", "选自本书的一章：");
/// No page at this address.
pub static NOT_FOUND: Text = Text::new("There is no page here.", "这里没有页面。");
/// The way home.
pub static HOME: Text = Text::new("To the contents of the book", "回到本书目录");
/// Without script.
pub static NO_SCRIPT: Text = Text::new(
    "Scripts are off, so the labs stand still. The text is complete, and every figure shows a finished run, computed \
     when this page was built.",
    "脚本已关闭，实验不会运行。正文完整可读，每张图都是构建本页时算好的一次完整运行。",
);
/// Without WebAssembly or SIMD.
pub static UNSUPPORTED: Text = Text::new(
    "This browser lacks WebAssembly with SIMD, so the labs stand still. The text is complete, and every figure shows \
     a finished run, computed when this page was built. Chromium 91, Firefox 89, Safari 16.4 and later can run them.",
    "此浏览器不支持带 SIMD 的 WebAssembly，实验无法运行。正文完整可读，每张图都是构建本页时算好的一次完整运行。\
     Chromium 91、Firefox 89、Safari 16.4 及更高版本可以运行实验。",
);
/// When the program did not load.
pub static FAILED: Text = Text::new(
    "The labs' program did not load or broke down, so they stand still; reloading the page may help. The text is complete, \
     and every figure shows a finished run, computed when this page was built.",
    "实验程序未能加载或已崩溃，实验无法运行；重新加载页面或许有用。正文完整可读，每张图都是构建本页时算好的一次完整运行。",
);
/// The licenses.
pub static LICENSE: Text = Text::new(
    "Text under CC BY 4.0, code under MIT or Apache-2.0.",
    "文字以 CC BY 4.0 授权，代码以 MIT 或 Apache-2.0 授权。",
);
/// The page on data.
pub static DATA: Text = Text::new("Data", "数据");
/// What the page on data says.
pub static DATA_ABOUT: Text = Text::new(
    "The labs train on these data sets. Each is loaded only when a lab that needs it comes into view.",
    "实验在下列数据集上训练。只有需要某个数据集的实验进入视野时，才会加载它。",
);
