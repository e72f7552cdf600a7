/**
 * Puts one password into every place where a user can put one, and searches for it in everything that
 * bench writes, prints, and shows in the list of processes.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { addUser } from "../etcd/etcd-users.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { type BenchEnd, BenchProcess, bench } from "../harness/bench-process.ts";
import {
  assertFilesHide,
  assertHidden as assertHides,
  assertPrintsHide,
} from "../harness/hidden-secret.ts";
import { before } from "../harness/hooks.ts";
import { type SeenProcess, seenProcesses } from "../harness/process-list.ts";

const SECRET = "Zebra9-hunter";
const USER = `writer:${SECRET}`;
const PEM = `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----`;

const test = suite<{ cwd: string; cluster: LocalCluster; target: string }>("secrets");

before(test, async (context) => {
  context.cluster = await startLocalCluster({
    binary: await etcdForTests(),
    members: 1,
    security: { tls: false, auth: "simple" },
  });
  const all = { key: Buffer.from([0]), rangeEnd: Buffer.from([0]) };
  await addUser(context.cluster, "writer", SECRET, { permType: "READWRITE", ...all });
  context.target = `--endpoints=${context.cluster.endpoints[0]}`;
});

test.after(async ({ cluster }) => {
  await cluster.down();
});

test.before.each(async (context) => {
  context.cwd = await mkdtemp(path.join(os.tmpdir(), "bench-secrets-"));
});

test.after.each(async ({ cwd }) => {
  await rm(cwd, { recursive: true, force: true });
});

const assertHidden = (text: string, where: string) => assertHides(SECRET, text, where);
const assertFilesHideIt = (folder: string, own: readonly string[] = []) =>
  assertFilesHide(SECRET, folder, own);
const assertPrintsHideIt = (end: BenchEnd, words: readonly string[]) =>
  assertPrintsHide(SECRET, end, words);

test("a suite does not reveal a password in its axes, its --set or its labels", async ({
  cwd,
  target,
}) => {
  await writeFile(
    path.join(cwd, "s.yaml"),
    `name: s
describe: as ${USER}
flags: { user: "${USER}", total: 20, clients: 2 }
cells:
  - name: writes as ${USER}
    command: put
    matrix: { user: ["${USER}"], label: ["as=${SECRET}"] }
    prepare: [{ command: put, flags: { user: "${USER}", total: 5 } }]
`,
  );
  const outputs = ["html", "json", "markdown", "csv", "junit", "openmetrics", "benchstat"];
  const words = [
    ...["run", "s.yaml", target, "--set", `user=${USER}`],
    ...[`--user=${USER}`, `--label=note=${USER}`, `--label=url=https://ci:${SECRET}@example.com`],
  ];
  const dry = await bench([...words, "--dry-run"], { cwd });
  assert.is(dry.code, 0, dry.stderr);
  assertPrintsHideIt(dry, words);

  const run = [...words, "--save=kept", ...outputs.map((each) => `--output=${each}=${each}.out`)];
  const process = new BenchProcess(run, { cwd, env: { ETCDCTL_PASSWORD: SECRET } });
  await process.said(/results go to/);
  for (const { commandLine } of await seenProcesses(process.pid)) {
    assertHidden(commandLine, "the list of processes");
  }
  const end = await process.ended;
  assert.is(end.code, 0, end.stderr);
  assertPrintsHideIt(end, run);
  assert.is(await assertFilesHideIt(cwd, ["s.yaml"]), outputs.length + 2);

  const resumed = await bench(["run", "--resume=kept", `--label=note=${USER}`], { cwd });
  assertPrintsHideIt(resumed, ["run", "--resume"]);
});

test("the arms of ab do not reveal a password in their flags", async ({ cwd, target }) => {
  const words = [
    ...["ab", "put", target, "--pairs=2", "--warmup-pairs=0", "--total=50", "--clients=2"],
    ...[`--a-flags=--user='${USER}' --conns=1`, "--b-flags", `--conns=2 --user ${USER}`],
    ...["--save=kept", "--output=html=page.html", `--label=as=${SECRET}`],
  ];
  const end = await bench(words, { cwd });
  assert.ok([0, 3, 4].includes(end.code!), end.stderr);
  assertPrintsHideIt(end, words);
  assert.ok((await assertFilesHideIt(cwd)) >= 6);
});

test("no error repeats a password, even in a wrong place", async ({ cwd, target }) => {
  await writeFile(path.join(cwd, "list.yaml"), `name: l\nflags: { user: [["${USER}"]] }\n`);
  await writeFile(path.join(cwd, "cut.yaml"), `name: l\nflags:\n  user: "${USER}" "${USER}"\n`);
  await mkdir(path.join(cwd, "in"));
  for (const words of [
    ["put", target, "--user=writer:wrong", `--label=as=${SECRET}`, `--prefix=${USER}`, "--conns=0"],
    ["put", `--endpoints=http://${USER}@127.0.0.1:1`],
    ["put", "--endpoints", `127.0.0.1:1,${USER}@127.0.0.1:2`],
    ["put", target, `--metrics-endpoints=http://${USER}@127.0.0.1:1/metrics`],
    ["put", target, "--password", SECRET],
    ["put", target, `-user=${USER}`],
    ["put", target, `--usr`, `--user=${USER}`],
    ["put", target, `--user=${USER}`, SECRET, USER],
    ["put", "--local", `--user=${USER}`],
    ["ab", "put", target, `--a-flags=--user=${USER} --save`, "--b-flags=--conns=2"],
    ["ab", "put", target, `--a-flags=--user='${USER}`, "--b-flags=--conns=2"],
    ["run", "list.yaml", target],
    ["run", "cut.yaml", target],
    ["run", "quick", target, "--set", `user=${USER}`, "--set", `usr=${USER}`],
    ["run", "quick", target, "--set", `user=${USER}`, "--repeats", USER],
    ["report", `in/${USER}`, `--user=${USER}`],
    ["put", target, "--user", "writer", SECRET],
    ["put", "--local", `--auth=${USER}`],
    ["put", `--endpoints=${USER}:2379`],
    ["put", "--endpoints", `127.0.0.1:1,${USER}:2379`],
    ["put", target, "--cert=cert.pem", `--key=${PEM}`],
    ["put", target, `--cacert=${PEM}`],
    ["put", target, PEM],
    ["agent", `--join={"password":"${SECRET}"}`],
    ["agent", "--coordination=https://h:1", `--coordination-secret-file=${SECRET}`],
  ]) {
    const end = await bench(words, { cwd });
    assert.is(end.code, 2, `${words.join(" ")}: ${end.stderr}`);
    assertPrintsHideIt(end, words);
  }
  for (const env of [
    { ETCDCTL_USER: USER, ETCDCTL_PASSWORD: "other" },
    { ETCDCTL_USER: `:${SECRET}` },
    { ETCDCTL_ENDPOINTS: `http://${USER}@127.0.0.1:1` },
    { ETCDCTL_CERT: "cert.pem", ETCDCTL_KEY: PEM },
    { BENCH_CERT: "cert.pem", BENCH_KEY: PEM },
  ]) {
    const end = await bench(["put", "--total=1"], { cwd, env });
    assert.is(end.code, 2, end.stderr);
    assertPrintsHideIt(end, Object.keys(env));
  }
  await assertFilesHideIt(cwd, ["list.yaml", "cut.yaml"]);
});

test("a password in a flag overrides ETCDCTL_PASSWORD, and neither is taken for a user name", async ({
  cwd,
  target,
}) => {
  const words = ["put", target, `--user=${USER}`, "--total=10", "--clients=2", "--output=json"];
  const end = await bench(words, { cwd, env: { ETCDCTL_PASSWORD: "other" } });
  assert.is(end.code, 0, end.stderr);
  assertPrintsHideIt(end, words);
  assert.is(JSON.parse(end.stdout).plan.target.user, "writer");
});

test("the command of an event runs with its secrets, and nothing shows or saves them", async ({
  cwd,
  target,
}) => {
  await writeFile(path.join(cwd, "x"), 'echo "$PASSWORD $*" >>ran\n');
  const command = `PASSWORD=${SECRET} sh ./x -su ${USER} -H "Authorization: Bearer ${SECRET}" -v`;
  const shown = 'PASSWORD=*** sh ./x -su writer:*** -H "Authorization: ***" -v';
  const event = `--event=at=300ms exec ${command}`;
  const login = { ETCDCTL_USER: "writer", ETCDCTL_PASSWORD: SECRET };
  const words = ["put", target, "--rate=50", "--duration=1s", event];
  const end = await bench([...words, "--save=kept", "-o", "json"], { cwd, env: login });
  assert.is(end.code, 0, end.stderr);
  assertPrintsHideIt(end, words);
  assert.ok(end.stdout.includes(JSON.stringify(`exec ${shown}`).slice(1, -1)), end.stdout);
  const [ran] = (await readFile(path.join(cwd, "ran"), "utf8")).split("\n");
  assert.is(ran, `${SECRET} -su ${USER} -H Authorization: Bearer ${SECRET} -v start`);
  assert.ok((await assertFilesHideIt(cwd, ["ran"])) >= 1);

  const again = await bench(["put", target, `--event=at=300ms exec ${shown}`], { cwd, env: login });
  assert.is(again.code, 2, again.stderr);
  assert.match(again.stderr, "has *** in the place of a secret");
});

test("processes that bench starts inherit no password, and show none", async ({ cwd }) => {
  const env = {
    ETCDCTL_USER: USER,
    ETCDCTL_PASSWORD: SECRET,
    ETCDCTL_ENDPOINTS: `http://${USER}@127.0.0.1:1`,
  };
  const { path: etcd } = await etcdForTests();
  for (const words of [
    ["calibrate", "--quick"],
    ["put", "--local", `--etcd=${etcd}`, "--duration=5m"],
  ]) {
    const process = new BenchProcess(words, { cwd, env });
    const [own, ...started] = await process.until("a process that it started", async () => {
      const seen = await seenProcesses(process.pid);
      const [own, ...started] = seen;
      // Between fork and exec, a process has the command line and environment of its parent.
      const isItself = ({ commandLine, environment }: SeenProcess) =>
        environment !== "" && commandLine !== own!.commandLine;
      return started.length > 0 && started.every(isItself) && seen;
    });
    assertHidden(own!.commandLine, "bench");
    for (const { commandLine, environment } of started) {
      assertHidden(commandLine, `the command line of ${commandLine}`);
      assertHidden(environment, `the environment of ${commandLine}`);
    }
    process.signal("SIGTERM");
    const end = await process.ended;
    assertPrintsHideIt(end, words);
  }
});

test.run();
