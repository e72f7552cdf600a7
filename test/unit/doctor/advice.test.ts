import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  adviseQuota,
  adviseTimeouts,
  deviceOf,
  diskPriorityLines,
  trafficPriorityLines,
} from "../../../src/doctor/advice.ts";

const GIB = 2 ** 30;
const of = (heartbeatMs: number, electionMs: number, member = "m1") => {
  return { member, heartbeatMs, electionMs };
};

test("members with short round trips keep etcd's defaults", () => {
  const advice = adviseTimeouts([of(100, 1_000), of(100, 1_000, "m2")], 0.4);
  assert.equal([advice.heartbeatMs, advice.electionMs, advice.complaints], [100, 1_000, []]);
});

test("a long round trip advises a heartbeat of one round trip and an election timeout of ten", () => {
  const advice = adviseTimeouts([of(100, 1_000)], 352);
  assert.equal([advice.heartbeatMs, advice.electionMs], [360, 3_600]);
  assert.equal(advice.complaints, [
    "the heartbeat of 100 ms is below half the round trip between members of 352 ms",
    "the election timeout of 1000 ms is below 10 times the round trip between members of 352 ms",
  ]);
});

test("the advised election timeout is at most 50 s", () => {
  assert.is(adviseTimeouts([], 9_000).electionMs, 50_000);
  assert.match(adviseTimeouts([of(100, 60_000)], 1).complaints[0]!, /60000 ms is above 50000 ms/);
});

test("timeouts that differ between members are reported with their members", () => {
  const { complaints } = adviseTimeouts([of(100, 1_000), of(300, 1_000, "m2")], null);
  assert.equal(complaints, [
    "--heartbeat-interval differs between members (m1 100, m2 300), which disturbs elections",
    "the election timeout of 1000 ms is below 5 heartbeats of 300 ms",
  ]);
});

test("a heartbeat far above the default and the round trip is reported", () => {
  assert.match(adviseTimeouts([of(500, 5_000)], 1).complaints[0]!, /lost leader is noticed late/);
  assert.equal(adviseTimeouts([of(150, 1_500)], 100).complaints, []);
});

test("a quota is doubled until the data in use fits, up to 8 GiB", () => {
  const full = { dbSizeBytes: 1.9 * GIB, inUseBytes: 1.8 * GIB };
  assert.is(adviseQuota(0, full).advisedQuotaBytes, 4 * GIB);
  assert.is(
    adviseQuota(8 * GIB, { dbSizeBytes: 8 * GIB, inUseBytes: null }).advisedQuotaBytes,
    null,
  );
  // A defragmentation frees enough space.
  const fragmented = adviseQuota(2 * GIB, { dbSizeBytes: 1.9 * GIB, inUseBytes: 0.2 * GIB });
  assert.is(fragmented.advisedQuotaBytes, null);
  assert.is(Math.round(fragmented.reclaimableBytes! / GIB), 2);
  assert.is(fragmented.usedShare, 0.95);
});

test("tc puts peer ports before client ports, and other ports after both", () => {
  const lines = trafficPriorityLines("eth0", { peerPorts: [2380], clientPorts: [2379] });
  assert.equal(lines.slice(1), [
    "tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip sport 2380 0xffff flowid 1:1",
    "tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dport 2380 0xffff flowid 1:1",
    "tc filter add dev eth0 parent 1: protocol ip prio 2 u32 match ip sport 2379 0xffff flowid 1:2",
    "tc filter add dev eth0 parent 1: protocol ip prio 2 u32 match ip dport 2379 0xffff flowid 1:2",
  ]);
  assert.match(lines[0]!, /^tc qdisc add dev eth0 root handle 1: prio bands 3 priomap/);
  const [, v6] = trafficPriorityLines("eth0", { peerPorts: [2380], clientPorts: [] }, true);
  assert.match(v6!, /protocol ipv6 prio 1 u32 match ip6 sport 2380/);
});

test("ionice gets all threads of each process, since a process id is only that of its first thread", () => {
  assert.equal(diskPriorityLines([41, 42]), [
    "ionice -c2 -n0 -p $(ls /proc/41/task)",
    "ionice -c2 -n0 -p $(ls /proc/42/task)",
  ]);
});

test("the device is the one that has the endpoint's address", () => {
  const address = (text: string) => {
    const family = text.includes(":") ? "IPv6" : "IPv4";
    return { address: text, family, netmask: "", mac: "", internal: false, cidr: null } as never;
  };
  const interfaces = {
    lo: [address("127.0.0.1")],
    eth1: [address("10.0.0.7"), address("fd00::7")],
  };
  assert.equal(deviceOf("10.0.0.7:2379", interfaces), { device: "eth1", isV6: false });
  assert.equal(deviceOf("[fd00::7]:2379", interfaces), { device: "eth1", isV6: true });
  assert.equal(deviceOf("localhost:2379", interfaces), { device: "lo", isV6: false });
  assert.is(deviceOf("10.0.0.8:2379", interfaces), null);
});

test.run();
