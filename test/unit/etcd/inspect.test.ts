import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { status, status as statusCodes } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT, type ExitCode } from "../../../src/errors.ts";
import { type InspectRequest, inspectTarget } from "../../../src/etcd/inspect.ts";
import { patient } from "../../harness/patience.ts";
import { type Answer, type FakeEtcd, startFakeEtcd } from "../../peers/fake-etcd.ts";

const PATIENT_MS = patient(20_000);

interface FakeMember {
  id: number;
  leader?: number;
  cluster?: number;
  term?: number;
  version?: string;
  learner?: boolean;
  clientUrls?: string[];
  peerUrls?: string[];
  alarms?: string[];
  /** In place of the usual answers, by method. */
  answers?: Record<string, Answer>;
}

/** Starts one server a member; each lists all of them at their true URLs, unless told otherwise. */
async function withCluster(
  members: FakeMember[],
  use: (...endpoints: string[]) => Promise<void>,
): Promise<void> {
  const fakes: FakeEtcd[] = [];
  const list = () => ({
    header: { clusterId: 1 },
    members: members.map((member, i) => ({
      ID: member.id,
      name: `m${member.id}`,
      clientURLs: member.clientUrls ?? [`http://${fakes[i]!.endpoint}`],
      peerURLs: member.peerUrls ?? [],
      isLearner: member.learner ?? false,
    })),
  });
  for (const member of members) {
    fakes.push(
      await startFakeEtcd({
        Status: () => ({
          header: { clusterId: member.cluster ?? 1, memberId: member.id },
          version: member.version ?? "3.5.30",
          leader: member.leader ?? 1,
          raftTerm: member.term ?? 2,
          dbSize: 1000 + member.id,
          isLearner: member.learner ?? false,
          errors: member.alarms ?? [],
        }),
        Range: () => ({ header: {} }),
        MemberList: list,
        ...member.answers,
      }),
    );
  }
  try {
    await use(...fakes.map(({ endpoint }) => endpoint));
  } finally {
    for (const fake of fakes) await fake.stop();
  }
}

function inspect(endpoints: string[], over: Partial<InspectRequest> = {}) {
  return inspectTarget({
    endpoints,
    leaderOnly: false,
    needsLeader: true,
    timeoutMs: PATIENT_MS,
    electionMs: 0,
    ...over,
  });
}

async function refused(
  inspection: Promise<unknown>,
  exitCode: ExitCode,
  why: RegExp,
): Promise<void> {
  try {
    await inspection;
  } catch (error) {
    assert.instance(error, BenchError, String(error));
    assert.match((error as BenchError).message, why);
    assert.not.match((error as BenchError).message, /\n/);
    assert.is((error as BenchError).exitCode, exitCode);
    return;
  }
  assert.unreachable("it was taken");
}

test("a healthy cluster is told whole, members that were not named too", () =>
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
      isGrpcProxy: false,
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

test("the leader alone is loaded, whether it was named or must be found", () =>
  withCluster([{ id: 1 }, { id: 2 }], async (leader, follower) => {
    assert.equal((await inspect([follower!, leader!], { leaderOnly: true })).endpoints, [leader]);
    assert.equal((await inspect([follower!], { leaderOnly: true })).endpoints, [leader]);
  }));

test("a leader that cannot be reached where it advertises is one clear error", async () => {
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

test("an advertised address where another member answers is not taken for the leader", () => {
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

test("one member under two addresses is one, and the connections of both are its", () =>
  withCluster([{ id: 1 }], async (a) => {
    const { notes, members } = await inspect([a!, a!.replace("127.0.0.1", "localhost")]);
    assert.is(members.length, 1);
    assert.match(notes.join(), /127\.0\.0\.1:\d+ and localhost:\d+ are one member, m1: it gets/);
  }));

test("an endpoint that does not answer is named, and may be left out where others answer", () =>
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
    await withCluster([{ id: 1, answers: { Range: denies } }], async (refusing) => {
      await refused(
        inspect(["127.0.0.1:1", refusing!]),
        EXIT.unreachable,
        /^--endpoints 127\.0\.0\.1:1: nothing listens[^;]*; --endpoints .*: etcd asks for a user/,
      );
    });
  }));

test("a leaderless cluster is refused for what needs a leader, and noted for what does not", () =>
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

test("a leader that is elected within the time is waited for", () => {
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

test("of two leaders the later term's counts", () =>
  withCluster(
    [
      { id: 1, leader: 1, term: 2 },
      { id: 2, leader: 2, term: 3 },
    ],
    async (a, b) => {
      assert.equal((await inspect([a!, b!], { leaderOnly: true })).endpoints, [b]);
    },
  ));

test("learners are refused where the plan sends them what they do not serve", () =>
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

test("members of two clusters are refused with both ids", () =>
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

test("different versions and alarms are noted", () =>
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
      assert.match(info.notes[1]!, /different versions/);
    },
  ));

test("a proxy that spreads calls is noted, and the leader behind it is found", () => {
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

test("etcd's grpc-proxy, which lists itself without an id, costs no more than a note", () => {
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

test("the leader behind a grpc-proxy cannot be told, and the error says what to name", () =>
  withCluster(
    [{ id: 1, leader: 9, answers: { MemberList: () => ({ members: [{ name: "proxy" }] }) } }],
    (front) =>
      refused(
        inspect([front!], { leaderOnly: true }),
        EXIT.usage,
        /the leader 9 is not among the members.*proxy.*name the leader's own endpoint/,
      ),
  ));

test("a member list that is refused costs no more than a note", () => {
  const fail: Answer = () => {
    throw { code: status.PERMISSION_DENIED, details: "no" };
  };
  return withCluster([{ id: 1, answers: { MemberList: fail } }], async (a) => {
    const info = await inspect([a!]);
    assert.is(info.members.length, 1);
    assert.match(info.notes[0]!, /could not be listed \(MemberList at .*PERMISSION_DENIED: no\)/);
  });
});

test("a member's peer port that answers gRPC is refused with its client port as the mend", () => {
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
  });
});

test("an etcd that asks for a user is refused before the run", () => {
  const fail: Answer = () => {
    throw { code: status.INVALID_ARGUMENT, details: "etcdserver: user name is empty" };
  };
  return withCluster([{ id: 1, answers: { Range: fail } }], (a) =>
    refused(inspect([a!]), EXIT.usage, /asks for a user .*user name is empty.*--user=NAME/),
  );
});

test("a gateway that answers with an HTTP status is one that cannot be used, whatever the status", async () => {
  for (const httpStatus of [401, 403, 404, 429, 500, 503]) {
    const gateway = createServer((_request, response) => {
      response.writeHead(httpStatus, { server: "gate/1.0", "content-type": "text/html" });
      response.end("no");
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const { port } = gateway.address() as AddressInfo;
    try {
      const told = new RegExp(
        `"gate/1\\.0" answers Range with HTTP status ${httpStatus}, and no gRPC`,
      );
      await refused(inspect([`127.0.0.1:${port}`]), EXIT.unreachable, told);
    } finally {
      gateway.close();
    }
  }
});

test("gRPC that is no etcd and HTTP/2 that is no gRPC are told apart from etcd", async () => {
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

test("a member that answers the greeting and then nothing is given up", () =>
  withCluster([{ id: 1, answers: { Range: () => new Promise(() => {}) } }], (a) =>
    refused(
      inspect([a!], { timeoutMs: patient(2_000) }),
      EXIT.unreachable,
      /Range got no answer in time/,
    ),
  ));

test.run();
