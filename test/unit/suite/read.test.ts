/** Tests that the error for a bad suite gives line, column and fix. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withoutSecrets } from "../../../src/text/secrets.ts";
import { refusal } from "../../harness/refusal.ts";
import { read } from "./suite-text.ts";

const GOOD = `name: a
cells:
  - name: writes
    command: put
    flags: { conns: 10, clients: 10k, sequential-keys: true, threshold: ["p99<1s", "qps>1"] }
`;

test("a suite has the values of its file, and defaults", () => {
  const { suite } = read(GOOD);
  assert.is(suite.order, "fixed");
  assert.is(suite.repeats, 1);
  assert.is(suite.etcd, "shared");
  assert.equal(suite.cells[0]!.flags, {
    conns: 10,
    clients: "10k",
    "sequential-keys": true,
    threshold: ["p99<1s", "qps>1"],
  });
});

/** The replacement of a line of the good suite, and its error. */
const BAD: [what: string, line: string, instead: string, said: RegExp][] = [
  ["no YAML", "cells:", "cells: [", /^s\.yaml:\d+:\d+: not YAML: /],
  ["a key twice", "name: a", "name: a\nname: b", /^s\.yaml:2:1: not YAML: .*unique/],
  ["a slip in a key of the suite", "cells:", "cell:", /^s\.yaml:2:1: .*did you mean cells\?/],
  ["a slip in a key of a cell", "  - name:", "  - nam:", /^s\.yaml:3:5: .*did you mean name\?/],
  [
    "a key that a put has no use for",
    "command: put",
    "command: put\n    args: []",
    /^s\.yaml:5:5: "args" means nothing here with the other keys of the entry; leave it out/,
  ],
  [
    "a slip in a flag",
    "conns: 10",
    "cons: 10",
    /^s\.yaml:5:14: "cons" is no flag of bench put.*conns\?/,
  ],
  [
    "a flag with its name in another tool",
    "conns: 10",
    "connections: 10",
    /^s\.yaml:5:14: "connections" is no flag of bench put.*; bench has --conns$/,
  ],
  [
    "a flag with its dashes",
    "conns: 10",
    '"--conns": 10',
    /^s\.yaml:5:14: .*without their dashes: conns/,
  ],
  [
    "a flag of another command",
    "conns: 10",
    "rw-ratio: 1",
    /^s\.yaml:5:14: "rw-ratio" is no flag of bench put/,
  ],
  ["an output, which is not a cell's", "conns: 10", "save: x", /^s\.yaml:5:14: "save" is no flag/],
  ["an unknown command", "command: put", "command: putt", /^s\.yaml:4:14: .*did you mean put\?/],
  [
    "no command",
    "    command: put\n",
    "",
    /^s\.yaml:3:5: cells\[1\]\.command is missing; give one of put/,
  ],
  [
    "a command that measures no etcd",
    "command: put",
    "command: report",
    /^s\.yaml:4:14: .*"report"/,
  ],
  [
    "a value of a wrong type",
    "sequential-keys: true",
    "sequential-keys: 5",
    /^s\.yaml:5:56: .*5 is not true or false/,
  ],
  [
    "a list for a flag that has one value",
    "conns: 10",
    "conns: [1, 2]",
    /^s\.yaml:5:21: .*\[1,2\]/,
  ],
  [
    "no cells",
    GOOD.slice(GOOD.indexOf("cells:")),
    "cells: []\n",
    /^s\.yaml:2:8: cells has nothing in it/,
  ],
  ["a name with blanks", "name: a", "name: a b", /^s\.yaml:1:7: .*dashes/],
  [
    "an unknown order",
    "name: a",
    "name: a\norder: random",
    /^s\.yaml:2:8: .*not one of fixed, shuffled, interleaved/,
  ],
  ["repeats of nothing", "name: a", "name: a\nrepeats: 0", /^s\.yaml:2:10: .*at least 1/],
  ["an alias of nothing", "command: put", "command: *x", /^s\.yaml(:\d+:\d+)?: not YAML: .*x/],
];

for (const [what, line, instead, said] of BAD) {
  test(`${what} is refused with its place`, () => {
    assert.ok(GOOD.includes(line));
    assert.match(
      refusal(() => read(GOOD.replace(line, instead))),
      said,
    );
  });
}

test("a file that is empty, or a list, is refused", () => {
  for (const text of ["", "[]", "5", "# nothing\n"]) {
    assert.match(
      refusal(() => read(text)),
      /^s\.yaml:\d+:\d+: the file: .* is not a set of keys/,
    );
  }
});

test("a value that contains itself, octets and infinity are refused, each with its own error", () => {
  assert.match(
    refusal(() => read("name: a\ncells: &all [*all]\n")),
    /^s\.yaml: an alias \(\*name\) refers to what it is a part of/,
  );
  const cell = (flags: string) =>
    `name: a\ncells: [{ name: c, command: put, flags: { ${flags} } }]`;
  assert.match(
    refusal(() => read(cell("total: .inf"))),
    /flags\.total: Infinity is not/,
  );
  assert.match(
    refusal(() => read(cell("prefix: !!binary aGk="))),
    /flags\.prefix: binary data \(!!binary\) is not/,
  );
});

test("a password below the key user is in no error", () => {
  const text = "name: a\ncells: [{ name: c, command: put, flags: { user: { root: hunter2x } } }]";
  const message = refusal(() => read(text));
  assert.match(message, /flags\.user/);
  assert.not.match(withoutSecrets(message), /hunter2x/);
});

test("places are found through merged keys and aliases", () => {
  const text = `name: a
cells:
  - &one
    name: x
    command: put
    flags: &f { conns: 1 }
  - { <<: *one, name: y, flags: *f }
`;
  const { source, suite } = read(text);
  assert.equal(suite.cells[1]!.flags, { conns: 1 });
  assert.is(source.place(["cells", 1, "flags", "conns"]), "s.yaml:6:24");
  assert.is(source.place(["cells", 0, "command"], true), "s.yaml:5:5");
  assert.is(source.place(["cells", 7, "name"]), "s.yaml:3:3");
});

test.run();
