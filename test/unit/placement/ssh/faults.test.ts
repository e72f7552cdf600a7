/** Failures of ssh and of a host, as sentences with the fix. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { faultOf, type SshEnd } from "../../../../src/placement/ssh/faults.ts";

const END: SshEnd = { notRun: null, code: 0, stderr: "", answer: null };
const of = (end: Partial<SshEnd>) => faultOf({ ...END, ...end }, "-p 2222 me@host");

test("an ssh failure is a sentence with ssh's last line, and nothing was run on the host", () => {
  for (const [stderr, words] of [
    ["Host key verification failed.", /connect once with ssh -p 2222 me@host, compare the key/],
    ["No ED25519 host key is known for host", /its host key is not known/],
    [
      "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nbad",
      /remove the old one with ssh-keygen -R/,
    ],
    ["me@host: Permission denied (publickey).", /permission denied: let ssh -p 2222 me@host work/],
    ["ssh: Could not resolve hostname host", /its name cannot be resolved/],
    ["ssh: connect to host host port 22: Connection refused", /it is not reachable by ssh/],
    ["ssh: connect to host host port 22: No route to host", /it is not reachable by ssh/],
    ["Connection timed out during banner exchange", /it is not reachable by ssh/],
    ["command-line: line 0: Bad configuration option: x", /check --ssh-option and --ssh-config/],
  ] as const) {
    const fault = of({ code: 255, stderr: `a banner\n${stderr}\n` })!;
    assert.match(fault.words, words);
    assert.match(fault.words, `(${stderr.split("\n").at(-1)})`);
    assert.ok(fault.isBeforeHost, stderr);
  }
});

test("a broken connection or a failed shell may have left something on the host", () => {
  for (const [end, words] of [
    [{ code: 255, stderr: "packet_write_wait: Broken pipe" }, /^ssh failed: check that ssh/],
    [{ code: null }, /^it did not answer in time: check/],
    [{ code: 127, stderr: "sh: not found" }, /^its shell ended with 127: .*\(sh: not found\)$/],
  ] as const) {
    const fault = of(end)!;
    assert.match(fault.words, words);
    assert.not.ok(fault.isBeforeHost);
  }
});

test("the host's own answer decides, whatever else was printed", () => {
  const answered = (answer: SshEnd["answer"]) => of({ code: 255, stderr: "noise", answer });
  assert.is(answered({ fault: null }), null);
  for (const [answer, words, isBeforeHost] of [
    [{ fault: "no-node" }, /install Node 20 or newer, or give --node=PATH/, true],
    [{ fault: "old-node", version: "18.0.0" }, /its Node is 18\.0\.0, and 20 is the oldest/, true],
    [
      { fault: "ENOSPC: x", code: "ENOSPC" },
      /its disk is full \(ENOSPC: x\): .*--ssh-folder/,
      false,
    ],
    [{ fault: "EACCES: x", code: "EACCES" }, /its folder cannot be used/, false],
    [{ fault: "not all of it has come" }, /could not be started or ended: not all/, false],
  ] as const) {
    const fault = answered(answer)!;
    assert.match(fault.words, words);
    assert.is(fault.isBeforeHost, isBeforeHost);
  }
});

test("this machine may lack ssh", () => {
  assert.match(of({ notRun: "no such file" })!.words, /cannot be run here: .*install the OpenSSH/);
});

test.run();
