/** Runs `bench calibrate`: reads its flags, prints the report, gives the exit code. */
import type { CalibrationOptions } from "../../calibrate/calibrate.ts";
import type { CalibrationReport } from "../../calibrate/report.ts";
import { EXIT, flagError } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import type { ReportFormat } from "../../report/format.ts";
import { reportFailure } from "../failure.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { createProgress } from "../measure/progress.ts";
import { openStreams, splitOutputs } from "../measure/streams.ts";
import { wantsColor } from "../output/color.ts";
import { checkWritable, type Output, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { columnsOf } from "../output/terminal-size.ts";
import { CALIBRATE_FLAGS } from "./calibrate-flags.ts";

/** Resolves to the exit code. Throws a BenchError where nothing could be measured. */
export async function runCalibration(given: GivenFlags): Promise<number> {
  const flags = readFlags(CALIBRATE_FLAGS, given);
  const { connections, clients, isQuick, etcdBenchmark } = flags;
  const workloads = flags.workloads === null ? null : await workloadsOf(flags.workloads);
  const options = { connections, clients, isQuick, workloads, etcdBenchmark };
  if (options.connections > options.clients) {
    throw flagError(
      "conns",
      `--conns=${options.connections} is more than --clients=${options.clients}, and connections ` +
        "without clients cost nothing to measure; give at least as many clients",
    );
  }
  const { output, receivers } = splitOutputs(flags.output);
  for (const text of output) {
    const [name] = text.split("=");
    if (name === "table" || name === "json") continue;
    throw flagError("output", `--output: calibrate prints table or json, not ${name}`);
  }
  const outputs = parseOutputs(output);
  await checkWritable(outputs, null);

  const stderr = process.stderr;
  const display = createProgress({
    stream: stderr,
    // The phases of its two dozen short runs would be too many lines in a log.
    show: flags.quiet ? "none" : stderr.isTTY ? "all" : "notes",
    color: wantsColor(flags, process.env, stderr.isTTY),
  });
  const interrupts = listenForInterrupts(display.say);
  const { metricsListen } = flags;
  const streams = await openStreams({ metricsListen, live: null, receivers, say: display.say });
  try {
    const { calibrate } = await import("../../calibrate/calibrate.ts");
    const { renderCalibration } = await import("../../calibrate/table.ts");
    const { observers } = streams;
    const controls = { onProgress: display.update, say: display.say, stop: interrupts.signal };
    interrupts.runBegins();
    const report = await calibrate(options, { ...controls, observers }).finally(display.end);
    const toStandard = {
      color: wantsColor(flags, process.env, process.stdout.isTTY),
      widthColumns: columnsOf(process.stdout),
    };
    const bound = outputs.map((output) => bind(output, report, renderCalibration));
    const failures = await writeOutputs(bound, { kind: "results", results: [] }, toStandard);
    for (const failure of failures) reportFailure(failure);
    if (report.status === "interrupted") return EXIT.interrupted;
    return failures.length > 0 ? EXIT.failed : EXIT.done;
  } finally {
    await streams.close(interrupts.signal);
    interrupts.dispose();
  }
}

async function workloadsOf(text: string): Promise<CalibrationOptions["workloads"]> {
  const { parseWorkloads } = await import("../../calibrate/workloads.ts");
  return parseWorkloads(text);
}

/** The format of the same name for the one report, which is no RunResult. */
function bind(
  { format, file }: Output,
  report: CalibrationReport,
  renderTable: (
    report: CalibrationReport,
    options: Parameters<ReportFormat["render"]>[1],
  ) => string,
): Output {
  const render: ReportFormat["render"] =
    format.name === "json"
      ? () => `${JSON.stringify(report, null, 2)}\n`
      : (_results, options) => renderTable(report, options);
  const { name, shows } = format;
  return { file, format: { name, shows, load: async () => ({ name, render }) } };
}
