/**
 * Makes a fault in a healthy cluster and checks that `bench doctor` names exactly this fault as the
 * principal cause. `BENCH_DOCTOR_TIMES=5` repeats each diagnosis, and `BENCH_DOCTOR_FAULTS=disk`
 * selects faults by words of the title.
 */
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DoctorReport } from "../../src/doctor/report-schema.ts";
import { MachineWatch } from "../../src/machine/machine-watch.ts";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../etcd/planted-faults.ts";
import { bench } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";

const TIMES = Number(process.env.BENCH_DOCTOR_TIMES ?? 1);
const WORDS = (process.env.BENCH_DOCTOR_FAULTS ?? "").split(",");
const WINDOW = "--duration=10s";
/** Share of the CPUs that unrelated programs may use during a diagnosis. */
const MOST_OTHERS_PERCENT = 50;
const MOST_LOOKS = 20;
/** Other programs must be calm this long, longer than a pause between two of their steps. */
const CALM_MS = 3_000;

const test = suite("the doctor");

async function look({ env }: ClusterCommands): Promise<DoctorReport> {
  const { code, stdout, stderr } = await bench(["doctor", "--cluster", WINDOW, "--output=json"], {
    env,
  });
  assert.match(stdout, /^\{/, `exit code ${code}: ${stderr}`);
  return JSON.parse(stdout) as DoctorReport;
}

/**
 * Repeats a diagnosis with a wrong answer on a calm machine, if other programs used the CPUs during
 * it: they are a fault that the test did not make.
 */
async function calmLook(fault: PlantedFault, clusters: ClusterCommands): Promise<DoctorReport> {
  for (let looks = 1; ; looks++) {
    const undo = await fault.plant(clusters);
    const { answer: report, othersPercent } = await whileWatched(() => look(clusters)).finally(
      undo,
    );
    const isAsPlanted = report.principal.cause === fault.cause;
    const isCalm = othersPercent < MOST_OTHERS_PERCENT;
    if (isAsPlanted || isCalm || looks === MOST_LOOKS) return report;
    console.log(
      `${fault.title}: others had ${othersPercent}% of the CPUs: ${report.principal.sentence}`,
    );
    await until("other programs leave the CPUs", async () => {
      const seen = await whileWatched(() => delay(CALM_MS));
      return seen.othersPercent < MOST_OTHERS_PERCENT;
    });
  }
}

/** The CPU time of others includes members and loads, which are no children of this process. */
async function whileWatched<Answer>(act: () => Promise<Answer>) {
  const machine = new MachineWatch();
  machine.begin();
  const answer = await act();
  machine.end();
  return { answer, othersPercent: machine.result(0)?.otherCpuPercent ?? 0 };
}

async function check(fault: PlantedFault): Promise<void> {
  const clusters = new ClusterCommands();
  try {
    await fault.start(clusters);
    for (let time = 1; time <= TIMES; time++) {
      const report = await calmLook(fault, clusters);
      const { cause, sentence } = report.principal;
      console.log(`${fault.title}, ${time} of ${TIMES}: ${sentence}`);
      const bad = report.findings.filter(({ verdict }) => /suspect|too slow/.test(verdict));
      assert.is(cause, fault.cause, JSON.stringify(bad, null, 1));
    }
  } finally {
    await clusters.end();
  }
}

for (const fault of PLANTED_FAULTS) {
  if (WORDS.some((word) => fault.title.includes(word))) {
    test(`${fault.title}: the doctor names ${fault.cause ?? "nothing"}`, () => check(fault));
  }
}

test.run();
