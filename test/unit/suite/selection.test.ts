/** Tests which cells of a suite --only and --skip select, and what they refuse. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { refuses } from "../../harness/refusal.ts";
import { cells } from "./suite-text.ts";

const SUITE = `name: s
cells:
  - { name: writes, command: put, matrix: { conns: [1, 2], val-size: [8, 9] } }
  - { name: "reads, one client", command: range, args: [k] }
  - { name: "reads, all", command: range, args: [k] }
`;

const names = (only: string[], skip: string[] = []) =>
  cells(SUITE, { only, skip }).map(({ name }) => name);

test("a name selects all cells of its matrix, and a name with values a part of them", () => {
  assert.is(names(["writes"]).length, 4);
  assert.equal(names(["writes, conns=2"]), [
    "writes, conns=2, val-size=8",
    "writes, conns=2, val-size=9",
  ]);
  assert.equal(names(["reads"]), ["reads, one client", "reads, all"]);
  assert.equal(names(["reads, all", "writes, conns=1, val-size=9"]), [
    "writes, conns=1, val-size=9",
    "reads, all",
  ]);
});

test("--skip leaves cells out of the selection", () => {
  assert.equal(names([], ["writes"]), ["reads, one client", "reads, all"]);
  assert.equal(names(["reads"], ["reads, all"]), ["reads, one client"]);
});

test("an unknown name and an empty selection are refused", () => {
  refuses(() => names(["writs"]), "--only: ", "writs", "is no cell of s; did you mean writes?");
  refuses(() => names([], ["write"]), "--skip: ", "did you mean writes?");
  refuses(() => names(["qqqqqqq"]), "bench run s --dry-run lists them");
  refuses(() => names(["reads"], ["reads"]), "--only and --skip leave no cell of s");
});

test.run();
