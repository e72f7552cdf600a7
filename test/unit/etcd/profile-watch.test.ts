/** Tests profiles of a fake member: which window is kept, and the notes. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProfileWatch } from "../../../src/etcd/profile-watch.ts";
import { until } from "../../harness/conditions.ts";

/** Answers each request with its number, after 5 ms. */
class FakeMember {
  readonly asked: string[] = [];
  /** The time of each request. */
  readonly askedMs: number[] = [];
  status = 200;
  #server: Server;
  url = "";

  constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url!);
      this.askedMs.push(performance.now());
      response.statusCode = this.status;
      setTimeout(() => response.end(`\u00ff${this.asked.length}`, "latin1"), 5);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function withMember(use: (member: FakeMember) => Promise<void>): Promise<void> {
  const member = new FakeMember();
  await member.listen();
  try {
    await use(member);
  } finally {
    await member.close();
  }
}

function watchOf(member: FakeMember, kinds: readonly ("cpu" | "heap")[] = ["cpu", "heap"]) {
  const members = [{ name: "m1", metricsUrls: ["http://127.0.0.1:1", member.url] }];
  return new ProfileWatch({ members, kinds, tls: null, windowSeconds: 0.02 });
}

test("the profiles of the slowest window are kept, byte by byte", () =>
  withMember(async (member) => {
    const watch = watchOf(member);
    await watch.start();
    watch.begin();
    await until("there are four windows", () => member.asked.length >= 9);
    // The time is within a window: nothing is profiled between two windows.
    const asked = member.asked.lastIndexOf("/debug/pprof/heap");
    const slowMs = member.askedMs[asked]!;
    watch.add({ fromMs: slowMs - 0.5, toMs: slowMs + 0.5, slownessMs: 500 });
    watch.add({ fromMs: slowMs - 1000, toMs: slowMs + 1000, slownessMs: 3 });
    await until("there are six more", () => member.asked.length >= 21);
    const { profiles, notes } = await watch.stop();
    assert.equal(notes, []);
    assert.equal(
      profiles.map(({ kind, member: name }) => `${kind} of ${name}`),
      ["cpu of m1", "heap of m1"],
    );
    const [cpu, heap] = profiles;
    const number = Number(Buffer.from(heap!.bytes).toString("latin1").slice(1));
    assert.is(number, asked + 1, "another window");
    assert.is(cpu!.bytes[0], 0xff);
    assert.ok(member.asked.includes("/debug/pprof/profile?seconds=0.02"));
    assert.ok(member.asked.includes("/debug/pprof/heap"));
  }));

test("a member without profiles is asked once, and a note names etcd's flag", () =>
  withMember(async (member) => {
    member.status = 404;
    const watch = watchOf(member);
    await watch.start();
    watch.begin();
    const { profiles, notes } = await watch.stop();
    assert.equal(profiles, []);
    assert.is(notes.length, 1);
    assert.match(notes[0]!, /member m1 serves no profiles .*404\); start etcd with --enable-pprof/);
    assert.is(member.asked.length, 1);
  }));

test("profiles that fail during the run are counted, with the first reason", () =>
  withMember(async (member) => {
    const watch = watchOf(member, ["heap"]);
    await watch.start();
    member.status = 500;
    watch.begin();
    await until("two windows have failed", () => member.asked.length >= 3);
    const { profiles, notes } = await watch.stop();
    assert.equal(profiles, []);
    assert.match(
      notes[0]!,
      /^--pprof: \d+ profiles of member m1 could not be had \(first: HTTP status 500\)/,
    );
  }));

test.run();
