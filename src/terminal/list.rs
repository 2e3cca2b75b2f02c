//! `lab list`.

use std::io::{self, Write};

/// Prints id, English and Chinese title of every lab, one a line, separated by tabs.
pub fn list(out: &mut impl Write) -> io::Result<()> {
    for lab in labs::labs::ALL {
        let schema = lab.schema();
        writeln!(out, "{}\t{}\t{}", schema.id, schema.title.en, schema.title.zh)?;
    }
    Ok(())
}
