/** Tests the messages for system errors: a sentence with the path, the reason and the fix. */
import { mkdtempSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { fromSystemError, reason } from "../../src/system-error.ts";

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

test("a system error becomes a usage error that names the path and the fix", () => {
  const absent = mkdtempSync(path.join(os.tmpdir(), "bench-absent-"));
  rmSync(absent, { recursive: true });
  for (const [work, words] of [
    [() => openSync(`${absent}/file`, "r"), `cannot open ${absent}/file: no such file`],
    [() => readdirSync(absent), `cannot read the folder ${absent}: no such file`],
    [() => mkdtempSync(`${absent}/x`), `cannot make the folder ${absent}/x`],
    [() => renameSync("/dev/null/x", "/tmp/y"), "cannot rename /dev/null/x: part of the path"],
  ] as const) {
    const found = fromSystemError(thrownBy(work))!;
    assert.is(found.exitCode, EXIT.usage);
    assert.ok(found.message.startsWith(words), found.message);
    assert.match(found.message, /; (make it|name a path)/);
    assert.not(found.message.includes("\n"));
  }
});

test("each code has a reason, for every system call", () => {
  for (const code of ["ENOSPC", "EROFS", "EACCES", "EMFILE", "ENOMEM", "EDQUOT", "EAGAIN", "EIO"]) {
    for (const syscall of ["open", "write", "spawn /usr/bin/etcd", "mkdtemp", "fsync"]) {
      const error = Object.assign(new Error(`${code}: raw`), { code, syscall, path: "/p" });
      const { message } = fromSystemError(error)!;
      assert.not(message.includes(code), message);
      assert.match(message, /^cannot \S.*: .+; .+/);
      assert.ok(message.includes(reason(error)));
    }
  }
});

test("a file whose name has octets that are no UTF-8 is not said to be missing", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bench-octets-"));
  const name = Buffer.concat([Buffer.from(`${folder}/a`), Buffer.from([0xff])]);
  writeFileSync(name, "");
  // As Node makes arguments of octets.
  const error = thrownBy(() => openSync(name.toString("utf8"), "r"));
  assert.is(reason(error), "its name has octets that are no UTF-8; rename it");
  assert.match(fromSystemError(error)!.message, /^cannot open .*a\ufffd: .*UTF-8; rename it$/);
  rmSync(folder, { recursive: true });
});

test("a missing home folder and a missing working folder are named", () => {
  const home = Object.assign(new Error("x"), {
    code: "ERR_SYSTEM_ERROR",
    info: { code: "ENOENT", syscall: "uv_os_homedir" },
  });
  assert.match(fromSystemError(home)!.message, /no home folder.*set HOME/);
  const cwd = Object.assign(new Error("x"), { code: "ENOENT", syscall: "uv_cwd" });
  assert.match(fromSystemError(cwd)!.message, /working folder does not exist/);
});

test("memory that the system refuses is the environment's, and the limit is named", () => {
  for (const error of [
    new RangeError("WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory for new"),
    new RangeError("WebAssembly.Memory(): could not allocate memory"),
    new RangeError("Array buffer allocation failed"),
    Object.assign(new Error("Failed to allocate memory"), { code: "ERR_MEMORY_ALLOCATION_FAILED" }),
  ]) {
    const found = fromSystemError(error)!;
    assert.is(found.exitCode, EXIT.usage);
    assert.match(found.message, /no more memory; raise .*ulimit -v/);
  }
});

test("an error in the program is not reported as a system error", () => {
  assert.is(fromSystemError(new TypeError("x is not a function")), null);
  assert.is(fromSystemError("text"), null);
  assert.is(fromSystemError(new RangeError("Invalid array length")), null);
  const inOurs = thrownBy(() => os.setPriority(0, 1000));
  assert.is(fromSystemError(inOurs), null);
});

test.run();
