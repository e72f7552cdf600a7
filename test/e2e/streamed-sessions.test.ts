/** Streams the runs of `bench ab`, `failover` and `run` one after another, and shows them live. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, checkedResult } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { mainOf, readUpdates } from "../harness/live-updates.ts";
import { MetricsReceiver } from "../peers/metrics-receiver.ts";

interface Streamed {
  code: number | null;
  stderr: string;
  /** The values of a label in the samples of one receiver path, in order. */
  labels(path: string, name: string): string[];
  /** The page that was scraped during the runs. */
  scraped: string;
  liveTitles: string[];
  lastLive: string;
  saved: string;
}

const test = suite<{ folder: string }>("streamed sessions");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), "bench-streamed-"));
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

/** Runs bench with all streams, reads them, and returns them with the saved page. */
async function streamed(folder: string, args: readonly string[]): Promise<Streamed> {
  const receiver = await MetricsReceiver.start();
  try {
    const at = `http://127.0.0.1:${receiver.port}`;
    const html = path.join(folder, "page.html");
    const running = new BenchProcess(
      [
        ...[...args, `--output=html=${html}`, "--metrics-listen=127.0.0.1:0"],
        ...[`--output=otlp=${at}`, `--output=prometheus-rw=${at}`, "--live=127.0.0.1:0"],
      ],
      { cwd: folder },
    );
    const [, metrics] = await running.said(/^metrics are at (http:\S+)$/m);
    const [, page] = await running.said(/^the live page is at (http:\S+)$/m);
    const live = readUpdates(page!);
    let scraped = "";
    const scraping = setInterval(async () => {
      scraped = await fetch(metrics!).then(
        (response) => response.text(),
        // bench has ended.
        () => scraped,
      );
    }, 200);
    const { code, stderr } = await running.ended;
    clearInterval(scraping);
    await until("the live page has ended", () => live.isClosed);
    assert.equal(receiver.faults, []);
    return {
      ...{ code, stderr, scraped },
      labels: (of, name) => [
        ...new Set(
          receiver.frames
            .filter((frame) => frame.path === of)
            .flatMap(({ samples }) => samples[0]?.labels[name] ?? []),
        ),
      ],
      liveTitles: live.updates.map(({ title }) => title),
      lastLive: live.updates.at(-1)!.main,
      saved: mainOf(await readFile(html, "utf8")),
    };
  } finally {
    receiver.stop();
  }
}

const PATHS = ["/v1/metrics", "/api/v1/write"];

test("both arms of ab are streamed with their names, and the live page ends as the comparison", async ({
  folder,
}) => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  const of = await streamed(folder, [
    ...["ab", "range", "key", `--endpoints=${cluster.endpoints[0]}`, "--pairs=2", "--duration=1s"],
    ...["--clients=2", "--warmup-pairs=0", "--b-flags=--conns=2", "--save=session"],
  ]).finally(() => cluster.down());
  // Two pairs prove nothing; a busy machine makes them invalid.
  assert.ok(of.code === 0 || of.code === 4, of.stderr);
  for (const each of PATHS) assert.equal(of.labels(each, "label_side").toSorted(), ["a", "b"]);
  assert.match(of.scraped, /bench_requests_total\{[^}]*label_side="[ab]"/);
  assert.ok(
    of.liveTitles.some((title) => title.startsWith("range-linearizable ")),
    of.liveTitles.join(),
  );
  assert.match(of.liveTitles.at(-1)!, /^Head against base, /);
  assert.is(of.lastLive, of.saved);
});

test("the trials of failover are streamed with their numbers, and the live page ends as the report", async ({
  folder,
}) => {
  const of = await streamed(folder, [
    ...["failover", "--local=3", "--event=for=500ms pause follower", "--trials=1", "--controls=0"],
    ...["--workload=put", "--rate=50", "--before=1s", "--after=1s", "--keep-slowest=2"],
    "--save=session",
  ]);
  assert.ok(of.code === 0 || of.code === 1, of.stderr);
  for (const each of PATHS) {
    assert.equal(of.labels(each, "label_trial"), ["1"]);
  }
  assert.match(of.scraped, /bench_requests_total\{[^}]*label_trial="1"/);
  const kept = (await readdir(path.join(folder, "session"))).find((name) => /trial/.test(name))!;
  const trial = JSON.parse(await readFile(path.join(folder, "session", kept), "utf8"));
  for (const { key, endpoint } of checkedResult(trial).operations[0]!.slowest!) {
    assert.match(key!, /^bench-availability\/[0-9a-f]+\/\d{12}$/);
    assert.match(endpoint!, /^127\.0\.0\.1:\d+$/);
  }
  assert.is(of.lastLive, of.saved);
});

test("the cells of a suite share one live page, which ends as the page of the results", async ({
  folder,
}) => {
  await writeFile(
    path.join(folder, "two.yaml"),
    "name: two\ncells:\n  - {name: writes, command: put}\n  - {name: reads, command: range, args: [key]}\n",
  );
  const of = await streamed(folder, [
    ...["run", "two.yaml", "--local", "--set=duration=1s", "--set=clients=2"],
  ]);
  assert.is(of.code, 0, of.stderr);
  for (const each of PATHS) assert.equal(of.labels(each, "label_cell"), ["writes", "reads"]);
  assert.is(of.lastLive, of.saved);
});

test.run();
