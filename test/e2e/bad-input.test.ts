/**
 * Runs bench with invalid input: one line on standard error with the flag and the fix, the exit
 * code, no standard output, and nothing started.
 */
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MEASURING_COMMANDS } from "../../src/cli/measure/measuring-commands.ts";
import { bench } from "../harness/bench-process.ts";

const test = suite<{ folder: string }>("bad input");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-bad-input-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

/** Asserts one line with all the words, exit code 2, and no standard output. */
async function refuses(
  args: string[],
  words: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const { code, stdout, stderr } = await bench(args, { env });
  const shown = `bench ${args.join(" ")}: ${stderr}`;
  assert.is(code, 2, shown);
  assert.is(stdout, "", shown);
  assert.match(stderr, /^bench: [^\n]+\n$/, shown);
  for (const word of words) assert.ok(stderr.includes(word), `${word} in ${shown}`);
}

const cases: [string, [args: string[], words: string[]][]][] = [
  [
    "negative, zero, fractional and absurd numbers",
    [
      [
        ["put", "--total=-5"],
        ["--total", '"-5"', "--total=10000"],
      ],
      [
        ["put", "--total", "-5"],
        ["--total", '"-5"'],
      ],
      [
        ["put", "--total=0"],
        ["--total", "at least 1"],
      ],
      [
        ["put", "--clients=1.5"],
        ["--clients", '"1.5"'],
      ],
      [
        ["put", "--conns=1000000000"],
        ["--conns", "at most 100k"],
      ],
      [
        ["range", "foo", "--rate=-1"],
        ["--rate", '"-1"'],
      ],
      [["range", "--total=99999999999999999999"], ["--total"]],
      [
        ["put", "--workers=5000"],
        ["--workers", "at most 1024"],
      ],
    ],
  ],
  [
    "a key size too small for the key space",
    [
      [
        ["put", "--key-size=1", "--key-space-size=1000"],
        ["--key-size=1", "--key-space-size", "--key-size=2"],
      ],
      [
        ["put", "--key-size=1", "--sequential-keys"],
        ["--key-size=1", "--sequential-keys"],
      ],
    ],
  ],
  [
    "unknown flags and commands, with the nearest",
    [
      [
        ["put", "--totl=5"],
        ["--totl", "--total"],
      ],
      [
        ["--endpoint=127.0.0.1:1", "range", "foo"],
        ["--endpoint", "--endpoints"],
      ],
      [
        ["rage", "foo"],
        ['"rage"', "range"],
      ],
      [
        ["put", "-total=5"],
        ["two dashes", "--total"],
      ],
      [
        ["lease-keepalive", "--check-hashkv"],
        ["--check-hashkv", "not of bench lease-keepalive"],
      ],
      [["mvcc"], ["mvcc", "not offer it yet"]],
      [
        ["txn-put", "--txn-ops=3"],
        ["--txn-ops=3", "--key-space-size=1"],
      ],
      [[], ["no command"]],
    ],
  ],
  [
    "malformed endpoints",
    [
      [
        ["put", "--endpoints=nonsense"],
        ["--endpoints", "nonsense"],
      ],
      [
        ["put", "--endpoints=127.0.0.1:99999"],
        ["--endpoints", "99999"],
      ],
      [["put", "--endpoints=127.0.0.1:1,,127.0.0.1:2"], ["--endpoints"]],
      [["put", "--metrics-endpoints=ftp://a:1"], ["--metrics-endpoints"]],
      [
        ["put", "--local", "--endpoints=127.0.0.1:1"],
        ["--local", "--endpoints"],
      ],
      [
        ["put", "--local=2"],
        ["--local", '"2"', "1, 3, 5"],
      ],
    ],
  ],
  [
    "malformed durations, sizes, rates and thresholds",
    [
      [
        ["put", "--duration=10"],
        ["--duration", '"10"', "--duration=30s"],
      ],
      [
        ["put", "--timeout=soon"],
        ["--timeout", '"soon"'],
      ],
      [
        ["put", "--warmup=1x"],
        ["--warmup", '"1x"'],
      ],
      [
        ["put", "--val-size=4KB2"],
        ["--val-size", '"4KB2"'],
      ],
      [
        ["put", "--rate=10/y"],
        ["--rate", '"10/y"'],
      ],
      [
        ["put", "--threshold=p99<20"],
        ["--threshold", '"p99<20"', "p99<20ms"],
      ],
      [
        ["put", "--max-error-rate=200%"],
        ["--max-error-rate", '"200%"'],
      ],
      [
        ["range", "--consistency=x"],
        ["--consistency", '"x"'],
      ],
    ],
  ],
  [
    "words that are not on a flag's list",
    [
      [
        ["put", "--arrival=random"],
        ["--arrival", "constant, poisson"],
      ],
      [
        ["put", "--pacing=sleep"],
        ["--pacing", "nap, spin, timer"],
      ],
      [
        ["put", "--transport=udp"],
        ["--transport", "wire, grpc-js"],
      ],
      [
        ["put", "--key-encoding=hex"],
        ["--key-encoding", "fixed, varint"],
      ],
      [
        ["put", "--output=jsn"],
        ["--output", "json"],
      ],
      [
        ["put", "--output=json", "--output=csv"],
        ["--output", "standard output"],
      ],
    ],
  ],
];

