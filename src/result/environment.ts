/** Describes the machine and the tool that a result was taken with. */
import { readFileSync } from "node:fs";
import os from "node:os";
import { cpuQuota, memoryLimitBytes } from "../machine/cgroup.ts";
import { systemFiles } from "../machine/system-files.ts";
import { toolName } from "../package-root.ts";
import type { AgentResult, RunResult } from "./schema.ts";

export type Environment = RunResult["environment"];

export function describeEnvironment(): Environment {
  const cpus = os.cpus();
  return {
    tool: toolName(),
    node: process.version,
    os: `${distribution() ?? os.type()} ${os.arch()}`,
    kernel: `${os.type()} ${os.release()}`,
    cpuModel: cpus[0]?.model.trim() || "unknown",
    cpus: cpus.length || null,
    cpusAvailable: cpusAvailable(),
    memoryBytes: os.totalmem(),
    memoryLimitBytes: memoryLimitBytes(systemFiles),
  };
}

/** Of an agent's process: what a result tells of it. */
export function describeAgentEnvironment(): AgentResult["environment"] {
  const { os: _, ...environment } = describeEnvironment();
  return environment;
}

/** That this process may use: by its affinity, and by the CPU quota of its control group. */
function cpusAvailable(): number {
  return Math.min(os.availableParallelism(), cpuQuota(systemFiles) ?? Number.POSITIVE_INFINITY);
}

/** As Linux distributions name themselves; null on other systems. */
function distribution(): string | null {
  try {
    const release = readFileSync("/etc/os-release", "utf8");
    return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(release)?.[1] ?? null;
  } catch {
    // No such file but on Linux: the kernel's name has to do.
    return null;
  }
}
