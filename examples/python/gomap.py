"""A mapping over libgomap, with Python objects as keys and values.

It behaves as ``dict`` does, but may be changed while it is iterated over. Hash and equality are the objects' own: they
are called back from the library, and what they raise comes out of the operation that needed them.

The library is found through ``GOMAP_LIBRARY``, or where the system keeps its libraries.
"""

import ctypes
import ctypes.util
import os
import threading
from collections.abc import MutableMapping
from ctypes import POINTER, PYFUNCTYPE, byref, c_char_p, c_int, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p, py_object

# PyDLL keeps the interpreter's lock: the callbacks need it.
_lib = ctypes.PyDLL(os.environ.get("GOMAP_LIBRARY") or ctypes.util.find_library("gomap") or "libgomap.so")
_incref, _decref = ctypes.pythonapi.Py_IncRef, ctypes.pythonapi.Py_DecRef
_incref.argtypes = _decref.argtypes = [c_void_p]
_incref.restype = _decref.restype = None

_WORD = 2**64 - 1
_OK, _NONE, _NO_MEMORY, _FAILED = 0, 1, -1, -6

_Glue = PYFUNCTYPE(None, POINTER(c_void_p), c_void_p)
_Hash = PYFUNCTYPE(c_int, POINTER(c_void_p), c_size_t, c_void_p, POINTER(c_size_t))
_Equal = PYFUNCTYPE(c_int, POINTER(c_void_p), POINTER(c_void_p), c_void_p)


class _Type(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t), ("ptrdata", c_size_t), ("align", c_uint32), ("kind", c_uint8), ("default_hash", c_uint8),
        ("key_flags", c_uint32), ("gcdata", c_void_p), ("hash", c_void_p), ("equal", c_void_p), ("drop", _Glue),
        ("copy", _Glue), ("context", c_void_p), ("name", c_void_p), ("name_len", c_size_t),
    ]


class _Fallible(ctypes.Structure):
    _fields_ = [("hash", _Hash), ("equal", _Equal), ("context", c_void_p)]


class _Map(ctypes.Structure):
    _fields_ = [("type", c_void_p), ("hmap", c_void_p)]


class _Iter(ctypes.Structure):
    _fields_ = [("map", _Map), ("hiter", c_void_p * 12), ("clears", c_uint64)]


_pointer = POINTER(c_void_p)
for _name, _arguments in {
    "gomap_type_init_fallible": [c_size_t, c_size_t, POINTER(_Fallible), POINTER(_Type)],
    "gomap_type_init_plain": [c_size_t, c_size_t, POINTER(_Type)],
    "gomap_maptype_new": [POINTER(_Type), POINTER(_Type), c_void_p, _pointer, c_char_p, c_size_t],
    "gomap_new": [c_void_p, c_size_t, POINTER(_Map)],
    "gomap_free": [POINTER(_Map)],
    "gomap_clear": [POINTER(_Map)],
    "gomap_clone": [POINTER(_Map), POINTER(_Map)],
    "gomap_get": [POINTER(_Map), _pointer, POINTER(_pointer)],
    "gomap_put": [POINTER(_Map), _pointer, _pointer],
    "gomap_remove": [POINTER(_Map), _pointer],
    "gomap_iter_init": [POINTER(_Map), c_void_p],
    "gomap_iter_next": [c_void_p, POINTER(_pointer), POINTER(_pointer)],
    "gomap_iter_done": [c_void_p],
}.items():
    getattr(_lib, _name).argtypes = _arguments
_lib.gomap_len.argtypes, _lib.gomap_len.restype = [POINTER(_Map)], c_size_t
_lib.gomap_hash_word.argtypes, _lib.gomap_hash_word.restype = [c_uint64, c_size_t], c_size_t
_lib.gomap_strerror.restype = c_char_p

# What a callback of the call under way raised: the library carries a status through, not an exception.
_raised = threading.local()


def _address(obj):
    return c_void_p(id(obj))


def _object(slot):
    return ctypes.cast(slot[0], py_object).value


def _hash(key, seed, _context, out):
    try:
        out[0] = _lib.gomap_hash_word(hash(_object(key)) & _WORD, seed)
        return 0
    except BaseException as error:
        _raised.error = error
        return -1


def _equal(a, b, _context):
    try:
        a, b = _object(a), _object(b)
        return a is b or bool(a == b)
    except BaseException as error:
        _raised.error = error
        return -1


def _check(status):
    if status in (_OK, _NONE):
        return status == _OK
    if status == _FAILED:
        raise _raised.__dict__.pop("error")
    if status == _NO_MEMORY:
        raise MemoryError
    raise RuntimeError(_lib.gomap_strerror(status).decode())


def _object_map_type():
    """The descriptor of maps from object to object: slots hold references of their own."""
    word = ctypes.sizeof(c_void_p)
    key, elem, made = _Type(), _Type(), c_void_p()
    _check(_lib.gomap_type_init_fallible(word, word, byref(_callbacks), byref(key)))
    _check(_lib.gomap_type_init_plain(word, word, byref(elem)))
    key.drop = elem.drop = _drop
    key.copy = elem.copy = _copy
    message = ctypes.create_string_buffer(128)
    if _lib.gomap_maptype_new(byref(key), byref(elem), None, byref(made), message, len(message)) != _OK:
        raise TypeError(message.value.decode())
    return made


_drop = _Glue(lambda slot, _type: _decref(slot[0]))
_copy = _Glue(lambda slot, _type: _incref(slot[0]))
_callbacks = _Fallible(_Hash(_hash), _Equal(_equal), None)
_type = _object_map_type()


class Map(MutableMapping):
    """A mapping like ``dict``, in no order, whose iterators survive every change of it."""

    def __init__(self, entries=()):
        self._map, self._readers = _Map(), 0
        _check(_lib.gomap_new(_type, 0, byref(self._map)))
        self.update(entries)

    def __del__(self):
        _lib.gomap_free(byref(self._map))

    def _read(self, function, *arguments):
        self._readers += 1
        try:
            return _check(function(*arguments))
        finally:
            self._readers -= 1

    def _write(self, function, *arguments):
        # The library notices a write within a write, but not within a read.
        if self._readers:
            raise RuntimeError("a map was written to by a key that was being looked up")
        return _check(function(byref(self._map), *arguments))

    def __len__(self):
        return _lib.gomap_len(byref(self._map))

    def __getitem__(self, key):
        elem = _pointer()
        if not self._read(_lib.gomap_get, byref(self._map), byref(_address(key)), byref(elem)):
            raise KeyError(key)
        return _object(elem)

    def __setitem__(self, key, value):
        _incref(id(key))
        _incref(id(value))
        try:
            self._write(_lib.gomap_put, byref(_address(key)), byref(_address(value)))
        except BaseException:
            # The map took neither.
            _decref(id(key))
            _decref(id(value))
            raise

    def __delitem__(self, key):
        if not self._write(_lib.gomap_remove, byref(_address(key))):
            raise KeyError(key)

    def __iter__(self):
        it, key = _Iter(), _pointer()
        _check(_lib.gomap_iter_init(byref(self._map), byref(it)))
        try:
            while self._read(_lib.gomap_iter_next, byref(it), byref(key), None):
                yield _object(key)
        finally:
            _lib.gomap_iter_done(byref(it))

    def __repr__(self):
        return f"Map({dict(self)!r})"

    def clear(self):
        self._write(_lib.gomap_clear)

    def copy(self):
        """Another map with the same entries."""
        other = Map()
        _lib.gomap_free(byref(other._map))
        self._read(_lib.gomap_clone, byref(self._map), byref(other._map))
        return other
