/** Decides whether a stream gets colour: `--no-color`, FORCE_COLOR, NO_COLOR, terminal. */

/** FORCE_COLOR wins over NO_COLOR, as in Node itself; the flag wins over both. */
export function wantsColor(
  flags: { noColor?: boolean },
  env: NodeJS.ProcessEnv,
  isTerminal: boolean,
): boolean {
  if (flags.noColor) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  if (env.NO_COLOR) return false;
  return isTerminal && env.TERM !== "dumb";
}
