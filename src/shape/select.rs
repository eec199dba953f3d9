//! The choice of a shape for a descriptor.

/// Calls a generic function with the shape that knows most about the descriptor, as its first
/// argument. The function should not be inlined here: a shape that needs few registers would pay
/// for the others' stack frame.
macro_rules! with_shape {
    ($t:expr => $function:path, $($argument:expr),*) => {{
        use maptype::Path;

        use $crate::shape::*;
        let t: &maptype::MapType = $t;
        match t.path {
            Path::Generic => $function(Erased(t), $($argument),*),
            Path::Memory32 => $function(Fast32::<true, false>(t), $($argument),*),
            Path::Memory64 => $function(Fast64::<true, false>(t), $($argument),*),
            Path::String => $function(FastStr::<true, true, false>(t), $($argument),*),
            Path::Memory => match t.keysize {
                16 => $function(FastMemory::<16, false>(t), $($argument),*),
                32 => $function(FastMemory::<32, false>(t), $($argument),*),
                _ => $function(FastMemory::<0, false>(t), $($argument),*),
            },
            Path::GenericToWord => $function(ErasedToWord(t), $($argument),*),
            Path::Memory32ToWord => $function(Fast32::<true, true>(t), $($argument),*),
            Path::Memory64ToWord => $function(Fast64::<true, true>(t), $($argument),*),
            Path::StringToWord => $function(FastStr::<true, true, true>(t), $($argument),*),
            Path::MemoryToWord => match t.keysize {
                16 => $function(FastMemory::<16, true>(t), $($argument),*),
                32 => $function(FastMemory::<32, true>(t), $($argument),*),
                _ => $function(FastMemory::<0, true>(t), $($argument),*),
            },
        }
    }};
}
pub(crate) use with_shape;
