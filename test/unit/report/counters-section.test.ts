/** The table of a workload's own counts, in addition to its requests. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFormat } from "../../../src/report/table.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: 120 };

/** The lines under the title of the counts, split into cells; empty where the table lacks them. */
function countsOf(name: string, counters: Record<string, number>): string[][] {
  const result = resultFixture({ operations: [operationFixture({ name, counters })] });
  const lines = tableFormat.render([result], OPTIONS).split("\n");
  const title = lines.indexOf("Counts");
  if (title < 0) return [];
  const cells = lines.slice(title + 1, lines.indexOf("", title));
  return cells.map((line) => line.trim().split(/ {2,}/)).filter((line) => line.length > 1);
}

test("stm shows commits, conflicts and attempts, and how many attempts a commit took", () => {
  const counters = { attempts: 1752, commits: 1000, increments: 512, conflicts: 752 };
  assert.equal(countsOf("stm", counters), [
    ["Operation", "count of", "number"],
    ["stm", "attempts", "1,752"],
    ["stm", "commits", "1,000"],
    ["stm", "increments", "512"],
    ["stm", "conflicts", "752"],
    ["stm", "attempts per commit", "1.75"],
  ]);
});

test("without commits there is no count of attempts per commit", () => {
  assert.equal(
    countsOf("stm", { attempts: 3 }).map(([, name]) => name),
    ["count of", "attempts"],
  );
});

test("delete shows how many keys it deleted, also if there were none", () => {
  assert.equal(countsOf("delete", { deleted: 10_000 }).slice(1), [["delete", "deleted", "10,000"]]);
  assert.equal(countsOf("delete", { deleted: 0 }).slice(1), [["delete", "deleted", "0"]]);
});

test("a workload without counts of its own has no such section", () => {
  assert.equal(countsOf("put", {}), []);
});

test.run();
