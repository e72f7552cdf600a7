/** Locks and elections of the fake etcd, for which its clients contend. */
import type { Client } from "@grpc/grpc-js";
import * as assert from "uvu/assert";
import { PUT_PATH } from "../../../../src/fake-etcd/kv/service.ts";
import {
  CAMPAIGN_PATH,
  OBSERVE_PATH,
  PROCLAIM_PATH,
  RESIGN_PATH,
} from "../../../../src/fake-etcd/lock/election-service.ts";
import { LOCK_PATH, UNLOCK_PATH } from "../../../../src/fake-etcd/lock/lock-service.ts";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import { until } from "../../../harness/conditions.ts";
import { call, fakeEtcdSuite, identity } from "../rig.ts";

const test = fakeEtcdSuite("fake etcd contention");

test("a lock has one owner: others wait for its release or the end of its connection", async ({
  grpcClient,
}) => {
  const clients = [grpcClient(), grpcClient(), grpcClient()];
  const [first, second, third] = clients;
  const name = Buffer.from("name");
  const owners: string[] = [];
  const lock = async (client: Client, who: string) => {
    const request = encodeMessage("v3lockpb.LockRequest", { name, lease: "26" });
    const answer = await call(client, LOCK_PATH, request);
    owners.push(who);
    return decodeMessage<{ key: Buffer }>("v3lockpb.LockResponse", answer).key;
  };
  const key = await lock(first!, "first");
  assert.is(key.toString(), "name/1a");
  const later = [lock(second!, "second")];
  // The put is answered after the lock request, which waits, on the same connection.
  await call(second!, PUT_PATH, Buffer.alloc(0));
  later.push(lock(third!, "third"));
  await call(third!, PUT_PATH, Buffer.alloc(0));
  assert.equal(owners, ["first"]);
  await call(first!, UNLOCK_PATH, encodeMessage("v3lockpb.UnlockRequest", { key }));
  await later[0];
  assert.equal(owners, ["first", "second"]);
  second!.close();
  await later[1];
  assert.equal(owners, ["first", "second", "third"]);
});

test("an observer receives each leader of its own election, and none of others", async ({
  server,
  grpcClient,
}) => {
  const client = grpcClient();
  const observed: string[] = [];
  const name = Buffer.from("name");
  const observer = client.makeServerStreamRequest(
    OBSERVE_PATH,
    identity,
    identity,
    encodeMessage("v3electionpb.LeaderRequest", { name }),
  );
  observer.on("error", () => {});
  observer.on("data", (bytes: Buffer) => {
    type Leader = { kv: { value: Buffer } };
    observed.push(decodeMessage<Leader>("v3electionpb.LeaderResponse", bytes).kv.value.toString());
  });
  const campaign = async (election: Buffer, value: string) => {
    const answer = await call(
      client,
      CAMPAIGN_PATH,
      encodeMessage("v3electionpb.CampaignRequest", {
        name: election,
        lease: "1",
        value: Buffer.from(value),
      }),
    );
    type Won = { leader: { name: Buffer; key: Buffer; rev: string; lease: string } };
    return decodeMessage<Won>("v3electionpb.CampaignResponse", answer).leader;
  };
  await until("the observer", () => server.answered === 1);
  const leader = await campaign(name, "a");
  assert.is(leader.key.toString(), "name/1");
  await campaign(Buffer.from("other"), "x");
  const next = campaign(name, "b");
  const proclaimed = { leader, value: Buffer.from("a again") };
  const proclaim = encodeMessage("v3electionpb.ProclaimRequest", proclaimed);
  await call(client, PROCLAIM_PATH, proclaim);
  await call(client, RESIGN_PATH, encodeMessage("v3electionpb.ResignRequest", { leader }));
  assert.ok(Number((await next).rev) > Number(leader.rev));
  await until("three leaders", () => observed.length === 3);
  assert.equal(observed, ["a", "a again", "b"]);
});

test.run();
