/** Tests reading `--label`. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";

const labels = (...label: string[]) =>
  planFromFlags({ command: "put", flags: { label } }, {}).plan.labels;

test("labels are in the plan, with the last value of a repeated key", () => {
  assert.equal(labels(), {});
  assert.equal(labels("commit=4f2", "note=a=b", "commit=5a1"), { commit: "5a1", note: "a=b" });
});

test("a label other than KEY=VALUE is refused, and the error names the flag", () => {
  for (const text of ["", "commit", "=4f2", "commit="]) {
    assert.throws(
      () => labels(text),
      (thrown: unknown) => thrown instanceof BenchError && /^--label: /.test(thrown.message),
    );
  }
});

test.run();
