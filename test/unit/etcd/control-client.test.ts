/** Tests the gRPC client for single calls, against a fake etcd. */
import { constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlClient, ControlError } from "../../../src/etcd/control-client.ts";
import { patient } from "../../harness/patience.ts";
import { type Answer, startFakeEtcd } from "../../peers/fake-etcd.ts";

const PATIENT_MS = patient(20_000);
const key = Buffer.from("k");

async function withClient(
  answers: Record<string, Answer>,
  use: (client: ControlClient, calls: string[]) => Promise<void>,
): Promise<void> {
  const fake = await startFakeEtcd(answers);
  const client = new ControlClient([fake.endpoint], { timeoutMs: PATIENT_MS });
  try {
    await use(client, fake.calls);
  } finally {
    client.close();
    await fake.stop();
  }
}

test("a call whose renewed tokens are refused too is sent again, and not without end", async () => {
  for (const [refusals, outcome, renewals] of [
    [3, "served", 3],
    [100, "UNAUTHENTICATED", 5],
  ] as const) {
    let asked = 0;
    const fake = await startFakeEtcd({
      Status: () => {
        asked += 1;
        if (asked > refusals) return { header: {}, version: "3.5.30" };
        throw { code: status.UNAUTHENTICATED, details: "etcdserver: invalid auth token" };
      },
    });
    let renewed = 0;
    const tokens = { token: async () => "t0", renew: async () => `t${++renewed}` };
    const access = { tls: null, tokens };
    const client = new ControlClient([fake.endpoint], { timeoutMs: PATIENT_MS, access });
    try {
      const ended = await client.status().then(
        () => "served",
        (error: ControlError) => error.codeName,
      );
      assert.equal([ended, renewed], [outcome, renewals]);
    } finally {
      client.close();
      await fake.stop();
    }
  }
});

test("an alarm whose proposal was dropped is asked for again, since nothing was done", () => {
  let asked = 0;
  return withClient(
    {
      Alarm: () => {
        asked += 1;
        if (asked > 2) return { header: {} };
        throw { code: status.UNKNOWN, details: "raft proposal dropped" };
      },
    },
    async (client) => {
      await client.setNoSpaceAlarm(true, "8e9e05c52164694d");
      assert.is(asked, 3);
    },
  );
});

test("Status has ids in etcdctl's hex, and null for fields that the version does not have", () =>
  withClient(
    {
      Status: () => ({
        header: {
          clusterId: "14841639068965178418",
          memberId: "10276657743932975437",
          revision: "5",
        },
        version: "3.5.30",
        leader: 0,
        dbSize: 20480,
        raftTerm: 2,
        errors: ["etcdserver: no leader"],
      }),
    },
    async (client) => {
      assert.equal(await client.status(), {
        clusterId: "cdf818194e3a8c32",
        memberId: "8e9e05c52164694d",
        version: "3.5.30",
        leaderId: null,
        isLearner: false,
        dbSizeBytes: 20480,
        dbSizeInUseBytes: 0,
        dbSizeQuotaBytes: null,
        storageVersion: null,
        revision: 5,
        raftTerm: 2,
        raftIndex: 0,
        raftAppliedIndex: 0,
        errors: ["etcdserver: no leader"],
      });
    },
  ));

test("a failed call keeps its gRPC code, is sent once, and names method and endpoint", () =>
  withClient(
    {
      Put: () => {
        throw { code: status.UNAVAILABLE, details: "etcdserver: leader changed" };
      },
    },
    async (client, calls) => {
      const error = await failure(client.put({ key, value: key }));
      assert.is(error.code, status.UNAVAILABLE);
      assert.is(error.codeName, "UNAVAILABLE");
      assert.is(error.details, "etcdserver: leader changed");
      assert.is(
        error.message,
        `Put at ${client.endpoints[0]}: UNAVAILABLE: etcdserver: leader changed`,
      );
      assert.equal(calls, ["etcdserverpb.KV.Put"]);
    },
  ));

test("a call without an answer ends at its deadline", () =>
  withClient({ Range: () => new Promise(() => {}) }, async (client) => {
    const error = await failure(client.range({ key }, { timeoutMs: 200 }));
    assert.is(error.code, status.DEADLINE_EXCEEDED);
  }));

