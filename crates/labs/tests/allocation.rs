//! Whether a step of training leaves memory alone.

use labs::{
    network::{Activation, Examples, Mlp, Rule, Training},
    random::Random,
};

#[test]
fn no_step_of_training_allocates_from_the_first_on() {
    let plain = Rule::Sgd { learning_rate: 0.1, momentum: 0.0, weight_decay: 0.0 };
    let momentum = Rule::Sgd { learning_rate: 0.1, momentum: 0.9, weight_decay: 1e-3 };
    // The batch does not divide the number of examples, so that the last one of an epoch is smaller.
    for (sizes, count, batch) in
        [(&[64, 33, 10][..], 103, 20), (&[500, 7, 1], 9, 1), (&[3, 40, 41, 42, 5], 700, 512), (&[900, 12], 50, 49)]
    {
        for rule in [plain, momentum, Rule::adam(0.01)] {
            let mut random = Random::new(3, 0);
            let classes = sizes[sizes.len() - 1];
            let examples = Examples {
                dimension: sizes[0],
                classes,
                inputs: (0..count * sizes[0]).map(|_| random.normal() as f32).collect(),
                labels: (0..count).map(|_| random.below(classes) as u32).collect(),
            };
            let network = Mlp::new(sizes, Activation::Relu, &mut random);
            let mut training = Training::new(network, rule, examples, batch, random);
            let asked = allocation_counter::measure(|| {
                while training.epochs() < 3 {
                    training.step();
                }
            });
            assert_eq!(asked.count_total, 0, "{sizes:?}, {batch} a step, {rule:?}");
        }
    }
}
