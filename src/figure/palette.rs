//! The palette of meanings: each [`Role`] has one color in figures, formulas and prose, in the light and the dark theme.
//!
//! The hues start from Okabe and Ito's (2008) set and are darkened or lightened until words in them can be read on the
//! paper (WCAG 2 contrast of 4.5 : 1) and roles that share a figure stay apart for every kind of color vision; the
//! tests below measure both.

use labs::figure::Role;
use std::fmt::Write as _;

/// The two looks of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark ink on warm white paper.
    Light,
    /// Light ink on near-black paper.
    Dark,
}

/// An opaque sRGB color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    const fn hex(code: u32) -> Self {
        Self((code >> 16) as u8, (code >> 8) as u8, code as u8)
    }

    /// `#rrggbb`.
    pub fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Reads `#rrggbb`, as a style sheet holds it.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6)?;
        digits.chars().try_fold(0, |code, digit| Some(16 * code + digit.to_digit(16)?)).map(Self::hex)
    }

    /// The color `share` of the way from this one to `other`.
    #[must_use]
    pub fn toward(self, other: Self, share: f64) -> Self {
        let mix = |from: u8, to: u8| (f64::from(from) + share * (f64::from(to) - f64::from(from))).round() as u8;
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

/// The colors a figure is drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The background.
    pub paper: Rgb,
    /// Titles and the probe.
    pub ink: Rgb,
    /// Axes, ticks and labels.
    pub muted: Rgb,
    /// Grid lines.
    pub grid: Rgb,
    /// One color a role, in the order of [`Role::ALL`].
    pub roles: [Rgb; Role::ALL.len()],
}

const LIGHT: Palette = Palette {
    paper: Rgb::hex(0x00fd_fcfa),
    ink: Rgb::hex(0x0022_2426),
    muted: Rgb::hex(0x0060_646a),
    grid: Rgb::hex(0x00e9_e6e1),
    roles: [
        Rgb::hex(0x0017_509a), // train: blue
        Rgb::hex(0x00c2_410c), // test: vermilion
        Rgb::hex(0x0024_1a3a), // theory: near ink, violet
        Rgb::hex(0x0008_7ca3), // bias: sky blue
        Rgb::hex(0x0076_2a73), // variance: purple
        Rgb::hex(0x0000_806a), // signal: bluish green
        Rgb::hex(0x008a_4600), // noise: brown orange
        Rgb::hex(0x009a_3fdc), // norm: violet
        Rgb::hex(0x000a_8464), // regularized: green
        Rgb::hex(0x0060_646a), // neutral
    ],
};

const DARK: Palette = Palette {
    paper: Rgb::hex(0x0014_171a),
    ink: Rgb::hex(0x00e8_e6e3),
    muted: Rgb::hex(0x009d_a3aa),
    grid: Rgb::hex(0x002a_2f34),
    roles: [
        Rgb::hex(0x004f_8fd6),
        Rgb::hex(0x00f0_652c),
        Rgb::hex(0x00f3_edff),
        Rgb::hex(0x0044_c2ff),
        Rgb::hex(0x00b8_66a8),
        Rgb::hex(0x006d_d0a0),
        Rgb::hex(0x00bb_801a),
        Rgb::hex(0x00c3_a6ff),
        Rgb::hex(0x0066_d0a6),
        Rgb::hex(0x009d_a3aa),
    ],
};

/// How many colors a palette has.
const COLORS: usize = 4 + Role::ALL.len();

impl Palette {
    /// The palette of a theme.
    pub const fn of(theme: Theme) -> Self {
        match theme {
            Theme::Light => LIGHT,
            Theme::Dark => DARK,
        }
    }

    /// The color of a role.
    pub fn role(&self, role: Role) -> Rgb {
        self.roles[role as usize]
    }

    /// Builds a palette from the color of each CSS custom property.
    pub fn from_variables(mut color: impl FnMut(&str) -> Rgb) -> Self {
        Self {
            paper: color("--paper"),
            ink: color("--ink"),
            muted: color("--muted"),
            grid: color("--grid"),
            roles: Role::ALL.map(|role| color(&format!("--role-{}", role.name()))),
        }
    }

    /// Every color with the CSS custom property that holds it.
    pub fn variables(&self) -> Vec<(String, Rgb)> {
        let mut variables = Vec::with_capacity(COLORS);
        Self::from_variables(|name| {
            let color = self.colors()[variables.len()];
            variables.push((name.to_owned(), color));
            color
        });
        variables
    }

    fn colors(&self) -> [Rgb; COLORS] {
        let [train, test, theory, bias, variance, signal, noise, norm, regularized, neutral] = self.roles;
        let (paper, ink, muted, grid) = (self.paper, self.ink, self.muted, self.grid);
        [paper, ink, muted, grid, train, test, theory, bias, variance, signal, noise, norm, regularized, neutral]
    }
}

