/** Tests the cells of a suite: matrices, references, precedence of flags, and scale. */
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { refusal } from "../../harness/refusal.ts";
import { cases } from "../../harness/whole-run.ts";
import { cells } from "./suite-text.ts";

const one = (cell: string, head = "") => `name: a\n${head}cells:\n  - { name: w, ${cell} }\n`;
const words = (text: string, overrides = {}) => cells(text, overrides).map((cell) => cell.words);

test("a cell is turned into the words of a command line", () => {
  assert.equal(
    words(
      one(
        "command: range, args: [-a, 5], flags: { conns: 3, prefix: true, keys-only: false, threshold: ['p99<1s', qps>1], local: true }",
      ),
    ),
    [
      [
        "range",
        "--local",
        "--conns=3",
        "--prefix",
        "--keys-only=false",
        "--threshold=p99<1s",
        "--threshold=qps>1",
        "--",
        "-a",
        "5",
      ],
    ],
  );
});

test("every combination of a matrix is a cell with its own name, and the last axis changes fastest", () => {
  const text = one(
    "command: put, matrix: { conns: [1, 2], val-size: [8, 1KiB] }, flags: { clients: $conns }",
  );
  assert.equal(
    cells(text).map(({ name, values, words }) => [name, values, words.join(" ")]),
    [
      [
        "w, conns=1, val-size=8",
        { conns: "1", "val-size": "8" },
        "put --conns=1 --clients=1 --val-size=8",
      ],
      [
        "w, conns=1, val-size=1KiB",
        { conns: "1", "val-size": "1KiB" },
        "put --conns=1 --clients=1 --val-size=1KiB",
      ],
      [
        "w, conns=2, val-size=8",
        { conns: "2", "val-size": "8" },
        "put --conns=2 --clients=2 --val-size=8",
      ],
      [
        "w, conns=2, val-size=1KiB",
        { conns: "2", "val-size": "1KiB" },
        "put --conns=2 --clients=2 --val-size=1KiB",
      ],
    ],
  );
});

test("axes keep the order of the file, not the order of the help", () => {
  const text = one("command: put, matrix: { val-size: [8], seed: [1, 2], conns: [3] }");
  assert.equal(
    cells(text).map(({ name }) => name),
    ["w, val-size=8, seed=1, conns=3", "w, val-size=8, seed=2, conns=3"],
  );
});

test("a matrix has as many cells as the product of its axes, all different", () => {
  const axis = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(axis, axis, axis, (conns, clients, sizes) => {
      const matrix = JSON.stringify({ conns, clients, "val-size": sizes });
      const found = cells(one(`command: put, matrix: ${matrix}`));
      assert.is(found.length, conns.length * clients.length * sizes.length);
      assert.is(new Set(found.map(({ words }) => words.join(" "))).size, found.length);
      assert.is(new Set(found.map(({ name }) => name)).size, found.length);
    }),
    { numRuns: cases(30) },
  );
});

test("flags nearer to the cell override others, and the command line overrides all", () => {
  const head = "flags: { conns: 1, clients: 1, seed: 1, rw-ratio: 3 }\n";
  const text = `name: a\n${head}cells:
  - { name: w, command: put, flags: { clients: 2, seed: 2 }, matrix: { seed: [3] } }
  - { name: m, command: txn-mixed }
`;
  assert.equal(words(text), [
    ["put", "--conns=1", "--clients=2", "--seed=3"],
    ["txn-mixed", "--conns=1", "--clients=1", "--seed=1", "--rw-ratio=3"],
  ]);
  const sets = new Map([["clients", ["9"]]]);
  assert.equal(words(text, { sets }), [
    ["put", "--conns=1", "--clients=9", "--seed=3"],
    ["txn-mixed", "--conns=1", "--clients=9", "--seed=1", "--rw-ratio=3"],
  ]);
});

test("--set replaces an axis, and with several values makes an axis", () => {
  const text = one("command: put, matrix: { conns: [1, 2, 3] }");
  const names = (sets: [string, string[]][]) =>
    cells(text, { sets: new Map(sets) }).map(({ name }) => name);
  assert.equal(names([["conns", ["7"]]]), ["w, conns=7"]);
  assert.equal(
    names([
      ["conns", ["7", "8"]],
      ["val-size", ["1", "2"]],
    ]),
    [
      "w, conns=7, val-size=1",
      "w, conns=7, val-size=2",
      "w, conns=8, val-size=1",
      "w, conns=8, val-size=2",
    ],
  );
  assert.match(
    refusal(() => names([["cons", ["7"]]])),
    /^--set: "cons" .*conns\?/,
  );
  assert.match(
    refusal(() => names([["vus", ["7"]]])),
    /^--set: "vus" .*bench has --clients$/,
  );
});

