//! Numbers that are not negative and fit some sums best.

/// So many times each number, and what that was measured to be.
pub struct Equation {
    pub times: Vec<f64>,
    pub sum: f64,
}

/// How often all numbers are made better, one after the other.
const ROUNDS: usize = 200_000;

/// The numbers for which the sum of the squares of relative errors is smallest: coordinate descent.
pub fn fit(equations: &[Equation], numbers: usize) -> Vec<f64> {
    // Columns of equal length, so that small and large numbers are found equally fast.
    let of = |equation: &Equation, at: usize| {
        let times = equation.times.get(at).copied().unwrap_or_default();
        if equation.sum > 0.0 { times / equation.sum } else { 0.0 }
    };
    let columns: Vec<Vec<f64>> =
        (0..numbers).map(|at| equations.iter().map(|equation| of(equation, at)).collect()).collect();
    let squares: Vec<f64> = columns.iter().map(|column| column.iter().map(|x| x * x).sum()).collect();
    let mut found = vec![0.0; numbers];
    let mut rest = vec![1.0; equations.len()];
    for _ in 0..ROUNDS {
        for ((number, column), square) in found.iter_mut().zip(&columns).zip(&squares) {
            if *square == 0.0 {
                continue;
            }
            let step: f64 = column.iter().zip(&rest).map(|(x, rest)| x * rest).sum::<f64>() / square;
            let better = f64::max(0.0, *number + step);
            let change = better - *number;
            *number = better;
            rest.iter_mut().zip(column).for_each(|(rest, x)| *rest -= change * x);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_taken_apart() {
        let equation = |times: [f64; 3], sum: f64| Equation { times: times.to_vec(), sum };
        let found = fit(
            &[
                equation([1.0, 0.0, 0.0], 100.0),
                equation([1.0, 1000.0, 0.0], 600.0),
                equation([1.0, 1000.0, 2000.0], 600.0),
            ],
            3,
        );
        let near = |a: f64, b: f64| (a - b).abs() < 1e-3;
        assert!(near(found[0], 100.0) && near(found[1], 0.5) && near(found[2], 0.0), "{found:?}");
        // What would have to be negative is nothing.
        let found = fit(&[equation([1.0, 0.0, 0.0], 10.0), equation([1.0, 1.0, 0.0], 9.0)], 2);
        assert_eq!(found[1], 0.0);
    }
}
