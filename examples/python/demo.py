"""Shows what gomap.Map does, and fails if it does not."""

import gc
import sys
import weakref

from gomap import Map


class Money:
    """A key with a hash and an equality written in Python."""

    def __init__(self, cents):
        self.cents = cents

    def __hash__(self):
        return hash(self.cents % 50)

    def __eq__(self, other):
        return isinstance(other, Money) and self.cents == other.cents


class Moody:
    """A key whose equality raises."""

    def __hash__(self):
        return 0

    def __eq__(self, other):
        raise ArithmeticError("not in the mood")


def raises(error, action):
    try:
        action()
    except error:
        return True
    return False


def objects_as_keys():
    prices = Map((Money(cents), f"{cents} cents") for cents in range(1000))
    assert len(prices) == 1000 and prices[Money(999)] == "999 cents"
    assert Money(1000) not in prices and raises(KeyError, lambda: prices[Money(1000)])
    mixed = Map({1: "one", "two": 2, (3, 4): [5], None: Map})
    assert dict(mixed) == {1: "one", "two": 2, (3, 4): [5], None: Map}
    assert mixed[1.0] == "one" and mixed.pop("two") == 2 and len(mixed) == 3


def exceptions_come_back():
    map = Map()
    assert raises(TypeError, lambda: map[[]]), "a list has no hash; an empty map tells too"
    assert raises(TypeError, lambda: map.__setitem__({}, 1)) and len(map) == 0
    moody = Moody()
    map[moody] = "alone"
    assert map[moody] == "alone", "the same object is found without asking it"
    assert raises(ArithmeticError, lambda: map[Moody()])
    assert raises(ArithmeticError, lambda: map.__setitem__(Moody(), 2))
    assert raises(ArithmeticError, lambda: map.__delitem__(Moody()))
    assert dict(map) == {moody: "alone"}


def changes_during_iteration():
    map = Map((i, i * i) for i in range(500))
    seen = []
    for key in map:
        seen.append(key)
        if key % 2:
            del map[key]
        if key < 100:
            map[key + 10_000] = None
    assert len(seen) == len(set(seen)), "nothing comes up twice"
    assert set(range(500)) <= set(seen), "and nothing is left out"
    assert all(key % 2 == 0 or key >= 10_000 for key in map)


def references_are_counted():
    class Value:
        pass

    key, value = ("a", "key"), Value()
    before, alive = sys.getrefcount(key), weakref.ref(value)
    map = Map({key: value})
    copy = map.copy()
    assert sys.getrefcount(key) == before + 2
    del value, map
    gc.collect()
    assert alive() is not None and copy[key] is alive()
    copy[key] = None
    assert alive() is None, "a value that was overwritten goes"
    assert sys.getrefcount(key) == before + 1, "an equal key is not kept twice"
    steps = iter(copy)
    next(steps)
    del copy
    steps.close()
    gc.collect()
    assert sys.getrefcount(key) == before


def keys_must_not_change_the_map():
    class Busy:
        def __hash__(self):
            return 1

        def __eq__(self, other):
            map.clear()
            return False

    map = Map({Busy(): 1})
    assert raises(RuntimeError, lambda: map.__setitem__(Busy(), 2)), "not in the middle of a write"
    assert raises(RuntimeError, lambda: map[Busy()]), "nor of a read"
    assert len(map) == 1


for check in (
    objects_as_keys,
    exceptions_come_back,
    changes_during_iteration,
    references_are_counted,
    keys_must_not_change_the_map,
):
    check()
    print(check.__name__.replace("_", " "))
