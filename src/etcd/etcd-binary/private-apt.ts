/**
 * Runs apt on folders of its own, so that asking another Debian release for a package changes nothing
 * on this machine: not its sources, lists, caches, logs or installed packages.
 */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProgramEnd, runProgram } from "../../machine/run-program.ts";
import { makeFolders } from "../../make-folders.ts";
import { type AptSource, formatDeb822Source } from "./apt-sources.ts";
import { checkRoom } from "./full-disk.ts";

const APT_TIMEOUT_MS = 300_000;

export interface PrivateApt {
  /**
   * `apt-get update`. Both yield null, or a clause that says what went wrong.
   * @throws the system's error for a full disk
   */
  update(): Promise<string | null>;
  /** `apt-get download` of the packages, each unpacked below `rootFolder`. */
  unpack(packages: readonly string[], rootFolder: string): Promise<string | null>;
}

/** Prepares apt below `workFolder` (absolute, empty) for one source. */
export async function preparePrivateApt(
  workFolder: string,
  source: AptSource,
  env: NodeJS.ProcessEnv,
): Promise<PrivateApt> {
  for (const folder of ["sources", "empty", "lists/partial", "cache/archives/partial", "debs"]) {
    makeFolders(join(workFolder, folder));
  }
  await writeFile(join(workFolder, "sources", "bench.sources"), formatDeb822Source(source));
  await writeFile(join(workFolder, "status"), "");
  const configPath = join(workFolder, "apt.conf");
  await writeFile(configPath, aptConfig(workFolder));

  const debFolder = join(workFolder, "debs");
  const run = async (command: string, args: string[]): Promise<ProgramEnd> => {
    const end = await runProgram(command, args, {
      // apt and dpkg translate their messages, and we read them.
      env: { ...env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
      timeoutMs: APT_TIMEOUT_MS,
      cwd: debFolder,
    });
    checkRoom(workFolder, end);
    return end;
  };

  return {
    update: async () => failureOf(await run("apt-get", ["-c", configPath, "-q", "update"])),
    unpack: async (packages, rootFolder) => {
      const args = ["-c", configPath, "-q", "download", ...packages];
      const failure = failureOf(await run("apt-get", args));
      if (failure !== null) return failure;
      for (const name of await readdir(debFolder)) {
        const failed = failureOf(await run("dpkg-deb", ["-x", join(debFolder, name), rootFolder]));
        if (failed !== null) return failed;
      }
      return null;
    },
  };
}

/**
 * Given with `-c`, apt reads this after the machine's own configuration: proxies and credentials
 * stay in force, while hooks are cleared, since they would act on the system's own folders.
 */
function aptConfig(workFolder: string): string {
  const at = (...parts: string[]) => `"${join(workFolder, ...parts)}"`;
  return [
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    // apt refuses to work for a default release that its sources do not name.
    "#clear APT::Default-Release;",
    `Dir::Etc::sourcelist "/dev/null";`,
    `Dir::Etc::sourceparts ${at("sources")};`,
    `Dir::Etc::preferences "/dev/null";`,
    `Dir::Etc::preferencesparts ${at("empty")};`,
    `Dir::State ${at("state")};`,
    `Dir::State::lists ${at("lists")};`,
    `Dir::State::status ${at("status")};`,
    `Dir::Cache ${at("cache")};`,
    `Dir::Log ${at("log")};`,
    // The user _apt may not enter a user's cache folder; apt would only warn and do the same.
    `APT::Sandbox::User "root";`,
    `APT::Update::Error-Mode "any";`,
    `Acquire::Languages "none";`,
    `Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";`,
    `Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";`,
    `Acquire::http::Timeout "10";`,
    `Acquire::https::Timeout "10";`,
    `Acquire::Retries "1";`,
    "",
  ].join("\n");
}

/** The first error of apt, which names the cause; what follows it are consequences. */
function failureOf({ code, problem, stderr }: ProgramEnd): string | null {
  if (code === 0) return null;
  if (problem !== null) return problem;
  const lines = stderr.split("\n").map((line) => line.trim());
  const first = lines.find((line) => line.startsWith("E:")) ?? lines.find((line) => line !== "");
  return (first ?? `exit code ${code}`).replace(/^E:\s*/, "");
}
