//! The contract of this room: a row of a table of codes.

/// A number on the wire that has a name and a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// As it is on the wire.
    pub value: u32,
    /// The specification's symbol.
    pub symbol: &'static str,
    /// What it means for a Remote Desktop session, in plain words.
    pub meaning: &'static str,
}

impl Code {
    /// A row.
    #[must_use]
    pub const fn new(value: u32, symbol: &'static str, meaning: &'static str) -> Self {
        Self { value, symbol, meaning }
    }
}

/// The row of `table` for `value`, if there is one.
#[must_use]
pub fn find(table: &'static [Code], value: u32) -> Option<&'static Code> {
    table.iter().find(|code| code.value == value)
}

/// Symbol and meaning of a number, by its table.
macro_rules! looked_up {
    ($type:ident, $table:ident) => {
        impl $type {
            /// The specification's symbol, where it has one.
            #[must_use]
            pub fn symbol(self) -> Option<&'static str> {
                $crate::knowledge::code::find($table, self.0).map(|code| code.symbol)
            }

            /// What it means for a session, where that is known.
            #[must_use]
            pub fn meaning(self) -> Option<&'static str> {
                $crate::knowledge::code::find($table, self.0).map(|code| code.meaning)
            }
        }
    };
}
pub(super) use looked_up;
