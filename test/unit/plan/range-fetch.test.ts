/** Tests `--paginate` and `--stream` of range. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { RangeWorkload } from "../../../src/workloads/range/schema.ts";

function range(flags: GivenFlags): RangeWorkload {
  const { plan } = planFromFlags({ command: "range", flags, args: ["a", "z"] }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return plan.workload as RangeWorkload;
}

test("a range is fetched whole, in pages of 10,000 keys or of --limit, or as a stream", () => {
  for (const [flags, fetch, limit] of [
    [{}, "whole", null],
    [{ limit: "5" }, "whole", 5],
    [{ paginate: true }, "pages", 10_000],
    [{ paginate: true, limit: "500" }, "pages", 500],
    [{ stream: true }, "stream", null],
    [{ stream: true, limit: "5" }, "stream", 5],
    [{ stream: false, paginate: false }, "whole", null],
  ] as const) {
    const workload = range(flags);
    assert.equal([workload.fetch, workload.limit], [fetch, limit], JSON.stringify(flags));
  }
});

test("flags that pages and streams cannot follow give an error that names both flags", () => {
  for (const [flags, ...words] of [
    [{ paginate: true, stream: true }, "--paginate", "--stream"],
    [{ paginate: true, sort: "mod:descend" }, "--paginate", "--sort=mod:descend"],
    [{ stream: true, sort: "key" }, "--stream", "--sort=key"],
    [{ paginate: true, "count-only": true }, "--paginate", "--count-only"],
  ] as const) {
    try {
      range(flags);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, BenchError);
      for (const word of words) assert.ok((error as BenchError).message.includes(word), word);
    }
  }
});

test.run();
