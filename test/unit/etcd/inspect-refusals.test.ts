/** Tests clusters that give errors or notes: learners, two clusters, proxies, and other servers. */
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../../src/errors.ts";
import { patient } from "../../harness/patience.ts";
import { type Answer, startFakeEtcd } from "../../peers/fake-etcd.ts";
import { type FakeMember, inspect, refused, withCluster } from "./inspected-cluster.ts";

test("a dead endpoint next to a learner may be left out only for what the learner serves", () =>
  withCluster([{ id: 1 }, { id: 2, learner: true }], async (voter, learner) => {
    const dead = "127.0.0.1:1";
    const ends = (end: string) => new RegExp(`^--endpoints ${dead}: nothing listens[^;]*; ${end}$`);
    const serves = `--endpoints ${learner} is a learner, and a learner serves serializable ranges only`;
    const out = "or leave it out of --endpoints: others answer";
    const alone = ends(`${serves}: name a voting member, promote one, or read .*=s`);
    await refused(inspect([dead, learner!]), EXIT.unreachable, alone);
    const leader = { needsLeader: false, leaderOnly: true };
    await refused(inspect([dead, learner!], leader), EXIT.unreachable, alone);
    await refused(
      inspect([dead, learner!, voter!]),
      EXIT.unreachable,
      ends(`${serves}: leave it out of --endpoints, or promote it; ${out}`),
    );
    const reads = { needsLeader: false };
    await refused(inspect([dead, learner!], reads), EXIT.unreachable, ends(out));
  }));

test("learners are refused if the plan sends them requests that they do not serve", () =>
  withCluster([{ id: 1 }, { id: 2, learner: true }], async (a, b) => {
    await refused(
      inspect([a!, b!]),
      EXIT.usage,
      new RegExp(`${b} is a learner, and a learner serves serializable ranges only: leave it out`),
    );
    await refused(inspect([b!]), EXIT.usage, /--endpoints names learners alone/);
    await refused(
      inspect([b!], { needsLeader: false, leaderOnly: true }),
      EXIT.usage,
      /--endpoints names learners alone/,
    );
    const alone = await inspect([b!], { needsLeader: false });
    assert.equal(
      alone.members.map(({ isLearner }) => isLearner),
      [true],
    );
    assert.match(alone.notes.join("\n"), /could not be listed \(a learner lists none\)/);
    const info = await inspect([b!, a!], { needsLeader: false });
    assert.equal(
      info.members.map(({ isLearner }) => isLearner),
      [true, false],
    );
    assert.equal((await inspect([b!, a!], { leaderOnly: true })).endpoints, [a]);
  }));

test("members of two clusters are refused, and the error has both ids", () =>
  withCluster(
    [
      { id: 1, cluster: 255 },
      { id: 2, cluster: 16 },
    ],
    (a, b) =>
      refused(
        inspect([a!, b!]),
        EXIT.usage,
        new RegExp(
          `${a} belongs to cluster ff, ${b} to cluster 10: name the members of one cluster`,
        ),
      ),
  ));

test("different versions and alarms give notes", () =>
  withCluster(
    [
      { id: 1, version: "3.5.30" },
      { id: 2, version: "3.4.23", alarms: ["memberID:2 alarm:NOSPACE "] },
    ],
    async (a, b) => {
      const info = await inspect([a!, b!]);
      assert.is(info.version, "3.4.23, 3.5.30");
      assert.is(info.notes.length, 2);
      assert.match(info.notes[0]!, new RegExp(`${b} reports .*NOSPACE`));
      assert.equal(info.outOfSpace, [b]);
      assert.match(info.notes[1]!, /different versions/);
    },
  ));

test("a proxy that spreads calls gives a note, and its leader is found", () => {
  const proxy: FakeMember = { id: 1 };
  let turn = 0;
  proxy.answers = {
    Status: () => ({
      header: { clusterId: 1, memberId: (turn++ % 2) + 2 },
      version: "3.5.30",
      leader: 2,
      raftTerm: 2,
    }),
  };
  const members: FakeMember[] = [proxy, { id: 2, leader: 2 }, { id: 3, leader: 2 }];
  return withCluster(members, async (front, leader, follower) => {
    proxy.answers!.MemberList = () => ({});
    const info = await inspect([front!], { leaderOnly: true });
    assert.equal(info.endpoints, [leader]);
    assert.match(
      info.notes[0]!,
      new RegExp(`${front} answers as 2 different members: it is a proxy`),
    );
    const second = info.members.find(({ id }) => id === "2")!;
    assert.is(second.name, "m2");
    assert.is(second.endpoint, leader);
    assert.equal(second.metricsUrls, [`http://${leader}`, `http://${front}`]);
    assert.ok(follower);
  });
});

test("etcd's grpc-proxy, which lists itself without an id, gives only a note", () => {
  const proxied: FakeMember = { id: 1 };
  proxied.answers = {
    MemberList: () => ({ members: [{ name: "proxy-host", clientURLs: ["http://127.0.0.1:1"] }] }),
  };
  return withCluster([proxied], async (front) => {
    const info = await inspect([front!]);
    assert.equal(info.endpoints, [front]);
    assert.equal(info.members, [
      {
        id: "1",
        name: "1",
        endpoint: front,
        version: "3.5.30",
        isLeader: true,
        isLearner: false,
        dbSizeBytes: 1001,
        metricsUrls: [`http://${front}`],
        revision: 0,
      },
    ]);
    assert.is(info.notes.length, 1);
    assert.match(
      info.notes[0]!,
      /members could not be listed \(.*it is a proxy\): only those named are known/,
    );
  });
});

