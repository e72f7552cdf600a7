/** Says how to speak to a server without TLS, by what asked for TLS: flags, or etcdctl's variables. */

const VARIABLES = [
  "ETCDCTL_CACERT",
  "ETCDCTL_CERT",
  "ETCDCTL_KEY",
  "ETCDCTL_TLS_SERVER_NAME",
  "ETCDCTL_INSECURE_SKIP_TLS_VERIFY",
];

/** A part of a sentence. http:// wins over the variables, as it does in etcdctl. */
export function howToLeaveTls(env: NodeJS.ProcessEnv = process.env): string {
  const given = VARIABLES.filter((name) => (env[name] ?? "") !== "");
  if (given.length === 0) return "write http:// and leave the TLS flags out";
  return `write http://, since TLS comes from ${given.join(" and ")}, or unset ${given.length === 1 ? "it" : "them"}`;
}
