/** Runs the doctor on a healthy etcd, with unreachable members, on saved pages, with invalid flags. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAUSES } from "../../src/doctor/finding.ts";
import type { DoctorReport } from "../../src/doctor/report-schema.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench } from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";
import { BytePeer } from "../peers/byte-peer.ts";

const test = suite<{ cwd: string; cluster: LocalCluster; endpoint: string }>("doctor");

/** A disk that is busy with other tests would be a cause of its own. */
const MEMORY = "/dev/shm";

/** Its data is in memory, where the system has such a folder. */
async function startInMemory(): Promise<LocalCluster> {
  const binary = await etcdForTests();
  const { TMPDIR } = process.env;
  if (existsSync(MEMORY)) process.env.TMPDIR = MEMORY;
  try {
    return await startLocalCluster({ binary, members: 1 });
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

test.before(async (context) => {
  context.cwd = await mkdtemp(path.join(os.tmpdir(), "bench-doctor-"));
  context.cluster = await startInMemory();
  context.endpoint = context.cluster.endpoints[0]!;
});

test.after(async ({ cluster, cwd }) => {
  await cluster.down();
  await rm(cwd, { recursive: true, force: true });
});

test("a healthy etcd has no principal cause, and its report can be read again", async ({
  cwd,
  cluster,
  endpoint,
}) => {
  const end = await bench(
    [
      // Long enough for a slow etcd to answer some of the probes.
      ...["doctor", `--endpoints=${endpoint}`, `--duration=${patient(5)}s`, "--output=json"],
      ...["--output=junit=d.xml", "--output=html=d.html", "--output=markdown=d.md"],
    ],
    { cwd },
  );
  const report = JSON.parse(end.stdout) as DoctorReport;
  const { causes, findings, members, principal, advice } = report;
  // A machine that is busy with other work is a cause of its own.
  const ofMachine = ["cpu", "client"].includes(principal.cause ?? "cpu");
  assert.ok(ofMachine && [0, 4].includes(end.code!), `${end.code}: ${principal.sentence}`);
  assert.equal(
    causes.map(({ cause }) => cause),
    [...CAUSES],
  );
  const [member] = members;
  assert.equal([member!.name, member!.role, member!.version], ["etcd1", "leader", cluster.version]);
  if (process.platform === "linux") {
    assert.is(member!.pid, cluster.members[0]!.pid);
    const ionice = `ionice -c2 -n0 -p $(ls /proc/${member!.pid}/task)`;
    assert.ok(advice.some(({ lines }) => lines.includes(ionice)));
    const port = endpoint.split(":")[1];
    assert.ok(advice.some(({ lines }) => lines.some((line) => line.includes(`dport ${port} `))));
  }
  const fsync = findings.find(({ what }) => what === "fsync of the log")!;
  assert.match(fsync.figure, /^p99 (between|at most|above) .*, mean .*, \d+ in /);
  for (const what of ["own puts", "own watch, from put to event", "own keep-alives"]) {
    const figure = findings.find((each) => each.what === what)?.figure;
    assert.match(figure ?? what, /[1-9]\d* answered/);
  }
  for (const { figure } of findings) assert.not.match(figure, /NaN|undefined|Infinity/);
  assert.match(await readFile(path.join(cwd, "d.xml"), "utf8"), /tests="11"/);
  assert.match(await readFile(path.join(cwd, "d.html"), "utf8"), /All figures/);
  await writeFile(path.join(cwd, "d.json"), end.stdout);
  const again = await bench(["report", "d.json", "--output=markdown"], { cwd });
  assert.is(again.stdout, await readFile(path.join(cwd, "d.md"), "utf8"), again.stderr);
});

test("a missing data folder is refused before the window starts", async ({ endpoint }) => {
  for (const [dir, reason] of [
    ["/no/such", "cannot read /no/such: no such file or folder"],
    ["/dev/null", "/dev/null is a file"],
  ]) {
    const end = await bench(["doctor", `--endpoints=${endpoint}`, `--data-dir=${dir}`]);
    assert.equal([end.code, end.stdout], [2, ""]);
    assert.match(end.stderr, new RegExp(`^bench: --data-dir: ${reason}`));
  }
});

test("a member that does not answer is the principal cause", async ({ endpoint }) => {
  const end = await bench([
    ...["doctor", `--endpoints=${endpoint},127.0.0.1:1`, "--duration=1s", "--probe=none"],
    ...["--output=json"],
  ]);
  assert.is(end.code, 1, end.stderr);
  const { principal } = JSON.parse(end.stdout) as DoctorReport;
  assert.match(end.stderr, /^verdict of the doctor: too slow: .*nothing listens there/m);
  assert.equal([principal.cause, principal.member], ["stability", "127.0.0.1:1"]);
  assert.match(
    principal.sentence,
    ": answers: no: nothing listens there (ECONNREFUSED): start etcd",
  );
  const none = await bench(["doctor", "--endpoints=127.0.0.1:1", "--duration=1s"]);
  assert.is(none.code, 3);
  assert.match(none.stderr, /bench: --endpoints 127\.0\.0\.1:1: nothing listens there/);
});

test("metrics at a wrong address are no fault of etcd, and the report states how to name them", async ({
  endpoint,
}) => {
  const end = await bench([
    ...["doctor", `--endpoints=${endpoint}`, "--metrics-endpoints=http://127.0.0.1:1"],
    ...["--duration=1s", "--probe=none", "--output=json"],
  ]);
  const { findings } = JSON.parse(end.stdout) as DoctorReport;
  const { verdict, figure } = findings.find(({ what }) => what === "answers")!;
  assert.is(verdict, "not known");
  assert.match(
    figure,
    /are not read: nothing listens at http:\/\/127\.0\.0\.1:1; name the URL that has them with --metrics-endpoints/,
  );
});

test("without a quorum all members are asked in parallel, and the report comes soon after the window", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 3 });
  const paused = cluster.members.slice(1).map(({ pid }) => pid);
  const silent = await Promise.all(Array.from({ length: 4 }, () => BytePeer.start()));
  const all = [...cluster.endpoints, ...silent.map(({ endpoint }) => endpoint)];
  try {
    for (const pid of paused) process.kill(pid, "SIGSTOP");
    const end = await bench([
      ...["doctor", `--endpoints=${all.join(",")}`],
      ...["--duration=2s", "--output=json"],
    ]);
    assert.is(end.code, 1, end.stderr);
    const { principal, members, windowSeconds } = JSON.parse(end.stdout) as DoctorReport;
    assert.equal([principal.cause, principal.member], ["stability", "etcd2"]);
    assert.match(principal.sentence, /answers: no: it takes the connection but says nothing in/);
    assert.equal(
      members.map(({ fault }) => fault !== null),
      [false, true, true, ...silent.map(() => true)],
    );
    // Nothing is awaited for more than 2 s after the window; six checks in sequence would take 30 s.
    assert.ok(windowSeconds! < 15, `${windowSeconds} s`);
    assert.match(end.stderr, /^finding members\nreading metrics of 1 of 7 members, 0 of 2 s\n/);
  } finally {
    for (const pid of paused) process.kill(pid, "SIGCONT");
    for (const peer of silent) peer.close();
    await cluster.down();
  }
});

