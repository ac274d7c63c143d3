//! Colours of a terminal, or none.

/// How a word is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A heading.
    Title,
    /// What matters less.
    Faint,
    /// What matters.
    Strong,
    /// As it should be.
    Good,
    /// Worth a look.
    Warning,
    /// Not as it should be.
    Bad,
}

/// Paints, or does not.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    colours: bool,
}

impl Paint {
    pub fn new(colours: bool) -> Self {
        Self { colours }
    }

    /// The text in a style.
    pub fn text(self, style: Style, text: impl std::fmt::Display) -> String {
        if !self.colours {
            return text.to_string();
        }
        let code = match style {
            Style::Title => "1;36",
            Style::Faint => "2",
            Style::Strong => "1",
            Style::Good => "1;32",
            Style::Warning => "1;33",
            Style::Bad => "1;31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A bar of `width` cells of which the share `part` is full.
    pub fn bar(self, width: usize, part: f64) -> String {
        let cells = (part.clamp(0.0, 1.0) * width as f64).round() as usize;
        let style = match part {
            part if part >= 0.98 => Style::Bad,
            part if part >= 0.9 => Style::Warning,
            _ => Style::Good,
        };
        let (full, empty) = if self.colours { ("█", "░") } else { ("#", ".") };
        self.text(style, full.repeat(cells)) + &self.text(Style::Faint, empty.repeat(width - cells))
    }
}
