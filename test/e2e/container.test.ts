/**
 * Builds the image of the Containerfile with podman and runs the containers of the Kubernetes
 * manifest, with its users, rights and Secrets, for one run. Skipped when podman runs no container.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { IStatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { ISecret } from "kubernetes-models/v1/Secret";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { allOnPath } from "../../src/executable.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench, onlyOperation } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { Podman } from "../peers/kubernetes/podman.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const IMAGE = "localhost/etcd-bench:test";
const USER = 65_532;
const TESTED = "127.0.0.1:12379";

const folder = mkdtempSync(join(tmpdir(), "bench-container-"));
const podman = new Podman(folder);

/** Null when containers can run. */
async function whySkipped(): Promise<string | null> {
  if (allOnPath("podman", process.env).length === 0) return "no podman is on the PATH";
  if (process.getuid?.() !== 0) return "it takes root to mount files of another user";
  const etcd = (await etcdForTests()).path;
  const make = join(ROOT, "scripts/make-rootfs.mjs");
  execFileSync(process.execPath, [make, `--etcd=${etcd}`, `--into=${folder}`]);
  return await podman.build(IMAGE, join(ROOT, "container/Containerfile"), folder);
}

/** The objects that `bench agents up -o yaml` prints. */
async function manifest() {
  const { stdout, stderr, code } = await bench([
    ...["agents", "up", "--kubernetes", "--output=yaml", `--image=${IMAGE}`, "--replicas=2"],
  ]);
  assert.is(code, 0, stderr);
  const objects = parseAllDocuments(stdout).map((each) => each.toJS() as { kind: string });
  const find = (kind: string) => objects.find((each) => each.kind === kind);
  return {
    secret: find("Secret") as ISecret,
    etcd: find("StatefulSet") as IStatefulSet,
    job: find("Job") as IJob,
  };
}

const reason = await whySkipped();
if (reason !== null) console.log(`skipped: the image in podman: ${reason}`);

const whole = reason === null ? test : test.skip;

whole("the image has bench and etcd, does not run as root, and writes only to mounts", async () => {
  assert.match(await podman.once(IMAGE, ["etcd", "--version"]), /etcd Version/);
  assert.match(await podman.once(IMAGE, ["bench", "--version"]), /^etcd-bench /);
  assert.is(await podman.once(IMAGE, ["node", "-p", "process.getuid()"]), `${USER}\n`);
  const write = 'try { fs.writeFileSync("/x", "") } catch ({ code }) { console.log(code) }';
  assert.is(await podman.once(IMAGE, ["node", "-e", write]), "EROFS\n");
});

whole(
  "the containers of the manifest coordinate a run, send its load, and end without delay",
  async () => {
    const { secret, etcd, job } = await manifest();
    const hosts = [etcd.metadata!.name!];
    const pods = { etcd: etcd.spec!.template.spec!, agent: job.spec!.template.spec! };
    const [etcdContainer, consoleContainer] = pods.etcd.containers;
    const first = await podman.start(pods.etcd, etcdContainer!, { secret, hosts, network: "none" });
    const shared = { secret, hosts, network: `container:${first}` };
    const here = await podman.start(pods.etcd, consoleContainer!, shared);
    const underTest = {
      ...{ ...consoleContainer!, command: ["etcd"] },
      args: [
        ...["--data-dir=/tmp/data", "--listen-peer-urls=http://127.0.0.1:12380"],
        ...[`--listen-client-urls=http://${TESTED}`, `--advertise-client-urls=http://${TESTED}`],
      ],
    };
    await podman.start(pods.etcd, underTest, shared);
    await until("both etcds answer", async () => {
      const look = `Promise.all(["${TESTED}", "127.0.0.1:2381"].map((at) => fetch("http://" + at + "/health")))`;
      return await podman
        .exec(here, ["node", "-e", `${look}.then(() => process.exit(), () => process.exit(1))`])
        .then(
          () => true,
          () => false,
        );
    });
    for (const index of ["0", "1"]) {
      await podman.start(pods.agent, pods.agent.containers[0]!, { ...shared, index });
    }
    const printed = await podman.exec(here, [
      ...["bench", "put", "--agents=2", "--coordination=/etc/bench/join/join.json"],
      ...["--total=501", "--conns=2", "--clients=4", `--endpoints=${TESTED}`, "--output=json"],
    ]);
    const result = JSON.parse(printed) as RunResult;
    assert.is(onlyOperation(result).requests.succeeded, 501);
    assert.equal(
      result.client.agents!.map(({ name }) => name).sort(),
      ["0", "1"].map((index) => `${job.metadata!.name}-${index}`),
    );
    // As process 1 of the container, it must handle the signal itself.
    await podman.call(["stop", "--time=30", here]);
    assert.is((await podman.call(["inspect", "--format={{.State.ExitCode}}", here])).trim(), "0");
  },
);

test.after(async () => {
  if (reason === null) await podman.end();
  rmSync(folder, { recursive: true, force: true });
});

test.run();
