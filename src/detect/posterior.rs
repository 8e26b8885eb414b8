//! A posterior on a grid of moments, and its 90 % interval.

/// Tail left out on either side of an interval.
const TAIL: f64 = 0.05;

/// Log-probabilities gathered at equally spaced positions (in bins from the series' start).
pub(super) struct Posterior {
    begin: f64,
    step: f64,
    ln_weights: Vec<f64>,
}

impl Posterior {
    /// Nothing gathered yet over `begin..=end`, at most `max_points` points and none closer than a quarter bin.
    pub(super) fn over(begin: f64, end: f64, max_points: usize) -> Self {
        let span = (end - begin).max(0.25);
        let step = (span / max_points.max(2) as f64).max(0.25);
        let num = (span / step).floor() as usize + 1;
        Self { begin, step, ln_weights: vec![f64::NEG_INFINITY; num] }
    }

    /// The positions with their places.
    pub(super) fn positions(&self) -> impl Iterator<Item = (usize, f64)> + use<> {
        let (begin, step) = (self.begin, self.step);
        (0..self.ln_weights.len()).map(move |place| (place, begin + step * place as f64))
    }

    /// Adds a hypothesis with this log-likelihood at a place.
    pub(super) fn add(&mut self, place: usize, ln_likelihood: f64) {
        if let Some(weight) = self.ln_weights.get_mut(place)
            && ln_likelihood.is_finite()
        {
            let high = weight.max(ln_likelihood);
            *weight = high + ((*weight - high).exp() + (ln_likelihood - high).exp()).ln();
        }
    }

    /// Low, middle and high position of the 90 % interval; `None` if nothing was added.
    pub(super) fn interval(&self) -> Option<[f64; 3]> {
        let high = self.ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !high.is_finite() {
            return None;
        }
        let weights: Vec<f64> = self.ln_weights.iter().map(|weight| (weight - high).exp()).collect();
        let total: f64 = weights.iter().sum();
        let at = |share: f64| {
            let mut below = 0.0;
            for (place, weight) in weights.iter().enumerate() {
                let next = below + weight / total;
                if next >= share {
                    // Each point stands for the step around it.
                    let within = (share - below) / (next - below).max(1e-12) - 0.5;
                    return self.begin + self.step * (place as f64 + within);
                }
                below = next;
            }
            self.begin + self.step * weights.len().saturating_sub(1) as f64
        };
        Some([at(TAIL), at(0.5), at(1.0 - TAIL)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_of_a_flat_and_of_a_sharp_posterior() {
        let mut flat = Posterior::over(10.0, 110.0, 100);
        for (place, _) in flat.positions() {
            flat.add(place, -1234.5);
        }
        let [low, at, high] = flat.interval().unwrap();
        assert!((low - 14.5).abs() < 1.1 && (at - 60.0).abs() < 1.1 && (high - 105.5).abs() < 1.1, "{low} {at} {high}");

        let mut sharp = Posterior::over(0.0, 10.0, 100);
        for (place, position) in sharp.positions() {
            sharp.add(place, -1000.0 * (position - 3.0).abs());
        }
        let [low, at, high] = sharp.interval().unwrap();
        assert!((at - 3.0).abs() < 0.01 && low > 2.8 && high < 3.2, "{low} {at} {high}");
        assert_eq!(Posterior::over(0.0, 1.0, 10).interval(), None);
    }
}
