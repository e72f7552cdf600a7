/** Closes the terminal of a run: bench ends in order, and with its exit code. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { packageRoot } from "../../src/package-root.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { checkedResult } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

/** Of util-linux: runs a command in a terminal of its own. */
const SCRIPT = "/usr/bin/script";
const hasTerminals = process.platform === "linux" && existsSync(SCRIPT);
if (!hasTerminals) console.log("skipped: terminals that close: there is no script of util-linux");

const test = suite<{ folder: string; cluster: LocalCluster }>("closed terminal");
const testInTerminal = hasTerminals ? test : test.skip;

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "bench-closed-terminal-"));
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});

test.after(async ({ folder, cluster }) => {
  await cluster.down();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  code: string;
  result: ReturnType<typeof checkedResult>;
}

/** @param hangUp what the shell that starts bench does at a hang-up */
async function endAfterClosing(
  { folder, cluster }: { folder: string; cluster: LocalCluster },
  hangUp: "hears it" | "ignores it",
  duration: string,
): Promise<Ended> {
  const [endpoint] = cluster.endpoints;
  const before = (await readStored(endpoint!)).revision;
  const name = hangUp.replace(" ", "-");
  const file = (end: string) => join(folder, `${name}.${end}`);
  const launcher = join(packageRoot(), "bin", "bench");
  const command = [
    // That a shell ignores a signal is passed on to what it starts; what it hears it sends on.
    ...(hangUp === "ignores it" ? ["trap '' HUP"] : []),
    `'${launcher}' put --endpoints=${endpoint} --clients=4 --duration=${duration} --output='json=${file("json")}' & pid=$!`,
    `echo $pid >'${file("pid")}'`,
    ...(hangUp === "hears it" ? ["trap 'kill -HUP $pid; heard=1' HUP"] : []),
    "wait $pid; code=$?",
    // The first wait ends with the signal.
    'if [ -n "$heard" ]; then wait $pid; code=$?; fi',
    `echo $code >'${file("code")}'`,
  ].join("\n");
  const terminal = spawn(SCRIPT, ["-qec", command, "/dev/null"], {
    env: { ...process.env, SHELL: "/bin/sh" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  try {
    await until("puts were in", async () => {
      return (await readStored(endpoint!)).revision > before + 100;
    });
    // The system closes the terminal with its last holder.
    terminal.kill("SIGKILL");
    const code = await until("bench has ended", async () => {
      const text = await readFile(file("code"), "utf8").catch(() => "");
      return text.endsWith("\n") ? text.trim() : null;
    });
    return { code, result: checkedResult(JSON.parse(await readFile(file("json"), "utf8"))) };
  } catch (error) {
    process.kill(Number(await readFile(file("pid"), "utf8")), "SIGKILL");
    throw error;
  } finally {
    terminal.kill("SIGKILL");
  }
}

testInTerminal(
  "a terminal that closes ends the run in order, with exit code 130",
  async (around) => {
    const { code, result } = await endAfterClosing(around, "hears it", "10m");
    assert.equal([code, result.status], ["130", "interrupted"]);
  },
);

testInTerminal(
  "where a hang-up is ignored, the run ends by itself with exit code 0",
  async (around) => {
    const { code, result } = await endAfterClosing(around, "ignores it", `${patient(3)}s`);
    assert.equal([code, result.status], ["0", "complete"]);
  },
);

test.run();
