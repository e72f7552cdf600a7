/** Tests the first inspection of a cluster: members, the leader, and endpoints that fail. */
import { status as statusCodes } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../../src/errors.ts";
import type { Answer } from "../../peers/fake-etcd.ts";
import { type FakeMember, inspect, PATIENT_MS, refused, withCluster } from "./inspected-cluster.ts";

test("all members of a healthy cluster are found, even those without a given endpoint", () =>
  withCluster([{ id: 1 }, { id: 2 }, { id: 255 }], async (a, b, c) => {
    const { memberIdOf, ...info } = await inspect([c!, a!]);
    assert.equal(
      [...memberIdOf!],
      [
        [c, "ff"],
        [a, "1"],
      ],
    );
    assert.equal(info, {
      endpoints: [c, a],
      clusterId: "1",
      version: "3.5.30",
      isWhole: true,
      grpcProxies: [],
      outOfSpace: [],
      members: [
        {
          id: "ff",
          name: "m255",
          endpoint: c,
          version: "3.5.30",
          isLeader: false,
          isLearner: false,
          dbSizeBytes: 1255,
          metricsUrls: [`http://${c}`],
          revision: 0,
        },
        {
          id: "1",
          name: "m1",
          endpoint: a,
          version: "3.5.30",
          isLeader: true,
          isLearner: false,
          dbSizeBytes: 1001,
          metricsUrls: [`http://${a}`],
          revision: 0,
        },
        {
          id: "2",
          name: "m2",
          endpoint: b,
          version: "3.5.30",
          isLeader: false,
          isLearner: false,
          dbSizeBytes: 1002,
          metricsUrls: [`http://${b}`],
          revision: 0,
        },
      ],
      notes: [],
    });
  }));

test("a cluster of one member is queried once, since no proxy can lead to another member", async () => {
  const asked = [0, 0, 0];
  const counting = (id: number): FakeMember => ({
    id,
    answers: {
      Status: () => {
        asked[id]! += 1;
        return { header: { clusterId: 1, memberId: id }, version: "3.5.30", leader: 1 };
      },
    },
  });
  await withCluster([counting(1)], async (only) => void (await inspect([only!])));
  assert.equal(asked, [0, 1, 0]);
  await withCluster([counting(1), counting(2)], async (a) => void (await inspect([a!])));
  assert.ok(asked[1]! >= 1 + 6, "twice over each of three connections");
});

test("only the leader gets load, with or without its endpoint in the list", () =>
  withCluster([{ id: 1 }, { id: 2 }], async (leader, follower) => {
    assert.equal((await inspect([follower!, leader!], { leaderOnly: true })).endpoints, [leader]);
    assert.equal((await inspect([follower!], { leaderOnly: true })).endpoints, [leader]);
  }));

test("a leader that cannot be reached at its advertised address gives one clear error", async () => {
  await withCluster(
    [{ id: 1, clientUrls: ["http://127.0.0.1:1"] }, { id: 2 }],
    (_leader, follower) =>
      refused(
        inspect([follower!], { leaderOnly: true }),
        EXIT.unreachable,
        /^--target-leader: the leader m1 cannot be reached \(.*127\.0\.0\.1:1.*nothing listens.*\): name the leader's own endpoint in --endpoints$/,
      ),
  );
  await withCluster(
    [{ id: 1, clientUrls: ["https://127.0.0.1:1"] }, { id: 2 }],
    (_leader, follower) =>
      refused(
        inspect([follower!], { leaderOnly: true }),
        EXIT.usage,
        /the leader m1 advertises https:\/\/127\.0\.0\.1:1, and plain gRPC/,
      ),
  );
  await withCluster([{ id: 1, clientUrls: [] }, { id: 2 }], (_leader, follower) =>
    refused(inspect([follower!], { leaderOnly: true }), EXIT.usage, /advertises no client URL/),
  );
});

test("an advertised address where another member answers is not used as the leader's", () => {
  const members: FakeMember[] = [{ id: 1 }, { id: 2 }];
  return withCluster(members, async (_leader, follower) => {
    members[0]!.clientUrls = [`http://${follower}`];
    await refused(
      inspect([follower!], { leaderOnly: true }),
      EXIT.unreachable,
      /member 2 answers there/,
    );
  });
});

