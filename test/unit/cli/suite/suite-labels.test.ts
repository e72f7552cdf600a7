/** Tests the labels that `bench run` gives results, and that no label of a user takes their place. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planCells } from "../../../../src/cli/suite/plans.ts";
import { cellsOfArms } from "../../../../src/cli/suite/reference-arms.ts";
import { overridesOf } from "../../../../src/cli/suite/request.ts";
import { refuseSuiteLabels, suiteLabels } from "../../../../src/cli/suite/suite-labels.ts";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import { refusal } from "../../../harness/refusal.ts";
import { read } from "../../suite/suite-text.ts";

const suiteOf = (cell: string, head = "") =>
  `name: a\n${head}cells:\n  - { name: w, command: put, ${cell} }\n`;

const ARMS = { local: "1", etcd: "/head", "reference-etcd": "/reference" };

async function cellsOf(text: string, given: GivenFlags = {}) {
  const plan = (overrides: ReturnType<typeof overridesOf>) => planCells(read(text), overrides, {});
  return (await cellsOfArms(given, overridesOf(given), "interleaved", plan)).cells;
}

async function refused(text: string, given?: GivenFlags): Promise<string> {
  const cells = await cellsOf(text, given);
  return refusal(() => refuseSuiteLabels(cells));
}

test("a result has the labels suite, cell and repeat, and of two arms its side too", async () => {
  const labels = async (given?: GivenFlags) =>
    (await cellsOf(suiteOf("flags: { label: team=a }"), given)).map((cell) => {
      assert.equal(cell.plan.labels, { team: "a" });
      return suiteLabels("a")({ cell, repeat: 2 });
    });
  assert.equal(await labels(), [{ suite: "a", cell: "w", repeat: "2" }]);
  assert.equal(
    (await labels(ARMS)).map(({ side }) => side),
    ["reference", "head"],
  );
});

test("a label with the name of one of the suite's own is refused on the command line", async () => {
  const text = suiteOf("flags: { label: team=a }");
  for (const name of ["suite", "cell", "repeat"]) {
    assert.is(
      await refused(text, { label: ["team=b", `${name}=9`] }),
      `--label: ${name} is a label that run gives its runs; choose another name`,
    );
  }
  assert.match(await refused(text, { set: ["label=cell=foo"] }), /^--label: cell is a label/);
});

test("such a label in the file is refused with its place", async () => {
  const own = suiteOf("flags: { label: [team=a, cell=foo] }");
  assert.match(await refused(own), /^s\.yaml:3:\d+: --label: cell is a label that run gives/);
  const shared = suiteOf("repeats: 1", "flags: { label: suite=zz }\n");
  assert.match(await refused(shared), /^s\.yaml:2:17: --label: suite is a label/);
  const axis = suiteOf("matrix: { label: [team=a, repeat=9] }");
  assert.match(await refused(axis), /^s\.yaml:3:\d+: --label: repeat is a label/);
});

test("the label side is refused only where the runs have two arms", async () => {
  const text = suiteOf("flags: { label: side=base }");
  refuseSuiteLabels(await cellsOf(text));
  assert.match(await refused(text, ARMS), /^s\.yaml:3:\d+: --label: side is a label that run/);
  assert.match(await refused(text, { ...ARMS, label: ["side=x"] }), /^--label: side is a label/);
});

test.run();
