/** Tests endpoints from DNS: the queried names, the order of records, and each failure. */
import { createSocket, type Socket } from "node:dgram";
import type { SrvRecord } from "node:dns";
import { Resolver } from "node:dns/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { type Discovery, discoverEndpoints } from "../../../src/etcd/discovery-srv.ts";

const DISCOVERY: Discovery = { domain: "example.com", name: "", source: "--discovery-srv" };

const record = (name: string, port: number, priority = 0, weight = 0): SrvRecord => ({
  name,
  port,
  priority,
  weight,
});

function failure(code: string): Error {
  return Object.assign(new Error(`querySrv ${code}`), { code });
}

/** Answers from `records`, and keeps the queried names. */
function zone(records: Record<string, SrvRecord[]>, otherwise = "ENOTFOUND") {
  const asked: string[] = [];
  const resolve = async (name: string) => {
    asked.push(name);
    const found = records[name];
    if (found === undefined) throw failure(otherwise);
    return found;
  };
  return { asked, resolve };
}

async function refusalOf(work: Promise<unknown>): Promise<BenchError> {
  const error = await work.then(
    () => null,
    (cause) => cause,
  );
  assert.instance(error, BenchError);
  return error as BenchError;
}

test("both services are queried, with the suffix of a name", async () => {
  const secure = zone({ "_etcd-client-ssl._tcp.example.com": [record("a.example.com", 2379)] });
  assert.equal(await discoverEndpoints(DISCOVERY, secure.resolve), ["https://a.example.com:2379"]);
  assert.equal(secure.asked, [
    "_etcd-client-ssl._tcp.example.com",
    "_etcd-client._tcp.example.com",
  ]);
  const named = zone({ "_etcd-client-blue._tcp.example.com": [record("a.example.com.", 2379)] });
  const discovery = { ...DISCOVERY, domain: "example.com.", name: "blue" };
  assert.equal(await discoverEndpoints(discovery, named.resolve), ["http://a.example.com:2379"]);
});

test("records are ordered by priority, weight and name, for any order from DNS", async () => {
  const records = [
    record("c.example.com", 2379, 10),
    record("b.example.com", 2379, 0, 1),
    record("a.example.com", 2379, 0, 1),
    record("d.example.com", 2379, 0, 5),
    record("", 1, 0, 9),
  ];
  for (const dealt of [records, records.toReversed()]) {
    const { resolve } = zone({ "_etcd-client._tcp.example.com": dealt });
    const hosts = (await discoverEndpoints(DISCOVERY, resolve)).map((url) => url[7]);
    assert.is(hosts.join(""), "dabc");
  }
});

test("no records, records of both kinds and a silent server each have their own error", async () => {
  const none = await refusalOf(discoverEndpoints(DISCOVERY, zone({}).resolve));
  assert.match(none.message, /no SRV records of _etcd-client-ssl\._tcp\.example\.com and _etcd-cl/);
  assert.is(none.exitCode, 2);
  const records = [record("a.example.com", 2379)];
  const both = zone({
    "_etcd-client-ssl._tcp.example.com": records,
    "_etcd-client._tcp.example.com": records,
  });
  const mixed = await refusalOf(discoverEndpoints(DISCOVERY, both.resolve));
  assert.match(mixed.message, /both have records, .*--endpoints=https:\/\/a\.example\.com:2379/);
  const silent = zone({ "_etcd-client._tcp.example.com": records }, "ETIMEOUT");
  const unanswered = await refusalOf(discoverEndpoints(DISCOVERY, silent.resolve));
  assert.match(
    unanswered.message,
    /DNS did not answer the question for _etcd-client-ssl.*ETIMEOUT/,
  );
  assert.is(unanswered.exitCode, 3);
});

test("an invalid DNS name is refused before any query", async () => {
  const { asked, resolve } = zone({});
  for (const domain of ["", "a b", "a..b", "-a.b", "x".repeat(300), "a\u001b[2J"]) {
    const { message } = await refusalOf(discoverEndpoints({ ...DISCOVERY, domain }, resolve));
    assert.match(message, /is no domain name/);
  }
  const name = "a.b";
  const { message } = await refusalOf(discoverEndpoints({ ...DISCOVERY, name }, resolve));
  assert.match(message, /^--discovery-srv-name: "a\.b"/);
  assert.equal(asked, []);
});

test("the answer of a name server over UDP is read", async () => {
  const server = await nameServer("_etcd-client._tcp.example.test", "etcd1.example.test", 2379);
  try {
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${server.address().port}`]);
    const discovery = { ...DISCOVERY, domain: "example.test" };
    const found = await discoverEndpoints(discovery, (name) => resolver.resolveSrv(name));
    assert.equal(found, ["http://etcd1.example.test:2379"]);
  } finally {
    server.close();
  }
});

/** Answers SRV questions (RFC 1035, RFC 2782): one name has one record, no other name exists. */
async function nameServer(name: string, target: string, port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.on("message", (query, { address, port: from }) => {
    const question = query.subarray(12, questionEnd(query));
    const isKnown = question.subarray(0, -4).equals(labels(name));
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(isKnown ? 1 : 0, 6);
    header.fill(0, 8);
    const host = labels(target);
    const answer = Buffer.alloc(18);
    // A pointer to the question's name, type SRV, class IN, TTL, length, priority, weight, port.
    answer.writeUInt16BE(0xc00c, 0);
    answer.writeUInt16BE(33, 2);
    answer.writeUInt16BE(1, 4);
    answer.writeUInt32BE(60, 6);
    answer.writeUInt16BE(6 + host.length, 10);
    answer.writeUInt16BE(port, 16);
    socket.send(
      Buffer.concat([header, question, ...(isKnown ? [answer, host] : [])]),
      from,
      address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}

function labels(name: string): Buffer {
  const parts = name.split(".").map((label) => `${String.fromCharCode(label.length)}${label}`);
  return Buffer.from(`${parts.join("")}\0`, "latin1");
}

/** The end of name, type and class. The resolver sends one question per query. */
function questionEnd(query: Buffer): number {
  return query.indexOf(0, 12) + 5;
}

test.run();
