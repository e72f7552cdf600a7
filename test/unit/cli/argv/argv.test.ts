/** Reading argv: Go's habits, optional values, and what errors name. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { FOREIGN_FLAGS } from "../../../../src/flags/foreign-flags.ts";
import { putCommand, read, refuses } from "./read-lines.ts";

/** Flags as `name=value` in order, then the positionals. */
function flat(...argv: string[]): string[] {
  const { command, flags, positionals } = read(...argv);
  return [
    command?.name ?? "",
    ...flags.map(({ name, value }) => `${name}=${value}`),
    ...positionals,
  ];
}

test("a value comes after = or is the next argument", () => {
  assert.equal(flat("put", "--total=5", "--rate", "10k"), ["put", "total=5", "rate=10k"]);
  assert.equal(flat("put", "--prefix=a=b"), ["put", "prefix=a=b"]);
});

test("flags come before or after the command", () => {
  assert.equal(flat("--endpoints=a:1", "--conns", "2", "--quiet", "put", "--key-size=9"), [
    "put",
    "endpoints=a:1",
    "conns=2",
    "quiet=true",
    "key-size=9",
  ]);
});

test("the short flags of other load generators are understood in each spelling", () => {
  assert.equal(flat("put", "-n", "5", "-c=7", "-z10s", "-r10k", "-w", "1s"), [
    "put",
    "total=5",
    "clients=7",
    "duration=10s",
    "rate=10k",
    "warmup=1s",
  ]);
  assert.equal(flat("range", "-o", "json=f", "-o=csv=g"), [
    "range",
    "output=json=f",
    "output=csv=g",
  ]);
});

test("endpoints of several flags are one list, as with Go's flags", () => {
  assert.equal(flat("--endpoints=a:1", "put", "--total=5", "--endpoints", "b:1,c:1"), [
    "put",
    "total=5",
    "endpoints=a:1,b:1,c:1",
  ]);
});

test("gates of several flags are one list", () => {
  assert.equal(flat("compare", "a", "b", "--gate=p99", "--gate=put:p50,mean"), [
    "compare",
    "gate=p99,put:p50,mean",
    "a",
    "b",
  ]);
});

test("a repeated flag has its last value, and a repeatable flag has all of them", () => {
  assert.equal(flat("put", "--total=1", "--threshold=a", "-n2", "--threshold=b", "--total", "3"), [
    "put",
    "threshold=a",
    "threshold=b",
    "total=3",
  ]);
});

test("an optional value is read only after =, so that the next word stays a key", () => {
  assert.equal(flat("range", "--local", "foo"), ["range", "local=1", "foo"]);
  assert.equal(flat("range", "--local=3", "foo"), ["range", "local=3", "foo"]);
  assert.equal(flat("range", "--save", "foo"), ["range", "save=results", "foo"]);
  assert.equal(flat("--save=d", "range"), ["range", "save=d"]);
  assert.equal(flat("range", "--local="), ["range", "local="]);
});

test("a switch alone is true, takes Go's booleans after =, and never takes the next argument", () => {
  assert.equal(flat("put", "--strict", "--quiet=false"), ["put", "strict=true", "quiet=false"]);
  assert.equal(flat("put", "--strict=F", "--quiet=1"), ["put", "strict=false", "quiet=true"]);
  assert.equal(flat("range", "--quiet", "false"), ["range", "quiet=true", "false"]);
  refuses(["put", "--quiet=maybe"], "--quiet", '"maybe"', "--quiet=false");
});

test("keys that start with a dash come after --", () => {
  assert.equal(flat("range", "--total=1", "--", "-a", "--total"), [
    "range",
    "total=1",
    "-a",
    "--total",
  ]);
  assert.equal(flat("--", "range", "-a"), ["range", "-a"]);
  refuses(["range", "-5"], "-5", "-- -5");
  refuses(["range", "-k"], "-k", "-- -k");
});

test("keys are not converted", () => {
  assert.equal(flat("range", "007", "1e3"), ["range", "007", "1e3"]);
  assert.equal(flat("range", "", "-"), ["range", "", "-"]);
});

test("a negative number is a value, which the flag's own parser refuses by name", () => {
  assert.equal(flat("put", "--total", "-5"), ["put", "total=-5"]);
});

