/** Runs bench in incomplete environments: a sentence with the fix, and nothing left. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench, measure, onlyOperation } from "../harness/bench-process.ts";
import { builtBench, MODULES } from "../harness/built-bench.ts";
import { SmallDisk } from "../harness/small-disk.ts";

const test = suite<{ folder: string }>("environment");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "bench-environment-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

/** Runs `put --local` as the shell's `$@`, after the script. */
function inShell(script: string, ...flags: string[]) {
  return programInShell(builtBench(), script, ...flags);
}

async function programInShell(
  program: string,
  script: string,
  ...flags: string[]
): Promise<{ said: string; code: number | null }> {
  const { path } = await etcdForTests();
  const local = ["put", "--local", `--etcd=${path}`, "--total=50", ...flags];
  const put = [process.execPath, program, ...local];
  const { status, stderr } = spawnSync("sh", ["-c", script, "sh", ...put], { encoding: "utf8" });
  return { said: stderr, code: status };
}

function assertSentence(
  { said, code }: { said: string; code: number | null },
  words: RegExp,
): void {
  assert.is(code, EXIT.usage, said);
  assert.match(said, words);
  assert.not.match(said, /defect|\n {4}at /);
}

test("an error about a missing temporary folder names it, with TMPDIR as the fix", async () => {
  const ended = await inShell('TMPDIR=/nonexistent exec "$@"');
  assertSentence(ended, /could not be made in \/nonexistent: no such file or folder; set TMPDIR/);
});

test("a problem of all runs of a suite is reported before the first run", async ({ folder }) => {
  const save = `--save=${join(folder, "results")}`;
  const noCache = { XDG_CACHE_HOME: "/dev/null", ETCD_BIN: "", PATH: "/nonexistent" };
  for (const [words, variables, said] of [
    [
      ["run", "quick", "--local", save],
      { TMPDIR: "/nonexistent" },
      /could not be made in \/nonexis/,
    ],
    [["quickstart"], { TMPDIR: "/nonexistent" }, /could not be made in \/nonexistent/],
    [["run", "quick", "--local", save], noCache, /cannot be kept in the cache \/dev\/null/],
    [["quickstart"], noCache, /cannot be kept in the cache \/dev\/null/],
  ] as const) {
    const env = { ...process.env, ...variables };
    const options = { encoding: "utf8", env } as const;
    const { status, stderr } = spawnSync(process.execPath, [builtBench(), ...words], options);
    assertSentence({ said: stderr, code: status }, said);
    assert.not.match(stderr, /run 1 of|results go to/);
  }
  assert.equal(await readdir(folder), []);
});

test("too few open files to load bench itself are reported", async () => {
  assertSentence(
    // Node starts with this limit, but loading bench's modules takes more files.
    await programInShell(MODULES, 'ulimit -n 40; exec "$@"'),
    /too many open files; raise .*ulimit -n/,
  );
});

test("too few addresses for the histograms or the threads are reported", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  try {
    const target = `--endpoints=${cluster.endpoints[0]!}`;
    const load = ["--total=50", "--workers=4", "--conns=4", "--clients=4"];
    for (const limit of ["3000000", "8000000", "12000000"]) {
      const script = `ulimit -v ${limit}; exec "$@"`;
      const put = [process.execPath, builtBench(), "put", target, ...load];
      const ended = spawnSync("sh", ["-c", script, "sh", ...put], { encoding: "utf8" });
      // How much Node reserves depends on its version.
      if (ended.status === EXIT.done) continue;
      assertSentence({ said: ended.stderr, code: ended.status }, /raise .*\(ulimit -v unlimited\)/);
    }
  } finally {
    await cluster.down();
  }
});

test("a deleted working folder is reported", async ({ folder }) => {
  const gone = join(folder, "gone");
  await mkdir(gone);
  assertSentence(
    await inShell(`cd ${gone}; rmdir ${gone}; exec "$@"`),
    /working folder does not exist/,
  );
});

test("more connections than open files are refused before anything starts", async ({ folder }) => {
  const script = `ulimit -n 256; TMPDIR=${folder} exec "$@"`;
  const ended = await inShell(script, "--conns=230", "--clients=230");
  assertSentence(
    ended,
    /--conns=230: each etcd of --local needs about \d+ open files, and the limit is 256; raise it \(ulimit -n 512\)/,
  );
  assert.equal(await readdir(folder), []);
});

test("fewer open files than etcd keeps for itself are reported with the fix", async () => {
  const words = ["doctor", "--local", `--etcd=${(await etcdForTests()).path}`, "--duration=1s"];
  const script = ["-c", 'ulimit -n 100; exec "$@"', "sh", process.execPath, builtBench()];
  const { status, stderr } = spawnSync("sh", [...script, ...words], { encoding: "utf8" });
  assertSentence(
    { said: stderr, code: status },
    /did not start: etcd keeps 150 open files for its own use, .*raise it \(ulimit -n 1024\)/,
  );
});

