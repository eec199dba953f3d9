//! Go's size classes: an array of buckets fills the class that its size is rounded up to.

use maptype::Era;

/// The bytes that Go's allocator returns for a request of `size`: its size class, or whole pages.
pub fn roundupsize(era: Era, size: usize, pointer_free: bool) -> usize {
    // From Go 1.22 on, objects with pointers of more than 512 bytes carry a header of a word.
    let header = if era == Era::Go123 && !pointer_free && size > 512 {
        8
    } else {
        0
    };
    if size > MAX_SMALL_SIZE - header {
        return size.checked_next_multiple_of(PAGE).unwrap_or(size);
    }
    let class = SIZE_CLASSES.partition_point(|&class| (class as usize) < size + header);
    SIZE_CLASSES[class] as usize - header
}

const PAGE: usize = 8192;
const MAX_SMALL_SIZE: usize = 32768;

/// Go's size classes, in bytes; the same from 1.19 to 1.23. Go 1.12 lacks 24, which no array of buckets is rounded to.
#[rustfmt::skip]
const SIZE_CLASSES: [u16; 67] = [
    8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448,
    480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096,
    4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072,
    20480, 21760, 24576, 27264, 28672, 32768,
];
