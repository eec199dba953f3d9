//! A guard that undoes or completes a step.

/// Runs a closure when it is dropped, so also when a hook unwinds or an error is returned, unless
/// it is forgotten.
pub(crate) struct Deferred<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for Deferred<F> {
    #[inline]
    fn drop(&mut self) {
        self.0();
    }
}
