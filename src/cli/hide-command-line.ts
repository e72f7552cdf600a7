/** Owns what others see of our command line: it may hold a password. */

/** `--user=NAME:PASSWORD` stands in the list of processes until the title takes its place. */
export function hideCommandLine(argv: readonly string[]): void {
  if (argv.some((argument) => /(^|[\s='"])--?user\b/.test(argument))) process.title = "bench";
}
