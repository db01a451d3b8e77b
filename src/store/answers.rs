//! Return lines: what the banks answered, line by line.