test("a flag without its value is refused as such", () => {
  refuses(["put", "--total"], "--total needs a value", "--total=10000");
  refuses(["put", "--total", "--rate=5"], "--total needs a value");
  refuses(["put", "-n"], "-n needs a value", "-n=10000");
});

test("for a long flag with one dash the error asks for two dashes", () => {
  refuses(["put", "-total=5"], "two dashes", "--total");
  refuses(["put", "-rate=5"], "two dashes", "--rate");
  refuses(["put", "-clients", "5"], "two dashes", "--clients");
  refuses(["put", "-conn", "5"], "two dashes", "--conns");
});

test("for an unknown flag the error names the nearest flag of the command", () => {
  refuses(["put", "--totl=5"], "--totl", "--total");
  refuses(["put", "--key-siz", "5"], "--key-siz", "--key-size");
  refuses(["range", "--consistensy=l"], "--consistensy", "--consistency");
  refuses(["--endpoint=a:1", "put"], "--endpoint", "--endpoints");
  refuses(["report", "--ouput=json", "f"], "--ouput", "--output");
  refuses(["put", "--xyzzyxyzzy=1"], "--xyzzyxyzzy", "bench put --help=all");
});

test("for a flag of another load generator the error names bench's own flag", () => {
  refuses(["put", "--vus=10"], "--vus", "--clients");
  refuses(["put", "--connections", "10"], "--connections", "--conns");
  refuses(["put", "-connections=10"], "-connections", "--conns");
  refuses(["put", "-d", "30s"], "-d", "--duration (-z)");
  refuses(["put", "-d30s"], "-d30s", "--duration (-z)");
  refuses(["put", "-R2000"], "-R2000", "--rate (-r)");
  refuses(["put", "-q", "50"], "-q", "--rate");
  refuses(["put", "--html"], "--html", "--output=html=FILE");
  refuses(["put", "--json"], "--json", "--output=json");
  refuses(["put", "--stage=10s:5"], "--stage", "--find-max");
  refuses(["put", "--skipTLS"], "--skipTLS", "--insecure-skip-tls-verify");
  refuses(["put", "-H", "a: b"], "-H", "gRPC");
  refuses(["list", "--write-out=json"], "--write-out", "--output");
  refuses(["put", "--users=3"], "--users", "--clients");
  refuses(["put", "--key-file=x"], "--key-file", "bench has --key");
  refuses(["txn-mixed", "--ratio=1:10"], "--ratio", "--rw-ratio");
  refuses(["put", "--count=3"], "--count", "--repeats for runs");
});

test("an error about a flag of another load generator says where bench's own is taken", () => {
  refuses(["run", "quick", "--etcd-args=x"], "a flag of failover, not of bench run; leave it out");
  refuses(
    ["run", "quick", "--clients=5"],
    "not of bench run; for its cells, give --set clients=VALUE",
  );
  refuses(
    ["run", "quick", "--vus=5"],
    "--vus",
    "bench has --clients; for the cells of a suite, --set clients=VALUE",
  );
  refuses(
    ["failover", "--iterations=3"],
    "--iterations",
    "--total; it is a flag of put and range and",
    "not of bench failover",
  );
  refuses(["run", "quick", "--cell=x"], "--cell", "bench has --only=CELL, of bench run");
  refuses(["run", "quick", "-d=5"], "-d", "for the cells of a suite, --set duration=VALUE");
  refuses(["doctor", "-u", "5"], "-u", "--clients; it is a flag of", "not of bench doctor");
});

test("an error about a flag of another load generator sends no one away from a command that takes bench's own", () => {
  for (const [words, own] of [
    [["ab", "put", "--json"], "--output=json"],
    [["soak", "put", "--time=5s"], "--duration"],
    [["soak", "put", "-d", "5"], "--duration"],
  ] as const) {
    assert.throws(
      () => read(...words),
      ({ message }: Error) => message.includes(`bench has ${own}`) && !message.includes("not of"),
    );
  }
});

test("an error about a workload's flag with an arm before it names the flags of that arm", () => {
  refuses(["ab", "put", "--a-clients=10"], "--a-clients", "--a-flags='--clients=VALUE'");
  refuses(["ab", "put", "--b-vus=10"], "--b-vus", "--b-flags='--clients=VALUE'");
  refuses(["ab", "put", "--b-xyzzyxyzzy=1"], "--b-xyzzyxyzzy", "bench ab put --help=all");
});

