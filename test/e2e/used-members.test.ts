/** Compares the members that a result says were used with what three members of a cluster counted. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { handledByMember } from "../etcd/handled-requests.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { measure } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

let cluster: LocalCluster;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 3 });
});
test.after(() => cluster?.down());

/** A run on all members, what it says of its connections, and the puts that each member handled. */
async function used(...args: string[]) {
  const before = await handledByMember(cluster.endpoints, "Put");
  const { code, result, stderr } = await measure([
    ...[...args, "--warmup=0s", `--endpoints=${cluster.endpoints.join(",")}`],
  ]);
  assert.is(code, 0, stderr);
  const after = await handledByMember(cluster.endpoints, "Put");
  const puts = after.map((count, member) => count - before[member]!);
  const { connections } = result.target;
  const counts = connections.map(({ count, messages, idle = 0 }) => ({ count, messages, idle }));
  const notes = result.notes.filter((note) => note.includes("sent no measured request"));
  return { puts, counts, notes };
}

for (const transport of ["wire", "grpc-js", "gateway"]) {
  test(`${transport}: the messages of each member are the puts that it counted`, async () => {
    const { puts, counts, notes } = await used(
      ...["put", "--total=300", "--conns=5", "--clients=5", `--transport=${transport}`],
    );
    assert.equal(
      counts.map(({ messages }) => messages),
      puts,
    );
    assert.equal(
      counts.map(({ count, idle }) => [count, idle]),
      [
        [2, 0],
        [2, 0],
        [1, 0],
      ],
    );
    assert.equal(notes, []);
  });
}

test("members that too few requests left out are idle, and a note names the others", async () => {
  const { puts, counts, notes } = await used("put", "--conns=3", "--clients=3", "--total=2");
  assert.equal(puts, [1, 1, 0]);
  assert.equal(
    counts.map(({ messages, idle }) => [messages, idle]),
    [
      [1, 0],
      [1, 0],
      [0, 1],
    ],
  );
  assert.match(notes.join(), /: all requests went to \S+, \S+\.$/);
});

test("members without a stream and without a client are idle", async () => {
  const { puts, counts, notes } = await used(
    ...["watch-latency", "--streams=1", "--conns=3", "--clients=1", "--total=30"],
  );
  assert.equal(puts, [30, 0, 0]);
  assert.equal(
    counts.map(({ idle }) => idle),
    [0, 1, 1],
  );
  assert.match(notes.join(), /all requests went to \S+; give --clients=3/);
});

test("connections of a load's own to all members are counted", async () => {
  const { puts, counts, notes } = await used(
    ...["availability", "--rate=60", "--duration=1s", "--workload=put", "--conns=3", "--clients=1"],
  );
  assert.ok(puts.every((count) => count > 0));
  for (const [member, { count, messages, idle }] of counts.entries()) {
    assert.equal([count, idle], [2, 1]);
    // It asks each member for its status, too.
    assert.ok(messages! > 0, `${messages} messages, ${puts[member]} puts`);
  }
  assert.equal(notes, []);
});

test("a member that two endpoints name has clients of availability once, and is not several", async () => {
  const [endpoint] = cluster.endpoints;
  const { code, result, stderr } = await measure([
    ...["availability", "--rate=40", "--duration=1s", "--warmup=0s", "--workload=put,watch"],
    `--endpoints=${endpoint!.replace("127.0.0.1", "localhost")},${endpoint}`,
  ]);
  assert.is(code, 0, stderr);
  const { groups, watches } = result.availability!;
  assert.equal(
    groups.filter(({ operation }) => operation === "put").map(({ attachment }) => attachment),
    ["etcd1"],
  );
  assert.is(watches.length, 1);
});

test.run();
