//! The program `lab`: every lab of the book from a terminal, and its check against the reference data.
//!
//! ```text
//! lab list
//! lab show ID [--json]
//! lab run ID [name=value …] [--seed N] [--json | --csv FILE | --svg FILE]
//! lab check [ID …] [--all]
//! ```
//!
//! Exit codes: 0 done, 1 a check failed or a file could not be written, 2 the command line was wrong.

pub mod check;
pub mod reference;
pub mod workers;

mod list;
mod run;
mod show;

use clap::{Args, Parser, Subcommand, ValueEnum};
use labs::{
    lab::AnyLab,
    text::{Language, Text},
};
use std::{
    ffi::OsString,
    io::{self, ErrorKind, Write},
    num::NonZeroUsize,
    path::PathBuf,
    process::ExitCode,
};

#[derive(Parser)]
#[command(name = "lab", about = "Run the labs of “Why It Generalizes” from a terminal.", version)]
struct Cli {
    /// Language of messages, tables and figures.
    #[arg(long, global = true, value_enum, default_value_t = LanguageName::En)]
    language: LanguageName,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the labs: id and titles, one lab a line.
    List,
    /// Show a lab's parameters and outputs.
    Show {
        /// The lab's id.
        id: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Run a lab to the end.
    Run(RunArgs),
    /// Compare labs with the reference data in tests/reference.
    Check(CheckArgs),
}

#[derive(Args)]
struct RunArgs {
    /// The lab's id.
    id: String,
    /// Parameters as name=value; the others keep their defaults.
    #[arg(value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// The first seed.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    seed: Option<String>,
    #[command(flatten)]
    form: FormArgs,
    /// Threads to use; the result does not depend on it [default: all cores].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// What a run prints; a table by default.
#[derive(Args)]
#[group(multiple = false)]
struct FormArgs {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Write settings, outputs and series as CSV (`-` for standard output).
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the figure as SVG (`-` for standard output).
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

#[derive(Args)]
struct CheckArgs {
    /// Labs to check; all that have reference data if none is named.
    ids: Vec<String>,
    /// Check the costly cases too.
    #[arg(long)]
    all: bool,
    /// Threads to use; the result does not depend on it [default: all cores].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LanguageName {
    En,
    Zh,
}

impl From<LanguageName> for Language {
    fn from(name: LanguageName) -> Self {
        match name {
            LanguageName::En => Self::English,
            LanguageName::Zh => Self::Chinese,
        }
    }
}

/// Why the program ends without having done what it was asked.
#[derive(Debug)]
enum Failure {
    /// The command line asks for what does not exist: exit code 2.
    Usage(Text),
    /// A check did not pass; its report has been printed: exit code 1.
    Check,
    /// A file or stream could not be written or read: exit code 1.
    File { path: Option<PathBuf>, error: io::Error },
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::File { path: None, error }
    }
}

/// Runs the program on the given arguments, the first of which is its own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is the only way this print fails, and then nobody reads it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let language = cli.language.into();
    match dispatch(&cli.command, language) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure, language),
    }
}

fn dispatch(command: &Command, language: Language) -> Result<(), Failure> {
    // Locked for the whole run: no other thread prints, and a table is not cut by other output.
    let out = &mut io::stdout().lock();
    match command {
        Command::List => list::list(out)?,
        Command::Show { id, json } => show::show(out, find(id)?, *json, language)?,
        Command::Run(arguments) => run::run(out, arguments, language)?,
        Command::Check(arguments) => {
            let labs = arguments.ids.iter().map(|id| find(id)).collect::<Result<Vec<_>, _>>()?;
            let request = check::Request { labs, all: arguments.all, jobs: jobs(arguments.jobs) };
            if !check::check(&request, &reference::directory(), out)?.passed() {
                return Err(Failure::Check);
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn report(failure: &Failure, language: Language) -> ExitCode {
    let (line, code) = match failure {
        // The reader of the pipe has seen enough.
        Failure::File { path: None, error } if error.kind() == ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Failure::Usage(text) => (text.get(language).to_owned(), 2),
        Failure::Check => return ExitCode::from(1),
        Failure::File { path: Some(path), error } => (format!("{}: {error}", path.display()), 1),
        Failure::File { path: None, error } => (error.to_string(), 1),
    };
    // If standard error is gone, the exit code still tells.
    let _ = writeln!(io::stderr(), "lab: {line}");
    ExitCode::from(code)
}

fn find(id: &str) -> Result<&'static dyn AnyLab, Failure> {
    labs::labs::find(id).ok_or_else(|| {
        let known: Vec<&str> = labs::labs::ALL.iter().map(|lab| &*lab.schema().id).collect();
        let known = known.join(", ");
        Failure::Usage(Text::owned(
            format!("unknown lab “{id}”; there are {known}"),
            format!("未知实验“{id}”；现有实验：{known}"),
        ))
    })
}

fn jobs(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}
