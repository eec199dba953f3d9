//! Whether the process runs under a memory checker.

pub(super) use os::watch;

#[cfg(all(feature = "std", target_os = "linux", not(miri)))]
mod os {
    use core::ffi::{CStr, c_int, c_void};
    use core::ptr;

    /// A function of each memory sanitizer.
    const SANITIZERS: [&CStr; 3] = [c"__asan_init", c"__hwasan_init", c"__msan_init"];
    /// A part of the names of the objects that valgrind loads into a process.
    const VALGRIND: &[u8] = b"/vgpreload_";

    pub(in crate::heap) fn watch() -> bool {
        // SAFETY: the name ends with a zero; the symbol is not used.
        let known =
            |name: &CStr| !unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }.is_null();
        // SAFETY: `is_valgrind` keeps to the contract of the callback, and needs no data.
        let valgrind = || unsafe { libc::dl_iterate_phdr(Some(is_valgrind), ptr::null_mut()) } != 0;
        SANITIZERS.into_iter().any(known) || valgrind()
    }

    /// # Safety
    /// `object` is one that `dl_iterate_phdr` passes.
    unsafe extern "C" fn is_valgrind(
        object: *mut libc::dl_phdr_info,
        _: usize,
        _: *mut c_void,
    ) -> c_int {
        // SAFETY: the loader passes a loaded object, whose name is null or ends with a zero.
        unsafe {
            let name = (*object).dlpi_name;
            let name = if name.is_null() {
                c""
            } else {
                CStr::from_ptr(name)
            };
            let mut parts = name.to_bytes().windows(VALGRIND.len());
            parts.any(|part| part == VALGRIND).into()
        }
    }
}

#[cfg(not(all(feature = "std", target_os = "linux", not(miri))))]
mod os {
    pub(in crate::heap) fn watch() -> bool {
        false
    }
}
