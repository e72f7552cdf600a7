/** Renders results as tables and parses the text. */
import * as assert from "uvu/assert";
import { tableFormat } from "../../../../src/report/table.ts";
import type { RunResult } from "../../../../src/result/schema.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  resultFixture,
} from "../../../fixtures/result-fixture.ts";

export const OPTIONS = { color: false, widthColumns: 120 };

export function render(...results: RunResult[]): string {
  return tableFormat.render(results, OPTIONS);
}

/** The lines under a section's title, up to the empty line. */
export function sectionOf(text: string, title: string): string[] {
  const lines = text.split("\n");
  const start = lines.indexOf(title);
  assert.ok(start >= 0, `no section ${title} in\n${text}`);
  const end = lines.indexOf("", start);
  return lines.slice(start + 1, end < 0 ? undefined : end);
}

/** The cells of each line between the rule of a section and its remarks. */
export function cellsOf(text: string, title: string): string[][] {
  const lines = sectionOf(text, title);
  const rule = lines.findIndex((line) => line.startsWith("─"));
  assert.ok(rule > 0, `no rule under ${title} in\n${text}`);
  return lines
    .slice(rule + 1)
    .map((line) => line.trim().split(/ {2,}/))
    .filter((cells) => cells.length > 1);
}

export function paced(): RunResult {
  return resultFixture({
    plan: planFixture({ pacing: { ratePerSec: 1000 } }),
    operations: [
      operationFixture({
        responseTime: latencyFixture({ p99Ms: 1300, maxMs: 1390 }),
        littlesLaw: null,
      }),
    ],
  });
}
