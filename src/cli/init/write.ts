/** The files `init` writes: a configuration a person can read, and the secret apart from it. */

import { existsSync } from "node:fs";
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exit, Said } from "../failure.ts";
import type { Words } from "../words/index.ts";

/** Beside the configuration; mode 0600. */
const secretsName = ".groupstream.secrets.json";

/** What is to be written about an IMAP account. */
export interface ImapAnswers {
  readonly kind: "imap";
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string;
  /** The environment variable that holds the password; absent: the secrets file. */
  readonly variable?: string;
  readonly insecure?: "plaintext";
  readonly owner?: string;
}

/** What is to be written about a folder. */
export interface MaildirAnswers {
  readonly kind: "maildir";
  readonly id: string;
  readonly path: string;
  readonly owner: string;
}

const text = (value: string): string => JSON.stringify(value);
const fields = (lines: readonly (string | undefined)[]): string =>
  lines.flatMap((line) => (line === undefined ? [] : [`      ${line},`])).join("\n");

const imapText = ({ id, host, port, secure, user, variable, insecure, owner }: ImapAnswers): string => {
  const password = variable
    ? `/** Asked at every connection. */
const password = (): string => {
  const value = process.env[${text(variable)}];
  if (!value) throw new Error(${text(`${variable} is not set`)});
  return value;
};`
    : `/** Asked at every connection. The file beside this one is readable for its owner alone; it must not be shared. */
const password = (): string => {
  const secrets: Record<string, string> = JSON.parse(readFileSync(new URL(${text(secretsName)}, import.meta.url), "utf8"));
  return secrets[${text(id)}] ?? "";
};`;
  return `${variable ? "" : 'import { readFileSync } from "node:fs";\n'}import type { HubOptions } from "groupstream";
import { imap } from "groupstream/adapters/imap";

${password}

export default {
  store: "./groupstream.db",
  systems: [
    imap({
${fields([
  `id: ${text(id)}`,
  `host: ${text(host)}`,
  `port: ${port}`,
  `secure: ${secure}`,
  `auth: { user: ${text(user)}, pass: password }`,
  insecure && `insecure: ${text(insecure)}`,
  owner === undefined ? undefined : `owner: ${text(owner)}`,
])}
    }),
  ],
} satisfies HubOptions;
`;
};

const maildirText = ({ id, path, owner }: MaildirAnswers): string => `import type { HubOptions } from "groupstream";
import { maildir } from "groupstream/adapters/maildir";

export default {
  store: "./groupstream.db",
  systems: [
    maildir({
${fields([`id: ${text(id)}`, `path: ${text(path)}`, `owner: ${text(owner)}`])}
    }),
  ],
} satisfies HubOptions;
`;

/** The text of `groupstream.config.ts`: no secret in it. */
export const configText = (answers: ImapAnswers | MaildirAnswers): string =>
  answers.kind === "imap" ? imapText(answers) : maildirText(answers);

/** Written beside, then renamed: never half a file. */
const replace = async (path: string, content: string, mode: number, words: Words): Promise<void> => {
  const draft = `${path}.${process.pid}.new`;
  try {
    await writeFile(draft, content, { mode, flag: "wx" });
    await chmod(draft, mode);
    await rename(draft, path);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Said(exit.configuration, words.init.notWritten(path, message));
  }
};

/** Secrets of other systems stay. Fails: `misconfigured` if the file that is there cannot be read. */
export const readSecrets = async (words: Words): Promise<Readonly<Record<string, unknown>>> => {
  const path = resolve(secretsName);
  if (!existsSync(path)) return {};
  try {
    const known: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof known === "object" && known !== null && !Array.isArray(known)) return known as Record<string, unknown>;
  } catch {
    // Told below: the parser's message would quote the file.
  }
  throw new Said(exit.configuration, words.init.secretsBroken(path));
};

/** Writes the secret, if there is one, then the configuration. Resolves with the paths. */
export const write = async (
  answers: ImapAnswers | MaildirAnswers,
  secret: string | undefined,
  words: Words,
): Promise<{ readonly config: string; readonly secrets?: string }> => {
  const config = resolve("groupstream.config.ts");
  const secrets = resolve(secretsName);
  if (secret !== undefined) {
    const known = await readSecrets(words);
    await replace(secrets, `${JSON.stringify({ ...known, [answers.id]: secret }, undefined, 2)}\n`, 0o600, words);
  }
  await replace(config, configText(answers), 0o644, words);
  return { config, ...(secret !== undefined && { secrets }) };
};
