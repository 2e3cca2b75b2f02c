//! The program behind the bench page: it repeats what it is told to, in a worker, and knows no clock and no page.

// Taken from its file and not from the library, whose framework for pages would come along and be downloaded.
#[cfg(target_arch = "wasm32")]
#[path = "../bench.rs"]
mod bench;

/// A third of the default allocator's size.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {}

#[cfg(target_arch = "wasm32")]
mod web {
    use crate::bench::{Job, LEARNING_RATE, Refusal};
    use wasm_bindgen::prelude::wasm_bindgen;

    /// Something to repeat.
    #[wasm_bindgen]
    pub struct Bench(Job);

    /// Refusals go to the page by name; it has the words.
    fn admit(job: Result<Job, Refusal>) -> Result<Bench, String> {
        job.map(Bench).map_err(|refusal| {
            match refusal {
                Refusal::Empty => "empty",
                Refusal::TooLarge => "large",
            }
            .into()
        })
    }

    #[wasm_bindgen]
    impl Bench {
        /// A training; sizes are those of the layers, inputs first.
        pub fn training(sizes: &[u32], batch: u32) -> Result<Self, String> {
            let sizes: Vec<usize> = sizes.iter().map(|&size| size as usize).collect();
            admit(Job::training(&sizes, batch as usize))
        }

        /// A product of an m × k and a k × n matrix.
        pub fn product(m: u32, k: u32, n: u32) -> Result<Self, String> {
            admit(Job::product([m, k, n].map(|side| side as usize)))
        }

        /// Multiplications and additions in registers.
        pub fn peak() -> Self {
            Self(Job::Peak)
        }

        /// Floating-point operations that one repetition counts.
        #[wasm_bindgen(getter)]
        pub fn operations(&self) -> f64 {
            self.0.operations()
        }

        /// The examples, one a row, or the left factor.
        pub fn left(&self) -> Vec<f32> {
            self.0.left().into()
        }

        /// The parameters as they are now, or the right factor.
        pub fn right(&self) -> Vec<f32> {
            self.0.right().into()
        }

        /// The examples' labels.
        pub fn labels(&self) -> Vec<u32> {
            self.0.labels().into()
        }

        /// The product of the two factors.
        pub fn product_matrix(&self) -> Vec<f32> {
            self.0.product_matrix().into()
        }

        /// The step size of a training.
        pub fn rate() -> f64 {
            LEARNING_RATE
        }

        /// Does it so many times.
        pub fn repeat(&mut self, times: u32) {
            self.0.repeat(times as usize);
        }
    }
}