const denies = () => {
  throw { code: statusCodes.UNAUTHENTICATED, details: "etcdserver: user name is empty" };
};

test("one member with two addresses is listed once, and a note says that it gets both connections", () =>
  withCluster([{ id: 1 }], async (a) => {
    const { notes, members } = await inspect([a!, a!.replace("127.0.0.1", "localhost")]);
    assert.is(members.length, 1);
    assert.match(notes.join(), /127\.0\.0\.1:\d+ and localhost:\d+ are one member, m1: it gets/);
  }));

test("an endpoint that does not answer is named, and may be left out if others answer", () =>
  withCluster([{ id: 1 }], async (a) => {
    await refused(
      inspect([a!, "127.0.0.1:1"]),
      EXIT.unreachable,
      /^--endpoints 127\.0\.0\.1:1: nothing listens.*; or leave it out of --endpoints: others answer$/,
    );
    await refused(
      inspect(["127.0.0.1:1", "127.0.0.1:2"]),
      EXIT.unreachable,
      /^--endpoints 127\.0\.0\.1:1: .*; nor does 127\.0\.0\.1:2 answer$/,
    );
    const unknown = {
      Range: () => Promise.reject({ code: statusCodes.UNIMPLEMENTED, details: "" }),
    };
    await withCluster([{ id: 1, answers: unknown }], async (other) => {
      await refused(
        inspect(["127.0.0.1:1", other!]),
        EXIT.unreachable,
        /^--endpoints 127\.0\.0\.1:1: nothing listens[^;]*; --endpoints .*: it speaks HTTP\/2, but is no etcd/,
      );
    });
    await withCluster([{ id: 1, answers: { Range: denies } }], async (refusing) => {
      await refused(
        inspect(["127.0.0.1:1", refusing!]),
        EXIT.unreachable,
        /^--endpoints 127\.0\.0\.1:1: nothing listens[^;]*; --endpoints .*: etcd asks for a user/,
      );
    });
  }));

test("a leaderless cluster is refused for loads that need a leader, and gives a note for others", () =>
  withCluster([{ id: 1, leader: 0, alarms: ["etcdserver: no leader"] }], async (a) => {
    await refused(
      inspect([a!]),
      EXIT.usage,
      /^--endpoints: the cluster has no leader, and writes.*: start the majority/,
    );
    await refused(
      inspect([a!], { needsLeader: false, leaderOnly: true }),
      EXIT.usage,
      /--target-leader needs one/,
    );
    const info = await inspect([a!], { needsLeader: false });
    assert.equal(info.notes, ["The cluster has no leader."]);
    assert.is(info.members[0]!.isLeader, null);
  }));

test("the inspection waits for a leader that is elected in time", () => {
  let asked = 0;
  const Status: Answer = () => ({
    header: { clusterId: 1, memberId: 1 },
    leader: ++asked > 12 ? 1 : 0,
  });
  return withCluster([{ id: 1, answers: { Status } }], async (a) => {
    const info = await inspect([a!], { electionMs: PATIENT_MS });
    assert.is(info.members[0]!.isLeader, true);
    assert.ok(asked > 12);
  });
});

test("an endpoint that is cut off from the leader is named", () =>
  withCluster([{ id: 1 }, { id: 2, leader: 0 }], async (a, b) => {
    await refused(
      inspect([a!, b!]),
      EXIT.usage,
      new RegExp(`${b} knows of no leader.*leave it out`),
    );
    assert.is((await inspect([a!, b!], { needsLeader: false })).endpoints.length, 2);
  }));

test("if members name two leaders, the one with the later term counts", () =>
  withCluster(
    [
      { id: 1, leader: 1, term: 2 },
      { id: 2, leader: 2, term: 3 },
    ],
    async (a, b) => {
      assert.equal((await inspect([a!, b!], { leaderOnly: true })).endpoints, [b]);
    },
  ));

test.run();
