/** Owns the flags that say how much is sent, when, and by what. */
import { def, type FlagSpec, load } from "./flag-spec.ts";

export const LOAD_FLAGS: readonly FlagSpec[] = [
  { ...load, ...def("conns"), describe: "connections" },
  { ...load, ...def("clients"), short: "c", describe: "clients, each with one request in flight" },
  {
    ...load,
    ...def("total"),
    short: "n",
    describe: "requests; not set by default with --duration",
  },
  {
    ...load,
    name: "duration",
    short: "z",
    describe: "time to measure, e.g. 30s; with --total whichever comes first",
  },
  {
    ...load,
    ...def("warmup"),
    short: "w",
    describe: "time or number of requests that are sent first and not counted",
  },
  {
    ...load,
    ...def("rate"),
    short: "r",
    describe:
      "requests per second of the whole run, e.g. 5000 or 300/m; 0: as fast as answers come",
  },
  {
    ...load,
    name: "find-max",
    repeatable: true,
    describe:
      "'p99<20ms', or 'range:p99<20ms' of one series: find the highest rate that keeps it, by steps",
  },
  { ...load, ...def("find-start"), describe: "rate of the search's first step" },
  { ...load, ...def("find-step-duration"), describe: "of a step; --duration (30s) verifies" },
  { ...load, ...def("find-precision"), describe: "how close the search comes to the highest rate" },
  { ...load, ...def("arrival"), describe: "constant|poisson: how --rate spaces requests" },
  { ...load, ...def("pacing"), describe: "nap|spin|timer: how a worker waits for the next one" },
  { ...load, ...def("workers"), describe: "threads that send" },
  { ...load, ...def("timeout"), describe: "deadline of each request" },
  {
    ...load,
    ...def("dial-timeout"),
    describe: "time for a connection to open; 0: the transport's own, 5s",
  },
  { ...load, ...def("transport"), describe: "wire|grpc-js: own HTTP/2, or the reference client" },
  { ...load, ...def("seed"), describe: "of keys, values and Poisson arrivals" },
];
