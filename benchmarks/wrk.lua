-- Sends the paths of a file in turn, and reports in one line of JSON.
-- Arguments: the file, and a token (empty: none).

local requests = {}
local turn = 0

function init(arguments)
   local headers = {}
   if arguments[2] ~= "" then
      headers["Authorization"] = "Bearer " .. arguments[2]
   end
   for path in io.lines(arguments[1]) do
      requests[#requests + 1] = wrk.format("GET", path, headers)
   end
end

function request()
   turn = turn % #requests + 1
   return requests[turn]
end

function done(summary, latency, _)
   local errors = summary.errors
   io.write(string.format(
      'REPORT {"requests": %d, "duration_us": %d, "bytes": %d, "connect": %d, "read": %d, '
      .. '"write": %d, "status": %d, "timeout": %d, "p50_us": %d, "p99_us": %d}\n',
      summary.requests, summary.duration, summary.bytes, errors.connect, errors.read,
      errors.write, errors.status, errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
