/** The configuration of a lab Dovecot 2.3: what a rootless, private server needs, and nothing else. */

/** What a test may change about the server. */
export interface DovecotSettings {
  /** Abilities taken away, as the server names them: `["QRESYNC"]`. Clients that believe CAPABILITY do without them. */
  readonly without?: readonly string[];
  /** A certificate and its key, PEM: the server then offers TLS on `tlsPort` and STARTTLS on `port`. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Further settings, `name = value`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Logins that are refused: the password is `test` for everybody else. Default none. */
  readonly password?: string;
}

export interface DovecotPlace {
  readonly dir: string;
  readonly uid: number;
  readonly gid: number;
  readonly ports: { readonly imap: number; readonly imaps: number };
  readonly libexec: string;
}

const capabilities =
  "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE";

/**
 * Services and the sockets that Dovecot would hand to its internal user. Only root can do that, and a user id without a name
 * (a container's `--user 4243`) could not even be written here: so every owner is left as it is.
 */
const owned: Readonly<Record<string, readonly string[]>> = {
  anvil: [],
  auth: ["auth-login", "auth-client", "auth-userdb"],
  "auth-worker": ["auth-worker"],
  dict: ["dict"],
  "dict-async": ["dict-async"],
  "imap-hibernate": ["imap-hibernate"],
  "imap-urlauth-worker": ["imap-urlauth-worker"],
  "indexer-worker": ["indexer-worker"],
  ipc: ["ipc", "login/ipc-proxy"],
  replicator: ["replicator"],
  stats: ["stats-writer", "login/stats-writer"],
};

const service = (name: string, body: string): string => `service ${name} {\n  user =\n  chroot =\n${body}}\n`;

const specialUse = ["Sent", "Drafts", "Junk", "Trash"]
  .map((name) => `  mailbox ${name} {\n    special_use = \\${name}\n    auto = create\n  }\n`)
  .join("");

/** The text of dovecot.conf. */
export const dovecotConf = ({ dir, uid, gid, ports, libexec }: DovecotPlace, set: DovecotSettings): string => {
  const left = capabilities.split(" ").filter((word) => !set.without?.includes(word));
  const tls = set.tls ? `ssl = yes\nssl_cert = <${set.tls.cert}\nssl_key = <${set.tls.key}\n` : "ssl = no\n";
  const more = Object.entries(set.settings ?? {}).map(([name, value]) => `${name} = ${value}\n`);
  return `protocols = imap
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/run
log_path = ${dir}/log/dovecot.log
libexec_dir = ${libexec}
mail_plugin_dir = ${libexec}/modules
import_environment = TZ LD_LIBRARY_PATH
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
first_valid_uid = 0
${tls}disable_plaintext_auth = no
passdb {
  driver = static
  args = password=${set.password ?? "test"}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${dir}/mail/%u
}
mail_location = sdbox:~/sdbox
mailbox_list_index = yes
mail_fsync = never
auth_failure_delay = 0
mail_max_userip_connections = 200
${set.without?.length ? `imap_capability = ${left.join(" ")}\n` : ""}${more.join("")}namespace inbox {
  inbox = yes
  separator = /
${specialUse}}
${Object.entries(owned)
  .map(([name, sockets]) =>
    service(name, sockets.map((socket) => `  unix_listener ${socket} {\n    user =\n    group =\n  }\n`).join("")),
  )
  .join(
    "",
  )}${service("imap-login", `  service_count = 0\n  inet_listener imap {\n    port = ${ports.imap}\n  }\n  inet_listener imaps {\n    port = ${set.tls ? ports.imaps : 0}\n${set.tls ? "    ssl = yes\n" : ""}  }\n`)}`;
};
