/** Ends the process that owns a local cluster in several ways: no process and no folder remain. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { processesNaming, startTimeOf } from "../../src/etcd/local-cluster/process-identity.ts";
import { WATCHDOG_NAME } from "../../src/etcd/local-cluster/watchdog.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { until } from "../harness/conditions.ts";

const alive = (pid: number) => startTimeOf(pid) !== null;

/** Starts a process that owns a cluster, with a temporary folder for tests only. */
async function startOwner(
  temporaryFolder: string,
  afterwards: string,
): Promise<{ child: ChildProcess; folder: string; pids: number[] }> {
  const module = new URL("../../src/etcd/local-cluster.js", import.meta.url).href;
  const binary = JSON.stringify(await etcdForTests());
  const script = `
    import { startLocalCluster } from ${JSON.stringify(module)};
    const cluster = await startLocalCluster({ binary: ${binary}, members: 1 });
    const pids = cluster.members.map((member) => member.pid);
    console.log(JSON.stringify({ folder: cluster.folder, pids }));
    ${afterwards}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, TMPDIR: temporaryFolder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout! }), "line"),
    once(child, "close").then(() => {
      throw new Error(`the owner ended without a cluster: ${errors}`);
    }),
  ]);
  return { child, ...(JSON.parse(line as string) as { folder: string; pids: number[] }) };
}

async function withTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-owners-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const WAIT_FOREVER = "setInterval(() => {}, 1000);";

for (const [name, afterwards, signal] of [
  ["process.exit", "process.exit(0);", null],
  ["an uncaught exception", "throw new Error('unexpected');", null],
  ["the natural end", "", null],
  ["SIGTERM", WAIT_FOREVER, "SIGTERM"],
  ["SIGINT", WAIT_FOREVER, "SIGINT"],
] as const) {
  test(`${name} of the owner without a stop leaves no process and no folder`, () =>
    withTemporaryFolder(async (temporaryFolder) => {
      const { child, folder, pids } = await startOwner(temporaryFolder, afterwards);
      assert.is(pids.length, 1);
      if (signal !== null) child.kill(signal);
      await until("the owner ends", () => child.exitCode !== null || child.signalCode !== null);
      assert.is(child.signalCode, signal);
      assert.not.ok(alive(pids[0]!));
      assert.not.ok(existsSync(folder));
    }));
}

test("after SIGKILL of the owner, no process and no folder remains for long", () =>
  withTemporaryFolder(async (temporaryFolder) => {
    const { child, folder, pids } = await startOwner(temporaryFolder, WAIT_FOREVER);
    assert.is(pids.length, 1);
    child.kill("SIGKILL");
    await until("the watchdog has ended etcd", () => !alive(pids[0]!));
    await until("the watchdog has removed the folder", () => !existsSync(folder));
  }));

/** Ends processes like the kernel's out-of-memory killer, which may take any process. */
function killWatchdogOf(owner: number): void {
  const own = processesNaming(WATCHDOG_NAME, []).filter((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === owner;
  });
  assert.is(own.length, 1);
  process.kill(own[0]!, "SIGKILL");
}

test("the next start removes what a killed owner left, and nothing of a living owner", () =>
  withTemporaryFolder(async (temporaryFolder) => {
    const living = await startOwner(temporaryFolder, WAIT_FOREVER);
    const killed = await startOwner(temporaryFolder, WAIT_FOREVER);
    try {
      killWatchdogOf(killed.child.pid!);
      killed.child.kill("SIGKILL");
      await until("the owner is gone", () => killed.child.signalCode !== null);
      assert.ok(alive(killed.pids[0]!));
      assert.ok(existsSync(killed.folder));

      const next = await startOwner(temporaryFolder, "process.exit(0);");
      await until("the next owner ends", () => next.child.exitCode !== null);
      assert.not.ok(alive(killed.pids[0]!));
      assert.not.ok(existsSync(killed.folder));
      assert.ok(alive(living.pids[0]!));
      assert.equal(readdirSync(temporaryFolder), [basename(living.folder)]);
    } finally {
      living.child.kill("SIGTERM");
      await until("the living owner ends", () => living.child.signalCode !== null);
    }
    assert.not.ok(alive(living.pids[0]!));
  }));

test.run();
