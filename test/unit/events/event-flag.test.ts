/** The grammar of --event: parsed text is written back, and an error says how to fix the text. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { TIMED_EVENTS } from "../../../src/events/catalogue.ts";
import { EVENT, readEventText } from "../../../src/events/event-flag.ts";
import type { TimedPlan } from "../../../src/events/timed-event.ts";
import { randomBelow, seededRandom } from "../../../src/random.ts";

/** Arguments of each event, as they are written back. */
const ARGUMENTS: Record<string, readonly string[]> = {
  "move-leader": ["", "follower", "etcd2"],
  add: ["", "etcd4"],
  compact: ["", "10", "5k"],
  alarm: ["nospace"],
  "slow-disk": ["leader 20ms", "etcd1 1.5ms"],
  delay: ["client of leader 20ms", "peer tx of etcd1 20ms 5ms"],
  loss: ["client of follower 30%", "peer rx of etcd1 100%"],
  bandwidth: ["client of leader 64KiB/s", "peer tx of etcd1 1000B/s"],
  reset: ["client of leader", "peer rx of etcd1 0.5%"],
  blackhole: ["peer of leader", "client tx of etcd1 50%"],
  partition: ["etcd1|etcd2,etcd3", "a|b|c"],
  exec: ["./my-script", "sh -c 'echo  two  blanks; for=5s kill'", "a at=1s"],
};
const MEMBERS = ["leader", "follower", "random", "etcd1", "node-2.example"];

function read(text: string): TimedPlan {
  return EVENT.read({ event: [text] })[0]!;
}

function refusalOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).flag, "event");
    return (error as Error).message;
  }
  throw new Error(`${text} was taken`);
}

test("every event is written back as the text that it was read from", () => {
  const random = seededRandom(7, 0);
  const pick = <Item>(items: readonly Item[]) => items[randomBelow(random, items.length)]!;
  for (let round = 0; round < 500; round++) {
    const { verb, lasts } = pick(TIMED_EVENTS);
    const given = pick(ARGUMENTS[verb] ?? MEMBERS);
    const at = pick(["0s", "5ms", "10s", "1m30s", "2h"]);
    const duration = lasts ? pick(["", "for=1ms ", "for=250ms ", "for=5s ", "for=1h "]) : "";
    const text = `at=${at} ${duration}${verb}${given === "" ? "" : ` ${given}`}`;
    const plan = read(text);
    assert.equal(EVENT.write([plan]), [text]);
    // Extra spaces and the order of the times do not matter.
    assert.equal(read(`  ${duration} at=${at}  ${verb}   ${given} `), plan);
  }
});

test("times are in milliseconds, and the action is the text after them", () => {
  assert.equal(read("at=1.5s for=200ms kill leader"), {
    ...{ atMs: 1_500, lastsMs: 200 },
    action: "kill leader",
  });
  assert.equal(read("at=0 restart etcd1"), { atMs: 0, lastsMs: null, action: "restart etcd1" });
});

test("an event can be read without a time, for callers that set the time themselves", () => {
  const { atMs, ...rest } = readEventText("--event", "for=3s pause follower");
  assert.equal([atMs, rest], [null, { lastsMs: 3_000, action: "pause follower" }]);
});

test("each error shows the mistake and how to fix it", () => {
  const wrong = {
    "kill leader": /it has no time; put at= before it, e\.g\. --event='at=10s for=5s kill leader'/,
    "at=1s": /says not what is to happen; give one of kill, stop, /,
    "at=1s kil leader": /"kil" is no event; give one of kill, stop, /,
    "at=1s kill": /give kill NAME\|leader\|follower\|random/,
    "at=1s kill etcd1 etcd2": /give kill NAME/,
    "at=1s kill etcd1,etcd2": /give kill NAME/,
    "at=1s for=5s restart etcd1": /restart is done at once and takes no for=; leave for= out/,
    "at=1s for=0s kill etcd1": /for=0s is no duration, e\.g\. for=5s/,
    "at=soon kill etcd1": /at=soon is no time, e\.g\. at=5s/,
    "at=1s at=2s kill etcd1": /at= is given twice/,
    "at=1s alarm corrupt": /give alarm nospace/,
    "at=1s slow-disk leader": /give slow-disk NAME\|leader\|follower\|random DELAY/,
    "at=1s delay of leader 1ms": /give delay client\|peer \[tx\|rx\] of NAME.* LATENCY/,
    "at=1s delay client of leader 1ms 2ms": /give delay client/,
    "at=1s loss client of leader 101%": /give loss client/,
    "at=1s bandwidth client of leader 1MB": /give bandwidth .* SIZE\/s/,
    "at=1s partition etcd1": /give partition NAME,\.\.\.\|NAME/,
    "at=1s partition etcd1|etcd1": /give partition NAME/,
    "at=1s exec": /give exec COMMAND/,
    "at=1s move-leader leader": /give move-leader \[NAME\|follower\]/,
    "at=1s compact 1.5": /give compact \[REVISIONS\]/,
  };
  for (const [text, message] of Object.entries(wrong)) {
    const refusal = refusalOf(text);
    assert.match(refusal, message);
    assert.ok(refusal.startsWith(`--event='${text}': `), refusal);
  }
});

test.run();
