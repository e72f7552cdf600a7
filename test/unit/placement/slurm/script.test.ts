/** The batch script of Slurm, run by a shell with a fake srun, and reading squeue's output. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { agentName } from "../../../../src/agents/join-file.ts";
import { slurmEngine } from "../../../../src/placement/slurm/engine.ts";
import { batchScript, jobIn, sbatchArguments } from "../../../../src/placement/slurm/script.ts";

const folder = mkdtempSync(join(tmpdir(), 'bench slurm\'s "folder" $(touch x) 100%-'));
const { flags } = slurmEngine;
const given = {
  ...{ slurm: true, tasks: 4, nodes: 2, partition: "a b", options: [], node: "node" },
  slurmFolder: null,
};
const identity = { name: "load", id: "0123456789ab" };

test.after(() => rmSync(folder, { recursive: true }));

test("agents of a group with a long name have valid agent names", () => {
  const { prefix } = slurmEngine.plan(given, { ...identity, name: "g".repeat(63) });
  assert.is(agentName(`${prefix}-9999`), `${prefix}-9999`);
});

test("each task is an agent with its own name, in a folder whose name is hostile to shells", () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const own = join(folder, "job");
  mkdirSync(own);
  const node = join(folder, "node it's");
  for (const [path, text] of [
    [node, 'echo "$@"; exit 3'],
    // Like srun: runs the tasks one after the other, with the words after its own flags.
    [
      join(bin, "srun"),
      'log=$3; shift 3; for i in 0 1; do SLURM_PROCID=$i "$@" >>"$0.out"; done; echo "$log" >"$0.log"',
    ],
  ] as const) {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }
  execFileSync("sh", [], {
    input: batchScript({ node, prefix: "load" }, own, 2),
    env: { PATH: `${bin}:${process.env.PATH}` },
  });
  assert.equal(readFileSync(join(bin, "srun.out"), "utf8").trim().split("\n"), [
    "./bench.cjs agent --join=join.json --name=load-0 --workers=2",
    "./bench.cjs agent --join=join.json --name=load-1 --workers=2",
  ]);
  assert.is(readFileSync(join(own, "agent-1.ended"), "utf8"), "3\n");
  const log = `${own.replaceAll("%", "%%")}/agent-%t.log`;
  assert.is(readFileSync(join(bin, "srun.log"), "utf8"), `--output=${log}\n`);
});

test("sbatch gets the job's name, its size and the user's options, each in a separate argument", () => {
  const plan = slurmEngine.plan({ ...given, options: ["time=1:00:00", "exclusive"] }, identity);
  const args = sbatchArguments(plan, "/shared/50%", 2);
  for (const each of [
    ...["--job-name=etcd-bench-agents-0123456789ab", "--ntasks=4", "--nodes=2", "--partition=a b"],
    ...["--cpus-per-task=2", "--time=1:00:00", "--exclusive", "--output=/shared/50%%/job.log"],
  ]) {
    assert.ok(args.includes(each), each);
  }
  assert.ok(!sbatchArguments(plan, "/shared", null).some((each) => each.includes("cpus")));
});

test("an option of sbatch may have dashes, and an invalid one is refused", () => {
  const read = (text: string) => flags.options.read({ "slurm-option": [text] });
  assert.equal([read("--time=1"), read("exclusive")], [["time=1"], ["exclusive"]]);
  for (const text of ["", "-t", "a b", "=x", "Time=1", "-- time"]) {
    assert.throws(() => read(text), /--slurm-option: ".*" is no long option/, text);
  }
});

test("by default there are as many agents as nodes, never fewer, and a folder is absolute", () => {
  const of = (changes: object) => slurmEngine.plan({ ...given, ...changes }, identity);
  assert.is(of({ tasks: null }).tasks, 2);
  assert.is(of({ tasks: null, nodes: null }).tasks, 1);
  assert.throws(() => of({ tasks: 1 }), /--ntasks=1: each of 2 nodes needs an agent/);
  assert.throws(() => of({ slurmFolder: "shared" }), /--slurm-folder=shared: it is not absolute/);
  assert.is(of({ slurmFolder: "/s/" }).folder, "/s/etcd-bench-agents-0123456789ab");
});

test("squeue prints a line, or nothing once the job is over", () => {
  assert.equal(jobIn("PENDING|Resources|\n"), { state: "PENDING", reason: "Resources", nodes: "" });
  assert.equal(jobIn("RUNNING|None|n[1-2]\n"), {
    state: "RUNNING",
    reason: "None",
    nodes: "n[1-2]",
  });
  assert.is(jobIn(""), null);
});

test.run();
