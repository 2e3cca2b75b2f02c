//! A lab in the page.
