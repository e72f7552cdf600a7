/** A cluster whose members are reached through fault proxies, and the proxies' HTTP API. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { measure } from "../harness/bench-process.ts";

const test = suite<{ clusters: ClusterCommands }>("a proxied cluster");

test.before(async (context) => {
  context.clusters = new ClusterCommands();
  const etcd = `--etcd=${(await etcdForTests()).path}`;
  await context.clusters.run("start", "--proxied", "--size=1", etcd);
});

test.after(({ clusters }) => clusters.end());

test("clients come through the proxy, which takes the documented requests", async ({
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

test("a member that joins has a proxy, and takes it along when it leaves", async ({ clusters }) => {
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
