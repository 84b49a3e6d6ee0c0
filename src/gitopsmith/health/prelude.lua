-- Leaves to a health check what Argo CD leaves to it, and nothing that reaches the machine or this program.
--
-- Argo CD opens the package, base and table libraries and an os library of two functions of its own (util/lua/lua.go,
-- util/lua/oslib_safe.go), and the standard libraries where useOpenLibs is set. What could load code or files is not
-- offered, other than there: no check should need it. Hours are those of UTC, as in Argo CD's image.

local open_libs = ...
local clock, calendar, gsub, lower, sub = os.time, os.date, string.gsub, string.lower, string.sub
local ceil, floor = math.ceil, math.floor

local function integer(value, default)
  if type(value) ~= "number" then
    return default
  end
  return value < 0 and ceil(value) or floor(value)
end

local function time(...)
  local fields = ...
  if select("#", ...) == 0 then
    return clock()
  end
  return clock({
    year = integer(rawget(fields, "year"), -1),
    month = integer(rawget(fields, "month"), -1),
    day = integer(rawget(fields, "day"), -1),
    hour = integer(rawget(fields, "hour"), 12),
    min = integer(rawget(fields, "min"), 0),
    sec = integer(rawget(fields, "sec"), 0),
  })
end

-- The layouts of Argo CD's table, three of which do not mean what C means by the letter.
local layouts = {
  a = "mon", c = "%d %b %y %H:%M UTC", F = "%Y-%m-%d", x = "%H/%M/%S", X = "%H:%M:%S", z = "+0000", Z = "UTC",
}
for _, letter in ipairs({ "A", "b", "B", "d", "H", "I", "m", "M", "p", "S", "w", "y", "Y" }) do
  layouts[letter] = "%" .. letter
end

local function date(format, at)
  format, at = gsub(format or "%c", "^!+", ""), at or clock()
  if sub(format, 1, 2) == "*t" then
    local fields = calendar("!*t", at)
    fields.yday, fields.isdst = 0, false
    return fields
  end
  local text = gsub(format, "%%(.)", function(letter)
    if letter == "P" then
      return lower(calendar("!%p", at))
    end
    return letter == "%" and "%" or layouts[letter] and calendar("!" .. layouts[letter], at)
  end)
  return text
end

local safe_os = { time = time, date = date }

function require(name)
  if name == "os" then
    return safe_os
  end
  error("module " .. tostring(name) .. " not found", 2)
end

function print() end -- what is printed is not the answer, and would garble it

unpack = unpack or table.unpack -- where Lua 5.2 has to stand in
table.getn = table.getn or function(list) return #list end

if open_libs then
  os, string.dump = safe_os, nil
else
  debug.setmetatable("", nil) -- so that ("x"):rep(3) fails as it does in Argo CD
  os, string, math, coroutine = nil, nil, nil, nil
end
for _, name in ipairs({
  "debug", "dofile", "gcinfo", "io", "load", "loadfile", "loadstring", "module", "newproxy", "package", "python",
  "bit32", "rawlen",
}) do
  _G[name] = nil
end
return type