test("saved pages are diagnosed without an etcd", async ({ cwd, endpoint }) => {
  const page = async () => (await fetch(`http://${endpoint}/metrics`)).text();
  const before = await page();
  await writeFile(path.join(cwd, "before.txt"), before);
  await writeFile(path.join(cwd, "after.txt"), before.replace(/has_leader 1/, "has_leader 0"));
  const end = await bench(["doctor", "before.txt", "after.txt", "--duration=30s"], { cwd });
  assert.is(end.code, 1, end.stderr);
  assert.match(end.stdout, /principal cause is the stability of [0-9a-f]+: knows a leader/);
  const alone = await bench(["doctor", "before.txt"], { cwd });
  assert.match(alone.stdout, /since its start/);
  assert.ok([0, 4].includes(alone.code!), alone.stdout);
});

test("invalid flags and files are refused in one line", async ({ cwd, endpoint }) => {
  await writeFile(path.join(cwd, "page.html"), "<html>");
  for (const [args, words] of [
    [["--probe=lots"], /--probe: "lots" is not one of none, light, full/],
    [["--duration=10"], /--duration: "10" is not a duration/],
    [["page.html"], /page\.html is no metrics page/],
    [["gone.txt"], /cannot read gone\.txt/],
    [["/dev/zero"], /\/dev\/zero is larger than 16 MiB/],
    [["page.html", `--endpoints=${endpoint}`], /--endpoints and page\.html exclude each other/],
    [["--output=csv"], /--output: csv cannot show a doctor/],
  ] as const) {
    const { code, stdout, stderr } = await bench(["doctor", ...args], { cwd });
    assert.is(code, 2, stderr);
    assert.is(stdout, "");
    assert.match(stderr, words);
  }
});

test.run();
