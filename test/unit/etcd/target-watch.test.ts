/** Tests that changes of a cluster during a run are reported, and nothing else is. */
import { status as statusCodes } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlError } from "../../../src/etcd/control-client.ts";
import type { ListedMember, MemberStatus } from "../../../src/etcd/control-messages.ts";
import {
  type KnownMembers,
  type TargetClient,
  TargetWatch,
} from "../../../src/etcd/target-watch.ts";
import type { TargetChange } from "../../../src/result/schema.ts";

interface Cluster {
  statuses: Record<string, Partial<MemberStatus> | null>;
  members: string[];
  revision: number;
}

const KEY = Buffer.from("k");

const STATUS: MemberStatus = {
  clusterId: "c1",
  memberId: "a",
  version: "3.5.30",
  leaderId: "a",
  isLearner: false,
  dbSizeBytes: 0,
  dbSizeInUseBytes: 0,
  dbSizeQuotaBytes: null,
  storageVersion: null,
  revision: 100,
  raftTerm: 2,
  raftIndex: 1,
  raftAppliedIndex: 1,
  errors: [],
};

/**
 * The changes found between a first look at the cluster and a last look after `change`. At the
 * last look, the first `failuresAtEnd` calls of Status fail.
 */
async function changesOf(
  change: (cluster: Cluster) => void,
  { leaderOnly = false, clusterId = "c1" as string | null, failuresAtEnd = 0, firstIndex = 1 } = {},
): Promise<TargetChange[]> {
  let failuresLeft = 0;
  const cluster: Cluster = {
    statuses: { "h:1": { raftIndex: firstIndex }, "h:2": { memberId: "b" } },
    members: ["a", "b"],
    revision: 100,
  };
  const client: TargetClient = {
    status: async (endpoint) => {
      const own = cluster.statuses[endpoint!];
      const gone = { code: statusCodes.UNAVAILABLE, details: "gone" };
      if (own == null || failuresLeft-- > 0) throw new ControlError("Status", endpoint!, gone);
      return { ...STATUS, revision: cluster.revision, ...own };
    },
    memberList: async () => ({
      clusterId: "c1",
      members: cluster.members.map(
        (id): ListedMember => ({
          id,
          name: `m-${id}`,
          peerUrls: [],
          clientUrls: [],
          isLearner: false,
        }),
      ),
    }),
    clusterRevision: async () => cluster.revision,
    close: () => {},
  };
  const member = (id: string, endpoint: string, isLeader: boolean) => {
    const rest = { version: "3.5.30", isLearner: false, dbSizeBytes: null, metricsUrls: [] };
    return { id, name: `m-${id}`, endpoint, isLeader, ...rest };
  };
  const members = [member("a", "h:1", true), member("b", "h:2", false)];
  const target = { endpoints: leaderOnly ? ["h:1"] : ["h:1", "h:2"], clusterId, members };
  // Only two looks: at the start and at the end.
  const watch = new TargetWatch({ target, key: KEY, leaderOnly, client, everyMs: 3_600_000 });
  watch.start();
  // The first look ends here, because its promises have settled.
  await new Promise((resolve) => setImmediate(resolve));
  change(cluster);
  failuresLeft = failuresAtEnd;
  return await watch.stop(performance.now());
}

const wordsOf = (changes: readonly TargetChange[]) =>
  changes.map(({ kind, isFault, text }) => `${kind}${isFault ? "!" : ""}: ${text}`);

test("an unchanged cluster is no change, and neither is a member that does not answer", async () => {
  assert.equal(await changesOf(() => {}), []);
  const silent = (cluster: Cluster) => Object.assign(cluster.statuses, { "h:1": null });
  assert.equal(await changesOf(silent), []);
});

