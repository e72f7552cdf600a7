/** What bench memory leaves in an external etcd, after etcd refuses a request. */
import { createServer, type Server } from "node:http";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { measureMemory } from "../../../src/memory/measure.ts";
import type { ThingName } from "../../../src/memory/things.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { type Answer, startFakeEtcd } from "../../peers/fake-etcd.ts";

const HEADER = { revision: "7" };
const CLUSTER = { clusterId: "77", memberId: "1", raftTerm: "2" };
const STATUS = { header: HEADER, version: "3.5.30", leader: "1", raftTerm: "2" };

interface Stored {
  leases: Set<string>;
  keys: Set<string>;
}

/** Answers of an etcd that stores leases and keys, and grants at most `mostLeases` leases. */
function answersOf({ leases, keys }: Stored, mostLeases: number): Record<string, Answer> {
  return {
    Status: () => STATUS,
    Range: () => ({ header: HEADER, kvs: [], count: "0" }),
    Put: ({ key }) => {
      keys.add(String(key));
      return { header: HEADER };
    },
    DeleteRange: ({ key, rangeEnd }) => {
      const inRange = [...keys].filter((each) => each >= String(key) && each < String(rangeEnd));
      for (const each of inRange) keys.delete(each);
      return { header: HEADER, deleted: String(inRange.length) };
    },
    LeaseGrant: ({ ID, TTL }) => {
      if (leases.size >= mostLeases) {
        throw { code: Status.RESOURCE_EXHAUSTED, details: "etcdserver: too many requests" };
      }
      leases.add(String(ID));
      return { header: HEADER, ID, TTL };
    },
    LeaseRevoke: ({ ID }) => {
      if (leases.delete(String(ID))) return { header: HEADER };
      throw { code: Status.NOT_FOUND, details: "etcdserver: requested lease not found" };
    },
  };
}

const MEMORY = "process_resident_memory_bytes 4e7\ngo_memstats_heap_alloc_bytes 1e7\n";

async function metricsServer(page: () => string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/metrics" ? 200 : 404;
    response.end(page());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, server };
}

const LEASES_AND_KEYS = new Map<ThingName, number>([
  ["lease", 300],
  ["key", 20],
]);

/** Adds leases and then puts to this etcd; returns bench's output, its error, and the report's notes. */
async function measured(
  answers: Record<string, Answer>,
  { page = (): string => MEMORY, totals = LEASES_AND_KEYS as ReadonlyMap<ThingName, number> } = {},
) {
  const etcd = await startFakeEtcd(answers);
  const { url, server } = await metricsServer(page);
  const said: string[] = [];
  try {
    const { notes } = await measureMemory(
      {
        member: { endpoint: etcd.endpoint, access: { tls: null, tokens: null } },
        ...{ metricsUrl: url, profilesUrl: url, isLocal: false },
        totals,
        ...{ steps: 2, settleMs: 0, keySizeBytes: 64, valSizeBytes: 8 },
      },
      {
        say: (line) => said.push(line),
        onProgress: () => {},
        stop: new AbortController().signal,
      },
    );
    return { said, message: null, calls: etcd.calls, notes };
  } catch (error) {
    assert.instance(error, BenchError);
    return { said, message: (error as BenchError).message, calls: etcd.calls, notes: [] };
  } finally {
    await etcd.stop();
    server.closeAllConnections();
    server.close();
  }
}

test("after a refused grant, the granted leases and the keys are removed", async () => {
  const stored: Stored = { leases: new Set(), keys: new Set(["another"]) };
  const { said, message, calls } = await measured(answersOf(stored, 200));
  assert.match(message!, /the leases failed.*too many requests/);
  assert.ok(calls.filter((each) => each.endsWith("LeaseGrant")).length > 200);
  assert.equal([...stored.leases], []);
  assert.equal([...stored.keys], ["another"]);
  assert.equal(said, []);
});

test("leases that cannot be revoked are reported with their time to live", async () => {
  const stored: Stored = { leases: new Set(), keys: new Set() };
  const { said } = await measured({
    ...answersOf(stored, 10),
    LeaseRevoke: () => {
      throw { code: Status.UNAVAILABLE, details: "no leader" };
    },
  });
  assert.is(said.length, 1);
  assert.match(said[0]!, /^Leases were left, which expire within an hour: .*no leader/);
});

test("notes say that a member joined, that the revision went back, and that the member restarted", async () => {
  const stored: Stored = { leases: new Set(), keys: new Set() };
  const header = () => ({ ...CLUSTER, revision: stored.keys.size === 0 ? "90" : "7" });
  const answers: Record<string, Answer> = {
    ...answersOf(stored, 0),
    Status: () => ({ ...STATUS, header: header() }),
    Range: () => ({ header: header(), kvs: [], count: "0" }),
    MemberList: () => ({
      header: CLUSTER,
      members: [
        { ID: "1", name: "m1" },
        ...(stored.keys.size === 0 ? [] : [{ ID: "2", name: "m2", isLearner: true }]),
      ],
    }),
  };
  const isRestarted = () => stored.keys.size > 10;
  const page = () =>
    `${MEMORY}process_start_time_seconds ${isRestarted() ? 2e9 : 1e9}\n` +
    `process_cpu_seconds_total ${isRestarted() ? 1 : 50}\n`;
  const totals = new Map<ThingName, number>([["key", 20]]);
  const notes = (await measured(answers, { page, totals })).notes.join("\n");
  const seen = "^Seen \\d+\\.\\d s after the start: ";
  assert.match(notes, new RegExp(`${seen}the learner m2 joined the cluster, which has 2 mem`, "m"));
  assert.match(notes, new RegExp(`${seen}the revision of \\S+ went back from 90 to 7: `, "m"));
  assert.match(notes, /^The member restarted while it was measured \(1 seen\): /m);
});

test("changes of the cluster are reported where the measurement fails", async () => {
  const stored: Stored = { leases: new Set(), keys: new Set() };
  const { said, message } = await measured({
    ...answersOf(stored, 200),
    Status: () => ({ ...STATUS, header: { ...CLUSTER, revision: "7" } }),
    MemberList: () => ({
      header: CLUSTER,
      members: ["1", ...(stored.leases.size === 0 ? [] : ["2"])].map((ID) => ({
        ...{ ID, name: `m${ID}` },
      })),
    }),
  });
  assert.match(message!, /too many requests/);
  assert.match(said.join("\n"), /^Seen \S+ s after the start: m2 joined the cluster/);
});

test("a note says how many free pages of the database the keys can take", async () => {
  const notesAt = async (usedBytes: number) => {
    const db =
      "etcd_mvcc_db_total_size_in_bytes 3.71e8\n" +
      `etcd_mvcc_db_total_size_in_use_in_bytes ${usedBytes}\n`;
    const stored: Stored = { leases: new Set(), keys: new Set() };
    const totals = new Map<ThingName, number>([["key", 20]]);
    const options = { page: () => `${MEMORY}${db}`, totals };
    return (await measured(answersOf(stored, 10), options)).notes.join("\n");
  };
  assert.match(await notesAt(1e6), /^The database had 370 MB of free pages, .*RSS is less/m);
  assert.not.match(await notesAt(3.71e8), /free pages/);
});

test.run();
