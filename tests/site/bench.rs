//! The bench page: any shape is timed, the two programs agree, and what cannot be timed is said.

use crate::{
    Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};

/// How long a job of these tests may take, in milliseconds.
const PATIENCE: u32 = 60_000;

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for browser in Browser::ALL {
        let mut add = |name: &str, body: fn(&Site, Browser) -> Result<()>| {
            tests.add(format!("{}::bench::{name}", browser.name()), move |site| body(site, browser));
        };
        add("training_of_any_shape_gives_the_promised_numbers", training);
        add("products_of_any_shape_give_the_promised_numbers", products);
        add("plain_javascript_takes_the_same_steps", agreement);
        add("what_cannot_be_timed_is_said_and_what_was_typed_stays", refusals);
        add("buttons_run_and_stop_in_both_languages", buttons);
        add("a_program_that_does_not_load_is_told_of", without_program);
    }
}

/// Waits until the page has one of the given states.
fn await_state(page: &Page, states: &[&str]) -> Result<()> {
    let wait = "await probe.until(() => args[0].includes(document.body.dataset.state), args[1], \
                () => `${args[0]}; it is ${document.body.dataset.state}: ${document.getElementById('result').textContent}`);";
    page.run_script(wait, &[json!(states), json!(PATIENCE)]).map(drop)
}

/// The result as JSON.
fn result(page: &Page) -> Result<Value> {
    let text = page.text("document.getElementById('result').textContent")?;
    serde_json::from_str(&text).with_context(|| format!("the result is no JSON: {text}"))
}

/// Opens the page with a query and returns the result once it is done.
fn done<'a>(site: &'a Site, browser: Browser, address: &str) -> Result<(Page<'a>, Value)> {
    let page = site.visit(browser, address)?;
    await_state(&page, &["done", "error"])?;
    let result = result(&page)?;
    ensure!(page.text("document.body.dataset.state")? == "done", "{address}: {result}");
    page.expect_no_errors()?;
    Ok((page, result))
}

/// An error unless the rate is what the time and the count of operations say.
fn expect_rate(result: &Value, time: &str, operations: f64) -> Result<()> {
    let number = |name: &str| result[name].as_f64().with_context(|| format!("no number {name} in {result}"));
    let (milliseconds, rate) = (number(time)?, number("gflops")?);
    ensure!(milliseconds > 0.0 && milliseconds.is_finite(), "{time} is {milliseconds}");
    let exact = operations / milliseconds / 1e6;
    ensure!((rate / exact - 1.0).abs() < 1e-9, "gflops is {rate}, but {operations} in {milliseconds} ms are {exact}");
    Ok(())
}

fn training(site: &Site, browser: Browser) -> Result<()> {
    let shapes = [
        ("784-128-10", 128, 20, 101_770),
        ("1-1", 1, 1, 2),
        ("5-4-3-2-1", 7, 30, 24 + 15 + 8 + 3),
        ("9-33-1", 1, 3, 364),
    ];
    for (dims, batch, steps, parameters) in shapes {
        let (_, result) = done(site, browser, &format!("/bench/?dims={dims}&batch={batch}&steps={steps}"))?;
        let keys: Vec<&str> = result.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        ensure!(keys.len() == 5, "{keys:?}");
        ensure!(result["dims"] == json!(dims) && result["batch"] == json!(batch), "{result}");
        ensure!(result["steps"] == json!(steps), "{result}");
        expect_rate(&result, "ms_per_step", 6.0 * f64::from(parameters) * f64::from(batch))?;
    }
    Ok(())
}

fn products(site: &Site, browser: Browser) -> Result<()> {
    for (gemm, reps, operations) in
        [("64-64-64", 50, 2.0 * 64.0 * 64.0 * 64.0), ("1-1-1", 1, 2.0), ("7-129-5", 3, 2.0 * 7.0 * 129.0 * 5.0)]
    {
        let (_, result) = done(site, browser, &format!("/en/bench/?gemm={gemm}&reps={reps}"))?;
        ensure!(result["gemm"] == json!(gemm) && result["reps"] == json!(reps), "{result}");
        expect_rate(&result, "ms_per_product", operations)?;
    }
    Ok(())
}

