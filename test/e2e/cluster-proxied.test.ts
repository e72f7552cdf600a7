/** Runs a cluster whose members have fault proxies, and uses the proxies' HTTP API. */
import { execFile } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { measure } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ clusters: ClusterCommands }>("a proxied cluster");

before(test, async (context) => {
  context.clusters = new ClusterCommands();
  const etcd = `--etcd=${(await etcdForTests()).path}`;
  await context.clusters.run("start", "--proxied", "--size=1", etcd);
});

test.after(({ clusters }) => clusters.end());

test("clients connect through the proxy, which accepts the documented requests", async ({
  clusters,
}) => {
  const { members, helpers } = await clusters.status("default");
  const [proxy] = helpers;
  assert.is(proxy!.endpoint, members[0]!.endpoint);
  const api = `http://127.0.0.1:${proxy!.faults!.clientApi}/delay-tx`;
  const body = new URLSearchParams({ latency: "50ms", "random-variable": "0s" });
  const added = await (await fetch(api, { method: "PUT", body })).text();
  assert.match(added, /^added send latency 50ms±0s \(current latency 50ms\)\n$/);
  const { env } = clusters;
  const { result } = await measure(["put", "--cluster", "--total=10"], { env });
  assert.ok(result.operations[0]!.serviceTime.minMs! >= 50);
  assert.is(await (await fetch(api, { method: "DELETE" })).text(), "removed latency 50ms\n");
});

test("the documented requests for a delay, a pause and a blackhole get the documented answers", async ({
  clusters,
}) => {
  const { members, helpers } = await clusters.status("default");
  const { endpoint } = members[0]!;
  const url = `http://localhost:${helpers[0]!.faults!.clientApi}`;
  const curl = async (path: string, method = "GET", form?: string) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = form === undefined ? {} : { headers, body: form };
    return await (await fetch(`${url}/${path}`, { method, ...body })).text();
  };
  const put = (timeout: string) => etcdctlPut(endpoint, timeout);
  const late = /^Error: context deadline exceeded$/m;
  const way = `[tcp://${endpoint} -> tcp://`;

  const added = await curl("delay-tx", "PUT", "latency=5s&random-variable=100ms");
  assert.match(added, /^added send latency 5s±100ms \(current latency (4\.9|5\.0|5s)[\d.]*s?\)\n$/);
  assert.match(await curl("delay-tx"), /^current send latency (4\.9\d*|5\.0\d*|5)s\n$/);
  assert.match(await put("3s"), late);
  assert.match(await curl("delay-tx", "DELETE"), /^removed latency (4\.9\d*|5\.0\d*|5)s\n$/);
  assert.is(await curl("delay-tx"), "current send latency 0s\n");
  assert.match(await put("60s"), /^OK$/m);

  assert.ok((await curl("pause-tx", "PUT")).startsWith(`paused forwarding ${way}`));
  assert.match(await put("1s"), late);
  assert.ok((await curl("pause-tx", "DELETE")).startsWith(`unpaused forwarding ${way}`));
  assert.match(await put("60s"), /^OK$/m);

  assert.ok((await curl("blackhole-tx", "PUT")).startsWith(`blackholed; dropping packets ${way}`));
  assert.match(await put("1s"), late);
  const restart = await curl("blackhole-tx", "DELETE");
  assert.ok(restart.startsWith(`unblackholed; restart forwarding ${way}`));
  assert.match(await put("60s"), /^OK$/m);
});

/** Output of `etcdctl put foo bar` through the proxy. */
async function etcdctlPut(endpoint: string, timeout: string): Promise<string> {
  const { etcdctlPath } = await etcdForTests();
  const args = [`--endpoints=${endpoint}`, `--command-timeout=${timeout}`, "put", "foo", "bar"];
  return await new Promise((resolve) => {
    execFile(etcdctlPath!, args, { env: { ETCDCTL_API: "3" } }, (_, stdout, stderr) => {
      resolve(`${stdout}${stderr}`);
    });
  });
}

test("a member that joins gets a proxy, which is removed with the member", async ({ clusters }) => {
  await clusters.run("add");
  const joined = await clusters.status("default");
  assert.equal(
    joined.helpers.map(({ name }) => name),
    ["etcd1-proxy", "etcd2-proxy"],
  );
  await clusters.run("remove", "etcd2");
  assert.is((await clusters.status("default")).helpers.length, 1);
});

test.run();
