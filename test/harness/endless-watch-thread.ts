/**
 * The thread of endless-watch.ts. The main thread may be in a loop that never ends, so that this one
 * stops it by the inspector, prints its stack, and ends the process.
 */
import { writeSync } from "node:fs";
import { type Debugger, Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";

const LOOK_EVERY_MS = 1_000;
/** A main thread that waits for something runs no line at which it could stop. */
const STOPS_WITHIN_MS = 5_000;
const MOST_FRAMES = 20;

const { cpuSeconds, seconds } = workerData as { cpuSeconds: number; seconds: number };

let file = "no file";
let beganMs = performance.now();
let beganCpu = process.cpuUsage();

parentPort!.on("message", (begun: string) => {
  file = begun;
  beganMs = performance.now();
  beganCpu = process.cpuUsage();
});

const timer = setInterval(() => {
  const { user, system } = process.cpuUsage(beganCpu);
  const usedSeconds = (user + system) / 1e6;
  const tookSeconds = (performance.now() - beganMs) / 1_000;
  if (usedSeconds < cpuSeconds && tookSeconds < seconds) return;
  clearInterval(timer);
  const used = `${tookSeconds.toFixed(0)} s and ${usedSeconds.toFixed(0)} s of CPU`;
  giveUp(`${file} did not end in ${used}`);
}, LOOK_EVERY_MS);

function giveUp(what: string): void {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  session.on("Debugger.paused", ({ params }) => {
    end(
      what,
      params.callFrames.map((frame) => frameText(frame, urls)),
    );
  });
  session.post("Debugger.enable");
  session.post("Debugger.pause");
  setTimeout(() => end(what, ["it waits, and runs no line"]), STOPS_WITHIN_MS);
}

function frameText(
  { functionName, location }: Debugger.CallFrame,
  urls: ReadonlyMap<string, string>,
): string {
  const { scriptId, lineNumber } = location;
  return `at ${functionName || "(anonymous)"} (${urls.get(scriptId)}:${lineNumber + 1})`;
}

function end(what: string, frames: readonly string[]): void {
  const lines = frames.slice(0, MOST_FRAMES).map((each) => `    ${each}\n`);
  writeSync(1, `\n   FAIL  ${what}\n${lines.join("")}`);
  process.kill(process.pid, "SIGKILL");
}
