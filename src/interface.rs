//! The words of a lab's interface, in both languages.

use labs::text::Text;

/// Starts a run from nothing.
pub const RUN: Text = Text::new("Run", "运行");
/// Holds a run.
pub const PAUSE: Text = Text::new("Pause", "暂停");
/// Goes on with a held run.
pub const RESUME: Text = Text::new("Resume", "继续");
/// Does one slice of work.
pub const STEP: Text = Text::new("Step", "单步");
/// Back to the printed run and its settings.
pub const RESET: Text = Text::new("Reset", "重置");
/// Puts the link to these settings on the clipboard.
pub const COPY_LINK: Text = Text::new("Copy link", "复制链接");
/// Saves the numbers of the run.
pub const DOWNLOAD: Text = Text::new("Download", "下载");

/// Heading of the controls.
pub const SETTINGS: Text = Text::new("Settings", "设置");
/// Heading of the numbers under the figure.
pub const RESULTS: Text = Text::new("Results", "结果");
/// Opens the results that are not shown at once.
pub const MORE_RESULTS: Text = Text::new("More results", "更多结果");
/// Column of what was measured.
pub const QUANTITY: Text = Text::new("Quantity", "量");
/// Column of the number.
pub const VALUE: Text = Text::new("Value", "值");
/// Opens the description of the picture.
pub const IN_WORDS: Text = Text::new("In words", "文字说明");
/// Opens a control's help; the control's label follows.
pub const HELP: Text = Text::new("About", "说明：");
/// A slider that goes with a number field; the control's label stands before it.
pub const SLIDER: Text = Text::new("slider", "滑块");
/// The label of the first random seed.
pub const SEED: Text = Text::new("Random seed", "随机种子");
/// What the seed does.
pub const SEED_HELP: Text = Text::new(
    "The first random seed. The same settings and the same seed give the same numbers, bit by bit, on every machine.",
    "第一个随机种子。设置与种子都相同时，任何机器上得到的数都逐位相同。",
);
/// The standard error over seeds.
pub const STANDARD_ERROR: Text = Text::new("standard error over seeds", "对随机种子的标准误差");
/// The share of the work that is done.
pub const PROGRESS: Text = Text::new("Progress", "进度");
/// How to read values off the plot.
pub const PLOT_KEYS: Text = Text::new(
    "Left and right arrow keys move along the curve; Home and End go to its ends.",
    "左右方向键沿曲线移动，Home 与 End 跳到两端。",
);

/// The note under a printed run, before the seed.
pub const PRINTED: Text = Text::new("Computed when this page was built, with seed", "构建本页时算出，随机种子为");
/// The note when the settings are no longer those of the printed run.
pub const PRINTED_OTHER: Text = Text::new(
    "The picture was computed when this page was built, with other settings. Run computes it with these.",
    "此图是构建本页时以另一组设置算出的。按“运行”以当前设置重新计算。",
);
/// The note under a live run, before the seed.
pub const LIVE: Text = Text::new("Computed on this device, with seed", "在本机计算，随机种子为");

/// State: the printed run is shown.
pub const STATE_IDLE: Text = Text::new("Ready", "就绪");
/// State: a run is under way.
pub const STATE_RUNNING: Text = Text::new("Running", "运行中");
/// State: a run is held.
pub const STATE_PAUSED: Text = Text::new("Paused", "已暂停");
/// State: a run has ended.
pub const STATE_DONE: Text = Text::new("Done", "已完成");
/// State: a run could not go on.
pub const STATE_ERROR: Text = Text::new("Stopped by an error", "因错误而停止");

/// The link is on the clipboard.
pub const COPIED: Text = Text::new("Link copied", "链接已复制");
/// The clipboard is closed to this page: the link stands beside these words.
pub const COPY_BY_HAND: Text = Text::new("Copy this link:", "请复制此链接：");
/// Above what a link asked for and did not get.
pub const LINK_NOTICE: Text = Text::new("Not everything in the link could be used:", "链接中的部分设置未能采用：");
/// After the refusal of a value that was moved into its range.
pub const CLAMPED: Text = Text::new("used instead:", "改用");
/// Closes a notice.
pub const DISMISS: Text = Text::new("Dismiss", "关闭");
/// The sheet of a lab did not load.
pub const NO_SHEET: Text = Text::new(
    "This lab's data could not be loaded, so it stays as printed. Reload the page to try again.",
    "本实验的数据未能载入，因此仍显示构建本页时算好的结果。请重新加载页面再试。",
);
/// No worker can be started.
pub const NO_WORKER: Text = Text::new(
    "This browser lets the page start no worker, which the labs run in. Opening the site over http instead of from a \
     file usually helps.",
    "浏览器不允许本页启动后台线程，实验因此无法运行。改用 http 访问而不是直接打开文件，通常可以解决。",
);
/// The worker's program could not be loaded, or ended without a word.
pub const WORKER_BROKEN: Text = Text::new(
    "The labs' program did not load, ran out of memory or broke down. Check the connection or choose smaller settings, \
     then press Run.",
    "实验程序未能载入、内存不足或已崩溃。请检查网络连接或调小设置，然后按“运行”。",
);
