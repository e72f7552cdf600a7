/** Runs scripts/nightly.sh completely, with very short cells. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { calmResults } from "../fixtures/calm-results.ts";
import { pointOfSeries } from "../fixtures/point-of-series.ts";
import { checkedResult } from "../harness/bench-process.ts";
import { type BenchProgram, placeBenchProgram } from "../harness/bench-program.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

const SCRIPT = fileURLToPath(new URL("../../../scripts/nightly.sh", import.meta.url));
/** Time limit of one command; only a hang reaches it. */
const LIMIT_MS = patient(180_000);

const test = suite<{ cwd: string }>("nightly");

let folderOnPath: string;
let program: BenchProgram;

before(test, async () => {
  folderOnPath = await mkdtemp(path.join(os.tmpdir(), "bench-nightly-program-"));
  program = await placeBenchProgram(folderOnPath, LIMIT_MS, async ({ args, cwd }) => {
    if (args[0] === "run") await calmResults(path.join(cwd, "series"));
  });
});
test.after(async () => {
  await program.close();
  await rm(folderOnPath, { recursive: true, force: true });
});

test.before.each(async (context) => {
  context.cwd = await mkdtemp(path.join(os.tmpdir(), "bench-nightly-"));
});
test.after.each(async ({ cwd }) => {
  await rm(cwd, { recursive: true, force: true });
});

const SHORT = `name: short
cells:
  - { name: writes, command: put, flags: { clients: 2, total: 100 } }
`;
const IN_TURNS = `${SHORT}repeats: 2\n`;

interface End {
  code: number | null;
  output: string;
}

async function nightly(cwd: string, suiteText: string, env: NodeJS.ProcessEnv): Promise<End> {
  const { path: etcd } = await etcdForTests();
  await writeFile(path.join(cwd, "short.yaml"), suiteText);
  const child = spawn("sh", [SCRIPT, etcd, etcd, "series"], {
    cwd,
    env: {
      ...process.env,
      PATH: `${folderOnPath}:${process.env.PATH}`,
      SUITE: "short.yaml",
      TMPDIR: cwd,
      ...env,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return { code, output };
}

async function results(folder: string): Promise<RunResult[]> {
  const files = (await readdir(folder)).filter((file) => file !== "suite.json").sort();
  const texts = files.map((file) => readFile(path.join(folder, file), "utf8"));
  return (await Promise.all(texts)).map((text) => checkedResult(JSON.parse(text)));
}

test("a nightly run alternates both sides, and joins the series with a summary and a page", async ({
  cwd,
}) => {
  for (const [NIGHT, cells] of [
    ["2026-08-01", SHORT],
    ["2026-08-02", IN_TURNS],
  ] as const) {
    const { code, output } = await nightly(cwd, cells, { NIGHT, COMMIT: "4f2a9c1" });
    assert.is(code, 0, output);
  }
  const night = await results(path.join(cwd, "series/2026-08-02"));
  const labels = night.map(({ plan }) => plan.labels);
  assert.equal(
    labels.map(({ side }) => side),
    ["reference", "head", "head", "reference"],
  );
  for (const each of labels) assert.is(`${each.night} ${each.commit}`, "2026-08-02 4f2a9c1");
  const summary = await readFile(path.join(cwd, "series/summary.md"), "utf8");
  assert.match(summary, /2 points/);
  const page = await readFile(path.join(cwd, "series/trend.html"), "utf8");
  assert.match(page, /2 points/);

  const again = await nightly(cwd, IN_TURNS, { NIGHT: "2026-08-02" });
  assert.is(again.code, 0, again.output);
  assert.match(again.output, /4 of 4 runs are done/);
});

test("a nightly run with a failed suite ends with its exit code, and still gets its verdict", async ({
  cwd,
}) => {
  const failing = SHORT.replace("total: 100", "total: 100, threshold: qps>100M");
  const { code, output } = await nightly(cwd, failing, { NIGHT: "2026-08-01" });
  assert.is(code, 1, output);
  assert.match(output, /the suite ended with exit code 1/);
  assert.match(await readFile(path.join(cwd, "series/summary.md"), "utf8"), /1 point/);
});

test("a regression in the series fails the nightly run", async ({ cwd }) => {
  const first = await nightly(cwd, SHORT, { NIGHT: "2026-09-30" });
  assert.is(first.code, 0, first.output);
  const real = await results(path.join(cwd, "series/2026-09-30"));
  await rm(path.join(cwd, "series/2026-09-30"), { recursive: true });
  for (let night = 0; night < 20; night++) {
    const folder = path.join(cwd, "series", `night-${night}`);
    await mkdir(folder);
    for (const side of ["reference", "head"]) {
      const of = real.find(({ plan }) => plan.labels.side === side)!;
      const rate = side === "head" && night >= 12 ? 800 + ((night * 7) % 5) : 1_000;
      const result = pointOfSeries(of, night, side, rate);
      await writeFile(path.join(folder, `${side}.json`), JSON.stringify(result));
    }
  }
  const { code, output } = await nightly(cwd, SHORT, { NIGHT: "2026-10-01" });
  assert.is(code, 1, output);
  assert.match(output, /^Verdict: alarm: put throughput is \d+\.\d% below its best level/m);
  assert.not.match(output, /the suite ended/);
});

test("without its two etcds the script prints its usage", async ({ cwd }) => {
  const child = spawn("sh", [SCRIPT], { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.is(code, 2);
  assert.match(said, /usage: nightly\.sh REFERENCE_ETCD HEAD_ETCD/);
});

test.run();
