//! What serde writes, it reads.

use gomap::{Map, Set};
use serde_test::{Token, assert_de_tokens_error, assert_tokens};

#[test]
fn maps_are_maps() {
    let empty: Map<u8, u8> = Map::new();
    assert_tokens(&empty, &[Token::Map { len: Some(0) }, Token::MapEnd]);
    let map = Map::from([("a".to_string(), 1u8)]);
    let tokens = [
        Token::Map { len: Some(1) },
        Token::Str("a"),
        Token::U8(1),
        Token::MapEnd,
    ];
    assert_tokens(&map, &tokens);
    assert_de_tokens_error::<Map<u8, u8>>(
        &[Token::Bool(true)],
        "invalid type: boolean `true`, expected a map",
    );
}

#[test]
fn sets_are_sequences() {
    let set = Set::from([7u8]);
    assert_tokens(
        &set,
        &[Token::Seq { len: Some(1) }, Token::U8(7), Token::SeqEnd],
    );
    assert_de_tokens_error::<Set<u8>>(
        &[Token::Bool(true)],
        "invalid type: boolean `true`, expected a sequence",
    );
}
