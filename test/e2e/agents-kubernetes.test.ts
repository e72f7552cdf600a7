/**
 * Starts agents with the real kubectl in a fake Kubernetes, which validates objects with the real
 * schema and runs pods as local processes. Skipped when no kubectl is on the PATH.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { JoinFile } from "../../src/agents/join-file.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { deleteStored, readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, onlyOperation } from "../harness/bench-process.ts";
import { builtBench } from "../harness/built-bench.ts";
import { before } from "../harness/hooks.ts";
import { FakeKubernetes } from "../peers/kubernetes/api-server.ts";
import { kubectlForTests } from "../peers/kubernetes/kubectl.ts";

const IMAGE = "etcd-bench:test";
const PUT = ["put", "--total=2001", "--key-space-size=3000", "--sequential-keys"];
const SIZES = ["--clients=7", "--conns=3"];

const folder = mkdtempSync(join(tmpdir(), "bench-kubernetes-"));
const kubectl = kubectlForTests(folder);
if (kubectl === null) console.log("skipped: agents in Kubernetes: no kubectl is on the PATH");

const test = suite("bench agents --kubernetes");
let cluster: LocalCluster;
let endpoint: string;
let fake: FakeKubernetes;
let forward: Server;
let env: NodeJS.ProcessEnv;

async function agents(...args: string[]) {
  return await bench(["agents", ...args], { env });
}

function up(...args: string[]) {
  const usual = ["up", "--kubernetes", "--apply", `--image=${IMAGE}`, `--kubectl=${kubectl}`];
  return agents(...usual, ...args);
}

/** Forwards a local port to a pod, like `kubectl port-forward`. */
function forwardTo(pod: RegExp): Server {
  return createServer((socket) => {
    const found = [...fake.pods.all].find(([name]) => pod.test(name));
    if (found === undefined) {
      socket.destroy();
      return;
    }
    const inside = connect({ host: found[1].object.status!.podIP!, port: 2379 });
    for (const [one, other] of [
      [socket, inside],
      [inside, socket],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
    }
  });
}

/** Calls kubectl as a user does. Resolves to standard output. */
async function callKubectl(args: readonly string[], input = ""): Promise<string> {
  const running = promisify(execFile)(kubectl!, args, { env: { ...process.env, ...env } });
  running.child.stdin!.end(input);
  return (await running).stdout;
}

async function keysOf(): Promise<string[]> {
  const { keys } = await readStored(endpoint);
  await deleteStored(endpoint);
  return keys.map(({ key }) => key.toString("hex"));
}

const whole = kubectl !== null ? test : test.skip;

before(test, async () => {
  if (kubectl === null) return;
  const binary = await etcdForTests();
  cluster = await startLocalCluster({ binary, members: 1 });
  endpoint = cluster.endpoints[0]!;
  const node = [process.execPath];
  const programs = { bench: [...node, builtBench()], etcd: [binary.path], node };
  const pods = join(folder, "pods");
  mkdirSync(pods);
  fake = await FakeKubernetes.start({ folder: pods, images: { [IMAGE]: programs } });
  forward = forwardTo(/-etcd-0$/);
  await new Promise<void>((resolve) => forward.listen(0, "127.0.0.1", resolve));
  env = { HOME: folder, XDG_STATE_HOME: join(folder, "state"), KUBECONFIG: fake.writeConfig() };
});

whole(
  "three agents in pods send the load of a run outside the cluster, and of one inside",
  async () => {
    const alone = await bench([...PUT, `--endpoints=${endpoint}`, ...SIZES]);
    assert.is(alone.code, 0, alone.stderr);
    const keysAlone = await keysOf();

    const { port } = forward.address() as AddressInfo;
    const started = await up("load", "--replicas=3", `--coordination-address=127.0.0.1:${port}`);
    assert.is(started.code, 0, started.stderr);
    assert.match(started.stderr, /--namespace=load exec -it \S+-etcd-0 -c console -- bench/);
    const [, file] = /--coordination=(\S+);/.exec(started.stdout)!;

    const shown = await agents("status", "load", "--output=json");
    assert.is(shown.code, 0, shown.stderr);
    const { agents: rows } = JSON.parse(shown.stdout) as {
      agents: { name: string; where: string; seen: { state: string }; member: object | null }[];
    };
    assert.is(rows.length, 3);
    for (const [index, { name, where, seen, member }] of rows.entries()) {
      assert.match(name, new RegExp(`^bench-load-\\w{6}-${index}$`));
      assert.match(where, /^pod bench-load-\S+ on node-1$/);
      assert.is(seen.state, "running");
      assert.ok(member !== null);
    }

    const run = ["--agents=3", `--endpoints=${endpoint}`, ...SIZES, "--output=json"];
    const outside = await bench([...PUT, ...run, `--coordination=${file}`]);
    assert.is(outside.code, 0, outside.stderr);
    const pod = [...fake.pods.all.values()].find(({ owner }) => owner.endsWith("-etcd"))!;
    const results = [outside.stdout];
    assert.equal(await keysOf(), keysAlone);
    const inside = await pod.processes!.exec("console", [
      ...["bench", ...PUT, ...run, "--coordination=/etc/bench/join/join.json"],
    ]);
    assert.is(inside.code, 0, inside.stderr);
    assert.equal(await keysOf(), keysAlone);
    for (const text of [...results, inside.stdout]) {
      const result = JSON.parse(text) as RunResult;
      assert.is(onlyOperation(result).requests.succeeded, 2001);
      assert.equal(
        result.client.agents!.map(({ name }) => name).sort(),
        rows.map(({ name }) => name),
      );
    }
  },
);

whole("down deletes what up created, and nothing else in the namespace", async () => {
  const other = "api/v1/namespaces/load/secrets/other";
  const metadata = { name: "other", namespace: "load", labels: { app: "other" } };
  fake.objects.set(other, { apiVersion: "v1", kind: "Secret", metadata });
  const ended = await agents("down", "load");
  const left = [...fake.objects.keys()];
  fake.objects.delete(other);
  assert.is(ended.code, 0, ended.stderr);
  assert.equal(left, [other]);
  assert.is(fake.pods.all.size, 0);
  assert.match((await agents("list")).stdout, /no agents are up/);
});

whole(
  "without an address up waits for the pods, and status prints what it cannot reach",
  async () => {
    const started = await up("blind", "--replicas=1", "--namespace=default");
    assert.is(started.code, 0, started.stderr);
    const shown = await agents("status", "blind");
    assert.match(shown.stdout, /coordination etcd at 127.0.0.1:2379 cannot be used/);
    assert.match(shown.stdout, /running/);
    assert.is((await agents("down", "blind")).code, 0);
    assert.is(fake.objects.size, 0);
  },
);

whole("kubectl creates the objects of the printed manifest", async () => {
  const args = ["--kubernetes", "--output=yaml", `--image=${IMAGE}`, "--replicas=1"];
  const printed = await agents("up", "printed", ...args, "--expose=node-port");
  assert.is(printed.code, 0, printed.stderr);
  const create = ["create", "--filename=-", "--output=name"];
  const created = await callKubectl(create, printed.stdout);
  assert.equal(
    created.split("\n").map((line) => line.replace(/\/.*/, "")),
    [
      ...["secret", "service", "service", "networkpolicy.networking.k8s.io"],
      ...["statefulset.apps", "networkpolicy.networking.k8s.io", "job.batch", ""],
    ],
  );
  assert.match((await agents("list")).stdout, /no agents are up/);
  const all = "job,statefulset,service,networkpolicy,secret";
  const label = "--selector=app.kubernetes.io/name=etcd-bench-agents";
  await callKubectl(["delete", all, label]);
  assert.is(fake.objects.size, 0);
  const host = await agents("up", ...args, "--coordination-host=127.0.0.1");
  assert.match(host.stderr, /--coordination-host starts an etcd on this machine/);
});

whole(
  "after kill -9 of up, down deletes the created objects, and no file contains a secret",
  async () => {
    const run = new BenchProcess(
      [
        ...["agents", "up", "killed", "--kubernetes", "--apply", `--image=${IMAGE}`],
        ...[`--kubectl=${kubectl}`, "--node-selector=pool=other"],
      ],
      { env },
    );
    await run.until("the Job is there", async () =>
      [...fake.objects.values()].some(({ kind }) => kind === "Job"),
    );
    run.signal("SIGKILL");
    await run.ended;
    const place = join(folder, "state/etcd-bench/agents/killed");
    const { secret } = JSON.parse(readFileSync(join(place, "join.json"), "utf8")) as JoinFile;
    assert.not.match(readFileSync(join(place, "placement.json"), "utf8"), new RegExp(secret));
    assert.match((await agents("status", "killed")).stdout, /waiting/);
    assert.is((await agents("down", "killed")).code, 0);
    assert.is(fake.objects.size, 0);
  },
);

whole("Ctrl-C in up deletes the created objects", async () => {
  const run = new BenchProcess(
    [
      ...["agents", "up", "--kubernetes", "--apply", `--image=${IMAGE}`],
      ...[`--kubectl=${kubectl}`, "--node-selector=pool=other"],
    ],
    { env },
  );
  await run.until("the Job is there", async () =>
    [...fake.objects.values()].some(({ kind }) => kind === "Job"),
  );
  run.signal("SIGINT");
  assert.is((await run.ended).code, 130);
  assert.is(fake.objects.size, 0);
});

whole(
  "pods join a coordination etcd on this machine with the join file in the Secret",
  async () => {
    const args = ["--replicas=1", "--coordination-host=127.0.0.1"];
    const started = await up("here", ...args, `--etcd=${(await etcdForTests()).path}`);
    assert.is(started.code, 0, started.stderr);
    assert.equal(
      [...fake.objects.values()].map(({ kind }) => kind),
      ["Secret", "NetworkPolicy", "Job"],
    );
    assert.match((await agents("status", "here")).stdout, /running +waits/);
    assert.is((await agents("down", "here")).code, 0);
    assert.is(fake.objects.size, 0);
  },
);

whole(
  "what Kubernetes refuses or cannot run is named in the error, and all objects are deleted",
  async () => {
    fake.forbidden.add("networkpolicies");
    const forbidden = await up();
    fake.forbidden.clear();
    assert.match(
      forbidden.stderr,
      /kubectl --context=fake --namespace=load create --filename=- \S+: .*networkpolicies is forbidden/,
    );
    const missing = await up("--etcd-image=none:1");
    assert.match(
      missing.stderr,
      /coordination etcd, pod bench-\S+, is not ready: ImagePullBackOff/,
    );
    const selected = await up("--node-selector=pool=other", "--agents-within=1s");
    assert.match(selected.stderr, /has not joined in time \(waiting\): Unschedulable/);
    const nowhere = await up("--namespace=nowhere");
    assert.match(nowhere.stderr, /namespaces "nowhere" not found/);
    const absent = await up("--kubectl=/none/kubectl");
    assert.match(absent.stderr, /no such file or folder; install kubectl, or name it/);
    for (const { code } of [forbidden, missing, selected, nowhere, absent]) assert.is.not(code, 0);
    assert.is(fake.objects.size, 0);
    assert.match((await agents("list")).stdout, /no agents are up/);
  },
);

test.after(async () => {
  await fake?.stop();
  forward?.close();
  await cluster?.down();
  rmSync(folder, { recursive: true, force: true });
});

test.run();
