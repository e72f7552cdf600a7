/**
 * The image of the Containerfile, built and run by podman: agents in containers with a read-only root file system
 * and no rights join a run in a third one. Skipped where podman cannot run a container.
 */
import { execFile } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { JOIN_FILE_VERSION, newGroupSecret, writeJoinFile } from "../../src/agents/join-file.ts";
import { allOnPath } from "../../src/etcd/etcd-binary/executable.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const IMAGE = "localhost/etcd-bench:test";
const USER = 65_532;
/** The join file in a container. */
const MOUNTED = "/etc/bench/join/join.json";
const RUNTIMES = [[], ["--runtime=runc"], ["--runtime=crun"]];

const folder = mkdtempSync(join(tmpdir(), "bench-container-"));
const joinFolder = join(folder, "join");
/** Of this test alone, so that nothing stays on the machine. */
const storage = [`--root=${join(folder, "storage")}`, `--runroot=${join(folder, "run")}`];
let runtime: readonly string[] = [];
let clusters: LocalCluster[] = [];

/** Of a container without rights; podman would raise limits that a machine may not allow. */
function podman(args: readonly string[], program = "bench") {
  return run(
    "podman",
    [
      ...[...storage, ...runtime, "run", "--rm", "--network=host", "--read-only"],
      ...["--cap-drop=all", "--security-opt=no-new-privileges"],
      ...["--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096"],
      ...[`--volume=${joinFolder}:/etc/bench/join:ro`, `--entrypoint=${program}`],
      ...[IMAGE, ...args],
    ],
    { maxBuffer: 1 << 26 },
  );
}

/** Null: containers run. */
async function whySkipped(): Promise<string | null> {
  if (allOnPath("podman", process.env).length === 0) return "no podman is on the PATH";
  if (process.getuid?.() !== 0) return "it takes root to give the join file to another user";
  const etcd = (await etcdForTests()).path;
  const make = join(ROOT, "scripts/make-rootfs.mjs");
  await run(process.execPath, [make, `--etcd=${etcd}`, `--into=${folder}`]);
  mkdirSync(joinFolder);
  const file = join(ROOT, "container/Containerfile");
  let reason = "";
  for (const each of RUNTIMES) {
    runtime = each;
    try {
      await run("podman", [
        ...storage,
        ...runtime,
        "build",
        `--tag=${IMAGE}`,
        `--file=${file}`,
        folder,
      ]);
      await podman(["--version"]);
      return null;
    } catch (error) {
      const { stderr = "" } = error as { stderr?: string };
      reason = stderr.trim().split("\n").at(-1) ?? "";
    }
  }
  return `podman runs no container here: ${reason}`;
}

const reason = await whySkipped();
if (reason !== null) console.log(`skipped: the image in podman: ${reason}`);

if (reason === null) {
  before(test, async () => {
    const binary = await etcdForTests();
    clusters = await Promise.all([1, 2].map(() => startLocalCluster({ binary, members: 1 })));
    const file = join(joinFolder, "join.json");
    writeJoinFile(file, {
      ...{ version: JOIN_FILE_VERSION, group: "g", secret: newGroupSecret() },
      ...{ endpoints: [...clusters[0]!.endpoints], tls: null, user: null },
    });
    // As a Secret is mounted: root's, and readable by the group of the pod.
    chmodSync(file, 0o440);
    chownSync(file, 0, USER);
  });

  test("the image has bench and etcd, and runs as no root", async () => {
    assert.match((await podman(["--version"], "etcd")).stdout, /etcd Version/);
    assert.match((await podman(["--version"])).stdout, /^etcd-bench /);
    assert.is((await podman(["-p", "process.getuid()"], "node")).stdout, `${USER}\n`);
  });

  test("two agents in containers send the load of a run in a third", async () => {
    const agents = ["one", "two"].map((name) => ({
      name,
      container: podman(["agent", `--join=${MOUNTED}`, "--workers=1"]),
    }));
    try {
      const { stdout } = await podman([
        ...["put", "--agents=2", `--coordination=${MOUNTED}`, "--total=501"],
        ...["--conns=2", "--clients=4", `--endpoints=${clusters[1]!.endpoints}`, "--output=json"],
      ]);
      const result = JSON.parse(stdout) as RunResult;
      assert.is(onlyOperation(result).requests.succeeded, 501);
      assert.is(result.client.agents!.length, 2);
    } finally {
      // Without its etcd an agent ends by itself.
      await clusters[0]!.down();
      await Promise.allSettled(agents.map(({ container }) => container));
    }
  });
}

test.after(async () => {
  await Promise.all(clusters.map((cluster) => cluster.down()));
  if (reason === null) await run("podman", [...storage, "rmi", "--all", "--force"]);
  rmSync(folder, { recursive: true, force: true });
});

test.run();
