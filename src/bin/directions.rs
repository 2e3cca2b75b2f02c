//! The program over a figure of points: it solves for the exact max-margin directions while a point is dragged, within
//! the frame in which the point moves.

/// A third of the default allocator's size.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {}

#[cfg(target_arch = "wasm32")]
mod web {
    use labs::max_margin::Norm;
    use wasm_bindgen::prelude::wasm_bindgen;

    /// The ℓ2, ℓ1 and ℓ∞ max-margin directions of points of the plane, each turned by the sign of its class: three pairs
    /// of coordinates, or nothing if no line through the origin separates the classes.
    #[wasm_bindgen]
    pub fn directions(points: &[f64]) -> Vec<f64> {
        let found = Norm::ALL.map(|norm| norm.max_margin(points, 2));
        found.into_iter().flatten().flat_map(|found| found.direction).collect()
    }
}
