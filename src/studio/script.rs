//! A script of keys and pointer moves for pictures of tools at work: `key s; click 400,300; drag 10,10 60,40`.
//!
//! Places are image pixels; they are turned into places of the window when their step comes, so a step may zoom before.

use std::str::FromStr;

use delimit::raster::{PixelRect, Point};
use egui::{Event, Key, Modifiers, PointerButton, RawInput};

use super::app::Studio;

/// One step of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Key {
        key: Key,
        modifiers: Modifiers,
    },
    Move(Point),
    Press {
        at: Point,
        button: PointerButton,
        modifiers: Modifiers,
    },
    Release {
        at: Point,
        button: PointerButton,
        modifiers: Modifiers,
    },
    /// Shows these pixels with room around them.
    Zoom(PixelRect),
}

/// Steps, one a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script(pub Vec<Step>);

impl FromStr for Script {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        for command in text.split(';').map(str::trim).filter(|c| !c.is_empty()) {
            let mut words = command.split_whitespace();
            let verb = words.next().unwrap_or_default();
            let mut held = verb.split('+');
            let verb = held.next().unwrap_or_default();
            let modifiers = modifiers(held)?;
            let rest: Vec<&str> = words.collect();
            match (verb, rest.as_slice()) {
                ("key", [name]) => steps.push(key(name)?),
                ("zoom", [a, b]) => {
                    let (a, b) = (point(a)?, point(b)?);
                    steps.push(Step::Zoom(PixelRect::new(a.x as u32, a.y as u32, b.x as u32, b.y as u32)));
                }
                ("move", [at]) => steps.push(Step::Move(point(at)?)),
                ("click" | "rightclick", [at]) => {
                    let button = if verb == "click" { PointerButton::Primary } else { PointerButton::Secondary };
                    let at = point(at)?;
                    steps.extend([Step::Move(at), Step::Press { at, button, modifiers }, Step::Release { at, button, modifiers }]);
                }
                ("drag" | "hold", [first, others @ ..]) => {
                    let (button, at) = (PointerButton::Primary, point(first)?);
                    steps.extend([Step::Move(at), Step::Press { at, button, modifiers }]);
                    let mut last = at;
                    for other in others {
                        last = point(other)?;
                        steps.push(Step::Move(last));
                    }
                    // A held button stays down: the picture shows the tool at work.
                    if verb == "drag" {
                        steps.push(Step::Release { at: last, button, modifiers });
                    }
                }
                _ => return Err(format!("{command:?} is no step; use key, move, click, rightclick, drag, hold or zoom")),
            }
        }
        Ok(Self(steps))
    }
}

fn point(text: &str) -> Result<Point, String> {
    let numbers: Vec<f64> = text.split(',').filter_map(|n| n.parse().ok()).collect();
    match numbers.as_slice() {
        &[x, y] => Ok(Point::new(x, y)),
        _ => Err(format!("{text:?} is no place; write it as 120,80")),
    }
}

fn modifiers<'a>(names: impl Iterator<Item = &'a str>) -> Result<Modifiers, String> {
    let mut held = Modifiers::NONE;
    for name in names {
        match name {
            "shift" => held.shift = true,
            "alt" => held.alt = true,
            "ctrl" => {
                held.ctrl = true;
                held.command = true;
            }
            other => return Err(format!("{other:?} is no key to hold; use shift, alt or ctrl")),
        }
    }
    Ok(held)
}

fn key(text: &str) -> Result<Step, String> {
    let (held, name) = text.rsplit_once('+').unwrap_or(("", text));
    let modifiers = modifiers(held.split('+').filter(|h| !h.is_empty()))?;
    let name = if name.len() == 1 { name.to_uppercase() } else { name.to_owned() };
    let key = Key::from_name(&name).ok_or_else(|| format!("{name:?} is no key"))?;
    Ok(Step::Key { key, modifiers })
}

impl Step {
    /// Puts the step into the input of a frame; a zoom acts on the studio.
    pub fn feed(&self, studio: &mut Studio, input: &mut RawInput) {
        let place = |studio: &Studio, at: Point| studio.canvas.view().map(|v| v.screen_from_image(at));
        match *self {
            Self::Key { key, modifiers } => {
                input.events.push(Event::ModifiersChanged(modifiers));
                for pressed in [true, false] {
                    input.events.push(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers });
                }
                input.events.push(Event::ModifiersChanged(Modifiers::NONE));
            }
            Self::Move(at) => input.events.extend(place(studio, at).map(Event::PointerMoved)),
            Self::Press { at, button, modifiers } => {
                input.events.push(Event::ModifiersChanged(modifiers));
                let pressed = |pos| Event::PointerButton { pos, button, pressed: true, modifiers };
                input.events.extend(place(studio, at).map(pressed));
            }
            Self::Release { at, button, modifiers } => {
                let released = |pos| Event::PointerButton { pos, button, pressed: false, modifiers };
                input.events.extend(place(studio, at).map(released));
                input.events.push(Event::ModifiersChanged(Modifiers::NONE));
            }
            Self::Zoom(rect) => studio.canvas.centre_on(rect),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_and_mistakes_are_told() {
        let script: Script = "key shift+s; click 4,5; drag+alt 1,1 2,2; zoom 0,0 9,9".parse().unwrap();
        assert_eq!(script.0.len(), 1 + 3 + 4 + 1);
        assert_eq!(script.0[0], Step::Key { key: Key::S, modifiers: Modifiers::SHIFT });
        assert!(matches!(script.0[5], Step::Press { modifiers, .. } if modifiers.alt));
        for (text, word) in [("dance 1,1", "no step"), ("click 1", "no place"), ("key hyper+x", "to hold"), ("key nokey", "no key")]
        {
            assert!(text.parse::<Script>().unwrap_err().contains(word), "{text}");
        }
    }
}
