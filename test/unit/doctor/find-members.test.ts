/** Which members the doctor finds at the endpoints that it is given, also where a proxy answers there. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findMembers } from "../../../src/doctor/find-members.ts";
import { EXIT } from "../../../src/errors.ts";
import { type FakeMember, refused, withCluster } from "../etcd/inspected-cluster.ts";

const find = (...endpoints: string[]) => findMembers(endpoints, { tls: null, tokens: null });

/** Answers as each of the members 2 and 3 in turn. */
function spreading(MemberList: () => object): FakeMember {
  let turn = 0;
  const Status = () => ({
    header: { clusterId: 1, memberId: (turn++ % 2) + 2 },
    ...{ version: "3.5.30", leader: 2, raftTerm: 2 },
  });
  return { id: 1, answers: { Status, MemberList } };
}

const listsItself = () => ({ members: [{ name: "proxy", clientURLs: ["http://127.0.0.1:1"] }] });
const GRPC_PROXY =
  /^--endpoints: [\d.:]+ is etcd's grpc-proxy, .*: name the members' own endpoints$/;

test("etcd's grpc-proxy is refused before one member and before several, also next to a member", async () => {
  const one: FakeMember = { id: 1, answers: { MemberList: listsItself } };
  await withCluster([one], (front) => refused(find(front), EXIT.usage, GRPC_PROXY));
  await withCluster([spreading(listsItself)], (front) =>
    refused(find(front), EXIT.usage, GRPC_PROXY),
  );
  await withCluster([{ id: 2 }, one], (member, front) =>
    refused(find(member!, front!), EXIT.usage, GRPC_PROXY),
  );
});

test("members behind a balancer are found at their own endpoints, and refused where it lists none", async () => {
  let advertised: string[] = [];
  const proxy = spreading(() => ({
    members: advertised.map((endpoint, i) => ({
      ...{ ID: i + 2, name: `m${i + 2}`, clientURLs: [`http://${endpoint}`] },
    })),
  }));
  const members: FakeMember[] = [proxy, { id: 2, leader: 2 }, { id: 3, leader: 2 }];
  await withCluster(members, async (front, ...own) => {
    advertised = own;
    const found = await find(front!);
    assert.equal(
      found.map(({ name, endpoint, fault }) => [name, endpoint, fault]),
      own.map((endpoint, i) => [`m${i + 2}`, endpoint, null]),
    );
  });
  const silent = spreading(() => ({ members: [] }));
  await withCluster([silent], (front) =>
    refused(find(front), EXIT.usage, /answers as 2 different members, .*: name the members' own/),
  );
});

test.run();
