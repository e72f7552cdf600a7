/** Tests what starts programs in a process that has no file left to open. */
import { execFileSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

const MODULES = {
  programs: import.meta.resolve("../../../src/machine/run-program.js"),
  recorded: import.meta.resolve("../../../src/etcd/local-cluster/recorded-spawn.js"),
  watchdog: import.meta.resolve("../../../src/etcd/local-cluster/watchdog.js"),
  strace: import.meta.resolve("../../../src/events/strace.js"),
};

/** Takes all files, and prints what becomes of each start. */
const SOURCE = `
import { openSync, writeSync } from "node:fs";
const { runProgram } = await import("${MODULES.programs}");
const { spawnRecorded } = await import("${MODULES.recorded}");
const { Watchdog } = await import("${MODULES.watchdog}");
const { inject } = await import("${MODULES.strace}");
try {
  for (;;) openSync("/dev/null", "r");
} catch {}
const watchdog = new Watchdog("/nonexistent/etcd-bench-local-x");
watchdog.watch([]);
watchdog.release();
const attempts = [
  async () => (await runProgram("true", [])).problem,
  async () => spawnRecorded({ command: ["/bin/true"], env: {} }, 2, () => {}),
  () => inject(1, "fsync:delay_exit=1"),
];
for (const each of attempts) {
  const said = await each().catch((error) => error.constructor.name + ": " + error.message);
  writeSync(1, said + "\\n");
}
`;

test("a program that cannot be started for want of files is no defect", () => {
  const args = ["--input-type=module", "-e", SOURCE];
  const limited = 'ulimit -n 64; exec "$0" "$@"';
  const output = execFileSync("/bin/sh", ["-c", limited, process.execPath, ...args], {
    encoding: "utf8",
  });
  const [program, recorded, strace] = output.split("\n");
  assert.is(program, "EMFILE");
  assert.match(recorded!, /^BenchError: cannot start \/bin\/true: too many open files; raise/);
  assert.match(strace!, /^BenchError: strace cannot attach: /);
});

test.run();
