-- Shows what gomap.lua does, and fails if it does not.

local gomap = require "gomap"

local function numbers()
	local squares = gomap.map("int32", "float64")
	for i = 1, 10000 do squares:set(i, i * i) end
	assert(squares:len() == 10000 and squares:get(77) == 5929 and squares:get(0) == nil)

	local visited, sum = 0, 0
	for k, v in squares:pairs() do
		assert(v == k * k)
		visited, sum = visited + 1, sum + k
		assert(squares:remove(k))
	end
	assert(visited == 10000 and sum == 50005000 and squares:len() == 0)
	assert(not squares:remove(1))
end

local function strings()
	local count = gomap.map("string", "uint32")
	for word in ("a map may grow while a map is read"):gmatch "%a+" do
		count:set(word, (count:get(word) or 0) + 1)
	end
	collectgarbage()
	local words = {}
	for word, n in count:pairs() do words[#words + 1] = word .. n end
	table.sort(words)
	assert(table.concat(words, " ") == "a2 grow1 is1 map2 may1 read1 while1")
	count:clear()
	assert(count:len() == 0 and count:get "map" == nil)

	for i = 1, 1000 do count:set("word " .. i, i) end
	local visited = 0
	for word, n in count:pairs() do
		visited = visited + 1
		assert(word == "word " .. n and count:remove(word))
		if visited % 100 == 0 then collectgarbage() end
		for i = 1, visited == 1 and 5000 or 0 do count:set("other word " .. i, 0) count:remove("other word " .. i) end
	end
	assert(visited == 1000 and count:len() == 0)
end

local function left_early()
	local map = gomap.map("uint64", "bool")
	for i = 1, 100 do map:set(i, true) end
	for _ in map:pairs() do break end
	map = nil
	collectgarbage()
	collectgarbage()
end

local function mistakes()
	assert(not pcall(gomap.map, "int33", "bool"))
	assert(not pcall(gomap.map, "int32", "string"))
	local ok, message = pcall(gomap.map, "int32", "bool", 2 ^ 40)
	assert(not ok and message:find "out of memory", message)
end

for name, check in pairs { numbers = numbers, strings = strings, left_early = left_early, mistakes = mistakes } do
	check()
	print(name)
end