test("a leader that moves is a fault only with --target-leader", async () => {
  const move = ({ statuses }: Cluster) => {
    statuses["h:1"] = { leaderId: "b", raftTerm: 3 };
    statuses["h:2"] = { memberId: "b", leaderId: "b", raftTerm: 3 };
  };
  const moved = "the leader moved from m-a to m-b";
  assert.equal(wordsOf(await changesOf(move)), [`leader: ${moved}`]);
  assert.equal(wordsOf(await changesOf(move, { leaderOnly: true })), [
    `leader!: ${moved}, and the load of --target-leader went on to h:1`,
  ]);
});

test("an old leader's name from an isolated member is no change", async () => {
  const cutOff = ({ statuses }: Cluster) => {
    statuses["h:2"] = { memberId: "b", leaderId: "b", raftTerm: 1 };
  };
  assert.equal(await changesOf(cutOff), []);
});

test("another cluster id, and a revision that decreased, are faults", async () => {
  const replaced = ({ statuses }: Cluster) => {
    statuses["h:2"] = { memberId: "b", clusterId: "c2" };
  };
  assert.match(wordsOf(await changesOf(replaced))[0]!, /^cluster!: h:2 .*c2.*c1.*replaced/);
  const emptied = await changesOf((cluster) => {
    cluster.revision = 7;
  });
  assert.equal(
    emptied.map(({ kind, isFault }) => [kind, isFault]),
    [["revision", true]],
  );
  assert.match(emptied[0]!.text, /went back from 100 to 7/);
});

test("the index of its log shows that an etcd without keys was emptied", async () => {
  const emptied = await changesOf(
    ({ statuses }) => Object.assign(statuses["h:1"]!, { raftIndex: 4 }),
    { firstIndex: 90 },
  );
  assert.equal(wordsOf(emptied), [
    "revision!: the raft index of h:1 went back from 90 to 4: etcd was emptied or restored during the run",
  ]);
});

test("a restarted member that tells an older index until it has read its log is no change", async () => {
  let looks = 0;
  const restarted = await changesOf(
    ({ statuses }) =>
      Object.defineProperty(statuses["h:1"]!, "raftIndex", {
        get: () => (looks++ === 0 ? 88 : 91),
        enumerable: true,
      }),
    { firstIndex: 90 },
  );
  assert.equal(restarted, []);
  assert.is(looks, 2);
});

test("a silent member is looked at again at short steps, so that its revision after a restart is seen", async () => {
  // The store is filled again beyond its old revision when the run ends.
  let looks = 0;
  const found = new Promise<void>((resolve) => {
    const client: TargetClient = {
      status: async (endpoint) => {
        looks += 1;
        const gone = { code: statusCodes.UNAVAILABLE, details: "gone" };
        if (looks <= 2) throw new ControlError("Status", endpoint!, gone);
        return { ...STATUS, revision: looks === 3 ? 7 : 500 };
      },
      memberList: async () => ({ clusterId: "c1", members: [] }),
      clusterRevision: async () => {
        resolve();
        return 7;
      },
      close: () => {},
    };
    const rest = { version: "3.5.30", isLearner: false, dbSizeBytes: null, metricsUrls: [] };
    const member = {
      id: "a",
      name: "m-a",
      endpoint: "h:1",
      isLeader: true,
      revision: 100,
      ...rest,
    };
    const target = { endpoints: ["h:1"], clusterId: "c1", members: [member] };
    const watch = new TargetWatch({
      ...{ target, key: KEY, leaderOnly: false, client },
      everyMs: 3_600_000,
    });
    watch.start();
  });
  // The timers of looks alone keep no process alive.
  const alive = setInterval(() => {}, 1_000);
  await found;
  clearInterval(alive);
  assert.is(looks, 3);
});

test("a member whose revision is behind is no decrease of the revision", async () => {
  const behind = ({ statuses }: Cluster) => {
    statuses["h:2"] = { memberId: "b", revision: 50 };
  };
  assert.equal(await changesOf(behind), []);
});

