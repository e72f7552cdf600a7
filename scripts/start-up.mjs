/**
 * Prints what a start of bench costs, as ratios to `node -e 0`, and a further worker thread to an empty one.
 * Commands run in turns, so that other load on the machine meets all of them, and medians are compared.
 *
 *     node scripts/start-up.mjs 127.0.0.1:2379 [TURNS]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [endpoint, turns = "21"] = process.argv.slice(2);
if (endpoint === undefined || !(Number(turns) >= 1)) {
  console.error("usage: node scripts/start-up.mjs HOST:PORT [TURNS], with an etcd that runs");
  process.exit(2);
}
const bench = fileURLToPath(new URL("../bin/bench", import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "bench-start-up-"));

/** Each of them one more than this many threads cost more. */
const FURTHER = 4;

/** One more than FURTHER clients in so many threads. */
function put(workers) {
  const clients = ["--total", "--clients", "--conns"].map((flag) => `${flag}=${FURTHER + 1}`);
  return [bench, "put", `--endpoints=${endpoint}`, ...clients, `--workers=${workers}`];
}

function emptyWorkers(count) {
  const program = `const { Worker } = require("node:worker_threads");
    for (let i = 0; i < ${count}; i++) new Worker(process.argv[1]);`;
  return [process.execPath, "-e", program, path.join(folder, "empty.cjs")];
}

const COMMANDS = {
  node: [process.execPath, "-e", "0"],
  "bench put --total=1": [bench, "put", `--endpoints=${endpoint}`, "--total=1"],
  "bench --help": [bench, "--help"],
  "bench put --help": [bench, "put", "--help"],
  "bench completion bash": [bench, "completion", "bash"],
  one: put(1),
  all: put(FURTHER + 1),
  oneEmpty: emptyWorkers(1),
  allEmpty: emptyWorkers(FURTHER + 1),
};

/** @returns {{ cpu: number, wall: number }} in milliseconds, of the process and those that it started */
function timed(command) {
  const script = 'TIMEFORMAT=\'%U %S %R\'; time "$@" >/dev/null 2>"$0"';
  const err = path.join(folder, "stderr");
  const { status, stderr } = spawnSync("bash", ["-c", script, err, ...command], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command.join(" ")}: exit code ${status}, see bench's error`);
  const [user, system, wall] = stderr.trim().split(" ").map(Number);
  return { cpu: (user + system) * 1000, wall: wall * 1000 };
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

try {
  writeFileSync(path.join(folder, "empty.cjs"), "");
  // The first run of a command fills its code cache.
  for (const command of Object.values(COMMANDS)) timed(command);
  const times = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, []]));
  for (let turn = 0; turn < Number(turns); turn++) {
    for (const [name, command] of Object.entries(COMMANDS)) times[name].push(timed(command));
  }
  const of = (name, clock) => median(times[name].map((each) => each[clock]));
  const line = (name, ...cells) =>
    console.log(name.padEnd(24) + cells.map((cell) => cell.padStart(12)).join(""));
  line("", "CPU ms", "of node", "wall ms", "of node");
  for (const name of Object.keys(COMMANDS).slice(0, 5)) {
    const cells = ["cpu", "wall"].flatMap((clock) => [
      of(name, clock).toFixed(0),
      (of(name, clock) / of("node", clock)).toFixed(2),
    ]);
    line(name === "node" ? "node -e 0" : name, ...cells);
  }
  const each = (all, one) =>
    median(times[all].map(({ cpu }, turn) => (cpu - times[one][turn].cpu) / FURTHER));
  const [worker, empty] = [each("all", "one"), each("allEmpty", "oneEmpty")];
  line("", "CPU ms", "of empty");
  line("a further worker", worker.toFixed(1), (worker / empty).toFixed(2));
  line("an empty worker", empty.toFixed(1), "1.00");
} finally {
  rmSync(folder, { recursive: true });
}
