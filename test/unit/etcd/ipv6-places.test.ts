/** Tests endpoints of members at IPv6 addresses. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PROXY_FLAGS } from "../../../src/cli/proxy/proxy-flags.ts";
import { placesOf } from "../../../src/etcd/local-cluster/placement.ts";
import { AGENT_FLAGS } from "../../../src/flags/agents.ts";
import { readFlags } from "../../../src/flags/flag.ts";
import { joinHostPort, splitEndpoint } from "../../../src/net/host-port.ts";

test("a member at an IPv6 address has an endpoint with brackets", async () => {
  const placement = {
    ...{ dataFolder: "/d", logFolder: "/l", etcdPath: "/etcd", isTls: true, host: "fd00:5::1" },
    ...{ clusterToken: "t", extraArgs: [] },
  };
  const [place] = await placesOf(["one"], placement);
  assert.match(place!.endpoint, /^\[fd00:5::1\]:\d+$/);
  assert.is(splitEndpoint(place!.endpoint).host, "fd00:5::1");
});

test("hosts and ports are put together as they are taken apart, and brackets may be given", () => {
  for (const host of ["127.0.0.1", "etcd.local", "::1", "fe80::1%eth0"]) {
    assert.equal(splitEndpoint(joinHostPort(host, 2379)), { host, port: 2379 });
    const given = (value: string) => ({ "coordination-host": value, "http-host": value });
    for (const value of [host, `[${host}]`]) {
      assert.is(readFlags(AGENT_FLAGS, given(value)).coordinationHost, host);
      assert.is(readFlags(PROXY_FLAGS, given(value)).httpHost, host);
    }
  }
});

test.run();
