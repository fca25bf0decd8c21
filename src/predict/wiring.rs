//! Which ports of a model file are used: the input that takes the photo, constants for the others, the output that is read.

use super::card::ModelCard;
use super::engine::{Port, Signature, Tensor};

/// Which ports of a model file a run uses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wiring {
    /// Name of the input that takes the photo.
    pub input: String,
    /// Name of the output that is read.
    pub output: String,
    /// What the other inputs are fed with in every run, by name.
    pub constants: Vec<(String, Tensor)>,
}

impl Wiring {
    /// The first input and the first output, nothing else.
    #[must_use]
    pub fn first(signature: &Signature) -> Self {
        let name = |ports: &[Port]| ports.first().map(|port| port.name.clone()).unwrap_or_default();
        Self { input: name(&signature.inputs), output: name(&signature.outputs), constants: Vec::new() }
    }

    /// What a card asks for.
    ///
    /// # Errors
    /// The problem in words: a port that the file does not have, an input without a constant, a constant of another size.
    pub fn of(signature: &Signature, card: &ModelCard) -> Result<Self, String> {
        let (inputs, outputs) = (&signature.inputs, &signature.outputs);
        let constants = &card.input.constants;
        if let Some(name) = constants.keys().find(|&name| !inputs.iter().any(|port| port.name == *name)) {
            return Err(format!("its card has a constant for the input \"{name}\", but the model's inputs are {}", names(inputs)));
        }
        let input = if let Some(name) = &card.input.port {
            find(inputs, name).ok_or_else(|| no_port("input", name, inputs))?
        } else {
            let mut free = inputs.iter().filter(|port| !constants.contains_key(&port.name));
            match (free.next(), free.next()) {
                (Some(port), None) => port,
                (None, _) => return Err("the model has no input that the photo could go to".to_owned()),
                (Some(_), Some(_)) => return Err(several_inputs(inputs)),
            }
        };
        let output = match &card.output.port {
            Some(name) => find(outputs, name).ok_or_else(|| no_port("output", name, outputs))?,
            None => outputs.first().ok_or("the model gives no answer")?,
        };
        let mut fed = Vec::new();
        for port in inputs.iter().filter(|port| port.name != input.name) {
            let values = constants.get(&port.name).ok_or_else(|| several_inputs(inputs))?;
            fed.push((port.name.clone(), constant(port, values)?));
        }
        if constants.contains_key(&input.name) {
            return Err(format!("its card has a constant for the input \"{}\", which takes the photo", input.name));
        }
        Ok(Self { input: input.name.clone(), output: output.name.clone(), constants: fed })
    }

    /// The declaration of the input that takes the photo.
    #[must_use]
    pub fn input_port<'a>(&self, signature: &'a Signature) -> Option<&'a Port> {
        find(&signature.inputs, &self.input)
    }

    /// The declaration of the output that is read.
    #[must_use]
    pub fn output_port<'a>(&self, signature: &'a Signature) -> Option<&'a Port> {
        find(&signature.outputs, &self.output)
    }

    /// How many axes the output is declared with.
    pub(super) fn rank(&self, signature: &Signature) -> Option<usize> {
        Some(self.output_port(signature)?.shape.as_ref()?.len())
    }

    /// Every input of one run by name, the photo's first.
    pub(super) fn fed<'a>(&'a self, photo: &'a Tensor) -> impl Iterator<Item = (&'a str, &'a Tensor)> {
        std::iter::once((self.input.as_str(), photo)).chain(self.constants.iter().map(|(name, tensor)| (name.as_str(), tensor)))
    }
}

fn find<'a>(ports: &'a [Port], name: &str) -> Option<&'a Port> {
    ports.iter().find(|port| port.name == name)
}

fn names(ports: &[Port]) -> String {
    ports.iter().map(|port| port.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn no_port(what: &str, name: &str, ports: &[Port]) -> String {
    format!("its card names the {what} \"{name}\", but the model's {what}s are {}", names(ports))
}

fn several_inputs(ports: &[Port]) -> String {
    format!(
        "the model has {} inputs ({}); name the one that takes the photo as `port` in its card, and give the others as `constants`",
        ports.len(),
        names(ports)
    )
}

/// The values in the shape that the file declares; where it declares none a single value is a scalar, several are a row.
fn constant(port: &Port, values: &[f32]) -> Result<Tensor, String> {
    let count = values.len();
    let wrong = |wanted: usize| format!("its card gives {count} numbers for the input \"{}\", which takes {wanted}", port.name);
    let shape = match port.shape.as_deref() {
        None if count == 1 => Vec::new(),
        None => vec![count],
        Some(declared) => {
            let fixed: usize = declared.iter().flatten().product();
            match declared.iter().filter(|side| side.is_none()).count() {
                0 if fixed != count => return Err(wrong(fixed)),
                0 => declared.iter().flatten().copied().collect(),
                // One free axis takes what is left; more of them are ambiguous unless all are one long.
                1 if fixed > 0 && count.is_multiple_of(fixed) => {
                    declared.iter().map(|side| side.unwrap_or(count / fixed)).collect()
                }
                _ if fixed == count => declared.iter().map(|side| side.unwrap_or(1)).collect(),
                _ => return Err(wrong(fixed)),
            }
        }
    };
    Ok(Tensor { shape, data: values.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(name: &str, shape: Option<&[usize]>) -> Port {
        // 0 stands for a free axis.
        Port { name: name.into(), shape: shape.map(|s| s.iter().map(|&n| (n > 0).then_some(n)).collect()) }
    }

    #[test]
    fn a_constant_takes_the_declared_shape() {
        let shape = |declared: Option<&[usize]>, values: &[f32]| constant(&port("k", declared), values).map(|t| t.shape);
        assert_eq!(shape(Some(&[1]), &[3.0]), Ok(vec![1]));
        assert_eq!(shape(Some(&[2, 0]), &[1.0; 6]), Ok(vec![2, 3]));
        assert_eq!(shape(Some(&[0, 0, 4]), &[1.0; 4]), Ok(vec![1, 1, 4]));
        assert_eq!(shape(None, &[1.0]), Ok(vec![]));
        assert_eq!(shape(None, &[1.0; 3]), Ok(vec![3]));
        assert!(shape(Some(&[2]), &[1.0; 3]).unwrap_err().contains("3 numbers for the input \"k\", which takes 2"));
        assert!(shape(Some(&[2, 0]), &[1.0; 3]).is_err());
    }
}
