/** Declares `bench doctor`: why an etcd is slow. */
import type { Command } from "../command.ts";
import { DOCTOR_FLAGS } from "./doctor-flags.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary:
    "Find out why an etcd is slow: a verdict for each cause, from its metrics and small probes",
  positionals: "[page..]",
  minPositionals: 0,
  maxPositionals: Number.POSITIVE_INFINITY,
  flags: Object.values(DOCTOR_FLAGS),
  examples: [
    ["doctor --local --duration=3s", "a temporary etcd, to see what the doctor prints"],
    [
      "doctor --duration=3s --probe=none -o json=doctor.json",
      "an etcd that runs, by its metrics alone; bench report doctor.json prints it again",
    ],
    [
      "doctor before.txt after.txt --duration=30s",
      "two saved /metrics pages of a member, taken 30 seconds apart",
    ],
  ],
  async run(flags, pages) {
    const { runDoctor } = await import("./run-doctor.ts");
    return runDoctor(pages, flags);
  },
};
