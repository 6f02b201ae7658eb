//! What a host measures.

super::asks! { MEASURE:
    /// Measures with fio in a folder, or on a block device, which is only read: so many seconds each for what is read and written
    /// in a row, a mebibyte each, sixteen at once, and for 4 KiB here and there, one at a time. It prints fio's JSON, with the
    /// jobs `write`, `random write`, `read` and `random read`; status 66 if there is no such path, 69 without fio.
    FIO = Load() "fio" Fio { path, bytes: u64, seconds: u64 } => String;
}
