//! The speed of training and of matrix products: natively, on the bench page, and of peers.

use super::{
    peers::{self, Peers},
    progress,
    table::{Series, Table, digits},
    targets::{Kind, target},
};
use crate::{
    PATIENCE,
    support::{Page, Site, driver::Browser, median},
};
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use std::time::Instant;
use why_it_generalizes::bench::Job;

/// How often everything is measured, in turns.
const ROUNDS: usize = 5;
/// Portions of one measurement, of which the middle one counts, as on the bench page.
const PORTIONS: usize = 10;
/// How long a portion is, in milliseconds: no shorter than on the bench page.
const PORTION: f64 = 20.0;
/// How long a job is repeated before it is first timed, in milliseconds.
const WARM_UP: f64 = 100.0;

/// Networks that are trained: the sizes of the layers, and of the batch. The first four have targets of their own.
const TRAININGS: [(&[usize], usize); 9] = [
    (&[40, 100, 100, 10], 64),
    (&[64, 32, 10], 16),
    (&[784, 128, 10], 128),
    (&[196, 1000, 10], 500),
    // Sizes that no vector divides, one output, one example, many layers, and what the labs train.
    (&[33, 77, 51, 7], 37),
    (&[100, 50, 1], 30),
    (&[64, 100, 10], 1),
    (&[30, 40, 40, 40, 5], 32),
    (&[64, 32, 10], 50),
];

/// Products of an m × k and a k × n matrix: [m, k, n].
const PRODUCTS: [[usize; 3]; 9] = [
    [32, 32, 32],
    [64, 64, 64],
    [128, 128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [128, 784, 128],
    [500, 196, 1000],
    [33, 77, 51],
    [1, 256, 256],
];

/// What is timed.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A step of a training, named such as `784-128-10@128`.
    Training(&'static [usize], usize),
    /// A product, named such as `32×32×32`.
    Product([usize; 3]),
}

fn joined(sizes: &[usize], separator: &str) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(separator)
}

impl Shape {
    fn name(&self) -> String {
        match self {
            Self::Training(sizes, batch) => format!("{}@{batch}", joined(sizes, "-")),
            Self::Product(sides) => joined(sides, "×"),
        }
    }

    fn job(&self) -> Result<Job> {
        let job = match self {
            Self::Training(sizes, batch) => Job::training(sizes, *batch),
            Self::Product(sides) => Job::product(*sides),
        };
        job.map_err(|refusal| anyhow!("{} is refused: {refusal:?}", self.name()))
    }

    /// The share of the operations that are counted which are done: the first layer has no gradient by its inputs.
    fn share_done(&self) -> f64 {
        let Self::Training(sizes, _) = self else { return 1.0 };
        let parameters: usize = sizes.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
        1.0 - (2 * sizes[0] * sizes[1]) as f64 / (6 * parameters) as f64
    }

    /// The bench page for this shape. So few repetitions make portions as short as the page allows.
    fn address(&self) -> String {
        let job = match self {
            Self::Training(sizes, batch) => format!("dims={}&batch={batch}&steps={PORTIONS}", joined(sizes, "-")),
            Self::Product(sides) => format!("gemm={}&reps={PORTIONS}", joined(sides, "-")),
        };
        format!("/bench/?{job}&compare=1&budget={}", PORTION * PORTIONS as f64)
    }
}

/// A job on this machine's own processor.
struct Native {
    job: Job,
    repetitions: usize,
}

impl Native {
    fn new(mut job: Job) -> Self {
        let begun = Instant::now();
        let mut repetitions = 0;
        while begun.elapsed().as_secs_f64() * 1e3 < WARM_UP {
            job.repeat(1);
            repetitions += 1;
        }
        let portion = (f64::from(repetitions) * PORTION / WARM_UP).ceil();
        Self { job, repetitions: portion as usize }
    }

    /// Operations in a nanosecond.
    fn rate(&mut self) -> f64 {
        let operations = self.job.operations() * self.repetitions as f64;
        let once = |_| {
            let begun = Instant::now();
            self.job.repeat(self.repetitions);
            operations / begun.elapsed().as_secs_f64() / 1e9
        };
        median((0..PORTIONS).map(once).collect())
    }
}

/// What the bench page found out, in operations a nanosecond.
struct OnPage {
    rate: f64,
    plain: f64,
    peak: f64,
}

