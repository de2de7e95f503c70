/**
 * The words by which clients and writers mark what they quote and how they close, in English and German. Data only; where a
 * third language costs one word more it stands here too, since a thread is seldom in one language.
 *
 * Every expression is tried on short, trimmed lines only and has no nested repetition: none can be made slow.
 */

/** "wrote", in an attribution: `On … Max wrote:`, `Am … schrieb Max:`, `Max hat am … geschrieben:`. */
export const verb =
  /(?<!\p{L})(?:wrote|writes|schrieb|schrieben|schreibt|geschrieben|a écrit|escribió|ha scritto|schreef|skrev)(?!\p{L})/iu;

/** A line of every attribution holds one of these: looked for first, since most lines that end in a colon hold none. */
export const attributing = /@|wr[io]te|schr[ie]|crit|escrib|schreef|skrev|zitat|zitier|quoting|citando/i;

/** How an attribution begins that names its date first. */
export const opener = /^(?:on|am|den|le|el|il|op)\s/i;

/** Attributions without a verb: Horde writes `Zitat von Max <…>:` and `Quoting Max <…>:`. */
export const quoting = /^(?:zitat von|zitiere|quoting|citando)\s/i;

/** Who is quoted by the writer, not by the client: "I wrote:", "er schrieb:" belong to what is new. */
export const writerHimself = /^(?:i|we|you|he|she|they|it|ich|wir|du|ihr|er|sie|es|man)\s/i;

/** A date with its year, by numbers or with the name of a month. */
export const dated =
  /\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}(?:\.|st|nd|rd|th)? ?(?:de )?\p{L}{3,9}\.?,? (?:de )?\d{4}|\p{L}{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}/iu;

/** An address, as attributions give it. */
export const addressed = /[^\s<>@]@[^\s<>@]/;

/** The text of a divider between dashes, and whether what follows is forwarded. */
export const dividers: ReadonlyMap<string, "history" | "forward"> = new Map([
  ["original message", "history"],
  ["original mail", "history"],
  ["original e-mail", "history"],
  ["original email", "history"],
  ["original appointment", "history"],
  ["ursprüngliche nachricht", "history"],
  ["ursprüngliche mail", "history"],
  ["ursprüngliche e-mail", "history"],
  ["urspruengliche nachricht", "history"],
  ["ursprünglicher termin", "history"],
  ["originalnachricht", "history"],
  ["original-nachricht", "history"],
  ["originaltermin", "history"],
  ["message d'origine", "history"],
  ["mensaje original", "history"],
  ["messaggio originale", "history"],
  ["oorspronkelijk bericht", "history"],
  ["forwarded message", "forward"],
  ["weitergeleitete nachricht", "forward"],
  ["weitergeleitete mail", "forward"],
  ["weitergeleitete e-mail", "forward"],
  ["message transféré", "forward"],
]);

/** The same without dashes: Apple Mail begins what it forwards so. */
export const forwardedIntro = /^(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)):$/i;

