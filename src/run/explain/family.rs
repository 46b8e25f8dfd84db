//! What every kind of number has in common: a family by its prefix, groups within it, rows within those.

use crate::knowledge::code::Code;

/// A kind of number, and how it is asked for.
pub(super) struct Family {
    /// `neg` in `neg:5`; the first is the one that is shown, the others are understood.
    pub(super) prefixes: &'static [&'static str],
    /// One of them.
    pub(super) example: &'static str,
    /// What the numbers are.
    pub(super) what: &'static str,
    /// What to do with such a number, unless a row knows better.
    pub(super) next: &'static str,
    /// Tables; the first holds what is meant when no group is named.
    pub(super) groups: Vec<Group>,
}

/// A table of a family.
pub(super) struct Group {
    /// `type` in `neg:type:1`; empty where there is but one, or where groups need not be told apart.
    pub(super) name: &'static str,
    /// What the number is, and where it stands.
    pub(super) what: String,
    /// Where it is written down.
    pub(super) source: String,
    /// By whoever made it, or only gathered by others.
    pub(super) is_documented: bool,
    /// How its numbers are written.
    pub(super) form: Form,
    /// How often a bare number means one of these.
    pub(super) rank: Rank,
    /// What symbols begin with in the specification, where the table leaves it out.
    pub(super) head: &'static str,
    pub(super) rows: Vec<Row>,
}

/// How a number is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Decimal,
    /// With so many digits at least.
    Hex(usize),
    /// By hexadecimal number, with the decimal one beside it, as people paste either.
    Both,
    /// Not by number: by name.
    Name,
}

/// What a bare number is probably meant to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// What a dialog shows.
    Screen,
    /// What ends a connection, or a log shows.
    Answer,
    /// What messages are made of.
    Part,
}

/// One number.
#[derive(Clone, Default)]
pub(super) struct Row {
    pub(super) value: u32,
    /// The last number that is meant, too: for sizes.
    pub(super) last: u32,
    /// Empty where it has none.
    pub(super) symbol: String,
    pub(super) meaning: String,
    /// What else is known, each with its label.
    pub(super) more: Vec<(&'static str, String)>,
}

impl Family {
    /// What it is called here.
    pub(super) fn name(&self) -> &'static str {
        self.prefixes.first().copied().unwrap_or_default()
    }
}

impl Group {
    /// A documented table of `codes` that is called `name`.
    pub(super) fn of(name: &'static str, codes: &[Code], what: &str, source: &str) -> Self {
        let row = |code: &Code| Row {
            value: code.value,
            last: code.value,
            symbol: code.symbol.into(),
            meaning: code.meaning.into(),
            more: Vec::new(),
        };
        Self {
            name,
            what: what.into(),
            source: source.into(),
            is_documented: true,
            form: Form::Decimal,
            rank: Rank::Answer,
            head: "",
            rows: codes.iter().map(row).collect(),
        }
    }

    pub(super) fn written(self, form: Form) -> Self {
        Self { form, ..self }
    }

    pub(super) fn ranked(self, rank: Rank) -> Self {
        Self { rank, ..self }
    }

    /// A part of messages, in hexadecimal.
    pub(super) fn part(self) -> Self {
        self.ranked(Rank::Part).written(Form::Hex(1))
    }

    pub(super) fn observed(self) -> Self {
        Self { is_documented: false, ..self }
    }

    pub(super) fn headed(self, head: &'static str) -> Self {
        Self { head, ..self }
    }

    /// With what `more` knows of each number, where it knows anything.
    pub(super) fn with(mut self, label: &'static str, more: impl Fn(u32) -> Option<String>) -> Self {
        for row in &mut self.rows {
            if let Some(text) = more(row.value) {
                row.more.push((label, text));
            }
        }
        self
    }

    /// The number of `row` as it is written here.
    pub(super) fn number(&self, row: &Row) -> String {
        match self.form {
            Form::Decimal => row.value.to_string(),
            Form::Hex(digits) => format!("{:#0width$x}", row.value, width = digits + 2),
            Form::Both => format!("{:#x}", row.value),
            Form::Name => row.symbol.clone(),
        }
    }
}

/// A row, and where it was found.
#[derive(Clone, Copy)]
pub(super) struct Hit<'f> {
    pub(super) family: &'f Family,
    pub(super) group: &'f Group,
    pub(super) row: &'f Row,
}

impl Hit<'_> {
    /// `neg:5`, `neg:type:1`: what to type to get this one.
    pub(super) fn address(&self) -> String {
        let number = self.group.number(self.row);
        match self.group.name {
            "" => format!("{}:{number}", self.family.name()),
            group => format!("{}:{group}:{number}", self.family.name()),
        }
    }

    /// `neg:5  HYBRID_REQUIRED_BY_SERVER`.
    pub(super) fn title(&self) -> String {
        let decimal = match self.group.form {
            Form::Both => format!(" ({})", self.row.value),
            _ => String::new(),
        };
        let symbol = if self.group.form == Form::Name { String::new() } else { self.symbol() };
        let gap = if symbol.is_empty() { "" } else { "  " };
        format!("{}{decimal}{gap}{symbol}", self.address())
    }

    /// The symbol as the specification has it.
    pub(super) fn symbol(&self) -> String {
        if self.row.symbol.is_empty() { String::new() } else { format!("{}{}", self.group.head, self.row.symbol) }
    }
}
