//! Descriptors, made and checked.

use core::ffi::c_char;
use core::fmt::{self, Write};
use core::ptr;
use std::alloc::{Layout, alloc, dealloc};

use maptype::{Era, Heap, MapType, Type};

use super::check;
use super::heap::gomap_system_heap;
use super::status::{Status, border};

/// Computes the descriptor of maps from `key` to `elem`. `heap` NULL means the system heap.
///
/// On an error nothing is stored in `out`, and a sentence that names the field is stored in
/// `message` (NULL, or room for `message_size` bytes), NUL-terminated and truncated.
/// `GOMAP_BAD_TYPE`: a size that is not a multiple of its alignment, an alignment that is not a
/// power of two, misplaced pointer words, a key without hash or equality, and the like.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says. The types and the heap neither move nor
/// change while the descriptor or a map of it is used; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_maptype_init(
    key: *const Type,
    elem: *const Type,
    heap: *const Heap,
    out: *mut MapType,
    message: *mut c_char,
    message_size: usize,
) -> Status {
    let mut message = Message::new(message, message_size);
    border(|| {
        message.explain(check::pointer(out), "out")?;
        // SAFETY: `out` is checked.
        unsafe { out.write(make(key, elem, heap, &mut message)?) }
        Ok(Status::GOMAP_OK)
    })
}

/// `gomap_maptype_init` in allocated memory, with copies of the two types: the caller's need not
/// live on. Freed by `gomap_maptype_free`.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says. The heap, and what the types refer to, live
/// while the descriptor or a map of it is used; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_maptype_new(
    key: *const Type,
    elem: *const Type,
    heap: *const Heap,
    out: *mut *mut MapType,
    message: *mut c_char,
    message_size: usize,
) -> Status {
    let mut message = Message::new(message, message_size);
    border(|| {
        message.explain(check::pointer(out), "out")?;
        // SAFETY: `out` is checked; the memory is initialised before it is shared.
        unsafe {
            let t = make(key, elem, heap, &mut message)?;
            let own = alloc(Layout::new::<OwnTypes>()).cast::<OwnTypes>();
            if own.is_null() {
                return message.explain(Err(Status::GOMAP_NO_MEMORY), "out");
            }
            own.write(OwnTypes {
                t,
                key: key.read(),
                elem: elem.read(),
            });
            (*own).t.key = &raw const (*own).key;
            (*own).t.elem = &raw const (*own).elem;
            out.write(own.cast());
        }
        Ok(Status::GOMAP_OK)
    })
}

/// Frees a descriptor of `gomap_maptype_new`; NULL is accepted.
///
/// # Safety
/// `t` is NULL or came from `gomap_maptype_new`; no map or iterator of it is left.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_maptype_free(t: *mut MapType) {
    if !t.is_null() {
        // SAFETY: `t` came from `gomap_maptype_new`: it is the first field of what was allocated.
        unsafe { dealloc(t.cast(), Layout::new::<OwnTypes>()) }
    }
}

/// A descriptor with its types.
#[repr(C)]
struct OwnTypes {
    t: MapType,
    key: Type,
    elem: Type,
}

/// # Safety
/// As `gomap_maptype_init`.
unsafe fn make(
    key: *const Type,
    elem: *const Type,
    heap: *const Heap,
    message: &mut Message,
) -> Result<MapType, Status> {
    // SAFETY: the types and the heap are checked.
    unsafe {
        let key = message.explain(check::type_at(key), "key")?;
        let elem = message.explain(check::type_at(elem), "elem")?;
        let heap = if heap.is_null() {
            gomap_system_heap(Era::default() as u8)
        } else {
            heap
        };
        let heap = message.explain(check::heap_at(heap), "heap")?;
        MapType::new(key, elem, heap).map_err(|error| {
            message.say(format_args!("{error}"));
            Status::GOMAP_BAD_TYPE
        })
    }
}

/// The caller's room for a message: what does not fit is cut off, and there is always a NUL.
struct Message {
    next: *mut u8,
    /// Bytes left, the NUL included.
    room: usize,
}

impl Message {
    fn new(buffer: *mut c_char, size: usize) -> Message {
        let room = if buffer.is_null() { 0 } else { size };
        Message {
            next: buffer.cast(),
            room,
        }
    }

    fn say(&mut self, text: fmt::Arguments<'_>) {
        // Only writing past the end fails, and what there is room for was written by then.
        let _ = self.write_fmt(text);
    }

    /// Says what is wrong with an argument.
    fn explain<T>(&mut self, result: Result<T, Status>, argument: &str) -> Result<T, Status> {
        if let Err(status) = result {
            let problem = match status {
                Status::GOMAP_NULL => "NULL, or without a function that it must have",
                Status::GOMAP_MISALIGNED => "misaligned",
                Status::GOMAP_NO_MEMORY => "out of memory",
                _ => "a field has a value that means nothing",
            };
            self.say(format_args!("{argument}: {problem}"));
        }
        result
    }
}

impl Write for Message {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Some(most) = self.room.checked_sub(1) else {
            return Err(fmt::Error);
        };
        let fits = (0..=text.len().min(most))
            .rev()
            .find(|&n| text.is_char_boundary(n))
            .unwrap_or(0);
        // SAFETY: the caller of the library gave this room, and it holds `fits` bytes and the NUL.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), self.next, fits);
            self.next = self.next.add(fits);
            self.next.write(0);
        }
        self.room -= fits;
        if fits == text.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}