test("a grpc-proxy is known next to a member, in any order, and is no place of the member", () => {
  const answers = { MemberList: () => ({ members: [{ name: "proxy-host" }] }) };
  return withCluster([{ id: 1 }, { id: 1, answers }], async (member, proxy) => {
    for (const endpoints of [
      [member!, proxy!],
      [proxy!, member!],
    ]) {
      const info = await inspect(endpoints);
      assert.equal(info.grpcProxies, [proxy]);
      assert.equal([...info.memberIdOf!], [[member, "1"]]);
      assert.equal(
        info.members.map(({ name, endpoint }) => [name, endpoint]),
        [["m1", member]],
      );
      assert.equal(info.notes, []);
      assert.equal((await inspect(endpoints, { leaderOnly: true })).endpoints, [member]);
    }
  });
});

test("the leader behind a grpc-proxy is unknown, and the error asks for the leader's own endpoint", () =>
  withCluster(
    [{ id: 1, leader: 9, answers: { MemberList: () => ({ members: [{ name: "proxy" }] }) } }],
    (front) =>
      refused(
        inspect([front!], { leaderOnly: true }),
        EXIT.usage,
        /the leader 9 is not among the members.*proxy.*name the leader's own endpoint/,
      ),
  ));

test("a refused member list gives only a note", () => {
  const fail: Answer = () => {
    throw { code: status.PERMISSION_DENIED, details: "no" };
  };
  return withCluster([{ id: 1, answers: { MemberList: fail } }], async (a) => {
    const info = await inspect([a!]);
    assert.is(info.members.length, 1);
    assert.match(info.notes[0]!, /could not be listed \(MemberList at .*PERMISSION_DENIED: no\)/);
  });
});

test("a member's peer port that answers gRPC is refused, and its client port is proposed", () => {
  const member: FakeMember = { id: 1, clientUrls: ["http://127.0.0.1:1"] };
  return withCluster([member], async (a) => {
    member.peerUrls = [`http://${a}`];
    await refused(
      inspect([a!]),
      EXIT.usage,
      new RegExp(
        `^--endpoints ${a} is where m1 talks to its peers: name its client port, 127.0.0.1:1$`,
      ),
    );
    // It answers, and could not be used alone: the dead endpoint is not to be left out for it.
    await refused(
      inspect(["127.0.0.1:1", a!]),
      EXIT.unreachable,
      new RegExp(
        `^--endpoints 127.0.0.1:1: nothing listens.*; --endpoints ${a} is where m1 talks to its peers: name its client port, 127.0.0.1:1$`,
      ),
    );
  });
});

test("an etcd that requires a user is refused before the run", () => {
  const fail: Answer = () => {
    throw { code: status.INVALID_ARGUMENT, details: "etcdserver: user name is empty" };
  };
  return withCluster([{ id: 1, answers: { Range: fail } }], (a) =>
    refused(inspect([a!]), EXIT.usage, /asks for a user .*user name is empty.*--user=NAME/),
  );
});

test("a gateway that answers with an HTTP status is refused, for any status", async () => {
  const all = [401, 403, 404, 429, 500, 503].map((each) => [each, "no"] as const);
  for (const [httpStatus, body] of [...all, [403, null] as const, [200, "<html>"] as const]) {
    const gateway = createServer((_request, response) => {
      // Without a body the headers end the stream.
      const headers = { ":status": httpStatus, server: "gate/1.0", "content-type": "text/html" };
      response.stream.respond(headers, { endStream: body === null });
      if (body !== null) response.stream.end(body);
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const { port } = gateway.address() as AddressInfo;
    try {
      const reason = new RegExp(
        `"gate/1\\.0" answers Range with HTTP status ${httpStatus}${httpStatus === 200 ? " and text/html" : ""}, and no gRPC`,
      );
      await refused(inspect([`127.0.0.1:${port}`]), EXIT.unreachable, reason);
    } finally {
      gateway.close();
    }
  }
});

test("a gRPC server other than etcd, and an HTTP/2 server without gRPC, are refused", async () => {
  const fake = await startFakeEtcd({});
  await refused(
    inspect([fake.endpoint]),
    EXIT.unreachable,
    /is no etcd client port \(UNIMPLEMENTED/,
  );
  await fake.stop();

  const web = createServer((_request, response) => response.end("hello"));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  const endpoint = `127.0.0.1:${(web.address() as AddressInfo).port}`;
  await refused(inspect([endpoint]), EXIT.unreachable, /it speaks HTTP\/2, but/);
  web.close();
});

test("a member that answers only the greeting is given up", () =>
  withCluster([{ id: 1, answers: { Range: () => new Promise(() => {}) } }], (a) =>
    refused(
      inspect([a!], { timeoutMs: patient(2_000) }),
      EXIT.unreachable,
      /Range got no answer in time/,
    ),
  ));

test.run();
