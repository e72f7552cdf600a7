/** Tests which lines of an etcd log an error shows. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { logEnd } from "../../../src/etcd/local-cluster/log-end.ts";

const INFO = '{"level":"info","msg":"became follower at term 2"}';
const WORDS = "tocommit(8) is out of range [lastIndex(3)]. Was the raft log corrupted?";
const PANIC = [
  `{"level":"panic","msg":"${WORDS}","stacktrace":"go.etcd.io/raft/v3.(*raftLog).commitTo"}`,
  `panic: ${WORDS}`,
  "",
  "goroutine 134 [running]:",
  "go.uber.org/zap.(*SugaredLogger).Panicf(...)",
  "\t/go/zap/sugar.go:229",
  "",
  "goroutine 1 [chan receive]:",
  "main.main()",
  "\t/go/main.go:20",
];

test("a panic is shown by its message, once, without its stack", () => {
  assert.is(logEnd([INFO, ...PANIC].join("\n")), WORDS);
});

test("lines logged after a panic are shown too", () => {
  const error = '{"level":"error","msg":"cannot listen","error":"address in use"}';
  const log = [INFO, ...PANIC, INFO, error, ""].join("\n");
  assert.is(logEnd(log), `${WORDS} | cannot listen: address in use`);
});

test("the last three failures are shown, or the end of a log without failures", () => {
  const warn = (msg: string) => `{"level":"warn","msg":"${msg}"}`;
  const log = [warn("a"), warn("b"), INFO, warn("c"), warn("c"), warn("d")].join("\n");
  assert.is(logEnd(log), "b | c | d");
  assert.is(logEnd(INFO), "became follower at term 2");
  assert.is(logEnd(""), "");
});

test.run();
