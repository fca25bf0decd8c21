//! From text to tree, by recursive descent with a bounded depth.

use super::token::{Token, tokens};
use super::tree::{Comparison, Function, Kind, Node, Operator};
use super::{Fault, Place};

/// Deepest nesting of brackets, signs and conditions.
const DEEPEST: usize = 40;
/// Longest text, in bytes.
pub(super) const LONGEST: usize = 4000;

const WORDS: [&str; 6] = ["and", "or", "not", "if", "then", "else"];

/// The tree of a text.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    if text.len() > LONGEST {
        return Err(Fault::new(LONGEST..LONGEST, "the expression is too long", "at most 4000 bytes"));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let tree = parser.whole()?;
    match parser.peek() {
        Token::End => Ok(tree),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'t> {
    tokens: Vec<(Token<'t>, Place)>,
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Token<'t> {
        self.tokens.get(self.at).map_or(Token::End, |t| t.0)
    }

    fn place(&self) -> Place {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0..0, |t| t.1.clone())
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let what = match self.peek() {
            Token::End => "the expression ends here".to_owned(),
            Token::Word(word) => format!("{word:?} does not belong here"),
            Token::Sign(sign) => format!("{sign:?} does not belong here"),
            Token::Number(number) => format!("the number {number} does not belong here"),
        };
        Fault::new(self.place(), what, expected)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is_it = self.peek() == Token::Sign(sign_of(sign));
        self.at += usize::from(is_it);
        is_it
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Word(w) if w == word);
        self.at += usize::from(is_it);
        is_it
    }

    fn need_word(&mut self, word: &str) -> Result<(), Fault> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn need_sign(&mut self, sign: &str) -> Result<(), Fault> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    /// One level deeper; the text cannot exhaust the stack.
    fn deeper(&mut self, f: impl FnOnce(&mut Self) -> Result<Node, Fault>) -> Result<Node, Fault> {
        if self.depth == DEEPEST {
            return Err(Fault::new(
                self.place(),
                "the expression is nested too deeply",
                "at most 40 levels; name parts of it as constants",
            ));
        }
        self.depth += 1;
        let node = f(self);
        self.depth -= 1;
        node
    }

    fn whole(&mut self) -> Result<Node, Fault> {
        self.deeper(|p| {
            let start = p.place().start;
            if !p.take_word("if") {
                return p.any_of();
            }
            let condition = p.any_of()?;
            p.need_word("then")?;
            let yes = p.any_of()?;
            p.need_word("else")?;
            let no = p.whole()?;
            let place = start..no.place.end;
            Ok(Node { kind: Kind::If(Box::new([condition, yes, no])), place })
        })
    }

    fn any_of(&mut self) -> Result<Node, Fault> {
        let mut left = self.all_of()?;
        while self.take_word("or") {
            left = binary(Operator::Or, left, self.all_of()?);
        }
        Ok(left)
    }

    fn all_of(&mut self) -> Result<Node, Fault> {
        let mut left = self.negation()?;
        while self.take_word("and") {
            left = binary(Operator::And, left, self.negation()?);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Node, Fault> {
        let start = self.place().start;
        if !self.take_word("not") {
            return self.comparison();
        }
        let of = self.deeper(Self::negation)?;
        let place = start..of.place.end;
        Ok(Node { kind: Kind::Not(Box::new(of)), place })
    }

    fn comparison(&mut self) -> Result<Node, Fault> {
        let first = self.sum()?;
        let mut rest = Vec::new();
        while let Token::Sign(sign) = self.peek()
            && let Some(comparison) = Comparison::of_sign(sign)
        {
            self.at += 1;
            rest.push((comparison, self.sum()?));
        }
        let Some((_, last)) = rest.last() else { return Ok(first) };
        let place = first.place.start..last.place.end;
        Ok(Node { kind: Kind::Chain(Box::new(first), rest), place })
    }

    fn sum(&mut self) -> Result<Node, Fault> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take_sign("+") {
                Operator::Add
            } else if self.take_sign("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Node, Fault> {
        let mut left = self.sign()?;
        loop {
            let operator = if self.take_sign("*") {
                Operator::Multiply
            } else if self.take_sign("/") {
                Operator::Divide
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.sign()?);
        }
    }

    /// `-a ^ 2` is `-(a ^ 2)`.
    fn sign(&mut self) -> Result<Node, Fault> {
        let start = self.place().start;
        if !self.take_sign("-") {
            return self.power();
        }
        let of = self.deeper(Self::sign)?;
        let place = start..of.place.end;
        Ok(Node { kind: Kind::Negative(Box::new(of)), place })
    }

    fn power(&mut self) -> Result<Node, Fault> {
        let base = self.term()?;
        if !self.take_sign("^") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::sign)?;
        Ok(binary(Operator::Power, base, exponent))
    }

    fn term(&mut self) -> Result<Node, Fault> {
        const EXPECTED: &str = "a feature, a constant, a number or `(`";
        let place = self.place();
        match self.peek() {
            Token::Number(value) => {
                self.at += 1;
                Ok(Node { kind: Kind::Number(value), place })
            }
            Token::Word(word) if !WORDS.contains(&word) => {
                self.at += 1;
                if !self.take_sign("(") {
                    return Ok(Node { kind: Kind::Name(word.to_owned()), place });
                }
                let Some(function) = Function::ALL.into_iter().find(|f| f.name() == word) else {
                    return Err(Fault::new(place, format!("there is no function {word:?}"), "min, max, sqrt, abs, ceil or floor"));
                };
                self.call(function, place.start)
            }
            Token::Sign("(") => {
                self.at += 1;
                let inner = self.whole()?;
                self.need_sign(")")?;
                Ok(inner)
            }
            _ => Err(self.unexpected(EXPECTED)),
        }
    }

    fn call(&mut self, function: Function, start: usize) -> Result<Node, Fault> {
        let mut arguments = vec![self.whole()?];
        while self.take_sign(",") {
            arguments.push(self.whole()?);
        }
        let end = self.place().end;
        self.need_sign(")")?;
        let is_right = if function.takes_many() { arguments.len() >= 2 } else { arguments.len() == 1 };
        if !is_right {
            let expected = if function.takes_many() { "two or more numbers" } else { "one number" };
            let what = format!("{} does not work with {}", function.name(), arguments.len());
            return Err(Fault::new(start..end, what, expected));
        }
        Ok(Node { kind: Kind::Call(function, arguments), place: start..end })
    }
}

/// The sign as the tokens hold it.
fn sign_of(sign: &str) -> &'static str {
    ["+", "-", "*", "/", "^", "(", ")", ","].into_iter().find(|s| *s == sign).unwrap_or("")
}

fn binary(operator: Operator, left: Node, right: Node) -> Node {
    let place = left.place.start..right.place.end;
    Node { kind: Kind::Binary(operator, Box::new(left), Box::new(right)), place }
}
