--- Maps of libgomap for LuaJIT: keys and values of fixed C types, stored inline, without a Lua object for each.
--
-- local gomap = require "gomap"
-- local squares = gomap.map("int64", "double")
-- squares:set(3, 9)
-- for k, v in squares:pairs() do squares:remove(k) end   -- entries may come and go meanwhile
--
-- The types are those of gomap.h without their prefix (int32, uint64, float64, ...). Keys of type "string" are Lua
-- strings; the map keeps them alive.

local ffi = require "ffi"

ffi.cdef [[
typedef struct gomap_type gomap_type;
typedef struct gomap_maptype gomap_maptype;
typedef struct { const gomap_maptype *type; void *hmap; } gomap_map;
typedef struct { gomap_map map; void *hiter[12]; uint64_t clears; } gomap_iter;
typedef struct { const char *data; size_t len; } gomap_string;

extern const gomap_type gomap_type_bool, gomap_type_int8, gomap_type_uint8, gomap_type_int16, gomap_type_uint16,
    gomap_type_int32, gomap_type_uint32, gomap_type_int64, gomap_type_uint64, gomap_type_float32, gomap_type_float64,
    gomap_type_string;
int gomap_maptype_new(const gomap_type *, const gomap_type *, const void *, gomap_maptype **, char *, size_t);
const char *gomap_strerror(int);
int gomap_new(const gomap_maptype *, size_t, gomap_map *);
int gomap_free(gomap_map *);
size_t gomap_len(const gomap_map *);
int gomap_get(const gomap_map *, const void *, void **);
int gomap_put(const gomap_map *, const void *, const void *);
int gomap_remove(const gomap_map *, const void *);
int gomap_clear(const gomap_map *);
int gomap_iter_init(const gomap_map *, gomap_iter *);
int gomap_iter_next(gomap_iter *, const void **, void **);
int gomap_iter_done(gomap_iter *);
]]

local C = ffi.load(os.getenv "GOMAP_LIBRARY" or "gomap")
local OK, NONE = 0, 1

local ctypes = {
	bool = "bool", int8 = "int8_t", uint8 = "uint8_t", int16 = "int16_t", uint16 = "uint16_t", int32 = "int32_t",
	uint32 = "uint32_t", int64 = "int64_t", uint64 = "uint64_t", float32 = "float", float64 = "double",
	string = "gomap_string",
}

local function check(status)
	if status == OK then return true end
	if status == NONE then return false end
	error(ffi.string(C.gomap_strerror(status)), 3)
end

-- One descriptor for each pair of types. They stay for good.
local descriptors = {}

local function descriptor(key, value)
	local name = key .. "," .. value
	if not descriptors[name] then
		assert(ctypes[key] and ctypes[value], "no such type")
		local made, message = ffi.new "gomap_maptype *[1]", ffi.new "char[128]"
		local status = C.gomap_maptype_new(C["gomap_type_" .. key], C["gomap_type_" .. value], nil, made, message, 128)
		if status ~= OK then error(ffi.string(message), 3) end
		descriptors[name] = made[0]
	end
	return descriptors[name]
end

-- How Lua values get into C memory and back.
local function box(type)
	local cell = ffi.new(ctypes[type] .. "[1]")
	if type ~= "string" then
		return function(value) cell[0] = value return cell end
	end
	return function(value)
		cell[0].data, cell[0].len = value, #value
		return cell
	end
end

local function unbox(type)
	local pointer = ffi.typeof("$ *", ffi.typeof(ctypes[type]))
	if type ~= "string" then
		return function(place) return ffi.cast(pointer, place)[0] end
	end
	return function(place)
		local string = ffi.cast(pointer, place)
		return ffi.string(string.data, string.len)
	end
end

local Map = {}
Map.__index = Map

local function new(key, value, hint)
	assert(value ~= "string", "a string value would not be kept alive")
	local map = setmetatable({
		handle = ffi.gc(ffi.new "gomap_map", C.gomap_free),
		box_key = box(key), unbox_key = unbox(key), box_value = box(value), unbox_value = unbox(value),
		-- What keeps strings alive: the map those of its entries, an iteration also those of entries that went meanwhile.
		anchors = {}, iterations = setmetatable({}, { __mode = "k" }),
	}, Map)
	check(C.gomap_new(descriptor(key, value), hint or 0, map.handle))
	return map
end

function Map:len() return tonumber(C.gomap_len(self.handle)) end

function Map:get(key)
	local found = ffi.new "void *[1]"
	if check(C.gomap_get(self.handle, self.box_key(key), found)) then return self.unbox_value(found[0]) end
end

function Map:set(key, value)
	check(C.gomap_put(self.handle, self.box_key(key), self.box_value(value)))
	if type(key) == "string" then self.anchors[key] = true end
end

function Map:remove(key)
	local removed = check(C.gomap_remove(self.handle, self.box_key(key)))
	if self.anchors[key] then
		self.anchors[key] = nil
		for iteration in pairs(self.iterations) do table.insert(iteration, key) end
	end
	return removed
end

function Map:clear()
	check(C.gomap_clear(self.handle))
	for iteration in pairs(self.iterations) do table.insert(iteration, self.anchors) end
	self.anchors = {}
end

--- Goes to the next entry of an iteration, as Lua's own next does of a table.
local function next_entry(state)
	if check(C.gomap_iter_next(state.iter, state.key, state.value)) then
		return state.map.unbox_key(state.key[0]), state.map.unbox_value(state.value[0])
	end
	state.map.iterations[state] = nil
end

--- Iterates over all entries. An iteration that is left early ends when it is collected.
function Map:pairs()
	local state = {
		map = self, iter = ffi.gc(ffi.new "gomap_iter", C.gomap_iter_done),
		key = ffi.new "const void *[1]", value = ffi.new "void *[1]",
	}
	check(C.gomap_iter_init(self.handle, state.iter))
	self.iterations[state] = true
	return next_entry, state
end

return { map = new }