/// The style rules that define the palette for a page: light on paper and by default, dark by the reader's system or by
/// `data-theme` on the root element.
pub fn css() -> String {
    let rules = |theme: Theme, scheme: &str| {
        let mut rules = format!("color-scheme:{scheme}");
        for (name, color) in Palette::of(theme).variables() {
            // Writing to a String does not fail.
            let _ = write!(rules, ";{name}:{}", color.css());
        }
        rules
    };
    let (light, dark) = (rules(Theme::Light, "light"), rules(Theme::Dark, "dark"));
    format!(
        ":root{{{light}}}\n@media screen{{:root[data-theme=dark]{{{dark}}}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
    )
}

/// The color of a share of a color scale, 0 to 1: dark violet over green to yellow, evenly spaced to the eye (control
/// points of viridis, Smith and van der Walt 2015).
pub fn color_scale(share: f64) -> Rgb {
    const POINTS: [Rgb; 9] = [
        Rgb::hex(0x0044_0154),
        Rgb::hex(0x0047_2d7b),
        Rgb::hex(0x003b_528b),
        Rgb::hex(0x002c_728e),
        Rgb::hex(0x0021_918c),
        Rgb::hex(0x0028_ae80),
        Rgb::hex(0x005e_c962),
        Rgb::hex(0x00ad_dc30),
        Rgb::hex(0x00fd_e725),
    ];
    let last = POINTS.len() - 1;
    let position = share.clamp(0.0, 1.0) * last as f64;
    let index = (position as usize).min(last - 1);
    POINTS[index].toward(POINTS[index + 1], position - index as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linear light of an sRGB color.
    fn linear(color: Rgb) -> [f64; 3] {
        [color.0, color.1, color.2].map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn product(matrix: [[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let luminance = |color| product([[0.2126, 0.7152, 0.0722]; 3], linear(color))[0] + 0.05;
        let (a, b) = (luminance(a), luminance(b));
        a.max(b) / a.min(b)
    }

    /// Ottosson's `OKLab` coordinates (2020): Euclidean distance is about perceived difference, 1 from black to white.
    fn oklab(light: [f64; 3]) -> [f64; 3] {
        const CONES: [[f64; 3]; 3] = [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ];
        const AXES: [[f64; 3]; 3] = [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ];
        product(AXES, product(CONES, light).map(f64::cbrt))
    }

    /// Full color-vision deficiencies as matrices on linear light (Machado, Oliveira and Fernandes 2009, table 1).
    const VISION: [(&str, [[f64; 3]; 3]); 4] = [
        ("common vision", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deuteranopia",
            [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        ),
        (
            "tritanopia",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];

    #[test]
    fn words_in_every_color_can_be_read_on_the_paper() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = Palette::of(theme);
            for (name, color) in palette.variables() {
                let enough = match name.as_str() {
                    "--paper" | "--grid" => continue,
                    _ => 4.5,
                };
                let contrast = contrast(color, palette.paper);
                assert!(contrast >= enough, "{name} in {theme:?}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn roles_of_one_figure_stay_apart_for_every_color_vision() {
        use Role::{Bias, Noise, Norm, Regularized, Signal, Test, Theory, Train, Variance};
        let figures: [&[Role]; 4] = [
            &[Train, Test, Theory, Regularized],
            &[Test, Theory, Bias, Variance],
            &[Signal, Noise, Theory],
            &[Train, Test, Norm, Theory],
        ];
        for theme in [Theme::Light, Theme::Dark] {
            let palette = Palette::of(theme);
            for (vision, matrix) in VISION {
                let seen = |role| oklab(product(matrix, linear(palette.role(role))).map(|light| light.clamp(0.0, 1.0)));
                for roles in figures {
                    for (index, &a) in roles.iter().enumerate() {
                        for &b in &roles[..index] {
                            let distance: f64 =
                                seen(a).iter().zip(seen(b)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                            assert!(distance >= 0.1, "{a:?} and {b:?} with {vision} in {theme:?}: {distance:.3}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_color_scale_grows_evenly_lighter() {
        let lightness: Vec<f64> = (0..=32).map(|step| oklab(linear(color_scale(f64::from(step) / 32.0)))[0]).collect();
        let steps: Vec<f64> = lightness.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = steps.iter().sum::<f64>() / steps.len() as f64;
        assert!(steps.iter().all(|step| (0.4 * mean..1.6 * mean).contains(step)), "{steps:?}");
    }

    #[test]
    fn a_palette_reads_back_from_its_own_style_rules() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = Palette::of(theme);
            let rules = css();
            let block = match theme {
                Theme::Light => rules.lines().next().unwrap(),
                Theme::Dark => rules.lines().last().unwrap(),
            };
            let read = Palette::from_variables(|name| {
                let value = block.split(&format!(";{name}:")).nth(1).unwrap().split([';', '}']).next().unwrap();
                Rgb::parse(value).unwrap()
            });
            assert_eq!(read, palette);
        }
    }
}
