//! The table of a network: a line for each input, each filter and each class of each task, with whole numbers.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::{DIMS, FILTERS, NUM_FILTERS, Network, Task, WIDTHS, Weights};
use crate::tag::opinion::linear::{NUM_CLASSES, key, numbers, numbers_of};

/// Numbers of inputs stand in the table as whole numbers of this many to one; all others, which are sums over many, finer.
const INPUT_SCALE: f32 = 100.0;
const SCALE: f32 = 1000.0;

/// Beginnings of the lines that are no inputs.
const FILTER: &str = "filter ";
const CLASS: &str = "class ";

impl Network {
    /// Reads a table: a line of column names; the inputs, a name and a vector each; then the filters, each with its bias and
    /// its vectors; then the classes of each task, each with its bias and the weight of every filter.
    ///
    /// # Errors
    /// On the first line that is none of these, or where lines are missing; the message names it.
    pub fn parse(table: &str) -> Result<Self, String> {
        let mut names = FxHashMap::default();
        let mut weights = Weights {
            inputs: Vec::new(),
            filters: Vec::new(),
            biases: Vec::new(),
            outputs: [const { Vec::new() }; Task::ALL.len()],
        };
        let mut classes: Vec<Vec<f32>> = Vec::new();
        for (number, line) in table.lines().enumerate().skip(1) {
            let wrong = |what: &str| format!("line {}: {what}", number + 1);
            let (name, cells) = line.split_once('\t').ok_or_else(|| wrong("a name and numbers belong here"))?;
            if !name.starts_with(FILTER) && !name.starts_with(CLASS) {
                let vector =
                    numbers(cells, INPUT_SCALE).ok_or_else(|| wrong(&format!("an input has {DIMS} whole numbers")))?;
                if names.insert(key(name), weights.inputs.len() as u32).is_some() {
                    return Err(wrong(&format!("the input '{name}' stands twice")));
                }
                weights.inputs.push(vector);
                continue;
            }
            let numbers: Option<Vec<f32>> = numbers_of(cells, SCALE).collect();
            let numbers = numbers.ok_or_else(|| wrong("behind a name stand whole numbers"))?;
            if name.starts_with(FILTER) {
                let width = WIDTHS.get(weights.filters.len() / FILTERS).copied().unwrap_or_default();
                let Some((&bias, vectors)) = numbers.split_first().filter(|(_, rest)| rest.len() == width * DIMS)
                else {
                    return Err(wrong("a filter has a bias and a vector for each token"));
                };
                weights.biases.push(bias);
                weights.filters.push(vectors.as_chunks().0.to_vec());
            } else {
                classes.push(numbers);
            }
        }
        let has_all = classes.len() == Task::ALL.len() * NUM_CLASSES
            && classes.iter().all(|row| row.len() == NUM_FILTERS + 1)
            && weights.filters.len() == NUM_FILTERS;
        if !has_all {
            return Err(format!("there are not {NUM_FILTERS} filters with the {NUM_CLASSES} classes of each task"));
        }
        for (outputs, classes) in weights.outputs.iter_mut().zip(classes.chunks(NUM_CLASSES)) {
            // The bias stands first in the table, where a reader looks for it.
            let filters = (1..=NUM_FILTERS).chain([0]);
            *outputs = filters.map(|filter| std::array::from_fn(|class| classes[class][filter])).collect();
        }
        Ok(Self::new(names, weights))
    }
}

impl Weights {
    /// Writes a table; `names` are those of the inputs.
    pub fn table(&self, names: &[&str], classes: [[&str; NUM_CLASSES]; Task::ALL.len()]) -> String {
        let mut out = "name\tnumbers\n".to_owned();
        for (name, vector) in names.iter().zip(&self.inputs) {
            line(&mut out, name, vector.iter().map(|number| number * INPUT_SCALE));
        }
        for (number, (filter, bias)) in self.filters.iter().zip(&self.biases).enumerate() {
            let name = format!("{FILTER}{} {}", WIDTHS[number / FILTERS], number % FILTERS);
            let numbers = std::iter::once(bias).chain(filter.as_flattened());
            line(&mut out, &name, numbers.map(|number| number * SCALE));
        }
        for (outputs, classes) in self.outputs.iter().zip(classes) {
            for (class, name) in classes.iter().enumerate() {
                let numbers = outputs[NUM_FILTERS..].iter().chain(&outputs[..NUM_FILTERS]);
                line(&mut out, &format!("{CLASS}{name}"), numbers.map(|row| row[class] * SCALE));
            }
        }
        out
    }
}

fn line(out: &mut String, name: &str, numbers: impl Iterator<Item = f32>) {
    out.push_str(name);
    for number in numbers {
        // Writing to a text cannot fail.
        let _ = write!(out, "\t{}", number.round() as i32);
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::opinion::network::fit::tests::by_chance;

    const CLASSES: [[&str; NUM_CLASSES]; 2] = [["a", "b", "c", "d"], ["e", "f", "g", "h"]];

    #[test]
    fn what_is_written_is_read_again() {
        let names = ["w:caiu", "l:<ca", "m:fail"];
        let table = by_chance(names.len()).table(&names, CLASSES);
        let read = Network::parse(&table).unwrap();
        assert_eq!(read.weights.table(&names, CLASSES), table);
        assert_eq!(read.row("l:<ca"), Some(1));
    }

    #[test]
    fn a_broken_table_is_told_by_its_line() {
        let names = ["w:caiu", "w:fora"];
        let table = by_chance(names.len()).table(&names, CLASSES);
        let error = |table: &str| Network::parse(table).unwrap_err();
        assert!(error(&table.replace("w:fora", "w:caiu")).contains("line 3: the input 'w:caiu' stands twice"));
        assert!(error(&table.replacen("w:caiu\t", "w:caiu\tx", 1)).contains("line 2"));
        assert!(error(&table.replacen("filter 2 0\t", "filter 2 0\t1\t", 1)).contains("line 4: a filter"));
        let cut = table.rsplit_once("class h").unwrap().0;
        assert!(error(cut).contains("classes of each task"));
    }
}