test("a call that the server cancels at the client's deadline has no answer in time, and is not cancelled", async () => {
  let share = 0;
  const server = createServer();
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const [, count, unit] = /^(\d+)([muS])$/.exec(String(headers["grpc-timeout"]))!;
    const timeoutMs = Number(count) * { m: 1, u: 0.001, S: 1_000 }[unit as "m" | "u" | "S"];
    setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), timeoutMs * share);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = new ControlClient([`127.0.0.1:${port}`]);
  try {
    const early = await failure(client.put({ key, value: key }, { timeoutMs: PATIENT_MS }));
    assert.is(early.code, status.CANCELLED);
    share = 0.97;
    const late = await failure(client.put({ key, value: key }, { timeoutMs: 2_000 }));
    assert.is(late.code, status.DEADLINE_EXCEEDED);
  } finally {
    client.close();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("closing ends a waiting call, and refuses new calls", () => {
  let reached: () => void;
  const isReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const never = () => {
    reached();
    return new Promise<object>(() => {});
  };
  return withClient({ HashKV: never }, async (client, calls) => {
    const waiting = failure(client.hashKv(undefined, 0, { timeoutMs: 10 * PATIENT_MS }));
    await isReached;
    client.close();
    assert.is((await waiting).codeName, "CANCELLED");
    assert.is((await failure(client.hashKv())).message.split(": ")[1], "CANCELLED");
    assert.is(calls.length, 1);
  });
});

test("an endpoint where nothing listens is UNAVAILABLE", async () => {
  const client = new ControlClient(["127.0.0.1:1"], { timeoutMs: PATIENT_MS });
  assert.is((await failure(client.memberList())).code, status.UNAVAILABLE);
  client.close();
});

test("requests and responses have all their fields", () =>
  withClient(
    {
      Range: (request) => ({
        header: { revision: 9 },
        kvs: [
          {
            key: request.key,
            value: request.rangeEnd,
            createRevision: 1,
            modRevision: 2,
            version: 3,
            lease: "-1",
          },
        ],
        more: request.serializable,
        count: request.limit,
      }),
      DeleteRange: () => ({ header: { revision: 10 }, deleted: 4 }),
      Compact: (request) => ({ header: { revision: request.physical ? request.revision : 0 } }),
      Hash: () => ({ hash: 0xffffffff }),
      HashKV: (request) => ({
        header: { revision: 1 },
        hash: 7,
        compactRevision: request.revision,
      }),
      MemberList: () => ({
        header: { clusterId: 255 },
        members: [{ ID: 16, name: "n", clientURLs: ["c"], peerURLs: ["p"], isLearner: true }],
      }),
    },
    async (client) => {
      assert.equal(
        await client.range({ key, rangeEnd: Buffer.from([0xff]), limit: 3, serializable: true }),
        {
          revision: 9,
          kvs: [
            {
              key,
              value: Buffer.from([0xff]),
              createRevision: 1,
              modRevision: 2,
              version: 3,
              lease: "-1",
            },
          ],
          count: 3,
          more: true,
        },
      );
      assert.equal(await client.deleteRange({ key }), { revision: 10, deleted: 4 });
      assert.equal(await client.compact({ revision: 8, physical: true }), { revision: 8 });
      assert.equal(await client.hash(), { hash: 0xffffffff });
      assert.equal(await client.hashKv(undefined, 6), { hash: 7, compactRevision: 6, revision: 1 });
      assert.equal(await client.memberList(), {
        clusterId: "ff",
        members: [{ id: "10", name: "n", clientUrls: ["c"], peerUrls: ["p"], isLearner: true }],
      });
    },
  ));

test("an empty note of the gRPC library is not in the message", () => {
  const details = "No connection established. Last error: connect ECONNREFUSED. Resolution note: ";
  const error = new ControlError("MemberList", "127.0.0.1:9", { code: 14, details });
  assert.match(error.message, /: UNAVAILABLE: No connection .* connect ECONNREFUSED$/);
});

test("a connection that the system refuses is worded without this side's address", () => {
  const words = "connect EMFILE 127.0.0.1:9 - Local (undefined:undefined)";
  const details = `No connection established. Last error: ${words}. Resolution note: `;
  const error = new ControlError("MemberList", "127.0.0.1:9", { code: 14, details });
  assert.match(error.message, /Last error: connect EMFILE 127\.0\.0\.1:9$/);
});

async function failure(call: Promise<unknown>): Promise<ControlError> {
  try {
    await call;
  } catch (error) {
    assert.instance(error, ControlError);
    return error as ControlError;
  }
  throw new Error("the call succeeded");
}

test("a server's message of several lines is one line of the error", () => {
  const { message, details } = new ControlError("Range", "127.0.0.1:2379", {
    code: status.INTERNAL,
    details: "odd\r\n\n  Verdict: valid\n",
  });
  assert.is(details, "odd Verdict: valid");
  assert.is(message, "Range at 127.0.0.1:2379: INTERNAL: odd Verdict: valid");
});

test("a grpc-status that is no number is UNKNOWN, and one that gRPC does not define keeps its number", () => {
  const of = (code: number) => new ControlError("Range", "127.0.0.1:2379", { code, details: "x" });
  assert.is(of(Number.NaN).code, status.UNKNOWN);
  assert.is(of(Number.NaN).codeName, "UNKNOWN");
  assert.is(of(99).code, 99);
  assert.is(of(99).codeName, "CODE_99");
});

test.run();
