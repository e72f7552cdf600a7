/** Ends a process whose test file goes on for ever, and reads where it says that it was. */
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

const WATCH = new URL("../../harness/endless-watch.js", import.meta.url);

/** Standard output of a process that does `what` while a file is said to run. */
function outputOf(what: string): { stdout: string; signal: NodeJS.Signals | null } {
  const limits = JSON.stringify({ cpuSeconds: 0.2, seconds: 30 });
  const script = `
    import { EndlessWatch } from ${JSON.stringify(WATCH.href)};
    const watch = new EndlessWatch(${limits});
    watch.begins("some.test.js");
    ${what}
  `;
  const words = ["--input-type=module", "--eval", script];
  const { stdout, signal } = spawnSync(process.execPath, words, {
    encoding: "utf8",
    timeout: 300_000,
  });
  return { stdout, signal };
}

test("a loop that never ends is reported with its file and its stack, and the process ends", () => {
  for (const loop of ["for (;;) {}", "for (;;) await null;"]) {
    const { stdout, signal } = outputOf(`async function goesOn() { ${loop} }; await goesOn();`);
    assert.is(signal, "SIGKILL");
    assert.match(
      stdout,
      /FAIL {2}some\.test\.js did not end in \d+ s and \d+ s of CPU\n {4}at goesOn /,
    );
  }
});

test("a process whose files end is left alone", () => {
  assert.equal(outputOf("await watch.end(); console.log('ended');"), {
    stdout: "ended\n",
    signal: null,
  });
});

test.run();
