//! What loads a host to measure it, and leaves it as it was.

super::verbs! { MEASURE:
    /// Measures with fio in a folder, or on a block device, which is only read: SECONDS each for what is read and written in a row, a mebibyte each, sixteen at once, and for 4 KiB here and there, one at a time.
    FIO = Load() "fio" "PATH BYTES SECONDS" => "fio's JSON, with the jobs `write`, `random write`, `read` and `random read`; status 66 if there is no such path, 69 without fio";
}
