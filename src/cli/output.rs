//! How results and errors leave the program: data to stdout, words to stderr, exit codes.

use std::io;
use std::process::ExitCode;

/// What a command found, for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Something: exit code 0.
    Some,
    /// Nothing: exit code 1.
    Nothing,
}

impl Found {
    /// `Some` if `yes`.
    pub fn when(yes: bool) -> Self {
        if yes { Self::Some } else { Self::Nothing }
    }
}

/// 0 found, 1 nothing found, 2 error; a reader that went away (broken pipe) is no error.
pub fn exit_code(result: anyhow::Result<Found>) -> ExitCode {
    match result {
        Ok(Found::Some) => ExitCode::SUCCESS,
        Ok(Found::Nothing) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("caiu: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}
