/** No piece of a password is left in what an error may show of a command line, however it is spelled. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keepArgumentSecrets } from "../../../src/text/argument-secrets.ts";
import { forgetSecrets, withoutSecrets } from "../../../src/text/secrets.ts";

/** So many characters of a password that a line of our own does not hold by chance. */
const PIECE = 7;

type Spelling = (user: string, password: string) => string[];

const SPELLINGS: readonly Spelling[] = [
  ...["--user=", "--user:", "--user:=", "--user= ", "-user=", "user=", "--User=", "-u", "-u="].map(
    (before): Spelling =>
      (user) => ["put", `${before}${user}`],
  ),
  // As an editor makes one dash of two.
  ...["\u2014user=", "\u2013user=", "\u2212\u2212user="].map(
    (before): Spelling =>
      (user) => ["put", `${before}${user}`],
  ),
  ...["--user", "-u", "--USER"].map(
    (before): Spelling =>
      (user) => ["put", before, user],
  ),
  ...["user=", "user:", "user ", "a:user="].map(
    (before): Spelling =>
      (user) => ["run", "s.yaml", "--set", `${before}${user}`],
  ),
  (user) => ["run", "s.yaml", `--set=user:${user}`],
  ...["--password=", "--password:", "--password ", "\u2014password="].map(
    (before): Spelling =>
      (_, password) => ["put", "--user=root", `${before}${password}`],
  ),
  (_, password) => ["put", "--password", password],
  (user) => ["ab", "put", `--a-flags=--user='${user}'`],
  (user) => ["ab", "put", `--a-flags=-user:${user}`],
  ...["--endpoints=", "--endpoint=http://", "http://", "otlp://"].map(
    (before): Spelling =>
      (user) => ["put", `${before}${user}@127.0.0.1:2379`],
  ),
  (user) => ["put", "-o", `otlp=http://${user}@127.0.0.1:4318`],
  (user) => ["put", `ETCDCTL_USER=${user}`],
  (_, password) => ["put", `ETCDCTL_PASSWORD=${password}`],
];

/** In a shell's command blanks and signs of the shell would need quotes, which are tried elsewhere. */
const COMMANDS: readonly Spelling[] = [
  (user) => ["put", `--event=at=1s exec etcdctl --user ${user} get x`],
  (user) => ["put", `--event=at=1s exec env ETCDCTL_USER=${user} etcdctl get x`],
];

const LETTERS = [..."abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"];
const word = (signs: string, minLength: number) =>
  fc.string({ unit: fc.constantFrom(...LETTERS, ...signs), minLength, maxLength: 20 });

const base64 = fc
  .tuple(word("+/", 12), fc.constantFrom("", "=", "=="))
  .map(([text, end]) => `a${text}${end}`);
const withSign = fc
  .tuple(word("", 5), fc.constantFrom(...":@,!$%^&*()#;<>?|~ "), word("", 5))
  .map((parts) => parts.join(""));

/** What an error may show: each argument, whole or up to its first equals sign. */
function shown(argv: readonly string[]): string {
  return argv
    .map((each) => `${each}; ${each.split("=", 1)[0]}; ${each.split(/=(.*)/s)[1]}`)
    .join("\n");
}

function assertNoPiece(argv: readonly string[], password: string): void {
  forgetSecrets();
  keepArgumentSecrets(argv);
  const text = withoutSecrets(shown(argv));
  for (let at = 0; at + PIECE <= password.length; at++) {
    const piece = password.slice(at, at + PIECE);
    assert.not.ok(text.includes(piece), `${argv.join(" | ")}: ${text}`);
  }
}

test("no spelling of a user or a password leaves a piece of the password in an error", () => {
  fc.assert(
    fc.property(fc.constantFrom(...SPELLINGS), fc.oneof(base64, withSign), (spell, password) => {
      assertNoPiece(spell(`root:${password}`, password), password);
    }),
    { numRuns: 1_000 },
  );
});

test("no command of an event leaves a piece of a password in an error", () => {
  fc.assert(
    fc.property(fc.constantFrom(...COMMANDS), base64, (spell, password) => {
      assertNoPiece(spell(`root:${password}`, password), password);
    }),
  );
});

test.run();
