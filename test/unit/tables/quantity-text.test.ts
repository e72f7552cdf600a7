/** How a quantity with missing samples is printed. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Quantity } from "../../../src/result/schema.ts";
import { type QuantityFigure, quantityText } from "../../../src/tables/quantity-text.ts";
import { cases } from "../../harness/whole-run.ts";

const SHARES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999, max: 1 };

/** The value of rank ceil(share * count), and at least 1. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(1, Math.ceil(share * sorted.length - 1e-9)) - 1]!;
}

function quantityOf(values: readonly number[]): Quantity {
  const sorted = values.toSorted((a, b) => a - b);
  const each = Object.entries(SHARES).map(([name, share]) => [name, quantile(sorted, share)]);
  return { count: values.length, mean: 0, min: sorted[0]!, ...Object.fromEntries(each) };
}

test("without missing samples the figure is printed", () => {
  const quantity = quantityOf([0, 1, 1_234]);
  assert.is(quantityText(quantity, "max", 0), "1,234");
  assert.is(quantityText({ ...quantity, p99: null }, "p99", 0), "-");
  assert.is(quantityText(null, "max", 0), "-");
});

test("with missing samples the maximum is a lower bound, or unknown", () => {
  assert.is(quantityText(quantityOf([0, 1, 1_234]), "max", 1), ">=1,234");
  assert.is(quantityText(quantityOf([0, 0, 0]), "max", 1), "-");
  assert.is(quantityText(quantityOf([0, 0, 0, 0]), "p50", 1), "0");
});

test("the printed text is true, whatever the missing samples are", () => {
  const numbers = (minLength: number) =>
    fc.array(fc.nat({ max: 900 }), { minLength, maxLength: 60 });
  const figures = Object.keys(SHARES) as QuantityFigure[];
  fc.assert(
    fc.property(numbers(1), numbers(1), fc.constantFrom(...figures), (known, missing, figure) => {
      const text = quantityText(quantityOf(known), figure, missing.length);
      const all = [...known, ...missing].toSorted((a, b) => a - b);
      const truth = quantile(all, SHARES[figure]);
      const [least, most] = boundsIn(text);
      assert.ok(truth >= least && truth <= most, `${truth}, printed as ${text}`);
    }),
    { numRuns: cases(1_000) },
  );
});

function boundsIn(text: string): [number, number] {
  if (text === "-") return [0, Number.POSITIVE_INFINITY];
  if (text.startsWith(">=")) return [Number(text.slice(2)), Number.POSITIVE_INFINITY];
  if (text.startsWith("<=")) return [0, Number(text.slice(2))];
  const [least, most] = text.split(" to ").map(Number);
  return [least!, most ?? least!];
}

test.run();
