//! Values that can be changed through an iterator are invariant.

fn shorten<'a, 'n>(
    iter: gomap::typed::IterMut<'a, u8, &'static str>,
) -> gomap::typed::IterMut<'a, u8, &'n str> {
    iter
}

fn main() {
    let mut map = gomap::Map::from([(1, "one")]);
    shorten(map.iter_mut());
}