test("more connections of calibrate than open files are refused before anything starts", () => {
  for (const [workload, flag] of [
    ["put", "clients"],
    ["lock", "conns"],
  ] as const) {
    const words = ["calibrate", "--quick", `--workloads=${workload}`, `--${flag}=999`];
    const command = [process.execPath, builtBench(), ...words];
    const { status, stderr } = spawnSync(
      "sh",
      ["-c", 'ulimit -n 64; exec "$@"', "sh", ...command],
      {
        encoding: "utf8",
      },
    );
    assertSentence({ said: stderr, code: status }, new RegExp(`--${flag}=999: bench needs about`));
  }
});

for (const flags of [[], ["--tls"]]) {
  test(`a full disk under --local ${flags.join(" ")} is reported, and nothing is left`, async ({
    folder,
  }) => {
    const disk = await SmallDisk.make(folder);
    try {
      const ended = await inShell(`TMPDIR=${disk.folder} exec "$@"`, ...flags);
      // Without a mounted disk, the folder has space and the run succeeds.
      if (ended.code !== EXIT.done) assertSentence(ended, /no space left on the disk.*TMPDIR/);
      assert.equal(await readdir(disk.folder), []);
      await mkdir(join(disk.folder, "kept"));
      await disk.fill();
      const left = await readdir(disk.folder);
      const full = await inShell(`TMPDIR=${disk.folder} exec "$@"`, ...flags);
      if (full.code !== EXIT.done) assertSentence(full, /no space left on the disk.*TMPDIR/);
      assert.equal(await readdir(disk.folder), left);
    } finally {
      await disk.free();
      await disk.remove();
    }
  });
}

test("a disk that can hold no more files is reported as that", async ({ folder }) => {
  const disk = await SmallDisk.make(folder, { sizeBytes: 400e6, files: 9 });
  try {
    const ended = await inShell(`TMPDIR=${disk.folder} exec "$@"`);
    // Without a mounted disk, the folder has room and the run succeeds.
    if (disk.isMounted) {
      assertSentence(
        ended,
        /the disk of .* can hold \d+ more files \(inodes\).*delete files.*TMPDIR/,
      );
    }
    assert.equal(await readdir(disk.folder), []);
  } finally {
    await disk.remove();
  }
});

const canHideProc =
  spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/proc"]).status === 0;
if (!canHideProc) {
  console.log("skipped: a system without /proc: no namespace of mounts can be made here");
}

(canHideProc ? test : test.skip)(
  "a system without /proc is refused before the load, with the fix",
  async ({ folder }) => {
    // Namespaces of its own take no right where the system lets users make them.
    const hidden = 'exec unshare -rm sh -c \'mount -t tmpfs none /proc && exec "$@"\' sh "$@"';
    assertSentence(await inShell(hidden), /this system has no \/proc.*mount -t proc/);
    const saved = join(folder, "session");
    const flags = [`--save=${saved}`, "--pairs=2", "--duration=1s", "--b-flags=--conns=2"];
    const { path } = await etcdForTests();
    const words = [
      process.execPath,
      builtBench(),
      "ab",
      "put",
      "--local",
      `--etcd=${path}`,
      ...flags,
    ];
    const { status, stderr } = spawnSync("sh", ["-c", hidden, "sh", ...words], {
      encoding: "utf8",
    });
    assertSentence({ said: stderr, code: status }, /this system has no \/proc/);
  },
);

const canForbidPrograms =
  spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "-o", "noexec", "none", "/proc"]).status ===
  0;
if (!canForbidPrograms) {
  console.log("skipped: programs on a noexec mount: no namespace of mounts can be made here");
}

