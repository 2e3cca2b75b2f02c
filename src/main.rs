//! A program of the book.
fn main() {}