test("added and removed members and changed versions are reported", async () => {
  const changed = await changesOf((cluster) => {
    cluster.members = ["a", "c", "d"];
    cluster.statuses["h:1"] = { version: "3.6.0" };
  });
  assert.equal(wordsOf(changed).sort(), [
    "member: m-b was removed from the cluster, which has 3 members since",
    "member: m-c joined the cluster, which has 3 members since",
    "member: m-d joined the cluster, which has 3 members since",
    "version: m-a ran 3.5.30 and runs 3.6.0 since",
  ]);
});

/** What a watch finds that lists these members at its only look, where `m-a` and `m-b` were there before the load. */
async function membersSeen(
  listed: readonly string[],
  before: KnownMembers | null,
): Promise<{ changes: TargetChange[]; members: KnownMembers | null }> {
  const nameless = { peerUrls: [], clientUrls: [], isLearner: false };
  const client: TargetClient = {
    status: async () => STATUS,
    memberList: async () => ({
      clusterId: "c1",
      members: listed.map((id): ListedMember => ({ id, name: `m-${id}`, ...nameless })),
    }),
    clusterRevision: async () => 100,
    close: () => {},
  };
  const rest = { version: null, isLeader: null, isLearner: false, dbSizeBytes: null };
  const members = ["a", "b"].map((id) => ({
    ...{ id, name: `m-${id}`, endpoint: "h:1", metricsUrls: [], ...rest },
  }));
  const target = { endpoints: ["h:1"], clusterId: "c1", members, isWhole: true };
  const options = { target, key: KEY, leaderOnly: false, client, before, everyMs: 3_600_000 };
  const watch = new TargetWatch(options);
  watch.start();
  const changes = await watch.stop(performance.now() + 1_000);
  return { changes, members: watch.members };
}

test("members that joined or left since the run before, or before the load began, are reported", async () => {
  const same = new Map([
    ["a", "m-a"],
    ["b", "m-b"],
  ]);
  assert.equal((await membersSeen(["a", "b"], null)).changes, []);
  const unchanged = await membersSeen(["a", "b"], same);
  assert.equal([unchanged.changes, unchanged.members], [[], same]);
  const warming = await membersSeen(["a", "b", "c"], same);
  assert.equal(wordsOf(warming.changes), [
    "member: m-c joined the cluster, which has 3 members since",
  ]);
  assert.equal([...warming.members!.values()], ["m-a", "m-b", "m-c"]);
  const between = await membersSeen(
    ["a", "b"],
    new Map([
      ["a", "m-a"],
      ["z", "m-z"],
    ]),
  );
  assert.equal(wordsOf(between.changes), [
    "member: m-b joined the cluster, which has 2 members since",
    "member: m-z was removed from the cluster, which has 2 members since",
  ]);
  assert.ok(between.changes.every(({ atSeconds }) => atSeconds < 0));
});

test("a target without a cluster id is not watched", async () => {
  const other = (cluster: Cluster) => {
    cluster.statuses["h:1"] = { clusterId: "c9" };
  };
  assert.equal(await changesOf(other, { clusterId: null }), []);
});

test("a cluster that does not answer delays the end by at most the time of the last look", async () => {
  let isClosed = false;
  const never = () => new Promise<never>(() => {});
  const client: TargetClient = {
    status: never,
    memberList: never,
    clusterRevision: never,
    close: () => {
      isClosed = true;
    },
  };
  const target = { endpoints: ["h:1"], clusterId: "c1", members: [] };
  const watch = new TargetWatch({ target, key: KEY, leaderOnly: false, client, lastLookMs: 1 });
  watch.start();
  assert.equal(await watch.stop(performance.now()), []);
  watch.close();
  assert.ok(isClosed);
});

test("the last look retries a member whose first calls fail", async () => {
  const changes = await changesOf(
    (cluster) => {
      cluster.revision = 2;
    },
    { failuresAtEnd: 3 },
  );
  assert.equal(
    changes.map(({ kind }) => kind),
    ["revision"],
  );
});

test.run();
