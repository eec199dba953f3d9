//! Programs that must not compile, and the messages that say why: `tests/ui`.

#[test]
fn what_is_unsound_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
