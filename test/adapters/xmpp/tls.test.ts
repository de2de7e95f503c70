/** STARTTLS (RFC 6120 section 5) against a real Prosody: used where it is offered, and its certificate must be trusted. */

import { rm } from "node:fs/promises";
import * as tls from "node:tls";
import { expect, it } from "vitest";
import { makeCertificate } from "../../lab/certificate.ts";
import { LabUnavailable } from "../../lab/packages.ts";
import { adapterFor, hasProsody, never, serverOrReason } from "./world.ts";

it.skipIf(!hasProsody)("logs in over TLS, and not where the certificate is a stranger's", async () => {
  const certificate = await makeCertificate(["DNS:localhost"]).catch((error) => {
    if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
    console.warn(`skipped: ${error.message}`);
  });
  if (!certificate) return;
  const server = (await serverOrReason({ tls: certificate }))!;
  const trusted = tls.getCACertificates("default");
  try {
    const room = `nowhere@${server.rooms}`;
    const careful = await adapterFor(server, [room], { password: () => Promise.reject(new Error("it was asked for")) });
    await expect(careful.describe(never)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("is not trusted"),
    });
    await careful[Symbol.asyncDispose]();
    tls.setDefaultCACertificates([...trusted, certificate.pem]);
    // The certificate is the domain's, whatever host the service names.
    for (const service of [`xmpp://127.0.0.1:${server.port}`, `xmpps://127.0.0.1:${server.tlsPort}`]) {
      const adapter = await adapterFor(server, [room], { service });
      expect((await adapter.describe(never)).server).toBe("Prosody 0.12.3");
      await adapter[Symbol.asyncDispose]();
    }
  } finally {
    tls.setDefaultCACertificates(trusted);
    await server.stop();
    await rm(certificate.dir, { recursive: true });
  }
});
