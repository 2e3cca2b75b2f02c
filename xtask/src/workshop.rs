//! Where commands are run, and with which PATH.

use anyhow::{Context, Result, bail};
use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Command,
};

/// The project's folder and the folders of its tools.
pub struct Workshop {
    root: PathBuf,
    path: Vec<PathBuf>,
}

impl Workshop {
    /// The workspace that this command was started from.
    pub fn open() -> Result<Self> {
        // Cargo sets the variable for `cargo xtask`; a copied binary is run from the project's folder.
        let root = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(member) => Path::new(&member).parent().map(Path::to_path_buf),
            None => env::current_dir().ok(),
        };
        let root =
            root.filter(|root| root.join("xtask").is_dir()).context("run this as `cargo xtask` in the project")?;
        let path = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
        Ok(Self { root, path })
    }

    /// The project's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where tools are kept for every clone of the project: a folder in Cargo's own.
    pub fn tool_store(&self) -> PathBuf {
        let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let cargo_home = cargo_home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
        cargo_home.unwrap_or_else(|| self.root.join("target")).join("why-it-generalizes")
    }

    /// Puts a folder in front of PATH for every later command.
    pub fn prefer(&mut self, folder: PathBuf) {
        if !self.path.contains(&folder) {
            self.path.insert(0, folder);
        }
    }

    /// The program of that name on PATH.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        let file = format!("{program}{}", env::consts::EXE_SUFFIX);
        self.path.iter().map(|folder| folder.join(&file)).find(|candidate| candidate.is_file())
    }

    /// A command in the project's folder.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = env::join_paths(&self.path).unwrap_or_else(|_| env::var_os("PATH").unwrap_or_default());
        command.current_dir(&self.root).env("PATH", path);
        command
    }

    /// The Cargo that runs this.
    pub fn cargo(&self) -> Command {
        self.command(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
    }

    /// What a command prints, if it succeeds.
    pub fn output(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
        let output = self.command(program).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The version in `Cargo.lock` of a package.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        let lock = std::fs::read_to_string(self.root.join("Cargo.lock")).context("Cargo.lock cannot be read")?;
        let mut lines = lock.lines();
        let entry = format!("name = \"{package}\"");
        lines.find(|line| *line == entry).with_context(|| format!("{package} is not in Cargo.lock"))?;
        let version = lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
        version.map(str::to_owned).with_context(|| format!("Cargo.lock gives no version for {package}"))
    }
}

/// Runs a command to its end, saying which; an error if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let line = format!("{program} {}", words.join(" "));
    say(&line);
    let status = command.status().with_context(|| format!("`{program}` cannot be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Tells what is going on, on standard error.
pub fn say(what: &str) {
    eprintln!("xtask: {what}");
}
