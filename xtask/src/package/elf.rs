//! Whether a program of Linux needs a dynamic linker.

use anyhow::{Context, Result, ensure};

/// The program header that names a dynamic linker (`PT_INTERP`, System V ABI, Program Header).
const INTERPRETER: u32 = 3;

/// Whether an ELF file of 64 bits, little-endian, names a dynamic linker. A static program, also one that is
/// position-independent, names none.
///
/// # Errors
/// When it is no such file.
pub fn has_interpreter(file: &[u8]) -> Result<bool> {
    ensure!(file.starts_with(b"\x7fELF\x02\x01"), "not an ELF file of 64 bits, little-endian");
    let number = |at: u64, bytes: usize| -> Result<u64> {
        let from = usize::try_from(at)?;
        let field = file.get(from..from + bytes).context("the ELF file ends too early")?;
        Ok(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    // e_phoff, e_phentsize and e_phnum.
    let (table, size, count) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
    for header in 0..count {
        if number(table + header * size, 4)? == u64::from(INTERPRETER) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of an ELF file, and program headers of these types.
    fn elf(types: &[u8]) -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01".to_vec();
        file.resize(0x40, 0);
        (file[0x20], file[0x36]) = (0x40, 56);
        file[0x38] = u8::try_from(types.len()).expect("a few");
        for kind in types {
            file.push(*kind);
            file.resize(file.len() + 55, 0);
        }
        file
    }

    #[test]
    fn a_dynamic_linker_is_found() {
        assert!(has_interpreter(&elf(&[6, 3, 1])).expect("an ELF file"));
        assert!(!has_interpreter(&elf(&[6, 1, 2])).expect("an ELF file"));
        assert!(!has_interpreter(&elf(&[])).expect("an ELF file"));
    }

    #[test]
    fn what_is_no_whole_program_is_refused() {
        assert!(has_interpreter(b"#!/bin/sh\n").is_err());
        assert!(has_interpreter(&elf(&[1, 1])[..0x50]).is_err());
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn this_test_needs_one() {
        let program = std::env::current_exe().expect("a path");
        let file = std::fs::read(program).expect("readable");
        assert!(has_interpreter(&file).expect("an ELF file"));
    }
}
