/** Arms that nothing could compare are refused before a run is made. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planArms } from "../../../../src/cli/ab/plan-arms.ts";
import { readArgv } from "../../../../src/cli/argv/argv.ts";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { BenchError } from "../../../../src/errors.ts";

const endpoints = "127.0.0.1:1";

function planned(workload: string, positionals: readonly string[], flags: Record<string, string>) {
  const { command } = readArgv(["ab", workload], COMMANDS);
  return planArms(workload, command!, { endpoints, ...flags }, positionals);
}

test("arms without an operation in common are refused with the operations of both", async () => {
  try {
    await planned("range", ["foo"], { "b-flags": "--consistency=s" });
  } catch (error) {
    assert.instance(error, BenchError);
    const { message } = error as BenchError;
    assert.match(
      message,
      /^arm a measures range-linearizable, and arm b measures range-serializable: /,
    );
    return;
  }
  assert.unreachable("they were planned");
});

test("arms with one of several operations in common are planned", async () => {
  const { arms } = await planned("range", ["foo"], { "b-flags": "--consistency=l,s" });
  assert.is(arms.b.name, "b");
  await planned("put", [], { "b-flags": "--val-size=9" });
  await planned("staleness", [], { "b-flags": "--rate=9" });
});

test.run();