for (const [name, lines] of cases) {
  test(`${name} are refused in one line with exit code 2`, async () => {
    for (const [args, words] of lines) await refuses(args, words);
  });
}

test("an error about a malformed ETCDCTL_ENDPOINTS names the variable", async () => {
  await refuses(["put"], ["ETCDCTL_ENDPOINTS", "nonsense"], { ETCDCTL_ENDPOINTS: "nonsense" });
});

test("an unwritable output is refused before anything starts", async ({ folder }) => {
  const blocker = path.join(folder, "file");
  await writeFile(blocker, "");
  // A fake etcd that leaves a file when it runs, even for its version.
  const trace = path.join(folder, "trace");
  const etcd = path.join(folder, "etcd");
  await writeFile(etcd, `#!/bin/sh\ntouch '${trace}'\nexit 1\n`);
  await chmod(etcd, 0o755);
  const local = ["put", "--local", `--etcd=${etcd}`];
  const missing = path.join(folder, "none", "run.json");
  await refuses([...local, `--output=json=${missing}`], ["--output", missing]);
  await refuses([...local, `--output=json=${folder}`], ["--output", folder]);
  await refuses([...local, `--save=${path.join(blocker, "results")}`], ["--save", blocker]);
  assert.equal((await readdir(folder)).sort(), ["etcd", "file"]);
});

test("an error about a missing etcd names the flag", async ({ folder }) => {
  const missing = path.join(folder, "no-etcd");
  const { code, stdout, stderr } = await bench(["put", "--local", `--etcd=${missing}`]);
  assert.is(code, 2, stderr);
  assert.is(stdout, "");
  assert.match(stderr, /--etcd/);
  assert.ok(stderr.includes(missing));
});

test("an error about a missing, corrupt or unsuitable result file has its path", async ({
  folder,
}) => {
  const file = path.join(folder, "run.json");
  await refuses(["report", file], [file]);
  for (const text of [
    "",
    "{",
    "[]",
    "null",
    '{"schemaVersion":1}',
    '{"schemaVersion":99}',
    "\u0000\u0001",
  ]) {
    await writeFile(file, text);
    await refuses(["report", file], [file]);
  }
  await refuses(["report", folder], [folder]);
  await refuses(["report"], ["bench report <result..>"]);
});

test("help and version go to standard output with exit code 0", async () => {
  const whole = [["--help=all"], ["put", "--help=all"]];
  const brief = [["--help"], ["put", "--help"], ["help", "range"], ["report", "-h"]];
  for (const args of [...brief, ...whole]) {
    const { code, stdout, stderr } = await bench(args);
    assert.is(code, 0, stderr);
    assert.is(stderr, "");
    assert.match(stdout, /Examples:\n {2}bench /);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  }
  const { code, stdout } = await bench(["--version"]);
  assert.is(code, 0);
  assert.match(stdout, /^etcd-bench \d+\.\d+\.\d+\S*\n$/);
});

test("the whole help of put groups its flags", async () => {
  const { stdout } = await bench(["put", "--help=all"]);
  const groups = ["Target:", "Load:", "Workload:", "Output:"].map((each) =>
    stdout.indexOf(`\n${each}\n`),
  );
  assert.not.ok(groups.includes(-1));
  assert.equal(
    groups,
    groups.toSorted((a, b) => a - b),
  );
});

test("short help explains the command's own flags, lists all others, and fits two screens", async () => {
  for (const { name, flags } of MEASURING_COMMANDS) {
    const { stdout } = await bench([name, "--help"]);
    for (const flag of flags) assert.match(stdout, `--${flag.name}`);
    assert.not.match(stdout, /^ +--tls-server-name +name/m);
    assert.match(stdout, `bench ${name} --help=all explains:`);
    const lines = stdout.split("\n").length;
    assert.ok(lines <= 90, `${lines} lines of bench ${name} --help`);
  }
});

test.run();