test("an error names a flag by its letter where the user wrote the letter", () => {
  refuses(["put", "-f", "x"], "-f: no such flag of bench put; see bench put --help=all");
  refuses(["report", "-n", "5", "f"], "-n: a flag of put and range");
  refuses(["report", "-n5", "f"], "-n: a flag of put and range");
  refuses(["clean", "-y=maybe"], "-y: ", "-y=false");
});

test("no flag of put counts as a foreign one, and every flag that an error names exists", () => {
  const flags = COMMANDS.flatMap((each) => [each, ...(each.inner?.commands ?? [])]).flatMap(
    (each) => each.flags,
  );
  const names = new Set(flags.flatMap(({ name, short }) => [name, short ?? name]));
  const namesOfPut = new Set(putCommand.flags.map(({ name }) => name));
  for (const [foreign, answer] of Object.entries(FOREIGN_FLAGS)) {
    if (foreign.length > 1) assert.not.ok(namesOfPut.has(foreign), foreign);
    for (const [, name] of answer.matchAll(/--([\w-]+)/g)) {
      assert.ok(
        names.has(name!) || name === "version",
        `--${name}, which --${foreign} is answered with`,
      );
    }
  }
});

test("for a flag of another command the error names that command", () => {
  refuses(["range", "--key-encoding=varint"], "--key-encoding", "put");
  refuses(["put", "--consistency=s"], "--consistency", "range");
  refuses(["report", "--total=5", "f"], "--total", "put and range");
});

test("flags and commands that only etcd's tool has are distinguished from typing errors", () => {
  refuses(["--totl", "5", "put"], "--totl", "did you mean --total");
  refuses(["mvcc"], "mvcc", "not offer it yet");
  refuses(["--conns=5", "mvcc", "put"], "mvcc", "not offer it yet");
});

test("for an unknown or missing command the error names the commands that exist", () => {
  refuses(["pt"], '"pt"', "put");
  refuses(["rnage", "foo"], '"rnage"', "range");
  const names = COMMANDS.map(({ name }) => name).join(", ");
  refuses(["frobnicate"], '"frobnicate"', names);
  refuses([], "no command", names);
  refuses(["--total=5"], "no command");
});

test("arguments beyond what a command takes are refused", () => {
  refuses(["put", "foo"], '"foo"', "bench put");
  refuses(["put", "--local", "3"], '"3"', "after =");
  refuses(["range", "a", "b", "c"], '"c"', "bench range [key] [end]");
  refuses(["report"], "bench report <result..>");
});

test("help and version win over everything that follows the command", () => {
  assert.is(read("--help").kind, "help");
  assert.is(read("put", "--nonsense", "-h").command?.name, "put");
  assert.is(read("help", "range").command?.name, "range");
  assert.is(read("help", "range").kind, "help");
  assert.is(read("--version").kind, "version");
  assert.is(read("put", "--help=all").kind, "whole-help");
  assert.is(read("help", "put", "--help=all").kind, "whole-help");
  assert.is(read("--help=all").command, null);
  refuses(["put", "--help=more"], "--help=more", "--help=all");
  refuses(["pt", "--help"], "put");
});

test("upstream's --prefix is a value of put and a switch of range, before and after the command", () => {
  assert.equal(flat("put", "--prefix", "foo"), ["put", "prefix=foo"]);
  assert.equal(flat("--prefix", "foo", "put"), ["put", "prefix=foo"]);
  assert.equal(flat("--prefix=foo", "put"), ["put", "prefix=foo"]);
  assert.equal(flat("--prefix", "put", "put"), ["put", "prefix=put"]);
  assert.equal(flat("range", "--prefix", "foo"), ["range", "prefix=true", "foo"]);
  assert.equal(flat("range", "foo", "--prefix"), ["range", "prefix=true", "foo"]);
  assert.equal(flat("--prefix", "range", "foo"), ["range", "prefix=true", "foo"]);
  assert.equal(flat("range", "--prefix=false", "foo"), ["range", "prefix=false", "foo"]);
  refuses(["--prefix=foo", "range"], "--prefix", "true or false");
});

test.run();
