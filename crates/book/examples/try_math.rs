use math_core::*;
fn main() {
    let fs = [
        r"\mathbb{E}\,\hat\beta = \lVert \beta - \hat{\beta} \rVert_2^2",
        r"\operatorname{tr}(\Sigma) \sim \mathcal{N}(0, \sigma^2 I_n)",
        r"\begin{aligned} a &= b + c \\ &= d \end{aligned}",
        r"R(\gamma)=\begin{cases} \sigma^2\frac{\gamma}{1-\gamma} & \gamma<1 \\ \lVert\beta\rVert^2(1-\tfrac1\gamma) & \text{当 } \gamma>1\end{cases}",
        r"\underbrace{\sigma^2\frac{\gamma}{1-\gamma}}_{\text{方差}} + \textcolor{#f00003}{x_i^2}",
        r"\sum_{i=1}^{n} x_i \begin{pmatrix} 1 & 0 \\ 0 & 1\end{pmatrix}",
        r"\color{#f00003}{x_i}^2 + y", r"\bigl( \tfrac{1}{n} \bigr)^{\top} \mathrm{d}x \quad \mathbf{X} \boldsymbol{\beta} \lambda_{\max} \xrightarrow{n\to\infty} \mathbb P \bigl[x\mid y\bigr]",
        r"\arg\min_{w} \|Xw-y\|^2, \widehat{R}, \overline{x}, \tilde f, \le \ge \ne \approx \propto \ll \dots \cdots \langle a,b\rangle", r"\left.\frac{\partial f}{\partial x}\right|_{x=0} \overset{d}{=} \stackrel{\text{iid}}{\sim}",
        r"X^{+} = X^\dagger, \mathbf 1\{x\} \int_0^\infty e^{-t}\,dt \sqrt[3]{2} \lfloor x\rfloor \lim_{n\to\infty} \max_i \binom nk \dfrac12 f'(x) f''", r"\frac{1}{2", r"\unknown x", r"\class{role-x}{y} \htmlClass{a}{b}", r"\substack{a\\b} \prod \limits_{i} \hspace{1em} \phantom{x} \not= \mathring{a} \bar x \vec v \dot x \ddot x\colon \coloneqq :=",
    ];
    let mc = LatexToMathML::new(MathCoreConfig::default()).unwrap();
    for f in fs {
        println!("== {f}");
        match mc.convert_with_local_state(f, MathDisplay::Block) { Ok(r) => println!("MC {}", r.mathml), Err(e) => println!("MC ERR {e:?} {e}") }
        let st = pulldown_latex::Storage::new();
        let mut s = String::new();
        let mut cfg = pulldown_latex::RenderConfig::default();
        cfg.display_mode = pulldown_latex::config::DisplayMode::Block;
        let p = pulldown_latex::Parser::new(f, &st);
        let r = pulldown_latex::push_mathml(&mut s, p, cfg);
        println!("PL {r:?} {s}");
    }
}