fn on_page(page: &Page<'_>, shape: &Shape) -> Result<OnPage> {
    page.go(&shape.address())?;
    let wait = "await probe.until(() => ['done', 'error'].includes(document.body.dataset.state), args[0], \
                () => 'the bench page'); return document.getElementById('result').textContent;";
    let text = page.run_script(wait, &[json!(PATIENCE)])?;
    let text = text.as_str().unwrap_or_default();
    let result: Value = serde_json::from_str(text).with_context(|| format!("{}: {text}", shape.name()))?;
    let number = |value: &Value| value.as_f64().with_context(|| format!("{}: {text}", shape.name()));
    Ok(OnPage {
        rate: number(&result["gflops"])?,
        plain: number(&result["plain"]["gflops"])?,
        peak: number(&result["peak_gflops"])?,
    })
}

/// Speeds in operations a nanosecond.
#[derive(Default)]
struct Rates {
    native: Series,
    native_peak: Series,
    chromium: Series,
    chromium_peak: Series,
    plain: Series,
    tensorflow_wasm: Series,
    tensorflow_cpu: Series,
    tensorflow_by_hand: Series,
    matrixmultiply: Series,
    gemm: Series,
}

/// One shape and what was measured of it.
struct Subject {
    shape: Shape,
    job: Native,
    rates: Rates,
}

impl Subject {
    fn new(shape: Shape) -> Result<Self> {
        Ok(Self { job: Native::new(shape.job()?), shape, rates: Rates::default() })
    }

    /// One round: all rivals, one right after the other.
    fn measure(&mut self, peak: &mut Native, page: &Page<'_>, peers: Option<&Peers>) -> Result<()> {
        let rates = &mut self.rates;
        rates.native.push(self.job.rate());
        rates.native_peak.push(peak.rate());
        let OnPage { rate, plain, peak } = on_page(page, &self.shape)?;
        rates.chromium.push(rate);
        rates.plain.push(plain);
        rates.chromium_peak.push(peak);
        let Some(peers) = peers else { return Ok(()) };
        match &self.shape {
            Shape::Training(sizes, batch) => {
                let rate = |peer| peers.train(peer, sizes, *batch, PORTION, PORTIONS);
                rates.tensorflow_wasm.push(rate(peers::WASM)?);
                rates.tensorflow_cpu.push(rate(peers::CPU)?);
                rates.tensorflow_by_hand.push(rate(peers::BY_HAND)?);
            }
            Shape::Product(sides) => {
                let rate = |library| peers.multiply(library, *sides, PORTION, PORTIONS);
                rates.matrixmultiply.push(rate(peers::MATRIXMULTIPLY)?);
                rates.gemm.push(rate(peers::GEMM)?);
            }
        }
        Ok(())
    }
}

/// Prints the tables of training and of products.
pub fn print(site: &Site, place: &str) -> Result<()> {
    let peers = Peers::open()?;
    let trainings = measure(site, TRAININGS.map(|(sizes, batch)| Shape::Training(sizes, batch)), peers.as_ref())?;
    print_trainings(&trainings, place);
    if peers.is_some() {
        print_trainings_of_peers(&trainings, place);
    }
    let products = measure(site, PRODUCTS.map(Shape::Product), peers.as_ref())?;
    print_products(&products, place);
    if peers.is_some() {
        print_products_of_peers(&products, place);
    }
    Ok(())
}

fn measure<const N: usize>(site: &Site, shapes: [Shape; N], peers: Option<&Peers>) -> Result<Vec<Subject>> {
    let page = site.blank(Browser::Chromium)?;
    let mut peak = Native::new(Job::Peak);
    let mut subjects = shapes.into_iter().map(Subject::new).collect::<Result<Vec<_>>>()?;
    for round in 1..=ROUNDS {
        for subject in &mut subjects {
            progress(&format!("round {round} of {ROUNDS}: {}", subject.shape.name()));
            subject.measure(&mut peak, &page, peers)?;
        }
    }
    progress("");
    Ok(subjects)
}

fn conditions(place: &str) -> String {
    format!("{place}; medians of {ROUNDS} rounds, of ratios within a round, ± half their range")
}

