/** Tests reading the metrics of members during a run. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MetricsSampler, type SampledMember } from "../../../src/etcd/metrics-sampler.ts";
import { serverFixture } from "../../fixtures/result-fixture.ts";
import { patient } from "../../harness/patience.ts";

/** Long enough for a busy machine; tests with silent members set their own timeout. */
const PATIENT_MS = patient(20_000);
/** Long enough for a member that answers. */
const SILENT_MS = patient(1_500);

class FakeMember {
  id: string;
  cpuSeconds = 0;
  startSeconds = 1;
  leaderChanges = 0;
  scrapes = 0;
  concurrent = 0;
  maxConcurrent = 0;
  /** The response to a request: the page, no answer, or status 500. */
  conduct: "page" | "silent" | "fault" = "page";
  url = "";
  readonly sockets = new Set<unknown>();
  readonly server: Server;

  constructor(id: string) {
    this.id = id;
    this.server = createServer((request, response) => this.#answer(request, response));
    this.server.on("connection", (socket) => this.sockets.add(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  member(...urls: string[]): SampledMember {
    const metricsUrls = urls.length > 0 ? urls : [this.url];
    return { id: this.id, name: `m${this.id}`, endpoint: `e${this.id}`, metricsUrls };
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.scrapes++;
    this.maxConcurrent = Math.max(this.maxConcurrent, ++this.concurrent);
    response.on("close", () => this.concurrent--);
    if (this.conduct === "silent") return;
    response.statusCode = this.conduct === "fault" || request.url !== "/metrics" ? 500 : 200;
    response.end(
      `etcd_server_id{server_id="${this.id}"} 1\nprocess_start_time_seconds ${this.startSeconds}\n` +
        `process_cpu_seconds_total ${this.cpuSeconds}\nprocess_resident_memory_bytes 1000\n` +
        `etcd_server_leader_changes_seen_total ${this.leaderChanges}\n`,
    );
  }
}

async function withMembers(
  ids: string[],
  use: (...members: FakeMember[]) => Promise<void>,
): Promise<void> {
  const members = ids.map((id) => new FakeMember(id));
  try {
    await Promise.all(members.map((member) => member.listen()));
    await use(...members);
  } finally {
    await Promise.all(members.map((member) => member.stop()));
  }
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + PATIENT_MS;
  while (!holds()) {
    assert.ok(Date.now() < end, `waited in vain for ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test("every member is read before, during and after, over one connection each", () =>
  withMembers(["a", "b"], async (a, b) => {
    const sampler = new MetricsSampler({
      members: [a.member(), b.member()],
      metricsEndpoints: null,
      intervalMs: 5,
      timeoutMs: PATIENT_MS,
    });
    a.cpuSeconds = 10;
    await sampler.start();
    assert.equal([a.scrapes, b.scrapes], [1, 1]);
    a.cpuSeconds = 12;
    await until(() => a.scrapes >= 4 && b.scrapes >= 4);
    a.cpuSeconds = 13;
    const { server, notes } = await sampler.stop();
    assert.equal(notes, []);
    assert.equal(
      server.map(({ member, endpoint, cpuSeconds, rssMeanBytes }) => ({
        member,
        endpoint,
        cpuSeconds,
        rssMeanBytes,
      })),
      [
        { member: "ma", endpoint: "ea", cpuSeconds: 3, rssMeanBytes: 1000 },
        { member: "mb", endpoint: "eb", cpuSeconds: 0, rssMeanBytes: 1000 },
      ],
    );
    assert.is(server[0]!.walFsyncP99Ms, null);
    assert.is(a.maxConcurrent, 1);
    // stop() may abort one reading to take the last one.
    assert.ok(a.sockets.size <= 2, `${a.sockets.size} connections`);
    const after = a.scrapes;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(a.scrapes, after, "it goes on after stop");
  }));

test("a member that cannot be read has only nulls, and one note with the reason", () =>
  withMembers(["a"], async (a) => {
    const gone = { id: "c", name: "mc", endpoint: "ec", metricsUrls: ["http://127.0.0.1:1"] };
    const nowhere = { id: "d", name: "md", endpoint: "ed", metricsUrls: [] };
    const sampler = new MetricsSampler({
      members: [gone, a.member(), nowhere],
      metricsEndpoints: null,
      intervalMs: 5,
      timeoutMs: PATIENT_MS,
    });
    await sampler.start();
    await until(() => a.scrapes >= 3);
    const { server, notes } = await sampler.stop();
    for (const i of [0, 2]) {
      const { endpoint, member, ...figures } = server[i]!;
      assert.is(Object.keys(figures).length, Object.keys(serverFixture()).length - 2);
      for (const figure of Object.values(figures)) assert.is(figure, null);
    }
    assert.is(server[1]!.rssMaxBytes, 1000);
    assert.is(notes.length, 2);
    assert.match(
      notes[0]!,
      /mc were not read: .*127\.0\.0\.1:1.*ECONNREFUSED.*--metrics-endpoints/,
    );
    assert.match(notes[1]!, /md were not read: it advertises no client URL of the kind/);
  }));

test("a run that ends before the first reading has no figures and no note", () =>
  withMembers(["a"], async (a) => {
    const sampler = new MetricsSampler({ members: [a.member()], metricsEndpoints: null });
    const { server, notes } = await sampler.stop();
    assert.equal([server[0]!.member, server[0]!.rssMaxBytes], ["ma", null]);
    assert.equal(notes, []);
    assert.is(a.scrapes, 0);
  }));

test("if a URL is dead, faulty or of another member, the next URL is tried", () =>
  withMembers(["a", "b", "c"], async (a, other, faulty) => {
    faulty.conduct = "fault";
    const member = a.member("http://127.0.0.1:1", other.url, faulty.url, a.url);
    const sampler = new MetricsSampler({
      members: [member],
      metricsEndpoints: null,
      timeoutMs: PATIENT_MS,
    });
    await sampler.start();
    const { server, notes } = await sampler.stop();
    assert.is(server[0]!.rssMaxBytes, 1000);
    assert.equal(notes, []);
    assert.equal([a.scrapes, other.scrapes, faulty.scrapes], [2, 1, 1]);
  }));

test("--metrics-endpoints are matched to members by their pages, in any order", () =>
  withMembers(["a", "b", "c"], async (a, b, stranger) => {
    const dead = "http://127.0.0.1:1";
    const unnamed = { ...a.member(), id: "e", name: "me" };
    const sampler = new MetricsSampler({
      members: [a.member(dead), b.member(dead), unnamed],
      metricsEndpoints: [b.url, stranger.url, a.url, dead],
      timeoutMs: PATIENT_MS,
    });
    await sampler.start();
    a.cpuSeconds = 1;
    b.cpuSeconds = 2;
    const { server, notes } = await sampler.stop();
    assert.equal(
      server.map(({ cpuSeconds }) => cpuSeconds),
      [1, 2, null],
    );
    assert.is(notes.length, 3);
    assert.match(
      notes[0]!,
      new RegExp(`--metrics-endpoints ${stranger.url} is of no use: its page is that of member c`),
    );
    assert.match(notes[1]!, /127\.0\.0\.1:1 is of no use: .*ECONNREFUSED/);
    assert.match(notes[2]!, /me were not read: no URL of --metrics-endpoints/);
  }));

test("a member that falls silent is read once at a time, keeps its figures, and does not delay stop", () =>
  withMembers(["a"], async (a) => {
    const sampler = new MetricsSampler({
      members: [a.member()],
      metricsEndpoints: null,
      intervalMs: 5,
      timeoutMs: SILENT_MS,
    });
    a.cpuSeconds = 1;
    await sampler.start();
    await until(() => a.scrapes >= 2);
    a.conduct = "silent";
    const before = a.scrapes;
    await until(() => a.scrapes >= before + 2);
    const { server, notes } = await sampler.stop();
    assert.is(a.maxConcurrent, 1);
    assert.is(server[0]!.rssMaxBytes, 1000);
    assert.is(notes.length, 1);
    assert.match(
      notes[0]!,
      new RegExp(
        `ma: \\d+ of \\d+ readings failed \\(first: no answer in ${SILENT_MS} ms\\); the last that did not is from \\d`,
      ),
    );
  }));

test("the figures of a process that restarts are summed, with a note", () =>
  withMembers(["a"], async (a) => {
    a.cpuSeconds = 50;
    const sampler = new MetricsSampler({
      members: [a.member()],
      metricsEndpoints: null,
      intervalMs: 5,
      timeoutMs: PATIENT_MS,
    });
    await sampler.start();
    a.cpuSeconds = 2;
    a.startSeconds = 9;
    const { server, notes } = await sampler.stop();
    assert.is(server[0]!.cpuSeconds, 2);
    assert.is(notes.length, 1);
    assert.match(notes[0]!, /ma restarted during the run \(1 seen\)/);
  }));

test("a page that becomes another member's counts as a failed reading", () =>
  withMembers(["a"], async (a) => {
    const member = a.member();
    const sampler = new MetricsSampler({
      members: [member],
      metricsEndpoints: null,
      intervalMs: 5,
      timeoutMs: PATIENT_MS,
    });
    await sampler.start();
    a.id = "z";
    const before = a.scrapes;
    await until(() => a.scrapes >= before + 2);
    const { notes } = await sampler.stop();
    assert.match(notes[0]!, /that of member z/);
  }));

test("a leader change is reported once, by the first member to show it, and a restart is none", () =>
  withMembers(["a", "b"], async (a, b) => {
    const sampler = new MetricsSampler({
      members: [a.member(), b.member()],
      metricsEndpoints: null,
      intervalMs: 5,
      timeoutMs: PATIENT_MS,
    });
    const seenByBoth = async () => {
      const [scrapesA, scrapesB] = [a.scrapes, b.scrapes];
      // The second reading from here surely begins after this point.
      await until(() => a.scrapes >= scrapesA + 3 && b.scrapes >= scrapesB + 3);
    };
    a.leaderChanges = b.leaderChanges = 7;
    const startMs = performance.now();
    await sampler.start();
    await seenByBoth();
    b.leaderChanges = 8;
    await seenByBoth();
    a.leaderChanges = 8;
    await seenByBoth();
    // A new process counts its first leader as a change.
    b.startSeconds = 9;
    b.leaderChanges = 1;
    await seenByBoth();
    a.leaderChanges = 9;
    await seenByBoth();
    const { leaderChanges } = await sampler.stop();
    assert.equal(
      leaderChanges.map(({ member }) => member),
      ["mb", "ma"],
    );
    assert.ok(leaderChanges[0]!.atMs > startMs && leaderChanges[1]!.atMs > leaderChanges[0]!.atMs);
  }));

test.run();
