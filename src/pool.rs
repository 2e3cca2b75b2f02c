//! The workers of a page.
