//! The program in a real terminal: how it comes, how it leaves.
