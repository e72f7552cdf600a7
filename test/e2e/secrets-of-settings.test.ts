/**
 * Puts one password into settings (bench.yaml, BENCH_* variables), permanent clusters, Procfiles and
 * .env, the gateway, event scripts and fault trials, and searches for it like e2e/secrets.
 */
import { mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { type BenchEnd, BenchProcess, bench } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { assertFilesHide, assertHidden, assertPrintsHide } from "../harness/hidden-secret.ts";
import { seenProcesses } from "../harness/process-list.ts";

const SECRET = "Zebra9-hunter";

const test = suite<{ clusters: ClusterCommands }>("secrets of settings and clusters");

test.before.each((context) => {
  context.clusters = new ClusterCommands();
});

test.after.each(({ clusters }) => clusters.end());

test("a password from bench.yaml, --config or variables is never printed", async ({
  clusters: { folder },
}) => {
  const file = `user: "writer:${SECRET}"
label: [as=${SECRET}]
put: { user: "writer:${SECRET}", total: 10 }
`;
  await writeFile(path.join(folder, "bench.yaml"), file);
  await writeFile(path.join(folder, "slip.yaml"), `user: {writer: ${SECRET}}\n`);
  await writeFile(path.join(folder, "list.yaml"), `put: {user: [["writer:${SECRET}"]]}\n`);
  await writeFile(path.join(folder, "dash.yaml"), `--user: writer:${SECRET}\n`);
  await writeFile(path.join(folder, "none.yaml"), "conns: 2\n");
  const receiver = `otlp=http://127.0.0.1:1/?token=${SECRET}`;
  await writeFile(path.join(folder, "sent.yaml"), `put: {output: [table, "${receiver}"]}\n`);
  const all: [words: string[], env: NodeJS.ProcessEnv, code: number][] = [
    [["config"], {}, 0],
    [["config", "-o", "json"], {}, 0],
    [["config", "put"], {}, 0],
    [["config", "put", "-o", "json"], {}, 0],
    [["config", "ab", "put"], { ETCDCTL_USER: `writer:${SECRET}` }, 0],
    [["config", "--config=slip.yaml"], {}, 2],
    [["config", "--config=list.yaml"], {}, 2],
    [["config", "--config=dash.yaml"], {}, 2],
    [["put", "--config=slip.yaml"], {}, 2],
    [["put", "--endpoints=127.0.0.1:1", "--conns=0"], {}, 2],
    [["put", "--endpoints=127.0.0.1:1", "--dry-run"], {}, 0],
    [["put", "--config=none.yaml", "--conns=0"], { BENCH_USER: `writer:${SECRET}` }, 2],
    [["config", "--config=none.yaml"], { BENCH_USER: `writer:${SECRET}` }, 0],
    [
      ["config", "--config=none.yaml"],
      { BENCH_LABEL: `x=${SECRET}`, BENCH_USER: `w:${SECRET}` },
      0,
    ],
    [["put"], { BENCH_ENDPOINTS: `http://writer:${SECRET}@127.0.0.1:1` }, 2],
    [["put"], { BENCH_PASSWORD: SECRET }, 2],
    [["config", "put", "--config=sent.yaml"], {}, 0],
    [["config", "put", "--config=sent.yaml", "-o", "json"], {}, 0],
    [["config", "put", "--config=none.yaml"], { BENCH_OUTPUT: receiver }, 0],
    [["put", "--config=none.yaml"], { BENCH_OUTPUT: `o${receiver}` }, 2],
    [["put", "--config=none.yaml"], { BENCH_A_FLAGS: `--user=writer:${SECRET}`, BENCH_NO: "1" }, 2],
  ];
  for (const [words, env, code] of all) {
    const end = await bench(words, { cwd: folder, env });
    assert.is(end.code, code, `${words.join(" ")}: ${end.stderr}`);
    assertPrintsHide(SECRET, end, words);
  }
});

test("a cluster's password is only in its state and in its output for a shell", async ({
  clusters,
}) => {
  const { folder, env } = clusters;
  const { path: etcd } = await etcdForTests();
  const started = await clusters.attempt("start", "--size=1", "--auth", `--etcd=${etcd}`);
  assert.is(started.code, 0, started.stderr);
  const lines = await clusters.run("env");
  const [, password] = /^export ETCDCTL_USER='root:(.+)'$/m.exec(lines)!;
  const secret = password!;
  // A shell that has the variables asks for them again.
  const own = { ...env, ETCDCTL_USER: `root:${secret}` };
  const again = await bench(["cluster", "env"], { cwd: folder, env: own });
  assert.is(again.stdout, lines);

  const script = path.join(folder, "fault.sh");
  const says = `#!/bin/sh\necho "it is ${secret} [$ETCDCTL_USER] [$BENCH_USER] $API_TOKEN"; exit 3\n`;
  await writeFile(script, says, { mode: 0o755 });
  await mkdir(path.join(folder, "out"));
  const run = ["--total=40", "--clients=2", `--label=as=${secret}`, "--save=kept"];
  const event = ["--rate=20", "--event=at=0.1s exec ./fault.sh"];
  const outputs = ["html", "json", "csv", "junit"].map((each) => `--output=${each}=out/${each}`);
  const token = { API_TOKEN: `token-${secret}`, BENCH_USER: `root:${secret}` };
  const ends: [string[], BenchEnd][] = [];
  for (const [words, more] of [
    [["cluster", "list"], {}],
    [["cluster", "list", "-o", "json"], {}],
    [["cluster", "status"], {}],
    [["cluster", "status", "-o", "json"], {}],
    [["cluster", "logs"], {}],
    [["cluster", "restart", secret], {}],
    [["put", "--cluster", ...run, ...event, ...outputs], { ETCDCTL_USER: `root:${secret}` }],
    [["put", "--endpoints=127.0.0.1:1", "--dry-run", ...run], token],
    [["put", "--cluster", "--transport=gateway", ...run], { ETCDCTL_USER: `root:${secret}` }],
  ] as [string[], NodeJS.ProcessEnv][]) {
    ends.push([words, await bench(words, { cwd: folder, env: { ...env, ...more } })]);
  }
  const codes = ends.map(([, { code }]) => code);
  assert.equal(codes, [0, 0, 0, 0, 0, 2, 1, 0, 0], JSON.stringify(ends));
  for (const [words, end] of ends) assertPrintsHide(secret, end, words);
  const { pid } = (await clusters.status("default")).members[0]!;
  for (const seen of await seenProcesses(pid!)) {
    assertHidden(secret, seen.commandLine, "the command line of etcd");
    assertHidden(secret, seen.environment, "the environment of etcd");
  }
  const state = path.join(clusters.clustersFolder, "default", "cluster.json");
  assert.is((await stat(state)).mode & 0o777, 0o600);
  assert.ok((await assertFilesHide(secret, folder, ["cluster.json", "fault.sh"])) > 5);
});

test("secrets from a Procfile and its .env are removed from the output of programs", async ({
  clusters,
}) => {
  const { folder } = clusters;
  const says = 'echo "$ETCDCTL_PASSWORD and $API_TOKEN and $DB_PASSWORD"';
  await writeFile(
    path.join(folder, "Procfile"),
    `app: ${says}\nb\u001b]0;x\u0007/../${"c".repeat(300)}: DB_PASSWORD=db-${SECRET} sh -c '${says}; exit 3'\n`,
  );
  await writeFile(
    path.join(folder, ".env"),
    `ETCDCTL_PASSWORD=${SECRET}\nAPI_TOKEN="token-${SECRET}"\n`,
  );
  for (const words of [
    ["check", "-f", "Procfile"],
    ["start", "-f", "Procfile"],
    ["status"],
    ["status", "-o", "json"],
    ["stop", "none"],
  ]) {
    const end = await clusters.attempt(...words);
    assert.is(end.code, words[0] === "stop" ? 2 : 0, `${words.join(" ")}: ${end.stderr}`);
    assertPrintsHide(SECRET, end, words);
    assert.not.match(end.stdout + end.stderr, "\u001b");
  }
  const said = await until("both programs", async () => {
    const { stdout } = await clusters.attempt("logs");
    return stdout.split("\n").length > 2 && stdout;
  });
  assertHidden(SECRET, said, "logs");
  assert.match(said, /^app +\| \*\*\* and \*\*\* and $/m);
  assert.match(said, /\| \*\*\* and \*\*\* and \*\*\*$/m);
  const state = path.join(clusters.clustersFolder, "default", "cluster.json");
  assert.is((await stat(state)).mode & 0o777, 0o600);
});

test("fault trials write no password to their folder, report or page", async ({
  clusters: { folder },
}) => {
  const script = '#!/bin/sh\necho "it is $API_TOKEN and [$ETCDCTL_PASSWORD]"; exit 3\n';
  await writeFile(path.join(folder, "fault.sh"), script, { mode: 0o755 });
  const { path: etcd } = await etcdForTests();
  const words = [
    ...["failover", "--local=1", `--etcd=${etcd}`, "--trials=1", "--controls=0", "--before=1s"],
    ...["--after=1s", "--rate=20", "--workload=put", "--save=kept", `--label=as=${SECRET}`],
    ...[`--event=for=1s exec ./fault.sh --password=${SECRET}`],
    ...["html", "json", "table", "markdown"].map((each) => `--output=${each}=${each}.out`),
  ];
  const env = { ETCDCTL_PASSWORD: SECRET, API_TOKEN: `token-${SECRET}` };
  const process = new BenchProcess(words, { cwd: folder, env });
  await process.said(/runs?, about/);
  for (const { commandLine } of await seenProcesses(process.pid)) {
    // The script's own command line has it, because the user wrote it there.
    if (!commandLine.includes("bench-event")) {
      assertHidden(SECRET, commandLine, "the list of processes");
    }
  }
  const end = await process.ended;
  // The fault was not made, so there is no trial.
  assert.is(end.code, 1, end.stderr);
  assert.match(end.stderr, /trial 1: the fault was not made .* exit code 3: it is \*\*\* and \[\]/);
  assertPrintsHide(SECRET, end, words);
  assert.ok((await assertFilesHide(SECRET, folder)) >= 6);
});

test.run();
