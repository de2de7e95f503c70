/** Which addresses get the credentials of an access. Pure. */

const ports: Readonly<Record<string, string>> = { "https:": "443", "http:": "80" };
const portOf = (url: URL): string => url.port || (ports[url.protocol] ?? "");

/**
 * True if an address may be asked with the credentials: the host and port the access began at (or its https on the usual port), or a
 * host that is named. Never http where the access began with https, and never another scheme.
 * @param hosts  `icloud.com` means it and everything below it, on any port; `dav.example.net:8443` that port alone
 */
export const trusts = (start: URL, hosts: readonly string[], address: string): boolean => {
  const url = new URL(address);
  if (ports[url.protocol] === undefined) return false;
  if (start.protocol === "https:" && url.protocol !== "https:") return false;
  if (url.hostname === start.hostname) {
    if (url.protocol === start.protocol && portOf(url) === portOf(start)) return true;
    if (start.protocol === "http:" && portOf(start) === "80" && url.protocol === "https:" && portOf(url) === "443") return true;
  }
  return hosts.some((named) => {
    const { name = "", port } = /^\[?(?<name>[^\]]*?)\]?(?::(?<port>\d+))?$/.exec(named.toLowerCase())?.groups ?? {};
    if (name === "" || (port !== undefined && port !== portOf(url))) return false;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    return host === name || host.endsWith(`.${name}`);
  });
};
