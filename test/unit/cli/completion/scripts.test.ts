/** The completion scripts: run by bash, and checked as text for shells that may be absent. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { bashCompletion } from "../../../../src/cli/completion/bash.ts";
import { completedCommands } from "../../../../src/cli/completion/completed-words.ts";
import { fishCompletion } from "../../../../src/cli/completion/fish.ts";
import { zshCompletion } from "../../../../src/cli/completion/zsh.ts";

const commands = completedCommands(COMMANDS);

/** What bash offers for the last of the words, which it has split at each equals sign. */
function offeredByBash(...words: string[]): string[] {
  const script = `${bashCompletion(commands)}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_bench
printf '%s\\n' "\${COMPREPLY[@]}"`;
  // As an argument it could be longer than Linux lets one be.
  const output = execFileSync("bash", ["-s", "--", ...words], { encoding: "utf8", input: script });
  return output.split("\n").filter((word) => word !== "");
}

test("bash completes the commands, and the flags of the given command", () => {
  assert.equal(offeredByBash("bench", "pu"), ["put"]);
  assert.ok(offeredByBash("bench", "").includes("watch-latency"));
  assert.equal(offeredByBash("bench", "put", "--conns", "=", "5", "--tran"), ["--transport"]);
  assert.equal(offeredByBash("bench", "completion", "--con"), []);
});

test("bash completes the choices of a flag, after a space and after an equals sign", () => {
  assert.equal(offeredByBash("bench", "put", "--transport", "="), ["wire", "grpc-js", "gateway"]);
  assert.equal(offeredByBash("bench", "put", "--transport", "=", "w"), ["wire"]);
  assert.equal(offeredByBash("bench", "put", "--transport", "g"), ["grpc-js", "gateway"]);
  assert.equal(offeredByBash("bench", "completion", ""), ["bash", "zsh", "fish"]);
});

test("the formats of a command are those that can show its output", () => {
  assert.equal(offeredByBash("bench", "put", "-o", "h"), ["html", "hgrm", "hlog"]);
  assert.equal(offeredByBash("bench", "trend", "-o", "h"), ["html"]);
  assert.equal(offeredByBash("bench", "memory", "--output", "="), ["table", "markdown", "json"]);
  assert.equal(offeredByBash("bench", "calibrate", "--output", "="), ["table", "json"]);
  assert.equal(offeredByBash("bench", "ab", "put", "--output", "=", "hg"), []);
  assert.equal(offeredByBash("bench", "agents", "status", "-o", "j"), ["json"]);
});

test("bash completes an optional value only after the equals sign", () => {
  assert.equal(offeredByBash("bench", "put", "--local", "="), ["1", "3", "5"]);
  assert.equal(offeredByBash("bench", "put", "--local", "--etc"), ["--etcd"]);
});

test("bash completes a workload after ab, and then the workload's flags", () => {
  assert.ok(offeredByBash("bench", "ab", "").includes("range"));
  assert.equal(offeredByBash("bench", "ab", "range", "--consis"), ["--consistency"]);
  assert.equal(offeredByBash("bench", "ab", "range", "--b-etc"), ["--b-etcd"]);
});

test("the first word after a command is completed, and no later one", () => {
  assert.equal(offeredByBash("bench", "cluster", "ki"), ["kill"]);
  assert.equal(offeredByBash("bench", "cluster", "kill", ""), []);
  assert.equal(offeredByBash("bench", "ab", "put", ""), []);
  assert.match(
    zshCompletion(commands),
    /cluster\) .*?'1:argument:\(start [^)]*\)' \\\n +'\*:argument:_files'/s,
  );
  assert.match(
    fishCompletion(commands),
    /__bench_command cluster; and not __fish_seen_subcommand_from start [^']*' -f -a 'start /,
  );
});

test("after bench run the suites and files are completed, in each shell", () => {
  const completed = commands.map((each) =>
    each.name === "run" ? { ...each, words: ["quick", "published"] } : each,
  );
  assert.match(bashCompletion(completed), /^complete -o default /m);
  assert.match(
    zshCompletion(completed),
    /'1:argument:\{_alternative "words:argument:\(quick published\)" "files:file:_files"\}'/,
  );
  assert.match(fishCompletion(completed), /__bench_command run; [^']*' -a 'quick published'$/m);
});

const hasFish = spawnSync("fish", ["--version"]).error === undefined;
if (!hasFish) console.log("skipped: what fish completes: it is not on the PATH");
(hasFish ? test : test.skip)("fish completes the flags and formats of the first command", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-fish-"));
  const file = path.join(folder, "bench.fish");
  writeFileSync(file, fishCompletion(commands));
  const offered = (line: string) => {
    const words = ["--no-config", "-c", `source ${file}; complete -C ${JSON.stringify(line)}`];
    const output = execFileSync("fish", words, { encoding: "utf8" });
    return output.split("\n").map((word) => word.split("\t")[0]);
  };
  assert.not(offered("bench ab put --output=").includes("--output=csv"));
  assert.ok(offered("bench put --output=").includes("--output=csv"));
  assert.not(offered("bench ab put --find").includes("--find-max"));
  rmSync(folder, { recursive: true });
});

test("labels are those of the saved results at the time of completion", () => {
  const scripts = [bashCompletion(commands), zshCompletion(commands), fishCompletion(commands)];
  for (const script of scripts) assert.match(script, /bench completion labels 2>\/dev\/null/);
  const script = `bench() { echo a=1; echo commit=4f2; }
${bashCompletion(commands)}
COMP_WORDS=(bench put --label com)
COMP_CWORD=3
_bench
printf '%s' "\${COMPREPLY[*]}"`;
  assert.is(execFileSync("bash", ["-s"], { encoding: "utf8", input: script }), "commit=4f2");
});

test("every command and all of its flags are in each script", () => {
  const scripts = [bashCompletion(commands), zshCompletion(commands), fishCompletion(commands)];
  for (const { name, flags } of COMMANDS) {
    for (const script of scripts) assert.match(script, new RegExp(`\\b${name}\\b`));
    for (const flag of flags) {
      assert.ok(scripts[0]!.includes(` --${flag.name}`), flag.name);
      assert.ok(scripts[1]!.includes(`--${flag.name}`), flag.name);
      assert.ok(scripts[2]!.includes(` -l ${flag.name} `), flag.name);
    }
  }
});

test("a flag's help text cannot end its quotes in zsh or in fish", () => {
  const odd = [
    {
      name: "put",
      summary: "it's [a] \\ b: c",
      words: [],
      orFile: false,
      flags: [
        {
          name: "x",
          short: "x",
          describe: "it's [a] \\ b: c",
          takesValue: true,
          isValueOptional: false,
          isRepeatable: true,
          values: [],
          wordsFrom: null,
        },
      ],
    },
  ];
  assert.ok(zshCompletion(odd).includes(String.raw`'*--x=[it'\''s \[a\] \\ b\: c]:value:_files'`));
  assert.ok(fishCompletion(odd).includes(String.raw`-d 'it\'s [a] \\ b: c'`));
});

test("bash parses its script without an error", () => {
  const { status, stderr } = spawnSync("bash", ["-n"], {
    input: bashCompletion(commands),
    encoding: "utf8",
  });
  assert.is(stderr, "");
  assert.is(status, 0);
});

test.run();
