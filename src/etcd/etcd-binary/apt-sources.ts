/**
 * Reads the package sources of this machine's own apt, in both of its formats (sources.list(5): one
 * line a source, and deb822 stanzas), and tells which are Debian mirrors.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../../system-error.ts";

export interface AptSource {
  uri: string;
  suite: string;
  components: string[];
  /** Options that a private copy of the source must keep, by deb822 field name. */
  options: Record<string, string>;
}

/** Who vouches for the mirror, and whether its Release file may be old: both go with the mirror. */
const KEPT_OPTIONS = ["Signed-By", "Trusted", "Check-Valid-Until"];

/** Reads the one-line format: `deb [option=value ...] uri suite component ...`. */
export function parseOneLineSources(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?([^#]*)/.exec(line);
    if (match === null) continue;
    const [uri, suite, ...components] = words(match[2] ?? "");
    if (uri === undefined || suite === undefined) continue;
    const fields = new Map<string, string>();
    for (const option of words(match[1] ?? "")) {
      const [name, value] = option.split("=", 2);
      if (name && value) fields.set(name.toLowerCase(), value);
    }
    sources.push({ uri, suite, components, options: keptOptions(fields) });
  }
  return sources;
}

/** Reads deb822 stanzas; each pair of a URI and a suite becomes one source. */
export function parseDeb822Sources(text: string): AptSource[] {
  const sources: AptSource[] = [];
  // Comment lines vanish before stanzas are separated: they may be inside a field.
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  for (const stanza of lines.join("\n").split(/\n[ \t]*\n/)) {
    const fields = stanzaFields(stanza);
    if (!words(fields.get("types") ?? "").includes("deb")) continue;
    if (/^(no|false|off|0)$/i.test(fields.get("enabled") ?? "yes")) continue;
    for (const uri of words(fields.get("uris") ?? "")) {
      for (const suite of words(fields.get("suites") ?? "")) {
        const components = words(fields.get("components") ?? "");
        sources.push({ uri, suite, components, options: keptOptions(fields) });
      }
    }
  }
  return sources;
}

/** All sources below an apt folder (`/etc/apt`); none where there is no such folder. */
export function readAptSources(aptFolder: string): AptSource[] {
  const files = [join(aptFolder, "sources.list")];
  const parts = join(aptFolder, "sources.list.d");
  for (const name of namesIn(parts).sort()) {
    if (/\.(list|sources)$/.test(name)) files.push(join(parts, name));
  }
  return files.flatMap((file) => {
    const text = readIfPresent(file);
    return file.endsWith(".sources") ? parseDeb822Sources(text) : parseOneLineSources(text);
  });
}

/**
 * The sources that mirror the distribution itself, one for each URI: they offer `main` under the
 * machine's own codename or a name of Debian's own. A URI that ends in `/debian` comes first.
 */
export function distributionMirrors(sources: AptSource[], codename: string | null): AptSource[] {
  const suites = new Set(["stable", "testing", "unstable", "sid", "oldstable", codename]);
  const byUri = new Map<string, AptSource>();
  for (const source of sources) {
    if (!suites.has(source.suite) || source.uri.startsWith("cdrom:")) continue;
    const uri = source.uri.replace(/\/+$/, "");
    const known = byUri.get(uri);
    if (known === undefined) byUri.set(uri, { ...source, uri });
    // Ubuntu has etcd in `universe`, which is often on a line of its own.
    else known.components = [...new Set([...known.components, ...source.components])];
  }
  const mirrors = [...byUri.values()].filter((source) => source.components.includes("main"));
  const rank = (source: AptSource) => (source.uri.endsWith("/debian") ? 0 : 1);
  return mirrors.sort((a, b) => rank(a) - rank(b));
}

/** One source as a deb822 stanza, for a private sources folder. */
export function formatDeb822Source(source: AptSource): string {
  const options = Object.entries(source.options).map(([name, value]) => `${name}: ${value}\n`);
  return (
    `Types: deb\nURIs: ${source.uri}\nSuites: ${source.suite}\n` +
    `Components: ${source.components.join(" ")}\n${options.join("")}`
  );
}

/** Field names in lower case; a value keeps its continuation lines, as an embedded key needs. */
function stanzaFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let current: string | null = null;
  for (const line of stanza.split("\n")) {
    if (/^[ \t]/.test(line) && current !== null) {
      fields.set(current, `${fields.get(current)}\n${line}`);
      continue;
    }
    const match = /^([^\s:]+):[ \t]*(.*)$/.exec(line);
    if (match === null) continue;
    current = match[1]!.toLowerCase();
    fields.set(current, match[2]!.trimEnd());
  }
  return fields;
}

function keptOptions(fields: Map<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_OPTIONS) {
    const value = fields.get(name.toLowerCase());
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // A source that only root may read holds credentials; we go without it.
    if (!isSystemError(error)) throw error;
    return "";
  }
}
