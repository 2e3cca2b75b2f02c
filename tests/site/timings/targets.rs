//! What the times should be, in one place. Products and trainings go by the names that [`Shape`] gives them.
//!
//! [`Shape`]: super::kernels::Shape

/// A kind of number that has targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium's speed over the native one.
    OfNative,
    /// A speed over what the vector unit does at most, measured in the same place.
    OfPeak,
    /// Chromium's speed over that of the best peer as it is commonly used.
    OverPeers,
    /// Milliseconds on one core of Chromium, at most.
    Milliseconds,
}

/// The targets: a kind, whom it concerns, and the number.
const TARGETS: [(Kind, &[&str], f64); 8] = [
    // Everything.
    (Kind::OfNative, &[], 0.8),
    (Kind::OfPeak, &["32×32×32"], 0.6),
    (Kind::OfPeak, &["128×128×128", "256×256×256", "512×512×512"], 0.9),
    (Kind::OfPeak, &["784-128-10@128", "196-1000-10@500"], 0.6),
    (Kind::OverPeers, &["40-100-100-10@64", "64-32-10@16"], 10.0),
    (Kind::OverPeers, &["784-128-10@128"], 8.0),
    (Kind::OverPeers, &["196-1000-10@500"], 4.0),
    (Kind::Milliseconds, &["network-width?seeds=1"], 1500.0),
];

/// The target of one number, if it has any.
pub fn target(kind: Kind, subject: &str) -> Option<f64> {
    let concerns = |subjects: &[&str]| subjects.is_empty() || subjects.contains(&subject);
    TARGETS.iter().find(|(of, subjects, _)| *of == kind && concerns(subjects)).map(|&(_, _, target)| target)
}
