/** Starts agents over sshd in network namespaces, each with its own address, for one run. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench, onlyOperation } from "../harness/bench-process.ts";
import { NetworkNamespace, NO_NAMESPACES } from "../peers/network-namespace.ts";
import { NO_SSHD, Sshd, SshKeys } from "../peers/sshd.ts";

const reason = NO_SSHD ?? NO_NAMESPACES;
const tested = reason === null ? test : test.skip;
if (reason !== null) console.log(`skipped: agents in network namespaces: ${reason}`);

tested("agents in separate namespaces send a run, and the result has the exact total", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-agents-namespaces-"));
  const onHosts = join(folder, "hosts");
  mkdirSync(onHosts);
  const env = { XDG_STATE_HOME: join(folder, "state") };
  const group = join(env.XDG_STATE_HOME, "etcd-bench", "agents", "default");
  const namespaces = [new NetworkNamespace(), new NetworkNamespace()];
  const keys = new SshKeys();
  const [{ outside }] = namespaces as [NetworkNamespace];
  const sshds: Sshd[] = [];
  let target: LocalCluster | null = null;
  try {
    for (const { inside: address, within } of namespaces) {
      sshds.push(await Sshd.start(keys, { address, within }));
    }
    const binary = await etcdForTests();
    target = await startLocalCluster({ binary, members: 1, host: outside });
    const hosts = sshds.map(({ port }, index) => `${namespaces[index]!.inside}:${port}`);
    const up = await bench(
      [
        ...["agents", "up", `--ssh=${hosts.join(",")}`, `--ssh-config=${keys.configFile}`],
        ...["--workers=1", `--ssh-folder=${onHosts}`, `--etcd=${binary.path}`],
        `--coordination-host=${outside}`,
      ],
      { env },
    );
    assert.is(up.code, 0, up.stderr);
    const run = await bench([
      ...["put", `--endpoints=${target.endpoints[0]}`, "--agents=2", "--conns=2", "--clients=2"],
      ...[`--coordination=${join(group, "join.json")}`, "--rate=200", "--total=401"],
      "--output=json",
    ]);
    assert.is(run.code, 0, run.stderr);
    const result = JSON.parse(run.stdout);
    assert.is(onlyOperation(result).requests.succeeded, 401);
    const { agents } = result.client;
    assert.equal(
      agents.map(({ name }: { name: string }) => name).sort(),
      namespaces.map(({ inside }) => inside).sort(),
    );
    // All agents share one clock, so each measured offset must be within its stated error.
    for (const { clockAheadMs, clockUncertaintyMs } of agents) {
      assert.ok(Math.abs(clockAheadMs) <= clockUncertaintyMs, `${clockAheadMs} ms ahead`);
    }
    assert.is((await bench(["agents", "down"], { env })).code, 0);
    assert.equal(readdirSync(onHosts), []);
    assert.not.ok(existsSync(group));
  } finally {
    await bench(["agents", "down", "--force"], { env });
    await Promise.all(sshds.map((sshd) => sshd.stop()));
    await target?.down();
    for (const namespace of namespaces) namespace.remove();
    keys.remove();
    rmSync(folder, { recursive: true });
  }
});

test.run();
