/** A self-signed certificate for a lab server, made by the openssl program that Dovecot's packages depend on. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabUnavailable, labFolder } from "./packages.ts";

/** Paths for the server, and the certificate itself for clients that shall trust it. The folder is the caller's to remove. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly pem: string;
  readonly dir: string;
}

/** A certificate for these names (`DNS:localhost`, `IP:127.0.0.1`), valid for two days. */
export const makeCertificate = async (names: readonly string[]): Promise<Certificate> => {
  const openssl = ["/usr/bin/openssl", join(labFolder, "dovecot/usr/bin/openssl")].find((path) => existsSync(path));
  if (!openssl) throw new LabUnavailable("openssl is missing");
  const dir = await mkdtemp(join(tmpdir(), "groupstream-certificate-"));
  const [cert, key] = [join(dir, "cert.pem"), join(dir, "key.pem")];
  const subject = ["-subj", "/CN=groupstream lab", "-addext", `subjectAltName=${names.join(",")}`];
  await promisify(execFile)(openssl, [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    cert,
    ...subject,
  ]);
  // The server may run as somebody else; the key is worth nothing outside of this test.
  await chmod(dir, 0o755);
  await chmod(key, 0o644);
  return { cert, key, pem: await readFile(cert, "utf8"), dir };
};
