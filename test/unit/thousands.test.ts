/** Tests the separators of thousands in numbers. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withThousands } from "../../src/thousands.ts";

test("numbers are rounded and get separators as in Node's own formatting", () => {
  const intl = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const numbers = [0, 1, 12, 999, 1_000, 12_345, 123_456, 1_234_567, Number.MAX_SAFE_INTEGER];
  const halves = [0.4, 0.5, 99.95, 999.5, 1_499.5, 1_500.49];
  for (const number of [...numbers, ...halves]) {
    assert.is(withThousands(number), intl.format(number));
    if (number >= 0.5) assert.is(withThousands(-number), intl.format(-number));
  }
});

test.run();