fn print_trainings(subjects: &[Subject], place: &str) {
    let mut table = Table::new([
        ["training", "sizes@batch"],
        ["native", "GFLOP/s"],
        ["Chromium", "GFLOP/s"],
        ["Chromium /", "native"],
        ["Chromium /", "its peak"],
        ["plain JS", "GFLOP/s"],
        ["Chromium /", "plain JS"],
    ]);
    for Subject { shape, rates, .. } in subjects {
        let name = shape.name();
        table.row([
            name.clone(),
            rates.native.value(),
            rates.chromium.value(),
            rates.chromium.over(&rates.native).multiple(target(Kind::OfNative, &name)),
            rates.chromium.over(&rates.chromium_peak).times(shape.share_done()).percentage(target(Kind::OfPeak, &name)),
            rates.plain.value(),
            rates.chromium.over(&rates.plain).multiple(None),
        ]);
    }
    table.print(&format!(
        "Training, {}.\nA step counts 6 · parameters · batch operations; the share of the peak leaves out the gradient by \
         the inputs, which is not computed.",
        conditions(place)
    ));
}

fn print_trainings_of_peers(subjects: &[Subject], place: &str) {
    let mut table = Table::new([
        ["training", "sizes@batch"],
        ["Chromium", "GFLOP/s"],
        ["plain JS", "GFLOP/s"],
        ["TF.js wasm", "GFLOP/s"],
        ["TF.js cpu", "GFLOP/s"],
        ["Chromium /", "best of these"],
        ["TF.js wasm", "by hand"],
        ["Chromium /", "by hand"],
    ]);
    for Subject { shape, rates, .. } in subjects {
        let name = shape.name();
        let best = rates.plain.or_better(&rates.tensorflow_wasm).or_better(&rates.tensorflow_cpu);
        table.row([
            name.clone(),
            rates.chromium.value(),
            rates.plain.value(),
            rates.tensorflow_wasm.value(),
            rates.tensorflow_cpu.value(),
            rates.chromium.over(&best).multiple(target(Kind::OverPeers, &name)),
            rates.tensorflow_by_hand.value(),
            rates.chromium.over(&rates.tensorflow_by_hand).multiple(None),
        ]);
    }
    table.print(&format!(
        "Training against TensorFlow.js, {}.\nIts wasm and cpu use the library's own gradients. “By hand” is its \
         wasm with gradients written out, and transposed matrices copied\nwhere that is faster.",
        conditions(place)
    ));
}

fn print_products(subjects: &[Subject], place: &str) {
    let mut table = Table::new([
        ["product", "m×k×n"],
        ["native", "GFLOP/s"],
        ["Chromium", "GFLOP/s"],
        ["Chromium /", "native"],
        ["native /", "its peak"],
        ["Chromium /", "its peak"],
    ]);
    for Subject { shape, rates, .. } in subjects {
        let name = shape.name();
        let least = target(Kind::OfPeak, &name);
        table.row([
            name.clone(),
            rates.native.value(),
            rates.chromium.value(),
            rates.chromium.over(&rates.native).multiple(target(Kind::OfNative, &name)),
            rates.native.over(&rates.native_peak).percentage(least),
            rates.chromium.over(&rates.chromium_peak).percentage(least),
        ]);
    }
    let peak = |of: fn(&Rates) -> &Series| digits(median(subjects.iter().map(|it| of(&it.rates).median()).collect()));
    let (native, chromium) = (peak(|rates| &rates.native_peak), peak(|rates| &rates.chromium_peak));
    table.print(&format!(
        "Products, {}.\nPeak, measured beside each: {native} GFLOP/s natively, {chromium} in Chromium.",
        conditions(place)
    ));
}

fn print_products_of_peers(subjects: &[Subject], place: &str) {
    let mut table = Table::new([
        ["product", "m×k×n"],
        ["Chromium", "GFLOP/s"],
        ["plain JS", "GFLOP/s"],
        ["matrixmultiply", "in wasm, GFLOP/s"],
        ["gemm", "in wasm, GFLOP/s"],
        ["Chromium /", "best of these"],
    ]);
    for Subject { shape, rates, .. } in subjects {
        let best = rates.plain.or_better(&rates.matrixmultiply).or_better(&rates.gemm);
        table.row([
            shape.name(),
            rates.chromium.value(),
            rates.plain.value(),
            rates.matrixmultiply.value(),
            rates.gemm.value(),
            rates.chromium.over(&best).multiple(None),
        ]);
    }
    table.print(&format!("Products against other crates in Chromium, {}.", conditions(place)));
}
