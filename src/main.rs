//! Arguments → command; a failure's kind is the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    yichong::cli::main()
}