/** What ticket systems, and replies by mail, write above what they quote. */
export const replyAbove =
  /^[-#=*_~<>\s]{2,}.{0,60}?(?:(?:reply|respond|answer|response).{0,40}above this line|(?:antwort|schreib).{0,60}(?:oberhalb|über) dieser (?:zeile|linie)|(?:oberhalb|über) dieser (?:zeile|linie).{0,40}(?:antwort|schreib))/i;

/** Labels of the header fields a client repeats above a quoted message. */
export const labels: ReadonlyMap<string, "from" | "sent" | "to" | "subject" | "other"> = new Map([
  ...(["from", "von", "de", "da", "van", "absender"] as const).map((word) => [word, "from"] as const),
  ...(["sent", "date", "gesendet", "gesendet am", "datum", "envoyé", "inviato", "verzonden"] as const).map(
    (word) => [word, "sent"] as const,
  ),
  ...(["to", "an", "à", "empfänger", "aan"] as const).map((word) => [word, "to"] as const),
  ...(["subject", "betreff", "betr.", "objet", "asunto", "oggetto", "onderwerp"] as const).map(
    (word) => [word, "subject"] as const,
  ),
  ...(
    [
      "cc",
      "kopie",
      "bcc",
      "reply-to",
      "antwort an",
      "importance",
      "wichtigkeit",
      "priority",
      "priorität",
      "organisation",
      "when",
      "where",
      "zeit",
      "ort",
    ] as const
  ).map((word) => [word, "other"] as const),
]);

/**
 * Lines a program writes below every text, as a whole line. Phones, web mailers and apps; the names are those of programs
 * that are told apart from prose only by them ("Sent from the office" is prose).
 */
export const sentBy: readonly RegExp[] = [
  /^sent (?:from|via|using) my .{1,60}$/i,
  /^sent (?:from|with|via|using|by) (?:the )?(?:outlook|mail for|yahoo|gmx|web\.de|samsung|android|aol|icloud|proton|spark|mailbird|thunderbird|k-9|fairemail|gmail|iphone|ipad|blackberry|nine|windows|mobile|tutanota|tuta|superhuman|canary|hey|posteo|my)(?!\p{L}).{0,80}$/iu,
  /^get outlook for .{1,60}$/i,
  /^von mein\S{1,4} .{1,60} gesendet\.?$/i,
  /^von (?:samsung|android|outlook|iphone|ipad|blackberry|windows)(?!\p{L}).{0,60}gesendet\.?$/iu,
  /^gesendet (?:von|aus|mit|über|via) (?:der |dem |meine[mr]? |mein )?(?:outlook|mail für|mail|yahoo|gmx|web\.de|samsung|android|aol|icloud|proton|spark|thunderbird|k-9|fairemail|gmail|iphone|ipad|blackberry|nine|windows|mobil|handy|smartphone|tablet|telefon|tutanota|tuta|posteo|1&1|t-online|freemail)(?!\p{L}).{0,80}$/iu,
  /^diese (?:nachricht|e-mail|mail) wurde (?:von|mit) .{1,80} (?:gesendet|geschickt|verschickt)\.?$/i,
  /^outlook für .{1,30} (?:herunterladen|beziehen|abrufen).{0,60}$/i,
  /^(?:holen sie sich|beziehen sie) outlook für .{1,60}$/i,
  /^envoyé de mon .{1,40}$/i,
];

/** The same for {@link sentBy}. */
export const sending = /sent|gesend|get outlook|outlook für|geschickt|verschickt|envoyé/i;

const name = "(?<name>(?:[,.!]? [\\p{L}][\\p{L}.'’-]{0,24}){0,4})";

/** What a closing names behind it is a name: "Regards to your wife" is prose. */
export const namedBehind = /^(?:[,.!]? (?:\p{Lu}[\p{L}.'’-]{0,24}|von|van|vom|zu|de|der|den|und|and))*$/u;

/** Closings that are nothing else, also with a name behind or nothing below them. */
export const closings: readonly RegExp[] = [
  new RegExp(
    `^(?:(?:vielen |besten |herzlichen |schönen )?danke? (?:im voraus )?und )?(?:mit (?:den |einem )?)?(?:(?:ganz |sehr )?(?:freundlich|best|herzlich|lieb|schön|viel|sonnig|kollegial)(?:e[mnr]?|ste[mnr]?|e) )?(?:gr(?:ü|ue)(?:ß|ss)(?:en?)?|gru(?:ß|ss))(?: (?:aus|vom?|an|nach|und|in) .{1,30})?${name}[,.!]{0,2}$`,
    "iu",
  ),
  new RegExp(`^(?:mfg|mit freundl\\. gr(?:ü|ue)(?:ß|ss)en|lg|vg|glg|hochachtungsvoll)${name}[,.!]{0,2}$`, "iu"),
  new RegExp(
    `^(?:(?:many )?thanks?(?: you)?(?: in advance)?(?:,)? (?:and|&) )?(?:with )?(?:my )?(?:kind|kindest|best|warm|warmest|many)?(?:(?<= )|(?<=^)|(?<=\\w) )regards${name}[,.!]{0,2}$`,
    "iu",
  ),
  new RegExp(`^(?:with )?best wishes${name}[,.!]{0,2}$`, "iu"),
  new RegExp(`^(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?${name}[,.!]{0,2}$`, "iu"),
];

/** Closings that may as well be a word of the text: only with a name on a line below. */
export const weakClosings =
  /^(?:cheers|best|all the best|yours|take care|warmly|ciao|bis dann|bis bald|schöne grüße|herzlichst|alles gute|alles liebe)[,.!]?$/i;

/** A line that holds a name and nothing else. */
export const nameLine = /^(?:(?:dr|prof|dipl|ing)\.?-? ?){0,3}\p{Lu}[\p{L}.'’-]{0,24}(?: [\p{L}][\p{L}.'’-]{0,24}){0,3}$/u;

/** What goes on after a closing is text: a postscript. */
export const postscript = /^(?:p\.? ?s\.?|nb|n\.b\.|pps|nachtrag|übrigens)(?!\p{L})/iu;