fn agreement(site: &Site, browser: Browser) -> Result<()> {
    for query in ["dims=13-9-7-5&batch=6&steps=1", "dims=64-32-10&batch=50&steps=1", "gemm=6-13-5&reps=1"] {
        let (page, result) = done(site, browser, &format!("/zh/bench/?{query}&compare=1"))?;
        let number = |name: &str| result["agreement"][name].as_f64().with_context(|| format!("{name}: {result}"));
        let (change, difference) = (number("largest_change")?, number("largest_difference")?);
        ensure!(change > 1e-4, "{query}: nothing changed by more than {change}");
        ensure!(difference <= 1e-4 * change, "{query}: a change of {change} came out otherwise by {difference}");
        let shown = page.value(
            "Array.from(document.querySelectorAll('tbody tr')).map(row => \
             [row.getClientRects().length > 0, Number(row.querySelector('[data-cell$=\"-gflops\"]').dataset.value)])",
        )?;
        ensure!(shown == json!([[true, result["gflops"]], [true, result["plain"]["gflops"]]]), "{shown} for {result}");
        ensure!(result["peak_gflops"].as_f64().is_some_and(|rate| rate > 0.0), "{result}");
    }
    Ok(())
}

fn refusals(site: &Site, browser: Browser) -> Result<()> {
    let cases = [
        ("dims=abc", "dims", "abc"),
        ("dims=12", "dims", "12"),
        ("dims=3-0-2", "dims", "3-0-2"),
        ("dims=3-2&batch=0", "batch", "0"),
        ("dims=3-2&batch=1.5", "batch", "1.5"),
        ("dims=3-2&steps=many", "repetitions", "many"),
        ("dims=100000-100000-10", "dims", "100000-100000-10"),
        ("dims=99999999999-2", "dims", "99999999999-2"),
        ("gemm=3-4", "gemm", "3-4"),
        ("gemm=3-4-0", "gemm", "3-4-0"),
    ];
    for language in Language::ALL {
        for (query, field, typed) in cases {
            let page = site.visit(browser, &format!("/{}/bench/?{query}", language.code()))?;
            await_state(&page, &["error", "done"])?;
            let result = result(&page)?;
            let error = result["error"].as_str().with_context(|| format!("{query}: {result}"))?;
            let problems = page.value(
                "Array.from(document.querySelectorAll('[data-problem]')).filter(probe.visible)\
                 .map(problem => problem.innerText.trim())",
            )?;
            ensure!(problems == json!([error]), "{query}: {problems} and {error}");
            let han = error.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            ensure!(han == (language == Language::Chinese), "{query}: not in the page's language: {error}");
            let kept = page.text(&format!("document.getElementById('bench').elements['{field}'].value"))?;
            ensure!(kept == typed, "{query}: {kept} stands where {typed} was typed");
            page.expect_no_errors()?;
        }
    }
    Ok(())
}

fn buttons(site: &Site, browser: Browser) -> Result<()> {
    for language in Language::ALL {
        let page = site.visit(browser, &format!("/{}/bench/", language.code()))?;
        await_state(&page, &["idle"])?;
        let press = |name: &str| {
            page.run_script(
                "const button = Array.from(document.querySelectorAll('#bench button')).filter(probe.visible)\
                 .find(button => button.textContent.trim() === args[0]);
                 button.click();",
                &[json!(name)],
            )
        };
        let [run, stop] = match language {
            Language::English => ["Run", "Stop"],
            Language::Chinese => ["运行", "停止"],
        };
        press("40-100-100-10 @ 64")?;
        press(run)?;
        await_state(&page, &["running"])?;
        ensure!(page.text("location.search")? == "?dims=40-100-100-10&batch=64&compare=1", "the address is another");
        press(stop)?;
        await_state(&page, &["stopped"])?;
        page.run_script("await probe.pause(300);", &[])?;
        await_state(&page, &["stopped"])?;
        page.run_script(
            "const { repetitions, dims } = document.getElementById('bench').elements;
             dims.value = '　５－４－３ '; repetitions.value = '2';",
            &[],
        )?;
        press(run)?;
        await_state(&page, &["done"])?;
        let result = result(&page)?;
        ensure!(result["dims"] == json!("5-4-3") && result["plain"]["gflops"].is_number(), "{result}");
        page.expect_no_errors()?;
    }
    Ok(())
}

fn without_program(site: &Site, browser: Browser) -> Result<()> {
    let page = site.visit(browser, "/en/bench/")?;
    await_state(&page, &["idle"])?;
    page.run_script(
        "const Worker = window.Worker;
         window.Worker = class extends Worker { constructor() { super('nowhere.js'); } };
         document.querySelector('#bench [name=run]').click();",
        &[],
    )?;
    await_state(&page, &["error"])?;
    ensure!(result(&page)?["error"].as_str().is_some_and(|error| error.contains("loaded")), "it does not say so");
    Ok(())
}
