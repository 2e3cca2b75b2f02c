//! The book's app: components, figures, the worker pool, the page shell.
