//! Step: files from the bank's door, archived and recognised.
