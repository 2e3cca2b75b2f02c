//! The words of a lab's interface, in both languages.