test("a target on the command line replaces the file's target and its flags", () => {
  const own = one("command: put, flags: { local: 3, tls: true, auth: jwt }");
  assert.equal(words(own, { flags: { endpoints: "h:1" } }), [["put", "--endpoints=h:1"]]);
  const others = one("command: put, flags: { endpoints: h:1, cacert: ca.pem, user: root }");
  assert.equal(words(others, { flags: { local: "1" } }), [["put", "--local=1"]]);
});

test("--scale changes only totals and durations, and never to 0", () => {
  const scaledTo = (flags: string, scale: number) =>
    words(one(`command: put, flags: { ${flags} }`), { scale })[0]!.slice(1);
  assert.equal(scaledTo("total: 100k, conns: 50, rate: 100", 0.01), [
    "--conns=50",
    "--total=1000",
    "--rate=100",
  ]);
  assert.equal(scaledTo("total: 3", 0.01), ["--total=1"]);
  assert.equal(scaledTo("duration: 1m, warmup: 10s", 0.1), ["--duration=6s", "--warmup=1s"]);
  assert.equal(scaledTo("duration: 1m, warmup: 0", 0.0001), ["--duration=200ms", "--warmup=0"]);
  assert.equal(scaledTo("duration: 1m", 2), ["--duration=2m"]);
  assert.equal(scaledTo("conns: 1", 0.01), ["--conns=1", "--total=100"], "the default total");
  const kubernetes = words(one("command: kubernetes"), { scale: 0.1 })[0];
  assert.equal(kubernetes, ["kubernetes", "--duration=6s"], "its default duration");
});

test("a preparation has the load and the sizes of its cell, and its own total", () => {
  const text = one(
    `command: txn-mixed, matrix: { conns: [4] }, prepare: [{ command: put, flags: { sequential-keys: true, total: $key-space-size } }],
      flags: { clients: $conns, key-size: 16, key-space-size: 100, rw-ratio: 2, total: 5000, warmup: 10, cleanup: true, max-error-rate: 1% }`,
  );
  assert.equal(cells(text)[0]!.prepare, [
    [
      "put",
      "--conns=4",
      "--clients=4",
      "--total=100",
      "--key-size=16",
      "--key-space-size=100",
      "--sequential-keys",
    ],
  ]);
});

test("$ is a reference, $$ is a $, and an unknown reference is refused with its place", () => {
  assert.equal(words(one("command: put, flags: { prefix: $$x }")), [["put", "--prefix=$x"]]);
  for (const flags of ["conns: $clients", "conns: $conns", "conns: $clients, clients: $conns"]) {
    assert.match(
      refusal(() => cells(one(`command: put, flags: { ${flags} }`))),
      /^s\.yaml:3:5: conns: \$/,
    );
  }
});

test("two cells with one name, and a shared flag that no cell takes, are refused with their place", () => {
  const twice = "name: a\ncells:\n  - { name: w, command: put }\n  - { name: w, command: range }\n";
  assert.match(
    refusal(() => cells(twice)),
    /^s\.yaml:4:13: .*s\.yaml:3:13/,
  );
  assert.match(
    refusal(() => cells(one("command: put", "flags: { rw-ratio: 2 }\n"))),
    /^s\.yaml:2:10: .*--rw-ratio/,
  );
  assert.match(
    refusal(() => cells(one("command: put, expect: soon"))),
    /^s\.yaml:3:38: expect: "soon"/,
  );
});

test("the place of a flag is where it is written: the cell, its matrix, the suite, or nowhere", () => {
  const text = one(
    "command: put, flags: { conns: 1 }, matrix: { clients: [1, 2] }",
    "flags: { seed: 5 }\n",
  );
  const [, second] = cells(text, { sets: new Map([["val-size", ["8"]]]) });
  assert.is(second!.placeOf("conns"), "s.yaml:4:46");
  assert.is(second!.placeOf("clients"), "s.yaml:4:74");
  assert.is(second!.placeOf("seed"), "s.yaml:2:16");
  assert.is(second!.placeOf("val-size"), null);
});

test("the runs of a suite are counted before they are made, and too many are refused with the count", () => {
  const values = Array.from({ length: 300 }, (_, at) => at + 1).join(", ");
  const axes = `conns: [${values}], clients: [${values}], seed: [${values}]`;
  const text = one(`command: put, matrix: { ${axes} }`, "repeats: 10000\n");
  const message = refusal(() => cells(text));
  assert.match(message, /^s\.yaml: 270,000,000,000 runs of 27,000,000 cells, and .* 100,000; give/);
  const few = one("command: put, flags: { conns: 1 }", "repeats: 10000\n");
  assert.is(cells(few)[0]!.repeats, 10_000);
});

test.run();
