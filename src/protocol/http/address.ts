/**
 * Which network addresses a request may go to. Pure: the address comes from the resolver, the verdict is a sentence.
 *
 * Only global unicast passes by itself (RFC 6890, the IANA special-purpose registries). Everything that reaches a host or
 * network behind this machine is refused, so that a URL somebody else chose cannot be made to ask inside (server-side
 * request forgery). IPv4 inside IPv6 (mapped, NAT64 RFC 6052, 6to4, Teredo) is refused as well: a fence that looks at the
 * outer address only is walked around with `::ffff:127.0.0.1`.
 */

import ipaddr from "ipaddr.js";

/**
 * What is let through by name.
 * `private`  loopback, private (RFC 1918), unique local, link-local, shared (RFC 6598), and IPv4 in IPv6 that leads there;
 *            never metadata services, multicast, broadcast or the unspecified address
 * `http`     requests without TLS to other hosts than loopback
 */
export type Allow = "private" | "http";

/** One name or several. */
export type Allowed = Allow | readonly Allow[];

/** The allowances as a set; absent = none. */
export const allowances = (allow: Allowed | undefined): ReadonlySet<Allow> =>
  new Set(allow === undefined ? [] : typeof allow === "string" ? [allow] : allow);

/** Cloud metadata: gives credentials to whoever asks. AWS, GCP, Azure and most others; AWS on IPv6; Alibaba; Oracle; Azure's host. */
const metadata = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "fd00:ec2::254",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
]);

const inside = new Set(["private", "loopback", "linkLocal", "carrierGradeNat", "uniqueLocal"]);

/** ipaddr.js calls everything unlisted unicast; of IPv6 only 2000::/3 is handed out as global unicast (RFC 4291 section 2.4). */
const globalUnicast = ipaddr.IPv6.parse("2000::");

const bare = (address: string): string => address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");

/** The IPv4 address that the last 32 bits of a mapped or NAT64 address carry. */
const carried = (address: ipaddr.IPv6): string | undefined => {
  const range: string = address.range();
  if (range !== "ipv4Mapped" && range !== "rfc6052" && range !== "rfc6145") return undefined;
  return ipaddr.fromByteArray(address.toByteArray().slice(12)).toString();
};

/** True for 127.0.0.0/8, ::1 and the former mapped into IPv6. */
export const isLoopback = (address: string): boolean => {
  if (!ipaddr.isValid(bare(address))) return false;
  return ipaddr.process(bare(address)).range() === "loopback";
};

/**
 * Why an address is not asked, as the end of a sentence ("is a loopback address"); undefined: it may be asked.
 * @param address  IPv4 or IPv6 in any textual form; brackets and a zone are ignored
 * @param secure   false for plain HTTP, which only goes to loopback unless `http` is allowed
 */
export const addressProblem = (address: string, allow: ReadonlySet<Allow>, secure: boolean): string | undefined => {
  if (!ipaddr.isValid(bare(address))) return "is no IP address";
  const parsed = ipaddr.parse(bare(address));
  const range = rangeProblem(parsed, allow);
  if (range !== undefined) return range;
  if (!secure && !allow.has("http") && !isLoopback(address)) return 'is asked without TLS (use https, or allow "http" by name)';
  return undefined;
};

const rangeProblem = (address: ipaddr.IPv4 | ipaddr.IPv6, allow: ReadonlySet<Allow>): string | undefined => {
  const range: string = address.range();
  if (metadata.has(address.toString())) return "is a cloud metadata address";
  if (address.kind() === "ipv6") {
    const v6 = address as ipaddr.IPv6;
    const within = carried(v6);
    if (within !== undefined) {
      return allow.has("private") ? rangeProblem(ipaddr.parse(within), allow) : `is an IPv4 address inside IPv6 (${range})`;
    }
    if (range === "unicast") return v6.match(globalUnicast, 3) ? undefined : "is no global unicast address";
  }
  if (range === "unicast") return undefined;
  if (inside.has(range))
    return allow.has("private") ? undefined : `is a ${words[range] ?? range} address (allow "private" by name to reach it)`;
  return `is a ${words[range] ?? range} address`;
};

const words: Readonly<Record<string, string>> = {
  linkLocal: "link-local",
  carrierGradeNat: "shared (carrier-grade NAT)",
  uniqueLocal: "private (unique local)",
  "6to4": "6to4",
};