(canForbidPrograms ? test : test.skip)(
  "an etcd on a file system that is mounted noexec is named with the cause, and none is fetched",
  async ({ folder }) => {
    const { path } = await etcdForTests();
    const disk = join(folder, "disk");
    const kept = join(disk, "etcd-bench", "etcd", "3.5.33");
    await mkdir(disk);
    // A namespace of its own takes no right where the system lets users make one.
    const script = [
      'mount -t tmpfs -o noexec none "$1"',
      'mkdir -p "$2" && cp "$3" "$2/etcd" && echo "{}" >"$2/complete.json"',
      'shift 3 && exec env PATH="$SEARCHED" "$@"',
    ].join(" && ");
    const run = (words: string[], variables: NodeJS.ProcessEnv) => {
      const command = [process.execPath, builtBench(), ...words];
      const { status, stderr } = spawnSync(
        "unshare",
        ["-rm", "sh", "-c", script, "sh", disk, kept, path, ...command],
        // Nothing answers there: a fetch would be seen, and fail.
        {
          encoding: "utf8",
          env: { ...process.env, BENCH_ETCD_ARCHIVE_URL: "http://127.0.0.1:1", ...variables },
        },
      );
      return { said: stderr, code: status };
    };
    const put = ["put", "--local", "--total=50"];
    const noPath = { ETCD_BIN: "", SEARCHED: "/nonexistent" };
    const is = `is on a file system that lets no program run \\(${disk} is mounted noexec\\)`;
    const fix = `mount it with exec \\(mount -o remount,exec ${disk}\\)`;

    const cached = run(put, { ...noPath, XDG_CACHE_HOME: disk });
    assertSentence(cached, new RegExp(`${kept}/etcd in the cache ${is}; none is fetched.*${fix}`));
    const onPath = run(put, { ETCD_BIN: "", SEARCHED: kept, XDG_CACHE_HOME: disk });
    assertSentence(onPath, new RegExp(`${kept}/etcd on PATH is passed over: it ${is}; ${fix}`));
    for (const { said } of [cached, onPath]) assert.not.match(said, /fetching/);
    for (const named of [kept, join(kept, "etcd")]) {
      const said = new RegExp(`${kept}/etcd ${is}: ${fix}, or use a copy on another file system`);
      assertSentence(run([...put, `--etcd=${named}`], noPath), said);
      assertSentence(run(put, { ...noPath, ETCD_BIN: named }), said);
    }
  },
);

test("a note says how the process of a member ended that bench had started, and how its log ends", async ({
  folder,
}) => {
  const { path } = await etcdForTests();
  const [script, pid] = [join(folder, "etcd"), join(folder, "pid")];
  await writeFile(script, `#!/bin/sh\necho $$ >${pid}\nexec ${path} "$@"\n`, { mode: 0o755 });
  const ended = await bench([
    ...["put", "--local", `--etcd=${script}`, "--rate=50", "--duration=1s", "--timeout=500ms"],
    ...[`--event=at=300ms exec kill -9 $(cat ${pid})`, "--output=json"],
  ]);
  const { notes } = JSON.parse(ended.stdout) as RunResult;
  const told = notes.filter((note) => /^The process of member etcd1, which bench had/.test(note));
  assert.is(told.length, 1, notes.join("\n"));
  assert.match(told[0]!, /ended during the run: .*SIGKILL.*; its log ends: ./);
});

test("a note on a member whose disk became full in mid-run names the disk and the fix", async ({
  folder,
}) => {
  const disk = await SmallDisk.make(folder, { sizeBytes: 200e6 });
  try {
    // Without a mounted disk nothing bounds what the run may write.
    if (!disk.isMounted) return;
    const { path } = await etcdForTests();
    const load = ["--val-size=256KiB", "--clients=4", "--total=2000", "--timeout=2s"];
    const ended = await bench(["put", "--local", `--etcd=${path}`, ...load, "--output=json"], {
      env: { TMPDIR: disk.folder },
    });
    const { notes } = JSON.parse(ended.stdout) as RunResult;
    assert.match(
      notes.join("\n"),
      /ended during the run: .*, and the disk of \S*\/disk\/\S+ is full: free space there, or keep the data on another disk; its log ends: ./,
    );
  } finally {
    await disk.remove();
  }
});

test("an error about a full disk at --data-dir names that folder", async ({ folder }) => {
  const disk = await SmallDisk.make(folder);
  try {
    const { path } = await etcdForTests();
    const data = join(disk.folder, "data");
    const words = ["cluster", "start", "--size=1", `--etcd=${path}`, `--data-dir=${data}`];
    const env = { XDG_STATE_HOME: join(folder, "state") };
    const ended = await bench(words, { env });
    // Without a mounted disk, the folder has space.
    if (ended.code === EXIT.done) await bench(["cluster", "down"], { env });
    else {
      assertSentence(
        { said: ended.stderr, code: ended.code },
        /no space left on the disk of .*\/disk\/data \(\d MB free\)/,
      );
    }
    assert.equal(await readdir(disk.folder), []);
  } finally {
    await disk.remove();
  }
});

test("connections to etcd do not use proxies from the environment", async () => {
  const { path } = await etcdForTests();
  const nobody = "http://127.0.0.1:9";
  const env = { http_proxy: nobody, https_proxy: nobody, grpc_proxy: nobody, all_proxy: nobody };
  for (const transport of ["wire", "grpc-js"]) {
    const flags = ["--local", `--etcd=${path}`, "--total=50", `--transport=${transport}`];
    const { code, result, stderr } = await measure(["put", ...flags], { env });
    assert.is(code, EXIT.done, stderr);
    assert.is(onlyOperation(result).requests.succeeded, 50);
    assert.is.not(result.server[0]!.dbSizeBytes, null);
  }
});

test.run();
