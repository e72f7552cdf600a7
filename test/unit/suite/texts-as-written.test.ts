/** Tests that a suite's texts are kept as written, and its numbers are read as numbers. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cells, read } from "./suite-text.ts";

const ODD = [
  "007",
  "1e3",
  "0x1F",
  "12345678901234567890",
  "yes",
  "null",
  "~",
  "true",
  "1.0",
  "2026-11-28",
  "1_000",
  "+5",
  ".inf",
  "-0",
];

function wordsOf(text: string): string[][] {
  return cells(text).map(({ words }) => words);
}

test("a prefix is kept as written in flags, matrices, prepare and the flags of the suite", () => {
  for (const odd of ODD) {
    const cell = `name: c, command: put, flags: { prefix: ${odd} }`;
    const prepared = `prepare: [{ command: put, flags: { prefix: ${odd} } }]`;
    assert.equal(wordsOf(`name: a\ncells: [{ ${cell} }]`), [["put", `--prefix=${odd}`]]);
    assert.equal(
      wordsOf(`name: a\nflags: { prefix: ${odd} }\ncells: [{ name: c, command: put }]`),
      [["put", `--prefix=${odd}`]],
    );
    const [one] = cells(`name: a\ncells: [{ name: c, command: put, ${prepared} }]`);
    assert.equal(one!.prepare, [["put", `--prefix=${odd}`]]);
    const axes = cells(
      `name: a\ncells: [{ name: c, command: put, matrix: { prefix: [${odd}, b] } }]`,
    );
    assert.is(axes[0]!.name, `c, prefix=${odd}`);
    assert.is(axes[0]!.words[1], `--prefix=${odd}`);
  }
});

test("args, names and lists of texts are kept as written", () => {
  const text = `name: 2026
cells:
  - { name: 007, command: range, args: [010, 1.0], flags: { prefix: true, conns: 0x10, label: [a=1.0] } }
`;
  const { suite } = read(text.replaceAll("prefix: true, ", ""));
  assert.is(suite.name, "2026");
  assert.is(suite.cells[0]!.name, "007");
  assert.equal(wordsOf(text), [
    ["range", "--conns=16", "--prefix", "--label=a=1.0", "--", "010", "1.0"],
  ]);
});

test("the name of a cluster is kept as written, and true names the usual one", () => {
  for (const [given, words] of [
    ["007", ["put", "--cluster=007"]],
    ["1e3", ["put", "--cluster=1e3"]],
    ["true", ["put", "--cluster"]],
    ["false", ["put"]],
  ] as const) {
    const text = `name: a\ncells: [{ name: c, command: put, flags: { cluster: ${given} } }]`;
    assert.equal(wordsOf(text), [words]);
  }
});

test("aliases and merged keys are kept as written at their definition", () => {
  const text = `name: a
cells:
  - { name: b, command: put, flags: &base { prefix: &p 007, conns: 1e1 } }
  - { name: c, command: put, flags: { <<: *base, conns: 2 } }
  - { name: d, command: put, flags: { prefix: *p } }
`;
  assert.equal(wordsOf(text), [
    ["put", "--conns=10", "--prefix=007"],
    ["put", "--conns=2", "--prefix=007"],
    ["put", "--prefix=007"],
  ]);
});

test("a count too large for a number is passed on as written", () => {
  const text =
    "name: a\ncells: [{ name: c, command: put, flags: { total: 12345678901234567890 } }]";
  assert.equal(wordsOf(text), [["put", "--total=12345678901234567890"]]);
});

test.run();
