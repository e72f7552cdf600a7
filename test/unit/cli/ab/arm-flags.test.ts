/** The values of `--a-...` and `--b-...`, read as a shell and a command line would. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { armFlagsOf } from "../../../../src/cli/ab/arm-flags.ts";
import { readArgv } from "../../../../src/cli/argv/argv.ts";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { shellWords } from "../../../../src/shell-words.ts";
import { refuses } from "../../../harness/refusal.ts";

const command = readArgv(["ab", "put"], COMMANDS).command!;

test("blanks separate words, and quotes keep blanks within a word", () => {
  const words = (text: string) => shellWords("--a-args", text);
  assert.equal(words("--x=1  --y 2\n"), ["--x=1", "--y", "2"]);
  assert.equal(words(`--x='a b' "c d"'e' '' \\ f`), ["--x=a b", "c de", "", " f"]);
  assert.equal(words(""), []);
  refuses(() => words("--x='a"), "--a-args");
});

test("ab takes its own flags and those of its workload, before or after the workload", () => {
  const read = readArgv(
    ["--pairs=3", "ab", "range", "foo", "--b-flags", "--conns=2", "-n5"],
    COMMANDS,
  );
  assert.is(read.command?.fullName, "ab range");
  assert.equal(
    read.flags.map(({ name, value }) => `${name}=${value}`),
    ["pairs=3", "b-flags=--conns=2", "total=5"],
  );
  assert.equal(read.positionals, ["foo"]);
  const prefix = readArgv(["ab", "put", "--prefix", "p/"], COMMANDS);
  assert.equal(prefix.flags, [{ name: "prefix", value: "p/" }]);
});

test("help is read before and after the workload, and a run needs a workload", () => {
  assert.is(readArgv(["ab", "--help"], COMMANDS).command?.name, "ab");
  assert.is(readArgv(["help", "ab", "put"], COMMANDS).command?.fullName, "ab put");
  refuses(() => readArgv(["ab"], COMMANDS), "ab needs a workload");
  refuses(() => readArgv(["ab", "pt"], COMMANDS), "did you mean put?");
  refuses(() => readArgv(["ab", "put", "--limit=3"], COMMANDS), "not of bench ab put");
  refuses(() => readArgv(["ab", "put", "--find-max=p99<1s"], COMMANDS), "--find-max");
});

test("the flags of one arm are read as a command line of the workload", () => {
  const own = armFlagsOf("b", command, {
    "a-etcd": "old",
    "b-etcd": "new",
    "b-args": "--snapshot-count 10",
    "b-flags": "-c 5 --conns=2 --sequential-keys --conns=3",
  });
  assert.equal(own, {
    etcd: "new",
    args: ["--snapshot-count", "10"],
    flags: { clients: "5", "sequential-keys": true, conns: "3" },
  });
  assert.equal(armFlagsOf("a", command, {}), {});
});

test("flags that belong to both arms are refused, and the error names the flag that has them", () => {
  const flags = (text: string) => () => armFlagsOf("b", command, { "b-flags": text });
  refuses(flags("--nope"), "--b-flags: --nope: no such flag");
  refuses(flags("--label=x=y"), "--b-flags: --label is of both arms");
  refuses(flags("--pairs=3"), "--b-flags: --pairs is of both arms");
  refuses(flags("foo"), "--b-flags: ");
  refuses(flags("--help"), "--b-flags: ");
  refuses(flags(" "), "--b-flags holds no flag");
});

test("both arms have the same agents", () => {
  refuses(() => armFlagsOf("a", command, { "a-flags": "--agents=2" }), "--agents is of both arms");
});

test.run();
