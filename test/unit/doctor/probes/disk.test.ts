import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { probeDisk, probeFolder } from "../../../../src/doctor/probes/disk.ts";
import { readFioReport } from "../../../../src/doctor/probes/fio.ts";
import { initHistograms } from "../../../../src/stats/histogram.ts";

const test = suite<{ folder: string }>("the disk's probe");
const never = new AbortController().signal;

test.before(() => initHistograms());
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "bench-disk-probe-"));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test("the loop measures syncs and leaves no file", async ({ folder }) => {
  const probe = await probeDisk({ dataDir: folder, signal: never, mostMs: 50, env: {} });
  assert.is(probe.tool, "own loop");
  assert.is(probe.fault, null);
  assert.ok(probe.writes > 0);
  assert.is(probe.sync!.count, probe.writes);
  assert.ok(probe.sync!.meanMs! > 0 && probe.sync!.maxMs! >= probe.sync!.meanMs!);
  assert.equal(readdirSync(folder), []);
});

test("a probe removes the files of a killed probe, and no other files", async ({ folder }) => {
  const [left, other, foreign] = [".bench-doctor-abcdef", ".bench-doctor-ghijkl", "bench-doctor-x"];
  for (const name of [left, other, foreign]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "log"), "");
  }
  const hourAgo = new Date(Date.now() - 3_600_000);
  for (const name of [left, foreign]) utimesSync(join(folder, name), hourAgo, hourAgo);
  await probeDisk({ dataDir: folder, signal: never, mostMs: 1, env: {} });
  assert.equal(readdirSync(folder).sort(), [other, foreign]);
});

test("a file that cannot be removed does not stop a probe", async ({ folder }) => {
  const circle = ".bench-doctor-circle";
  symlinkSync(circle, join(folder, circle));
  const probe = await probeDisk({ dataDir: folder, signal: never, mostMs: 1, env: {} });
  assert.is(probe.fault, null);
  assert.equal(readdirSync(folder), [circle]);
});

test("an aborted probe stops, and leaves no file", async ({ folder }) => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 30);
  const probe = await probeDisk({ dataDir: folder, signal: abort.signal, mostMs: 60_000, env: {} });
  assert.ok(probe.writes > 0);
  assert.equal(readdirSync(folder), []);
});

test("the log's folder and etcd's folders around it are not written to", ({ folder }) => {
  const wal = join(folder, "member", "wal");
  mkdirSync(wal, { recursive: true });
  for (const given of [wal, join(folder, "member"), folder]) assert.is(probeFolder(given), folder);
  const apart = join(folder, "logs");
  mkdirSync(apart);
  writeFileSync(join(apart, "0000000000000000-0000000000000000.wal"), "");
  assert.is(probeFolder(apart), folder);
});

test("for a missing folder the fault is one sentence", async ({ folder }) => {
  const probe = await probeDisk({ dataDir: join(folder, "none"), signal: never, env: {} });
  assert.match(probe.fault!, /none.*no such file or folder/);
  assert.is(probe.sync, null);
});

test("fio on PATH runs with etcd's write pattern, and its file is removed", async ({ folder }) => {
  const bin = join(folder, "bin");
  const data = join(folder, "data");
  mkdirSync(bin);
  mkdirSync(data);
  const report = {
    jobs: [{ sync: { lat_ns: { N: 10_029, mean: 73_710, min: 52_000, max: 552_000 } } }],
  };
  const script = [
    "#!/bin/sh",
    'case "$*" in *--rw=write*--ioengine=sync*--fdatasync=1*--size=22m*--bs=2300*) ;; *) exit 9 ;; esac',
    `for arg; do case $arg in --directory=*) echo x >"\${arg#--directory=}/bench-doctor.0.0" ;; esac; done`,
    `echo 'fio: a warning'`,
    `echo '${JSON.stringify(report)}'`,
  ];
  writeFileSync(join(bin, "fio"), script.join("\n"));
  chmodSync(join(bin, "fio"), 0o755);
  const probe = await probeDisk({ dataDir: data, signal: never, env: { PATH: bin } });
  assert.equal([probe.tool, probe.fault, probe.writes], ["fio", null, 10_029]);
  assert.is(probe.sync!.meanMs, 0.07371);
  assert.equal(readdirSync(data), []);
});

test("fio's report has only the percentiles that its number of samples supports", () => {
  const percentile = { "50.000000": 72_192, "90.000000": 77_312, "99.000000": 116_224 };
  const lat = { mean: 73_710, min: 52_000, max: 552_000, percentile };
  const of = (N: number) =>
    readFioReport(JSON.stringify({ jobs: [{ sync: { lat_ns: { ...lat, N } } }] }));
  assert.is(of(10_029).sync!.p99Ms, 0.116224);
  assert.is(of(500).sync!.p99Ms, null);
  assert.is(of(500).sync!.p50Ms, 0.072192);
  assert.match(readFioReport("{}").fault!, /no times of fdatasync/);
  assert.match(readFioReport("no report").fault!, /no times of fdatasync/);
});

test.run();
