/** Tests the order of a suite's runs, their files and the content hash. */
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { contentHash, manifestRuns, orderedRuns } from "../../../src/suite/runs.ts";
import type { Order } from "../../../src/suite/schema.ts";
import { cases } from "../../harness/whole-run.ts";
import { cells } from "./suite-text.ts";

const THREE = `name: a
repeats: 3
cells:
  - { name: a, command: put }
  - { name: b, command: put, repeats: 2 }
  - { name: "c: /..", command: range, args: [k] }
`;

const order = (kind: Order, seed = 1) =>
  orderedRuns(cells(THREE), kind, seed)
    .map(({ cell, repeat }) => `${cell.name[0]}${repeat}`)
    .join(" ");

test("fixed order is as written; interleaved order is in rounds, every second round reversed", () => {
  assert.is(order("fixed"), "a1 a2 a3 b1 b2 c1 c2 c3");
  assert.is(order("interleaved"), "a1 b1 c1 c2 b2 a2 a3 c3");
});

test("two arms take turns, so that a linear drift affects both equally", () => {
  const [one] = cells("name: a\ncells: [{ name: a, command: put }]\n");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (half) => {
      const arms = ["a", "b"].map((arm) => ({ ...one!, arm, repeats: 2 * half }));
      const runs = orderedRuns(arms, "interleaved", 0);
      let lead = 0;
      for (const [at, { cell, repeat }] of runs.entries()) {
        assert.is(repeat, Math.floor(at / 2) + 1, "the runs of a pair follow each other");
        lead += (cell.arm === "a" ? 1 : -1) * at;
      }
      assert.is(lead, 0);
    }),
  );
});

test("shuffled order has the same runs, and depends on the seed", () => {
  assert.is(order("shuffled", 5), order("shuffled", 5));
  const sorted = (text: string) => text.split(" ").sort().join(" ");
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), (seed) => {
      assert.is(sorted(order("shuffled", seed)), sorted(order("fixed")));
    }),
    { numRuns: cases(50) },
  );
  const orders = new Set(Array.from({ length: 20 }, (_, seed) => order("shuffled", seed)));
  assert.ok(orders.size > 15, `${orders.size} orders of 20 seeds`);
});

test("each run has its own file, and the file names sort in the order of the runs", () => {
  const runs = manifestRuns(orderedRuns(cells(THREE), "fixed", 1));
  const files = runs.map(({ file }) => file);
  assert.equal(files.slice(4, 7), ["005-b.2.json", "006-c.1.json", "007-c.2.json"]);
  assert.equal(files.toSorted(), files);
  assert.equal(runs[5]!.command, ["range", "--", "k"]);
});

test("the hash changes with the runs and their order, and with nothing else", () => {
  const hash = (text: string, kind: Order = "fixed", target: unknown = null) =>
    contentHash(orderedRuns(cells(text), kind, 1), () => target);
  const first = hash(THREE);
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.is(hash(`# a comment\n${THREE.replace("repeats: 3", "describe: x\nrepeats: 3")}`), first);
  assert.is(hash(THREE.replace("command: put }", "command: put, expect: 9s }")), first);
  for (const [from, to] of [
    ["repeats: 3", "repeats: 4"],
    ["args: [k]", "args: [l]"],
    ["command: put }", "command: put, etcd: fresh }"],
    ["command: put }", "command: put, flags: { conns: 2 } }"],
    ["command: put }", "command: put, prepare: [{ command: put }] }"],
  ]) {
    assert.is.not(hash(THREE.replace(from!, to!)), first, to);
  }
  assert.is.not(hash(THREE, "interleaved"), first);
  assert.is.not(hash(THREE, "fixed", ["h:1"]), first);
});

test("a password is neither in a manifest nor part of its hash", () => {
  const text = (user: string) =>
    `name: a\ncells: [{ name: a, command: put, flags: { endpoints: h, user: "${user}" } }]\n`;
  const runs = (user: string) => orderedRuns(cells(text(user)), "fixed", 1);
  assert.equal(manifestRuns(runs("root:se:cret"))[0]!.command, [
    "put",
    "--endpoints=h",
    "--user=root",
  ]);
  const hash = (user: string) => contentHash(runs(user), () => null);
  assert.is(hash("root:one"), hash("root:two"));
});

test.run();
